"""Heads of closed runs as they are published at their close, where who removes a run cannot remove its head.

A head is one line of JSON: run, identity (domain, account, Region), the SHA-256 of the journal's last line, and when
the run closed and the head was published. It lies beside the copies in S3, under their lock, and at the end of a file.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Final

from msgspec import Struct
from msgspec.structs import replace

from second_edition.events.run import Begin
from second_edition.evidence import journal, upload
from second_edition.evidence.folders import RUN_ID
from second_edition.evidence.journal import canonical
from second_edition.evidence.seal import Seal

if TYPE_CHECKING:
    from second_edition.evidence.verification_case import Speaker, Verified

FOLDER: Final = "heads/"
SUFFIX: Final = ".json"
DIGEST: Final = re.compile(r"[0-9a-f]{64}")


def below(begin: Begin) -> str:
    """Return where a run's head lies below the archive's prefix.

    Args:
        begin: the run's first event.
    """
    return f"{FOLDER}{upload.below(begin)}{SUFFIX}"


def line(seal: Seal, closed: str, published: datetime) -> str:
    """Return the line about a closed run.

    Args:
        seal: the run's.
        closed: when it closed, as its journal says.
        published: when the line is published.
    """
    stated = {name: seal.predicate[name] for name in ("run", "domain", "account", "region", "head")}
    return canonical({**stated, "closed": closed, "published": published.isoformat(timespec="milliseconds")})


class Head(Struct, frozen=True):
    """A head as a witness has it.

    Attributes:
        run, head: its id, and the SHA-256 of its journal's last line in hex.
        domain, closed: "" where the witness does not say.
        published: when the run said that it published it; ``stored``: when S3 says that it was, "" elsewhere.
        held_until: until when S3 lets nobody remove it, "" for no such lock.
        where: the witness.
    """

    run: str
    head: str
    domain: str = ""
    closed: str = ""
    published: str = ""
    stored: str = ""
    held_until: str = ""
    where: str = ""

    def late(self, closed: datetime | None) -> bool:
        """Return whether it came to the witness later than clocks can be apart, after its run had closed."""
        came = self.stored or self.published
        return closed is not None and bool(came) and _moment(came) - closed > journal.APART


def parse(text: str, where: str, stored: str, held_until: str) -> Head:
    """Return the head that a line is.

    Raises:
        ValueError, LookupError, TypeError, RecursionError: it is none.
    """
    fields = json.loads(text)
    own = {name: str(fields[name]) for name in ("run", "head", "domain", "closed", "published")}
    found = Head(**own, stored=stored, held_until=held_until, where=where)
    if not RUN_ID.fullmatch(found.run) or not DIGEST.fullmatch(found.head):
        raise ValueError("no head")
    for at in filter(None, (found.closed, found.published, found.stored)):
        _moment(at)
    return found


def compare(
    runs: Iterable[Verified], heads: Sequence[Head], tell: Speaker, *, required: bool = False
) -> list[Verified]:
    """Return the runs with what witnesses say of them added to their findings.

    Args:
        runs: each verified by itself.
        heads: all that the witnesses have.
        tell: of the findings.
        required: whether a run that closed since there is a witness must be named by one, in time.
    """
    named: dict[str, list[Head]] = {}
    for head in heads:
        named.setdefault(head.run, []).append(head)
    since = min((_moment(head.closed) for head in heads if head.closed), default=None)
    expected = required or since is not None
    judged = []
    for one in runs:
        own = named.get(one.run, [])
        found = [tell("head-other", head=head, where=where) for head, where in _others(one, own)]
        closed = one.link.ended if one.link else None  # not what the head says of it
        late = [head for head in own if head.late(closed)]
        if late:
            came = late[0].stored or late[0].published
            found.append(tell("head-late", where=late[0].where, at=came, closed=closed))
        if late == own and (late or (expected and _closed_on_aws(one, closed, since))):
            if required:
                found.append(tell("under-way" if one.under_way else "policy-witness"))
            elif not own:
                found.append(tell("head-unnamed"))
        judged.append(replace(one, findings=(*one.findings, *found)))
    return judged


def missing(runs: Iterable[Verified], heads: Iterable[Head]) -> list[Head]:
    """Return a head of each run that a witness names and that is not there."""
    there = {one.run for one in runs}
    found = {head.run: head for head in heads if head.run not in there}
    return [found[run] for run in sorted(found)]


def _others(one: Verified, heads: Iterable[Head]) -> dict[tuple[str, str], None]:
    """Return the heads that are not the run's, and who has them."""
    return dict.fromkeys((head.head, head.where) for head in heads if head.head != one.head)


def _closed_on_aws(one: Verified, closed: datetime | None, since: datetime | None) -> bool:
    """Return whether a run closed that publishes its head, after the first one that did."""
    link = one.link
    world = link.world if link else None
    if world is None or world.sandbox or not one.outcome:
        return False
    return since is None or closed is None or closed > since


def _moment(text: str) -> datetime:
    """Return a time with its zone.

    Raises:
        ValueError: it is none.
    """
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError("no time zone")
    return found
