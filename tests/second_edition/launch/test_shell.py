"""The engine ``byodkim`` writes what plain papermill writes: the same notebook executed by both, cell by cell."""

from __future__ import annotations

import builtins
import getpass
import itertools
import json
import re
import signal
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest
from IPython import get_ipython

from second_edition.launch.engine import Engine
from tests.second_edition.notebooks.runs import PAPERMILL, execute

KERNEL = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}

#: Each shows something in another way; what one leaves the next one has.
CELLS = (
    "import sys\nfrom IPython.display import HTML, clear_output, display, update_display",
    "print('one')\nprint('two', file=sys.stderr)\nprint('three')\nx + 1",
    "print('first', flush=True)\nprint('second')",
    "display({'text/plain': 'early', 'text/html': '<b>early</b>'}, raw=True, display_id='a')\nprint('after it')",
    "update_display({'text/plain': 'late'}, raw=True, display_id='a')",
    "display({'text/plain': 'once more'}, raw=True, display_id='a')",
    "handle = display('waits', display_id=True)\nfor n in range(3):\n    handle.update(n)",
    "print('is cleared')\nclear_output()\nprint('stays')",
    "print('is cleared later')\nclear_output(wait=True)\nprint('takes its place')",
    "print('is not cleared')\nclear_output(wait=True)",
    "display({'image/png': b'\\x89PNG', 'application/json': {'a': [1, None, 2.5]}}, raw=True)",
    "display(HTML('<p>ü</p>'), metadata={'isolated': True})\nNone",
    "class Shown:\n    def _repr_mimebundle_(self, **_):\n        return {'text/plain': 'p', 'text/html': ''}\nShown()",
    "1; 'no result';",
    "",
    "   ",
    "import asyncio\nawait asyncio.sleep(0)\n_ , __",
    "%xmode Minimal",
    "get_ipython().system('echo from a shell')",
    "events = [1]\ndisplay({'application/json': events}, raw=True)\nevents.append(2)",
    "sys.stdout.write('no end of line')",
    "import warnings\nwarnings.warn('look out')",
    "raise KeyError('allowed')",
    "1 +",
    "print(len(In), sorted(Out), __name__)",
    "input('who?')",
    "def deep():\n    return 1 / 0\nprint('before')\ndeep()",
    "print('never')",
)
TAGS = {22: ["raises-exception"], 23: ["raises-exception"], 25: ["raises-exception"], 21: ["skip-execution"]}


def saved(folder: Path, *sources: str) -> None:
    """Write a template of these cells."""
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=KERNEL), folder / "template.ipynb")


def template(folder: Path) -> None:
    cells = [nbformat.v4.new_markdown_cell("# A title"), nbformat.v4.new_code_cell("x = 1")]
    cells[1].metadata["tags"] = ["parameters"]
    for number, source in enumerate(CELLS):
        cells.append(nbformat.v4.new_code_cell(source, metadata={"tags": TAGS.get(number, [])}))
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=KERNEL), folder / "template.ipynb")


def executed(folder: Path, *options: str) -> tuple[int, dict[str, Any]]:
    command = [PAPERMILL, "template.ipynb", "out.ipynb", "-p", "x", "41", "--no-progress-bar", *options]
    done = execute(command, folder)
    notebook: dict[str, Any] = json.loads((folder / "out.ipynb").read_text("utf-8"))
    return done.returncode, notebook


def joined(outputs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return outputs with neighbouring streams of one name in one: a kernel under load sends a line in pieces."""
    found: list[dict[str, Any]] = []
    for (_, name), group in itertools.groupby(outputs, key=lambda one: (one["output_type"], one.get("name"))):
        ones = list(group)
        if name is not None:
            text = "".join(itertools.chain.from_iterable(one["text"] for one in ones))
            ones = [{**ones[0], "text": text.splitlines(keepends=True)}]
        found += ones
    return found


def alike(told: Any) -> Any:
    """Without what two executions do not share: moments, ids, names of processes' own files, pieces of a stream."""
    if isinstance(told, dict):
        if "outputs" in told:
            told = {**told, "outputs": joined(told["outputs"])}
        own = {"id": "-", "duration": 0, "start_time": "-", "end_time": "-", "output_path": "-"}
        return {name: own.get(name, alike(value)) for name, value in told.items()}
    if isinstance(told, list):
        return [alike(one) for one in told]
    if isinstance(told, str):
        told = re.sub(r"^\d{4}-\d\d-\d\dT[\d:.]+(Z|\+00:00)$", "TIME", told)
        return re.sub(r"(ipykernel_\d+/|\()\w+\.py", "CELL", re.sub(r"0x[0-9a-f]+", "0x", told))
    return told


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], dict[str, Any]]:
    found = []
    for options in ((), ("--engine", "byodkim")):
        folder = tmp_path_factory.mktemp("executed")
        template(folder)
        code, notebook = executed(folder, *options)
        assert code == 1
        found.append(alike(notebook))
    return found[0], found[1]


def test_every_cell_is_as_plain_papermill_writes_it(both: tuple[dict[str, Any], dict[str, Any]]) -> None:
    plain, ours = both
    assert len(plain["cells"]) == len(CELLS) + 5  # title, parameters, those injected, and the two banners of an error
    for expected, cell in zip(plain["cells"], ours["cells"], strict=True):
        assert cell == expected


LONG = """
import json, pathlib, sys, time
print("under way")
ends = time.monotonic() + 600
while time.monotonic() < ends:
    notebook = json.loads(pathlib.Path("out.ipynb").read_text())  # whole whenever it is read
    if notebook["cells"][-1]["outputs"]:
        break
print(notebook["cells"][-1]["outputs"][0]["text"], notebook["cells"][-1]["metadata"]["papermill"]["status"])
"""


def test_what_a_cell_shows_is_in_the_file_while_it_runs(tmp_path: Path) -> None:
    saved(tmp_path, LONG)
    code, notebook = executed(tmp_path, "--engine", "byodkim")
    assert code == 0
    assert "".join(notebook["cells"][-1]["outputs"][0]["text"]) == "under way\n['under way\\n'] running\n"


def test_afterwards_the_process_is_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    before = state()
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("get_ipython().run_line_magic")])
    for name in ("1.ipynb", "2.ipynb"):
        given = nbformat.from_dict({**notebook, "metadata": {**KERNEL, "papermill": {}}})
        assert Engine.execute_notebook(given, "python3", output_path=name, progress_bar=False).cells[0].outputs
        assert state() == before


def state() -> list[object]:
    handlers = [signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGALRM)]
    streams = [sys.stdin, sys.stdout, sys.stderr, sys.displayhook, sys.excepthook, sys.modules["__main__"]]
    return [*handlers, *streams, builtins.input, getpass.getpass, get_ipython()]


STALL = """
import sys
from second_edition.engine import kernel
kernel.harden()
print(sys.stdout.flush_timeout, sys.stderr.flush_timeout)
"""


def test_under_plain_papermill_the_kernels_end_does_not_wait_for_its_streams(tmp_path: Path) -> None:
    saved(tmp_path, STALL)
    _, notebook = executed(tmp_path)
    (said,) = (one for one in notebook["cells"][-1]["outputs"] if one["output_type"] == "stream")
    assert "".join(said["text"]).split() == ["0.1", "0.1"]


INTERRUPTED = """
import os, signal
from second_edition.engine import kernel
kernel.harden()
send, session = get_ipython().kernel.session.send, get_ipython().kernel.session

def replying(stream, kind, *given, **more):
    if kind in ("execute_reply", "kernel_info_reply"):
        os.kill(os.getpid(), signal.SIGINT)
    return send(stream, kind, *given, **more)

session.send = replying
"""


def test_an_interrupt_after_the_last_cell_prints_nothing(tmp_path: Path) -> None:
    """papermill asks what its kernel is, then interrupts it: the kernel is still ending its reply."""
    saved(tmp_path, INTERRUPTED)
    command = [PAPERMILL, "template.ipynb", "out.ipynb", "--no-progress-bar"]
    done = execute(command, tmp_path)
    assert done.returncode == 0
    assert "KeyboardInterrupt" not in done.stdout + done.stderr + (tmp_path / "out.ipynb").read_text("utf-8")


def test_papermill_ends_where_its_output_is_a_device(tmp_path: Path) -> None:
    template(tmp_path)
    command = [PAPERMILL, "template.ipynb", "/dev/full", "--no-progress-bar"]
    done = execute(command, tmp_path)
    assert done.returncode == 1
    assert "No space left on device" in done.stderr


BESIDE = """
import logging, os, threading, warnings
from second_edition import steps
steps.headline()
print("a word")
warnings.warn("a warning")
logging.getLogger("other").warning("a line")
os.write(2, b"from outside\\n")
threading.Thread(target=lambda: 1 / 0).start()
"""


@pytest.mark.parametrize("options", [(), ("--engine", "byodkim")])
def test_what_no_step_shows_goes_to_the_terminal(tmp_path: Path, options: tuple[str, ...]) -> None:
    saved(tmp_path, BESIDE, "print('a later word')", "1 + 1")
    command = [PAPERMILL, "template.ipynb", "out.ipynb", "-p", "selector", "mail-20261124-1", "-p", "target", "sandbox"]
    command += ["--no-progress-bar", *options]
    done = execute(command, tmp_path)
    told = [one["outputs"] for one in json.loads((tmp_path / "out.ipynb").read_text("utf-8"))["cells"][1:]]
    assert [[output["output_type"] for output in shown] for shown in told] == [["display_data"], [], ["execute_result"]]
    words = ("a word", "a warning", "a line", "from outside", "ZeroDivisionError", "a later word")
    assert [word for word in words if word not in done.stderr] == []
