"""Find the program that runs the notebook: papermill or JupyterLab, and from and to which file."""

from __future__ import annotations

import ast
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from msgspec import Struct

#: Where ``launch.ending`` notes for a kernel which papermill starts it, and its paths.
NOTED: Final = "BYODKIM_PAPERMILL"
INJECTED = "# Parameters"  # the first line of the cell that papermill injects
#: papermill injects these two by itself when asked to (--inject-paths).
PAPERMILL_PATHS: Final = frozenset({"PAPERMILL_INPUT_PATH", "PAPERMILL_OUTPUT_PATH"})


class StartedBy(Struct, frozen=True):
    """``kind`` is ``papermill``, ``jupyter`` or ``other``; paths are absolute, ``None`` where not known.

    ``of_campaign``: whether a campaign began the run, in this very process: no file and no variable says so.
    """

    kind: str
    template: Path | None = None
    record: Path | None = None
    of_campaign: bool = False


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
    """Return who runs this kernel: papermill, by the paths that it injects or that were noted for it, or JupyterLab.

    Where papermill's paths are relative and it is not known from where, this is ``other``.
    """
    noted = json.loads(os.environ.get(NOTED, "{}"))
    if noted.get("process") != os.getppid():  # of a papermill further up
        noted = {}
    given = _injected_paths(namespace) or noted.get("paths")
    if given and ("folder" in noted or not any(map(_is_relative, given))):
        folder = Path(noted.get("folder", ""))
        template, record = ((folder / path).resolve() if _is_file(path) else None for path in given)
        return StartedBy("papermill", template, record)
    # papermill passes JupyterLab's variable on where it is called from a notebook, be it by a command or from Python.
    if not given and (session := os.environ.get("JPY_SESSION_NAME")) and not _in_a_notebook():
        return StartedBy("jupyter", Path(session).resolve(), Path(session).resolve())
    return StartedBy("other")


def _injected_paths(namespace: Mapping[str, Any]) -> list[str] | None:
    given, output = (namespace.get(f"PAPERMILL_{name}_PATH") for name in ("INPUT", "OUTPUT"))
    return [given if isinstance(given, str) else "", output] if isinstance(output, str) else None


def _is_file(path: str) -> bool:
    return path not in ("", "-") and "://" not in path


def _is_relative(path: str) -> bool:
    return _is_file(path) and not Path(path).is_absolute()


def _in_a_notebook() -> bool:
    """Return whether a cell of another kernel started what runs this one."""
    import psutil  # papermill's process, which imports this module too, has no use for it

    try:
        return any("ipykernel" in word for one in psutil.Process().parents() for word in one.cmdline())
    except (psutil.Error, OSError):
        return False


def is_output(template: Path | None) -> bool:
    """Return whether the notebook that is run is itself the output of a papermill run."""
    if template is None:
        return False
    try:
        metadata = json.loads(template.read_text("utf-8")).get("metadata", {})
        return bool(metadata.get("papermill", {}).get("output_path"))
    except (OSError, ValueError, AttributeError, RecursionError):  # no file, no JSON, no notebook
        return False
