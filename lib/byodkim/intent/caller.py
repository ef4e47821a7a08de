"""What can be known of the program that runs the notebook: papermill or JupyterLab, and from and to which file."""

from __future__ import annotations

import ast
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

# papermill's options that take no value, and those that take two; all others take one.
_FLAGS = (
    "-h",
    "--help",
    "--version",
    "--inject-",
    "--request-save",
    "--no-",
    "--prepare-",
    "--progress-",
    "--log-output",
    "--report",
)
_PAIRS = frozenset({"-p", "--parameters", "-r", "--parameters_raw"})
INJECTED = "# Parameters"  # the first line of the cell that papermill injects


@dataclass(frozen=True)
class StartedBy:
    """``kind`` is ``papermill``, ``jupyter`` or ``other``; paths are absolute, ``None`` where not known."""

    kind: str
    template: Path | None = None
    record: Path | None = None


def injected(cells: Sequence[str]) -> dict[str, Any]:
    """Return the names that papermill's injected cell assigns, among the cells executed so far (IPython's ``In``)."""
    names: dict[str, Any] = {}
    for cell in cells:
        if cell.startswith(INJECTED):
            body = ast.parse(cell).body
            names |= {
                target.id: True
                for node in body
                if isinstance(node, ast.Assign)
                for target in node.targets
                if isinstance(target, ast.Name)
            }
    return names


def find(namespace: Mapping[str, Any]) -> StartedBy:
    """Return who runs this kernel: papermill (--inject-paths), the parent's command line, or JupyterLab."""
    output = namespace.get("PAPERMILL_OUTPUT_PATH")
    if isinstance(output, str):
        given = namespace.get("PAPERMILL_INPUT_PATH")
        return StartedBy(
            "papermill", Path(given).resolve() if isinstance(given, str) else None, _local(output, Path.cwd())
        )
    try:
        parent = psutil.Process(os.getppid())
        started = parse(parent.cmdline(), Path(parent.cwd()))
    except (psutil.Error, OSError):
        started = StartedBy("other")
    # papermill passes JupyterLab's variable on where it is called from a notebook, be it by a command or from Python.
    if started.kind == "other" and (session := os.environ.get("JPY_SESSION_NAME")) and not _in_a_notebook():
        return StartedBy("jupyter", Path(session).resolve(), Path(session).resolve())
    return started


def _in_a_notebook() -> bool:
    """Return whether a cell of another kernel started what runs this one."""
    try:
        return any("ipykernel" in word for one in psutil.Process().parents() for word in one.cmdline())
    except (psutil.Error, OSError):
        return False


def parse(command: Sequence[str], folder: Path) -> StartedBy:
    """Return what a papermill command line, run in ``folder``, reads and writes."""
    start = next((i for i, word in enumerate(command) if Path(word).name in ("papermill", "__main__.py")), None)
    if start is None or "papermill" not in command[start]:
        start = next(
            (i + 1 for i, word in enumerate(command) if word == "-m" and command[i + 1 : i + 2] == ["papermill"]), None
        )
    if start is None:
        return StartedBy("other")
    paths: list[str] = []
    words = iter(command[start + 1 :])
    for word in words:
        if word == "--":
            paths += words
        elif word.startswith("-") and len(word) > 1:
            for _ in range(_values_after(word)):
                next(words, None)
        else:
            paths.append(word)
    return StartedBy("papermill", *(_local(path, folder) for path in paths[:2]))


def _values_after(option: str) -> int:
    """Return how many words after an option are its values; ``--name=value`` and ``-kvalue`` hold the first."""
    name = option.partition("=")[0] if option.startswith("--") else option[:2]
    values = 2 if name in _PAIRS else 0 if name.startswith(_FLAGS) else 1
    return max(values - (name != option), 0)


def is_output(template: Path | None) -> bool:
    """Return whether the notebook that is run is itself the output of a papermill run."""
    if template is None:
        return False
    try:
        metadata = json.loads(template.read_text("utf-8")).get("metadata", {})
        return bool(metadata.get("papermill", {}).get("output_path"))
    except (OSError, ValueError, AttributeError):  # no file, no JSON, no notebook
        return False


def _local(path: str, folder: Path) -> Path | None:
    if path == "-" or "://" in path:
        return None
    return (folder / path).resolve()
