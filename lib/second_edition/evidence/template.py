"""The cells of a notebook held against those of the template that it was made from, by their digest.

A run's first event has the digest of the template's code as it lay there, its last one that of the cells that were
executed. Where all of them were, the two are the same; a run that ended early executed the first ``cells`` of them.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from second_edition.dkim.names import bare_name
from second_edition.events.run import Executed, Parameter
from second_edition.evidence.cells import INJECTED, Cell, besides, code_digest, digest_of, is_error, metadata_of, text_of
from second_edition.settings import UNSET_MINUTES

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
#: A number that is none, or has no end, as papermill spells it.
_FLOAT: Final = re.compile(r"\Afloat\('(-?inf|nan)'\)\Z")
PATHS: Final = frozenset({"PAPERMILL_INPUT_PATH", "PAPERMILL_OUTPUT_PATH"})
BANNER: Final = "papermill-error-cell-tag"
PARAMETERS: Final = "parameters"
#: Values that leave a parameter to the profile, the sandbox or its default.
_OPEN: Final = frozenset({"", str(UNSET_MINUTES)})
_FIELDS: Final = {
    "markdown": {"cell_type", "id", "metadata", "source"},
    "code": {"cell_type", "id", "metadata", "source", "execution_count", "outputs"},
}


def differing(cells: Sequence[Cell], sha256: str, parameters: Mapping[str, Parameter]) -> str:
    """Return which of an executed notebook's cells are not of its template, in words that name them; "" for none.

    What papermill adds is allowed: the cell with the parameters, held against those that the run wrote down, and
    its banners around an error.

    Args:
        cells: of the executed notebook.
        sha256: the ``digest_of`` the template's cells, as the run wrote it down; "" where it knew of none.
        parameters: of the run.
    """
    banners, own = _banners(cells), list[Cell]()
    named, injected_at = any(PARAMETERS in _tags(cell) for cell in cells), -1
    for place, cell in enumerate(cells):
        tags = _tags(cell)
        source = text_of(cell.get("source", ""))
        if tags == [BANNER]:
            fine = _is_bare(cell, "markdown") and banners.pop(place, "") == source
        elif tags == [INJECTED]:
            due = PARAMETERS in _tags(own[-1]) if named and own else not (named or own)
            due, injected_at = due and injected_at < 0, place
            fine = due and _is_bare(cell, "code") and _gives(source, parameters)
        else:
            own.append(cell)
            fine = True
        if not fine:
            return f"{place + 1} ({source.strip().splitlines()[-1][:60] if source.strip() else '-'})"
    if banners:
        return f"{min(banners) + 1} (-)"
    return "" if sha256 in ("", digest_of(own)) else "-"


def _tags(cell: Cell) -> list[Any]:
    tags = (cell.get("metadata") or {}).get("tags")
    return tags if isinstance(tags, list) else []


def _banners(cells: Sequence[Cell]) -> dict[int, str]:
    """Return papermill's words where a cell failed, by their places: first of all, and before that cell.

    They stand there once papermill has come to its end, and not where it was killed before that.
    """
    failed = [place for place, cell in enumerate(cells) if any(is_error(one) for one in cell.get("outputs") or ())]
    if not failed or not any(_tags(cell) == [BANNER] for cell in cells):
        return {}
    return {0: _OPENS.format(count=cells[failed[0]].get("execution_count")), failed[0] - 1: _FAILED}


def _is_bare(cell: Cell, kind: str) -> bool:
    """Return whether a cell that papermill put in has the fields of its kind and no others, and hides nothing.

    Its id is drawn by chance.
    """
    return cell.get("cell_type") == kind and cell.keys() == _FIELDS[kind] and metadata_of(cell).keys() == {"tags"}


def injected(source: str) -> dict[str, str] | None:
    """Return what papermill's cell assigns, as text; ``None`` where it does anything else."""
    # At line feeds only: other characters end a line to Python, and are none that papermill writes.
    first, *lines = _LONG.sub(r"\1 = \2", source).removesuffix("\n").split("\n")
    if first != "# Parameters":
        return None
    found = dict[str, str]()
    for line in lines:
        name, sign, value = line.partition(" = ")
        try:
            text = str(ast.literal_eval(_FLOAT.sub(r"'\1'", value)))
        except (ValueError, SyntaxError):
            return None
        if not sign or not name.isidentifier() or name in found or not value.isprintable() or _has_comment(value):
            return None
        found[name] = text
    return found


def _has_comment(value: str) -> bool:
    """Return whether a reader sees more in a line than what is assigned."""
    return any(token.type == tokenize.COMMENT for token in tokenize.generate_tokens(io.StringIO(value).readline))


def _gives(source: str, parameters: Mapping[str, Parameter]) -> bool:
    """Return whether papermill's cell assigns the parameters that a run was given, and the paths of its notebooks.

    One that is given as left open is in force by another source; a domain is written down as DNS has it.
    """
    found = injected(source)
    if found is None:
        return False
    open_ones = {name for name, text in found.items() if text in _OPEN}
    given = {name: value.value for name, value in parameters.items() if value.source == "parameter"}
    said = {name: bare_name(text) if name == "domain" else text for name, text in found.items()}
    return {name: said[name] for name in said.keys() - PATHS - open_ones} == besides(given, frozenset(open_ones))


def miscounted(cells: Sequence[Cell]) -> Iterator[int]:
    """Yield the places (from 1) of code cells that were not executed once, in their order, none left out."""
    last, ended = 0, False
    for place, cell in enumerate(cells, 1):
        if cell.get("cell_type") != "code":
            continue
        count, shown = cell.get("execution_count"), cell.get("outputs") or ()
        wrong = any(one.get("execution_count", count) != count for one in shown)
        if count is None:
            ended = True
        else:
            wrong, last = wrong or type(count) is not int or count != last + 1 or ended, count
        if wrong:
            yield place


def executed(sources: Sequence[str], parameters: Sequence[str], expected: Executed | None) -> bool:
    """Return whether the code of a notebook is what its run executed.

    Args:
        sources: of the executed notebook's own code cells.
        parameters: of the cell that papermill puts in.
        expected: how many cells that were, and their digests, as the run's last event has it; ``None``: not at all.
    """
    if expected is None:
        return False
    found = (code_digest(sources[: expected.cells]), code_digest(parameters))
    return found == (expected.code_sha256, expected.injected_sha256)
