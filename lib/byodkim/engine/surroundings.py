"""Who runs the notebook, on which machine, with which code."""

from __future__ import annotations

import contextlib
import getpass
import socket
import subprocess
from pathlib import Path
from typing import Any


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
    here = Path(__file__).parents[3]
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
