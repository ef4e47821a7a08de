"""How long a stranger waits for the first SWITCHED, downloads included: an empty HOME, no cache."""

import os
from pathlib import Path

from tests.bench.figures import Figure, at_most
from tests.bench.project import BIN, Command, demo, timed
from tests.bench.sizes import ROOT


def figures(folder: Path) -> list[Figure]:
    """Return the seconds from a clone, and from a wheel in an empty folder."""
    home, clone, project, python = (folder / name for name in ("home", "clone", "empty", "python"))
    home.mkdir(parents=True)
    project.mkdir()
    stranger = {"PATH": f"{BIN}:{os.defpath}:/usr/sbin", "HOME": str(home), "LANG": "C.UTF-8"}
    git: Command = ["git", "clone", "-q", ROOT, clone]
    cloned = timed(folder, stranger, git, ["make", "-C", clone, "demo"])
    pip: Command = [clone / ".venv/bin/python", "-m", "pip", "wheel", "-q", "--no-deps"]
    timed(folder, stranger, [*pip, "--no-build-isolation", "-w", folder, clone])
    (wheel,) = folder.glob("*.whl")
    installed = timed(
        project,
        stranger,
        [BIN / "python", "-m", "venv", python],
        [python / "bin/python", "-m", "pip", "install", "-q", f"{wheel}[sandbox]"],
        [python / "bin/byodkim", "init"],
        [python / "bin/byodkim", *demo()[1:]],
    )
    return [
        at_most("First SWITCHED from a clone, set-up included", cloned, 40, "{:.0f} s"),
        at_most("First SWITCHED from a wheel, pip included", installed, 60, "{:.0f} s"),
    ]
