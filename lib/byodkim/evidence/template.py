"""The notebook that a run was made from: found by its digest, and held against the cells that were executed."""

from __future__ import annotations

import ast
import hashlib
import json
import re
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple

from byodkim.evidence.archived import Cell, text_of
from byodkim.evidence.code_cells import digest_of
from byodkim.evidence.executed import INJECTED

ROOT: Final = Path(__file__).resolve().parents[3]
#: Cells that papermill puts in where a cell raised an error: its words.
_STYLE: Final = "color:red; font-family:Helvetica Neue, Helvetica, Arial, sans-serif; font-size:2em;"
_OPENS: Final = (
    f'<span style="{_STYLE}">An Exception was encountered at '
    "'<a href=\"#papermill-error-cell\">In [{count}]</a>'.</span>"
)
_FAILED: Final = (
    f'<span id="papermill-error-cell" style="{_STYLE}">'
    "Execution using papermill encountered an exception here and stopped:</span>"
)
#: A long text as papermill has it where black is installed beside it.
_LONG: Final = re.compile(r"^(\w+) = \(\n    (.+)\n\)$", re.MULTILINE)
_REPORT_MODE: Final = {"source_hidden": True}
PATHS: Final = frozenset({"PAPERMILL_INPUT_PATH", "PAPERMILL_OUTPUT_PATH"})
BANNER: Final = "papermill-error-cell-tag"
# What papermill notes down of a cell's execution, which is no evidence of anything.
NOTED: Final = frozenset({"execution", "papermill", "tags"})
_FIELDS: Final = {
    "markdown": {"cell_type", "id", "metadata", "source"},
    "code": {"cell_type", "id", "metadata", "source", "execution_count", "outputs"},
}
#: Of a cell: what is weighed on its own, or not at all.
_APART: Final = frozenset({"outputs", "execution_count", "metadata", "source"})
NAME: Final = re.compile(r"[\w.-]+\.ipynb")
COMMIT: Final = re.compile(r"[0-9a-f]{7,40}")

How = Literal["of-commit", "by-digest", "other", "absent"]


class Weighed(NamedTuple):
    """What counts of a cell: its source, what there is besides, and its metadata without what papermill notes."""

    source: str
    besides: Mapping[str, Any]
    metadata: Mapping[str, Any]


@lru_cache(maxsize=64)
def find(name: str, commit: str, sha256: str) -> tuple[How, tuple[Weighed, ...]]:
    """The template of a run, where it is at hand: in the checkout, or in its history.

    Args:
        name: of the template's file, as the run's first event tells it.
        commit: of the code version, "" where that is not known or files differed from it.
        sha256: of the template as it was executed, in hex.

    Returns:
        How it was found, and its cells. ``of-commit``: it is that commit's. ``by-digest``: it is the one in the
        checkout, whichever commit that is. ``other``: the commit has another one than was executed. ``absent``.
    """
    if not NAME.fullmatch(name) or not sha256:
        return "absent", ()
    committed = _committed(name, commit)
    if committed is not None and _sha256(committed) == sha256:
        return "of-commit", _cells(committed)
    path = ROOT / "notebooks" / name
    present = path.read_bytes() if path.is_file() else b""
    if _sha256(present) != sha256:
        return ("absent" if committed is None else "other"), ()
    return ("by-digest" if committed is None else "other"), _cells(present)


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _cells(data: bytes) -> tuple[Weighed, ...]:
    return tuple(map(_weighed, json.loads(data)["cells"]))


def _committed(name: str, commit: str) -> bytes | None:
    if not COMMIT.fullmatch(commit) or not (ROOT / ".git").exists():
        return None
    command = ["git", "-C", str(ROOT), "cat-file", "blob", f"{commit}:notebooks/{name}"]
    try:
        return subprocess.run(command, capture_output=True, timeout=10, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return None


def differing(cells: Sequence[Cell], template: Sequence[Weighed], parameters: Mapping[str, Any]) -> str:
    """The first cell of an executed notebook that is not the template's, in words that name it; "" where all are.

    What papermill adds is allowed: the cell with the parameters, held against those that the run wrote down, its
    banners around an error, and in its report mode the wish that no code cell shows its source.
    """
    cells = _without_report_mode(cells)
    expected, banners = iter(template), _banners(cells)
    for place, cell in enumerate(cells, 1):
        tags = (cell.get("metadata") or {}).get("tags") or []
        source = text_of(cell.get("source", ""))
        if BANNER in tags:
            fine = _is_bare(cell, "markdown") and source in banners
        elif INJECTED in tags:
            fine = _is_bare(cell, "code") and _injected(source) == _given(parameters)
        else:
            fine = _weighed(cell) == next(expected, None)
        if not fine:
            return f"{place} ({source.strip().splitlines()[-1][:60] if source.strip() else '-'})"
    missing = next(expected, None)
    return f"{len(cells) + 1} (-)" if missing is not None else ""


def _without_report_mode(cells: Sequence[Cell]) -> Sequence[Cell]:
    """The cells without the mark of ``--report-mode``, which Airflow's operator asks for, where every code cell has it.

    One cell that hides its source where others show theirs was changed by somebody else.
    """
    code = [cell.get("metadata") or {} for cell in cells if cell.get("cell_type") == "code"]
    if not all(metadata.get("jupyter") == _REPORT_MODE for metadata in code):
        return cells
    hidden = frozenset({"jupyter"})
    return [
        {**cell, "metadata": _besides(cell["metadata"], hidden)} if cell.get("cell_type") == "code" else cell
        for cell in cells
    ]


def _banners(cells: Sequence[Cell]) -> frozenset[str]:
    """Papermill's words where a cell failed, with that cell's own count; none where no cell did."""
    failed = [cell for cell in cells if any(one.get("output_type") == "error" for one in cell.get("outputs") or ())]
    opens = [_OPENS.format(count=cell.get("execution_count")) for cell in failed]
    return frozenset({_FAILED, *opens} if failed else ())


def _is_bare(cell: Cell, kind: str) -> bool:
    """Return whether a cell that papermill put in has the fields of its kind and no others, and hides nothing.

    Its id is drawn by chance.
    """
    return cell.get("cell_type") == kind and cell.keys() == _FIELDS[kind] and not _metadata(cell)


def _weighed(cell: Cell) -> Weighed:
    return Weighed(text_of(cell.get("source", "")), _besides(cell, _APART), _metadata(cell))


def _metadata(cell: Cell) -> dict[str, Any]:
    return _besides(cell.get("metadata") or {}, NOTED)


def _besides(told: Mapping[str, Any], names: frozenset[str]) -> dict[str, Any]:
    return {name: value for name, value in told.items() if name not in names}


def _injected(source: str) -> dict[str, str] | None:
    """The parameters of papermill's cell, without the paths that it is told to put in with them."""
    found = injected(source)
    return None if found is None else {name: found[name] for name in found.keys() - PATHS}


@lru_cache(4096)
def _literal(text: str) -> str:
    return str(ast.literal_eval(text))


def injected(source: str) -> dict[str, str] | None:
    """Return what papermill's cell assigns, as text; ``None`` where it does anything else."""
    # At line feeds only: other characters end a line to Python, and are none that papermill writes.
    first, *lines = _LONG.sub(r"\1 = \2", source).removesuffix("\n").split("\n")
    if first != "# Parameters":
        return None
    found = {}
    for line in lines:
        name, sign, value = line.partition(" = ")
        try:
            found[name] = _literal(value)
        except (ValueError, SyntaxError):
            return None
        if not sign or not name.isidentifier() or not value.isprintable():
            return None
    return found


def _given(parameters: Mapping[str, Any]) -> dict[str, str]:
    return {name: value["value"] for name, value in parameters.items() if value["source"] == "parameter"}


def miscounted(cells: Sequence[Cell]) -> Iterator[int]:
    """Places (from 1) of code cells that were not executed once and in their order, none left out."""
    last, ended = 0, False
    for place, cell in enumerate(cells, 1):
        if cell.get("cell_type") != "code":
            continue
        count, shown = cell.get("execution_count"), cell.get("outputs") or ()
        if count is None:
            ended = True
        elif count != last + 1 or ended:
            yield place
        last = last if count is None else count
        if any(one.get("execution_count", count) != count for one in shown):
            yield place


def executed(sources: Sequence[str], told: Mapping[str, Any]) -> bool:
    """Return whether the code of a notebook is what its run executed.

    Args:
        sources: of the executed notebook's code cells.
        told: how many cells that were, and their digest, as the run's last event has it.
    """
    return digest_of(sources[: told["cells"]]) == str(told["code_sha256"])
