"""What the kernel of a rotate run has loaded when its last cell is done.

IPython runs a startup file of ours in that kernel, which lists its modules after each cell.
papermill and the notebook are as an operator runs them.
"""

import json
from collections.abc import Mapping
from pathlib import Path

from tests.bench.figures import Figure, at_most
from tests.bench.project import Project
from tests.bench.sizes import size_of

#: A real run does not load it.
SANDBOX = "byodkim.sandbox"
STARTUP = """
def _list_modules(_result):
    import json, os, sys
    files = {name: getattr(module, "__file__", None) for name, module in list(sys.modules.items())}
    with open(os.environ["MODULES_FILE"], "w") as file:
        json.dump(files, file)

get_ipython().events.register("post_run_cell", _list_modules)
"""


def modules_loaded(project: Project) -> Mapping[str, str | None]:
    """Return the file of each module that the kernel of an apply run has loaded, by its name.

    Raises:
        RuntimeError: the run did not end well.
    """
    ipython, listed = project.folder / "ipython", project.folder / "modules.json"
    startup = ipython / "profile_default" / "startup"
    startup.mkdir(parents=True)
    (startup / "00-modules.py").write_text(STARTUP)
    environment = {"IPYTHONDIR": str(ipython), "MODULES_FILE": str(listed)}
    project.time(project.papermill("apply"), **environment)
    loaded: Mapping[str, str | None] = json.loads(listed.read_text())
    return loaded


def ours(modules: Mapping[str, str | None]) -> list[Path]:
    """Return the files of byodkim's modules, those of the sandbox left out."""
    return [
        Path(file)
        for name, file in modules.items()
        if file and name.startswith("byodkim") and not name.startswith(SANDBOX)
    ]


def figures(project: Project) -> list[Figure]:
    """Return how much of byodkim a kernel loads. Only this rehearsal loads the sandbox's client."""
    modules = modules_loaded(project)
    size = size_of(ours(modules))
    sandbox = size_of(
        Path(file) for name, file in modules.items() if file and name.startswith(SANDBOX)
    )
    return [
        Figure("Modules that the kernel of a run loads", str(size.modules)),
        at_most(
            "Code lines that the kernel of a run loads (a rehearsal: and "
            f"{sandbox.lines} of the sandbox)",
            size.lines,
            5_000,
        ),
    ]
