"""The notebooks that this version ships: only from one of them may a run apply.

Their code is compared cell by cell with the digests in each procedure's ``shipped.json``, which ``make templates``
writes. A cell that assigns plain values to parameters may hold any values; all other code must be as it was shipped. So
what is audited is what runs: a copy under another name may apply, and one with a cell more may not.
"""

from __future__ import annotations

import ast
import hashlib
import json
from collections.abc import Sequence
from itertools import zip_longest
from pathlib import Path
from typing import Final

from second_edition.evidence.cells import sources_of
from second_edition.intent.caller import PAPERMILL_PATHS
from second_edition.settings import FIELDS

FOLDER: Final = Path(__file__).parents[1] / "procedures"
SHIPPED: Final = "shipped.json"
_SHIPPED: Final = {path.parent.name: json.loads(path.read_bytes()) for path in sorted(FOLDER.glob(f"*/{SHIPPED}"))}
#: By procedure: what is compared of each code cell, and the digests of all code and of all cells, as runs name them.
CELLS: Final[dict[str, tuple[str, ...]]] = {name: tuple(one["cells"]) for name, one in _SHIPPED.items()}
CODE: Final[dict[str, str]] = {name: one["code"] for name, one in _SHIPPED.items()}
TEMPLATES: Final[dict[str, str]] = {name: one["template"] for name, one in _SHIPPED.items()}
PARAMETERS: Final = "parameters"  # in place of the digest of the cell that sets them
NAMES: Final = frozenset(FIELDS) | PAPERMILL_PATHS


def digests_of(sources: Sequence[str]) -> tuple[str, ...]:
    """Return what is compared of code cells: the SHA-256 of each in hex, or that it only sets parameters."""
    return tuple(PARAMETERS if _assigns(source) else _digest(source) for source in sources)


def altered(procedure: str, template: Path) -> int | None:
    """Return the number (from 1) of a notebook's first code cell that is not as shipped; ``None`` where all are."""
    own, shipped = digests_of(sources_of(template)), CELLS[procedure]
    if own == shipped:
        return None
    differing = (number for number, pair in enumerate(zip(own, shipped, strict=False), 1) if pair[0] != pair[1])
    return next(differing, min(len(own), len(shipped)) + 1)


def foreign(procedure: str, executed: Sequence[str]) -> int | None:
    """Return the number (from 1) of the first executed cell that was not shipped; ``None`` where all were."""
    known = {PARAMETERS, *CELLS[procedure]}
    return next((number for number, one in enumerate(digests_of(executed), 1) if one not in known), None)


def misplaced(procedure: str, executed: Sequence[str]) -> int | None:
    """Return the number (from 1) of the first cell that was executed again, or out of order; ``None`` for none.

    ``executed``: the notebook's own cells. Only where each was executed once, in order, can its record be verified.
    """
    pairs = zip_longest(digests_of(executed), CELLS[procedure][: len(executed)])
    return next((number for number, (one, shipped) in enumerate(pairs, 1) if one != shipped), None)


def _digest(source: str) -> str:
    return hashlib.sha256(source.rstrip("\n").encode("utf-8", "surrogatepass")).hexdigest()


def _assigns(source: str) -> bool:
    """Return whether a cell only assigns plain values to parameters."""
    try:
        body = ast.parse(source).body
        for node in body:
            targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
            if not isinstance(node, ast.Assign | ast.AnnAssign) or node.value is None:
                return False
            if any(not isinstance(target, ast.Name) or target.id not in NAMES for target in targets):
                return False
            # An annotation is evaluated as code is.
            if isinstance(node, ast.AnnAssign) and not isinstance(node.annotation, ast.Name):
                return False
            ast.literal_eval(node.value)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return False
    return bool(body)
