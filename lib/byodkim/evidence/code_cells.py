"""The code of a notebook, as one digest: by it a record's cells are held against the template and against what ran.

A run's first event has the template's digest as it lay there, its last one that of the cells that were executed. Where
all of them were, the two are the same; a run that ended early executed the first ``cells`` of them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

import msgspec


def of_file(path: Path) -> list[str]:
    """The sources of a notebook's code cells, in order; none where it cannot be read."""
    try:
        cells = json.loads(path.read_bytes())["cells"]
        return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    except (OSError, ValueError, LookupError, TypeError):
        return []


def digest_of(sources: Sequence[str]) -> str:
    """SHA-256 (hex) over the sources as a JSON list without spaces, each without its last line feeds; "" for none."""
    if not sources:
        return ""
    listed = [source.rstrip("\n") for source in sources]
    return hashlib.sha256(msgspec.json.encode(listed)).hexdigest()
