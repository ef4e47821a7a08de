"""How a run is launched: by papermill with which parameters, by whom, with which code.

papermill's process tells the notebook's kernel in one environment variable, which the kernel
inherits (``byodkim.hook``).
"""

from __future__ import annotations

import contextlib
import getpass
import os
import socket
import subprocess
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec import Struct

VARIABLE: Final = "BYODKIM_LAUNCH"


class Launch(Struct, frozen=True):
    """How papermill runs a notebook of ours.

    Attributes:
        process: papermill's process id. A kernel of another process ignores the rest.
        procedure: ``rotate``, ``prepare``, ``retire`` or ``fleet``.
        folder: of the record, absolute.
        name: of the record's files, without ending.
        passed: names of the parameters that were passed in.
        is_shipped: whether the notebook's code is the one that is shipped with this version.
    """

    process: int
    procedure: str
    folder: str
    name: str
    passed: tuple[str, ...]
    is_shipped: bool

    def hand_over(self) -> None:
        """Leave it for the kernel that this process starts next."""
        os.environ[VARIABLE] = msgspec.json.encode(self).decode()


def received() -> Launch | None:
    """Return how papermill runs this kernel; ``None`` where something else does."""
    text = os.environ.get(VARIABLE, "")
    if not text:
        return None
    launch = msgspec.json.decode(text, type=Launch)
    return launch if launch.process == os.getppid() else None


def operator() -> str:
    """Return who is logged in, and where."""
    name = ""
    with contextlib.suppress(OSError, KeyError):
        name = getpass.getuser()
    return f"{name or '?'}@{socket.gethostname()}"


def commit() -> str:
    """Return the checkout's commit as git tells it, with ``+changed`` where files differ; ""
    outside a checkout.
    """
    here = Path(__file__).parents[2]
    if not (here / ".git").exists():
        return ""

    def git(*arguments: str) -> str:
        clean: dict[str, Any] = {"capture_output": True, "text": True, "timeout": 5, "env": {}}
        done = subprocess.run(["/usr/bin/env", "git", "-C", str(here), *arguments], **clean)
        return done.stdout.strip() if done.returncode == 0 else ""

    with contextlib.suppress(OSError, subprocess.SubprocessError):
        commit = git("rev-parse", "--short=12", "HEAD")
        return commit + ("+changed" if git("status", "--porcelain", "--", "lib") else "")
    return ""
