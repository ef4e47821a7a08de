"""Which code runs: the version, and the commit where the package runs from a git checkout."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

import byodkim

PACKAGE = Path(byodkim.__file__).parent


@dataclass(frozen=True)
class CodeVersion:
    """``commit`` is "" where there is no checkout; ``dirty`` says that tracked files differ from it."""

    version: str
    commit: str = ""
    dirty: bool = False


def find() -> CodeVersion:
    """The version of the package that is running. Asks git twice, about 20 ms."""
    top = _git("rev-parse", "--show-toplevel", "HEAD").split("\n")
    # A virtual environment may lie inside somebody else's checkout: only our own counts.
    if len(top) != 2 or Path(top[0]) / "lib" / "byodkim" != PACKAGE:
        return CodeVersion(byodkim.__version__)
    dirty = bool(_git("status", "--porcelain", "--untracked-files=no"))
    return CodeVersion(byodkim.__version__, top[1][:12], dirty)


def _git(*arguments: str) -> str:
    try:
        done = subprocess.run(
            ["git", "-C", str(PACKAGE), *arguments], capture_output=True, text=True, timeout=5, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.strip()
