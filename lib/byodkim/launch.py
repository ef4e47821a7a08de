"""How a run is launched: by papermill with which parameters, by whom, with which code.

papermill's process tells the notebook's kernel in one environment variable, which the kernel
inherits (``byodkim.hook``).
"""

from __future__ import annotations

import ast
import contextlib
import getpass
import json
import os
import socket
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec import Struct

VARIABLE: Final = "BYODKIM_LAUNCH"
TEMPLATES: Final = Path(__file__).with_name("notebooks")


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


def is_shipped(notebook: Mapping[str, Any], procedure: str) -> bool:
    """Return whether a notebook's code cells are those of the shipped one, parameters aside."""
    shipped = json.loads((TEMPLATES / f"{procedure}.ipynb").read_text("utf-8"))
    return _code(notebook) == _code(shipped) and all(
        _only_assigns("".join(cell["source"])) for cell in notebook["cells"] if _is_parameters(cell)
    )


def _code(notebook: Mapping[str, Any]) -> list[str]:
    """Return the code of every cell but the parameters cell and the one that papermill injects."""
    return [
        "".join(cell["source"]).strip()
        for cell in notebook["cells"]
        if cell["cell_type"] == "code" and not _is_parameters(cell)
    ]


def _is_parameters(cell: Mapping[str, Any]) -> bool:
    return bool({"parameters", "injected-parameters"} & set(cell["metadata"].get("tags", ())))


def _only_assigns(code: str) -> bool:
    """Return whether code does nothing but give names a literal value."""
    try:
        statements = ast.parse(code).body
        for statement in statements:
            if not isinstance(statement, ast.Assign | ast.AnnAssign) or statement.value is None:
                return False
            ast.literal_eval(statement.value)
    except (SyntaxError, ValueError):
        return False
    return True
