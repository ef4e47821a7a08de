"""A plan run that was stopped before it knew all: the next one with the same parameters takes over what it knew.

Only identities that could be switched, and only for as long as what SES showed of them is carried: all others are
looked at anew. Nothing rests on it: an identity's own run looks at everything again before it writes.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from msgspec.structs import replace

from byodkim.engine.run import Run
from byodkim.events.campaign import Continued, Looked, Surveyed
from byodkim.evidence import fleet_record
from byodkim.evidence.folders import opened
from byodkim.evidence.journal import decode
from byodkim.evidence.record import Record
from byodkim.intent.campaign import Row
from byodkim.plain import from_plain
from byodkim.procedures.fleet import resumption
from byodkim.rotation.fleet import Group, Member
from byodkim.rotation.reading import CARRIED_S

_CARRIED: Final = timedelta(seconds=CARRIED_S)
_Key = tuple[tuple[str, str], ...]


@dataclass
class Earlier:
    """Hold what an earlier run knew.

    Attributes:
        run: its id; "" where there is none.
        lines: selector and line of its file, by the parameters of the identity's run but for the selector.
    """

    run: str = ""
    lines: dict[_Key, list[tuple[str, bytes]]] = field(default_factory=dict)

    def take(self, row: Row) -> Member | None:
        """Return what is known of a row; each is taken once."""
        selector = row.parameters.get("selector", "")
        for one in (known := self.lines.get(_key(row.parameters), [])):
            if selector in ("", one[0]):
                known.remove(one)
                return replace(from_plain(Member, decode(one[1])), turn=row.turn)
        return None


def earlier(run: Run) -> Earlier:
    """Return what the newest plan run of the same parameters and code knew, where it did not come to its end."""
    begin = run.record.begin
    for account in resumption.runs(run, "plan"):
        if (account.begin.code, account.begin.parameters) != (begin.code, begin.parameters):
            continue
        if account.of(Surveyed) is not None:
            break
        found = Earlier(account.begin.run)
        for member, line in _members(fleet_record.beside(account.path, fleet_record.PLAN), account, run.clock()):
            found.lines.setdefault(_key(member.parameters), []).append((member.selector, line))
        if found.lines:
            return found
    return Earlier()


def _key(parameters: Mapping[str, str]) -> _Key:
    return tuple(sorted((name, value) for name, value in parameters.items() if name != "selector"))


def _members(path: Path, record: Record, now: datetime) -> Iterator[tuple[Member, bytes]]:
    """Yield those of the file that can be taken over, as far as the journal bears it out, each with its line."""
    told: tuple[Looked | Continued, ...] = (*record.all_of(Looked), *record.all_of(Continued))
    try:
        with opened(path, largest=math.inf) as file:
            lines = file.readlines()
        for line in lines[: _borne_out(lines, {one.known: one.sha256 for one in told})]:
            member = from_plain(Member, decode(line))
            if member.group is Group.READY and timedelta() <= now - datetime.fromisoformat(member.at) <= _CARRIED:
                yield member, line
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return  # what cannot be read is looked at anew


def _borne_out(lines: Iterable[bytes], digests: Mapping[int, str]) -> int:
    """Return how many of a file's lines are those that its journal tells the digest of."""
    found, known = 0, hashlib.sha256()
    for number, line in enumerate(lines, 1):
        known.update(line)
        if digests.get(number) == known.hexdigest():
            found = number
    return found


def tell(file: fleet_record.PlanFile, known: int) -> dict[str, Any]:
    """Return what a plan run writes down of its file while it grows."""
    file.flush()
    return {"known": known, "sha256": file.sha256}
