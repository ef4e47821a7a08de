"""The cells of a notebook: their code, and the digests by which a run names them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec

from second_edition.evidence.folders import whole

JOURNAL: Final = "application/vnd.byodkim.journal+json"
RUN: Final = "application/vnd.byodkim.run+json"
#: Papermill's tag of the cell that it puts in.
INJECTED: Final = "injected-parameters"
# What papermill notes down of a cell's execution, which is no evidence of anything.
NOTED: Final = frozenset({"execution", "papermill"})
#: Of a cell: what is weighed on its own, or not at all.
_APART: Final = frozenset({"outputs", "execution_count", "metadata", "source"})
_OF_TEXT: Final = frozenset({"metadata", "source"})

Cell = Mapping[str, Any]


def text_of(source: object) -> str:
    """Return text that nbformat may hold as one string or as a list of lines."""
    if isinstance(source, str):
        return source
    if not isinstance(source, list):
        return str(source)
    try:
        return "".join(source)
    except TypeError:  # not all of it is text
        return "".join(map(str, source))


def outputs(cells: Sequence[Cell]) -> list[Mapping[str, Any]]:
    """Return every output of every cell, in order."""
    return [output for cell in cells for output in cell.get("outputs") or () if isinstance(output, dict)]


def code_of(cells: Sequence[Cell]) -> list[Cell]:
    """Return the cells with code, in order."""
    return [cell for cell in cells if cell.get("cell_type") == "code"]


def is_error(output: Any) -> bool:
    """Return whether an output is the error that ended its cell."""
    return isinstance(output, dict) and output.get("output_type") == "error"


def digest_of(cells: Sequence[Cell]) -> str:
    """Return the SHA-256 (hex) over what counts of a notebook's cells: type, id, source, attachments, and metadata.

    What papermill notes of an execution is no evidence.
    """
    contents = [
        {
            **besides(cell, _APART if cell.get("cell_type") == "code" else _OF_TEXT),
            "source": text_of(cell.get("source", "")),
            "metadata": metadata_of(cell),
        }
        for cell in cells
    ]
    return digest_of_json(contents)


def digest_of_file(path: Path | None) -> str:
    """Return the same of a notebook's file; "" where it cannot be read."""
    try:
        return digest_of(json.loads(whole(path))["cells"]) if path is not None else ""
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return ""


def metadata_of(cell: Cell) -> dict[str, Any]:
    """Return a cell's metadata without what papermill notes, and without the empty list of tags that it adds."""
    kept = besides(cell.get("metadata") or {}, NOTED)
    return besides(kept, frozenset({"tags"})) if kept.get("tags") == [] else kept


def besides(fields: Mapping[str, Any], names: frozenset[str]) -> dict[str, Any]:
    """Return the fields of other names."""
    return {name: value for name, value in fields.items() if name not in names}


def sources_of(path: Path) -> list[str]:
    """Return the sources of a notebook's code cells, in order; none where it cannot be read."""
    try:
        cells = json.loads(whole(path))["cells"]
        return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    except (OSError, ValueError, LookupError, TypeError, RecursionError):
        return []


def code_digest(sources: Sequence[str]) -> str:
    """Return the SHA-256 (hex) over the sources as compact JSON, without their last line feeds; "" for none."""
    if not sources:
        return ""
    listed = [source.rstrip("\n") for source in sources]
    return hashlib.sha256(msgspec.json.encode(listed)).hexdigest()


HEADLINE: Final = "headline"
BEGIN: Final = "begin"
ERROR: Final = "error"

Entry = dict[str, Any]


def digest_of_bundle(bundle: Mapping[str, str]) -> str:
    """Return the SHA-256 (hex) over the canonical JSON of what is shown, by MIME type."""
    return digest_of_json(bundle)


def digest_of_error(name: str, text: str) -> str:
    """Return the SHA-256 (hex) of an error's type and text."""
    return digest_of_json({"ename": name, "evalue": text})


def digest_of_json(content: Mapping[str, Any] | Sequence[Any]) -> str:
    """Return the SHA-256 (hex) over compact JSON with sorted names."""
    try:
        data = msgspec.json.encode(content, order="sorted")
    except ValueError:  # half a surrogate pair
        text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        data = text.encode("utf-8", "surrogatepass")
    return hashlib.sha256(data).hexdigest()


def entry(step: str, output: int | str, sha256: str, *, perhaps: bool = False) -> Entry:
    """Return what the journal says of an output."""
    return {"step": step, "output": output, "sha256": sha256, **({"perhaps": True} if perhaps else {})}
