"""Find the program that runs the notebook: papermill or JupyterLab, and from and to which file."""

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
CLOCK_S = 2.0  # by which the time may be off that the system gives for a process's start
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
    """Return who runs this kernel: papermill (--inject-paths), the parent's command line, or JupyterLab.

    Where papermill's paths are relative and it is not known from where, this is ``other``.
    """
    try:
        parent = psutil.Process(os.getppid())
        given = _injected_paths(namespace) or paths_in(parent.cmdline())
        if given and (folder := _folder(parent, given)) is not None:
            return StartedBy("papermill", *(_local(path, folder) if path else None for path in given))
    except (psutil.Error, OSError):
        given = None
    # papermill passes JupyterLab's variable on where it is called from a notebook, be it by a command or from Python.
    if not given and (session := os.environ.get("JPY_SESSION_NAME")) and not _in_a_notebook():
        return StartedBy("jupyter", Path(session).resolve(), Path(session).resolve())
    return StartedBy("other")


def _injected_paths(namespace: Mapping[str, Any]) -> tuple[str, str] | None:
    given, output = (namespace.get(f"PAPERMILL_{name}_PATH") for name in ("INPUT", "OUTPUT"))
    return (given if isinstance(given, str) else "", output) if isinstance(output, str) else None


def _folder(parent: psutil.Process, given: Sequence[str]) -> Path | None:
    """Return the folder from which papermill's paths lead; ``None`` where it is not known.

    While a notebook is executed, papermill itself stands in the folder that ``--cwd`` names. Where it was started is
    where it has saved the output before the first cell.
    """
    here = Path(parent.cwd())
    if all(not path or _local(path, here) is None or Path(path).is_absolute() for path in given):
        return here
    candidates = (here, Path(parent.environ().get("PWD", "")))
    read = (folder for folder in candidates if (folder / given[0]).exists())
    saved = (folder for folder in read if _is_saved(folder / given[-1], given[-1], parent.create_time()))
    command = parent.cmdline()
    moved = any(word == "--cwd" or word.startswith("--cwd=") for word in command)
    return next(saved, None if moved or not paths_in(command) else here)


def _is_saved(path: Path, name: str, since: float) -> bool:
    """Return whether a papermill that was started at ``since`` has saved its output there, under that name."""
    try:
        noted = json.loads(path.read_bytes())["metadata"]["papermill"]["output_path"]
        return bool(noted == name and path.stat().st_mtime > since - CLOCK_S)
    except (OSError, ValueError, LookupError, TypeError):
        return False


def _in_a_notebook() -> bool:
    """Return whether a cell of another kernel started what runs this one."""
    try:
        return any("ipykernel" in word for one in psutil.Process().parents() for word in one.cmdline())
    except (psutil.Error, OSError):
        return False


def paths_in(command: Sequence[str]) -> list[str] | None:
    """Return what a papermill command line names to read and to write; ``None`` where it is none of papermill's."""
    start = next((i for i, word in enumerate(command) if Path(word).name in ("papermill", "__main__.py")), None)
    if start is None or "papermill" not in command[start]:
        start = next(
            (i + 1 for i, word in enumerate(command) if word == "-m" and command[i + 1 : i + 2] == ["papermill"]), None
        )
    if start is None:
        return None
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
    return paths[:2]


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
