"""A fresh clone of HEAD whose ``.venv`` borrows the packages of the running one and has the clone's own library."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

from tests.second_edition.project.tracked import ROOT

# The programs that the READMEs use; ``python`` a virtual environment has of itself.
PROGRAMS = ("papermill", "byodkim", "aws")


def clone(folder: Path) -> Path:
    """Clones HEAD of this checkout, whoever owns it, and sets up its ``.venv``."""
    trusting = folder / "gitconfig"
    trusting.write_text("[safe]\n\tdirectory = *\n")
    path = folder / "clone"
    command = ["git", "clone", "--quiet", "--no-hardlinks", str(ROOT), str(path)]
    subprocess.run(command, env=os.environ | {"GIT_CONFIG_GLOBAL": str(trusting)}, check=True, timeout=600)
    borrow(path)
    return path


def borrow(checkout: Path) -> None:
    """Makes ``.venv`` as ``make`` would, without installing anything; the stamps say that it is up to date."""
    folder = checkout / ".venv"
    venv.create(folder, symlinks=True)
    scheme = {"base": str(folder), "platbase": str(folder)}
    own = Path(sysconfig.get_path("purelib", "venv", scheme))
    lent = dict.fromkeys((sysconfig.get_path("purelib"), sysconfig.get_path("platlib")))
    # A path file names folders and does not run the path files in them: byodkim is the clone's, not this checkout's.
    (own / "borrowed.pth").write_text("\n".join([str(checkout / "lib"), *lent]) + "\n")
    python = folder / "bin" / "python"
    for name in PROGRAMS:
        program = folder / "bin" / name
        program.write_text(f'#!/bin/sh\nexec "{python}" "{Path(sys.executable).with_name(name)}" "$@"\n')
        program.chmod(0o755)
    for stamp in ("locked", "installed"):
        (folder / stamp).touch()


def environment(home: Path) -> dict[str, str]:
    """Nothing of whoever runs the tests but where programs are."""
    home.mkdir(exist_ok=True)
    return {"PATH": os.environ["PATH"], "HOME": str(home)}
