"""What earlier runs tell of an identity's keys: which selector went with which key."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from byodkim.dkim.published import judge
from byodkim.evidence.journal import SUFFIX, JournalError, first, read
from byodkim.evidence.record import Record
from byodkim.evidence.world import World
from byodkim.rotation.observation import SUCCESS, Used


@dataclass(frozen=True)
class History:
    """The pairs of selector and key that were in use, each with the earliest run that knows of it.

    ``damaged`` names the journals of this identity that do not hold together or cannot be read: what they knew is lost.
    """

    used: tuple[Used, ...] = ()
    damaged: tuple[str, ...] = ()


def look(folder: Path, world: World) -> History:
    """Reads every journal of the same domain in ``folder``, oldest first: Regions and accounts share its DNS."""
    found: dict[tuple[str, str], Used] = {}
    damaged = []
    for path in sorted(folder.glob(f"*{SUFFIX}"), key=lambda path: path.name.split(".")[-3:]):
        try:
            begin = first(path)
            if begin is not None and world.same_dns(World.of(begin)):
                for record in Record(read(path).events).told:
                    for used in _pairs(record):
                        found.setdefault((used.selector, used.sha256), used)
        except (JournalError, OSError, LookupError, TypeError, ValueError, AttributeError):
            damaged.append(path.name)
    return History(tuple(found.values()), tuple(damaged))


def _pairs(record: Record) -> Iterator[Used]:
    """What SES was given in the run, and what it was seen to sign with, verified, before."""
    run = str(record.begin["run"])
    seen = record.before
    if seen is not None and seen.identity is not None and seen.identity.status == SUCCESS:
        own = seen.identity.selector == seen.selector
        for answer in seen.records if own else seen.current_records:
            if sha256 := judge(answer).sha256:
                yield Used(seen.identity.selector, sha256, run)
    for event in record.all("intent"):
        yield Used(event["change"]["next_selector"], event["change"]["key_sha256"], run)
