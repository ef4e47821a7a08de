"""An identity's past, by its runs: which selector signed when, what each switch cost, how long DNS took."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import replace

from second_edition.events.run import Checked, Observed
from second_edition.events.writes import Handed
from second_edition.evidence.by_message import refuted
from second_edition.evidence.journal import UNFIT, Account
from second_edition.evidence.predecessors import in_order, named
from second_edition.evidence.record import Record
from second_edition.evidence.ses_write import LAST, set_back, sights, steadied
from second_edition.rotation.due import Lead, Made, Source, lead
from second_edition.rotation.findings import Verdict
from second_edition.rotation.observation import SUCCESS, Identity

#: Checks by which every authoritative server serves the key record: of rotate, and of publish.
PUBLISHED: Final = frozenset({"DNS-PUBLISHED", "DNS-SERVED"})


class Key(Struct, frozen=True):
    """The key pair that a selector stood for: SHA-256 of its public key in hex, when its object was made (ISO 8601)."""

    selector: str
    sha256: str
    made: str


class Sight(Struct, frozen=True):
    """Hold what SES showed at a time: the selector that it has, and its DKIM status.

    ``instead``: why it does not sign with that selector, if so: signing is ``off``, or by ``easy`` DKIM, or the
    identity is ``gone``: SES had none of that name.
    """

    at: datetime
    selector: str
    status: str
    instead: str = ""


class Write(Struct, frozen=True):
    """A selector given to SES by a run, known to have taken effect."""

    at: datetime
    left: str
    taken: str


class Trace(Struct, frozen=True):
    """Hold what one run tells of its identity's past; ``None`` is what it does not tell.

    Times are timezone-aware, and AWS's where the run's clock was further off than TIME-CLOCK allows.

    Attributes:
        run: its id; ``selector``: the one that it was asked for.
        began, ended: its first and its last word.
        sights: what SES showed it, oldest first; none where SES did not say what it signs with.
        writes: what it gave SES, oldest first; a write whose effect is not known is none.
        requested_at: when it handed a request for ``selector`` to the DNS team.
        served_at: when it first saw every authoritative server serve ``selector``.
        lacked_at: when it last saw one that did not.
        keys: the key pairs that it saw in the key store.
        after: the runs that had ended when it began, as it names them.
        set_back: whether its clock was seen to be set back; how far is added to the times that follow.
    """

    run: str
    selector: str
    began: datetime
    ended: datetime
    sights: tuple[Sight, ...]
    writes: tuple[Write, ...]
    requested_at: datetime | None
    served_at: datetime | None
    lacked_at: datetime | None
    keys: tuple[Key, ...]
    after: tuple[str, ...] = ()
    set_back: bool = False


class Span(Struct, frozen=True):
    """A time in which an identity signed with one selector, or with none (``instead``, as of ``Sight``).

    Attributes:
        since: when it began; ``exact`` where a run began it, else when it was first seen.
        seen: when it was last seen.
        until: when a run ended it; ``None`` where it is not known to have ended, or somebody else ended it.
    """

    selector: str
    since: datetime
    exact: bool
    seen: datetime
    until: datetime | None = None
    instead: str = ""


class Switch(Struct, frozen=True):
    """A write that gave SES another selector, and when SES was first seen to have verified it, if it was.

    ``steady``: no clock was seen to be set back between the two.
    """

    run: str
    left: str
    taken: str
    written_at: datetime
    verified_at: datetime | None
    steady: bool = True

    @property
    def unsigned(self) -> timedelta | None:
        """Return for how long mail may have gone out unsigned, at most; ``None`` where that is not known."""
        return self.verified_at - self.written_at if self.verified_at and self.steady else None


class Publication(Struct, frozen=True):
    """Hold how a key record came into DNS: asked for, last seen lacking, first seen at every authoritative server."""

    selector: str
    requested_at: datetime
    lacked_at: datetime | None
    served_at: datetime | None

    @property
    def took(self) -> timedelta | None:
        """Return the time from the request until it was first seen everywhere; it may have been there earlier."""
        return self.served_at - self.requested_at if self.served_at else None


def trace(record: Record) -> Trace:
    """Return what ``record`` tells of its identity's past.

    Raises:
        LookupError, TypeError, ValueError, AttributeError: its events are not such as a run writes.
    """
    handed, (*_, (_, ended)) = record.of(Handed), steadied(record.events)
    return Trace(
        run=record.begin.run,
        selector=record.selector,
        began=record.by_aws(record.begin.at),
        ended=record.by_aws(ended),
        sights=tuple(_sights(record)),
        writes=tuple(_writes(record)),
        requested_at=record.by_aws(handed.at) if handed and handed.files else None,
        served_at=next(_served(record, served=True), None),
        lacked_at=max(_served(record, served=False), default=None),
        keys=tuple(_keys(record)),
        after=tuple(one.run for one in named(record.begin) if one.ended),
        set_back=set_back(record.events),
    )


def traces(accounts: Iterable[Account]) -> Iterator[tuple[Account, Trace]]:
    """Yield journals, each with what it tells of its identity's past. One that cannot be traced is left out."""
    for account in accounts:
        with suppress(*UNFIT):
            yield account, trace(account)


def _in_turn(traces: Sequence[Trace]) -> list[tuple[Trace, timedelta]]:
    """Return the runs, each after those that it names, with how far its clock must have been set back since them."""
    runs, found = {one.run: one for one in traces}, dict[str, timedelta]()
    for run in in_order({run: one.after for run, one in runs.items()}):
        ends = (_shift(runs[prior].ended, found[prior]) for prior in runs[run].after if prior in found)
        found[run] = max((end - runs[run].began for end in ends), default=timedelta())
        found[run] = max(found[run], timedelta())
    return [(runs[run], back) for run, back in found.items()]


def _shift(at: datetime, back: timedelta) -> datetime:
    return at + min(back, LAST - at)


def spans(traces: Sequence[Trace]) -> tuple[Span, ...]:
    """Return which selector an identity signed with, when. ``traces`` are of one world, in any order."""
    turns = _in_turn(traces)
    known: list[tuple[datetime, Span]] = []
    for one, back in turns:
        for sight in one.sights:
            signs = "" if sight.instead else sight.selector
            known.append((_shift(sight.at, back), Span(signs, sight.at, False, sight.at, instead=sight.instead)))
        known += ((_shift(write.at, back), Span(write.taken, write.at, True, write.at)) for write in one.writes)
    found: list[Span] = []
    for _, span in sorted(known, key=_moment):
        if found and (found[-1].selector, found[-1].instead) == (span.selector, span.instead):
            found[-1] = replace(found[-1], seen=span.seen)
            continue
        if found and span.exact:
            found[-1] = replace(found[-1], seen=span.since, until=span.since)
        found.append(span)
    return tuple(found)


def _moment(known: tuple[datetime, *tuple[Any, ...]]) -> datetime:
    return known[0]


def switches(traces: Sequence[Trace]) -> tuple[Switch, ...]:
    """Return the writes that gave SES a selector, oldest first, each with the first sight of its verification."""
    turns = _in_turn(traces)
    writes = sorted(
        ((_shift(write.at, back), turn, write) for turn, (one, back) in enumerate(turns) for write in one.writes),
        key=_moment,
    )
    sights = sorted(
        ((_shift(sight.at, back), turn, sight) for turn, (one, back) in enumerate(turns) for sight in one.sights),
        key=_moment,
    )
    found = []
    for number, (given, turn, write) in enumerate(writes):
        ended = next((at for at, _, later in writes[number + 1 :] if later.taken != write.taken), None)
        verified = (
            (sight.at, seen)
            for at, seen, sight in sights
            if (sight.selector, sight.status, sight.instead) == (write.taken, SUCCESS, "")
            and at >= given
            and (ended is None or at < ended)
        )
        at, seen = next(verified, (None, turn))
        steady = _steady(turns[min(turn, seen) : max(turn, seen) + 1])
        found.append(Switch(turns[turn][0].run, write.left, write.taken, write.at, at, steady))
    return tuple(found)


def _steady(turns: Sequence[tuple[Trace, timedelta]]) -> bool:
    """Return whether no clock was seen to be set back in these runs, or between them."""
    return len({back for _, back in turns}) == 1 and not any(one.set_back for one, _ in turns)


def publications(traces: Sequence[Trace]) -> tuple[Publication, ...]:
    """Return how the key record of each selector that was asked for came into DNS, in the order of the requests."""
    ordered = [one for one, _ in _in_turn(traces)]
    requests: dict[str, datetime] = {}
    for one in ordered:
        if one.requested_at is not None:
            requests.setdefault(one.selector, one.requested_at)
    return tuple(_publication(ordered, selector, asked_at) for selector, asked_at in requests.items())


def _publication(traces: Sequence[Trace], selector: str, asked_at: datetime) -> Publication:
    later = [one for one in traces if one.selector == selector and one.ended >= asked_at]
    served = min((one.served_at for one in later if one.served_at and one.served_at >= asked_at), default=None)
    lacked = [one.lacked_at for one in later if one.lacked_at and (served is None or one.lacked_at < served)]
    return Publication(selector, asked_at, max(lacked, default=None), served)


def keys(traces: Sequence[Trace]) -> dict[str, Key]:
    """Return the key pair of each selector, as it was seen last."""
    return {key.selector: key for one, _ in _in_turn(traces) for key in one.keys}


def _sights(record: Record) -> Iterator[Sight]:
    """Yield what SES showed the run: each state as it was seen first, and last."""
    shown = sights(record.events)
    seen = [
        Sight(record.by_aws(one.steady), one.identity.selector, one.identity.status, _instead(one.identity))
        for one in shown
    ]
    if refuted(record):
        # A message showed otherwise than SES: what it says of the selector asked for ends no time without a signature.
        requested = record.begin.selector
        seen = [replace(one, status="") if one.selector == requested else one for one in seen]
    for _, group in groupby(seen, key=lambda sight: (sight.selector, sight.status, sight.instead)):
        first, *later = group
        if first.selector or first.instead:
            yield from (first, *later[-1:])
    observed = record.of(Observed)
    if at := record.gone_at or (observed.at if observed and observed.observation.identity_absent else None):
        yield Sight(record.by_aws(at), "", "", "gone")


def _instead(identity: Identity) -> str:
    """Return why SES signs with no selector of yours, if it shows that."""
    return "off" if identity.signing_enabled is False else "easy" if identity.easy else ""


def _writes(record: Record) -> Iterator[Write]:
    """Yield each intent, and each of going back, whose write was answered, or found applied when SES was read back."""
    times = {event.n: at for event, at in steadied(record.events)}
    for write in record.writes:
        if write.accepted:
            yield Write(record.by_aws(times[write.n]), write.change.current_selector, write.selector)


def _served(record: Record, *, served: bool) -> Iterator[datetime]:
    """Yield when the run found that every authoritative server serves the record asked for, or that one does not."""
    for event in record.all_of(Checked):
        verdicts = {one.id: one.verdict for one in event.findings}
        published = next((verdicts[name] for name in PUBLISHED if name in verdicts), None)
        silent = served and verdicts.get("DNS-ANSWERS", Verdict.PASS) is not Verdict.PASS
        if published is not None and (published is Verdict.PASS) is served and not silent:
            yield record.by_aws(event.at)


def _keys(record: Record) -> Iterator[Key]:
    for stored in (record.seen.current_key, record.seen.next_key) if record.seen else ():
        if stored is not None and (key := stored.key) is not None and key.sha256:
            yield Key(stored.selector, key.sha256, _time(key.last_modified).isoformat() if key.last_modified else "")


def _time(at: object) -> datetime:
    """Return a moment. One without its time zone could not be put in order with others.

    Raises:
        ValueError: it is none.
    """
    moment = datetime.fromisoformat(str(at))
    if moment.tzinfo is None:
        raise ValueError("a time of no zone")
    return moment


def made(traces: Sequence[Trace], selector: str, sha256: str) -> Iterator[Made]:
    """Yield when the selector's key was there already: its object's own time, and its first use, as runs saw them.

    ``sha256``: of the key that stands there now. A run that saw another key at the selector says nothing of it.
    """
    seen = [(one, key) for one in traces for key in one.keys if (key.selector, key.sha256) == (selector, sha256)]
    objects = [key.made for _, key in seen if key.made]
    if objects:
        yield Made(min(map(datetime.fromisoformat, objects)), Source.ARCHIVED_OBJECT)
    used = [span.since for span in spans([one for one, _ in seen]) if span.selector == selector]
    if used:
        yield Made(min(used), Source.ARCHIVED_USE)


def lead_time(traces: Sequence[Trace]) -> Lead:
    """Return how long DNS took, by the requests of runs that saw their record everywhere later on, and not before."""
    first_served: dict[str, datetime] = {}
    for one in traces:
        if one.served_at:
            first_served[one.selector] = min(one.served_at, first_served.get(one.selector, one.served_at))
    # Where the record stood everywhere before it was asked for, the request says nothing of DNS.
    counted = [one for one in publications(traces) if one.took is not None]
    counted = [one for one in counted if first_served[one.selector] >= one.requested_at]
    selectors = {one.selector for one in counted}
    runs = sum(one.selector in selectors for one in traces)
    return lead([one.took for one in counted if one.took is not None], runs)
