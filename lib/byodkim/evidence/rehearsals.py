"""The rehearsals of a change: runs on a twin of the identity, found in the archive."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from byodkim.evidence import folders
from byodkim.evidence.journal import SUFFIX, JournalError, first, read
from byodkim.evidence.record import ROTATE, Record
from byodkim.plain import from_plain
from byodkim.rotation.plan import Plan
from byodkim.rotation.rehearsal import Tried, is_of


def newest(folder: Path, domain: str, selector: str, procedure: str) -> Tried | None:
    """Return the newest apply run of the same change on a twin; ``None`` where the archive has none."""
    wanted = {"domain": domain, "selector": selector, "mode": "apply"}
    found: list[tuple[str, Path]] = []
    for path in folders.files(folders.root(folder.resolve()), f"*{SUFFIX}"):
        try:
            begin = first(path)
        except (OSError, ValueError, LookupError, TypeError):
            continue
        if begin and _is_of(begin, wanted, procedure):
            found.append((str(begin["run"]), path))
    return _tried(max(found)[1]) if found else None


def _is_of(begin: Mapping[str, Any], wanted: Mapping[str, str], procedure: str) -> bool:
    same = all(begin.get(name) == value for name, value in wanted.items())
    return same and "twin" in begin and begin.get("procedure", ROTATE) == procedure


def _tried(path: Path) -> Tried | None:
    try:
        record = Record(read(path).events)
    except (OSError, JournalError):
        return None
    twin, closed = record.begin["twin"], record.closed
    shown = from_plain(Plan, twin["plan"]) if twin["plan"] else None
    plan = shown if shown and is_of(shown, record.selector) else None
    return Tried(str(record.begin["run"]), record.outcome or "", str(closed["at"]) if closed else "", twin["at"], plan)
