"""Find which code runs: the version, and the commit where the package runs from a git checkout."""

from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path

from msgspec import Struct

import second_edition

PACKAGE = Path(second_edition.__file__).parent
LOCK = "locks/requirements.lock"
CODE = (":(top)", ":(top,exclude)outputs", ":(top,exclude)docs/example")  # what runs leave there is no code
LOADED = (":(top)lib", ":(top)notebooks")  # an untracked file there is code too, also one that git ignores
CACHES = ("__pycache__", ".ipynb_checkpoints", ".egg-info")
OID = "# branch.oid "


class CodeVersion(Struct, frozen=True):
    """``commit`` is "" where there is no checkout; ``dirty`` says that files differ from it.

    Those are tracked files other than records, and files in lib/ and notebooks/ that git does not track.
    ``lock_sha256`` is that of locks/requirements.lock in the checkout, which names every dependency by its hash.
    """

    version: str
    commit: str = ""
    dirty: bool = False
    lock_sha256: str = ""


def find() -> CodeVersion:
    """Return the version of the package that is running. This calls git twice, about 15 ms."""
    # A virtual environment may lie inside somebody else's checkout: only our own counts.
    if PACKAGE.parent.name != "lib" or not (PACKAGE.parents[1] / ".git").exists():
        return CodeVersion(second_edition.__version__)
    status = _git("status", "--porcelain=v2", "--branch", "--untracked-files=no", "--", *CODE) or ""
    lines = status.splitlines()
    commit = next((line.removeprefix(OID) for line in lines if line.startswith(OID)), "")
    if not commit or commit == "(initial)":  # no git, or nothing committed yet
        return CodeVersion(second_edition.__version__, lock_sha256=_lock())
    changed = any(not line.startswith("#") for line in lines)
    return CodeVersion(second_edition.__version__, commit[:12], changed or _has_untracked(), _lock())


def _has_untracked() -> bool:
    """Return whether lib/ or notebooks/ hold a file that git does not track, or git cannot say. Caches do not count."""
    listed = _git("ls-files", "--others", "-z", "--", *LOADED)
    return listed is None or any(not _is_cache(Path(name)) for name in listed.split("\0") if name)


def _is_cache(path: Path) -> bool:
    return any(folder.name.endswith(CACHES) for folder in path.parents)


def _lock() -> str:
    try:
        return hashlib.sha256((PACKAGE.parents[1] / LOCK).read_bytes()).hexdigest()
    except OSError:
        return ""


def _git(*arguments: str) -> str | None:
    try:
        done = subprocess.run(
            ["git", "-C", str(PACKAGE), *arguments], capture_output=True, text=True, timeout=5, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()
