"""An identity's past, from what its runs tell: which selector signed when, what each switch cost, how long DNS took."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from byodkim.evidence.record import Record

PUBLISHED: Final = "DNS-PUBLISHED"


@dataclass(frozen=True)
class Key:
    """The key pair that a selector stood for: SHA-256 of its public key in hex, when its object was made (ISO 8601)."""

    selector: str
    sha256: str
    made: str


@dataclass(frozen=True)
class Trace:
    """What one run tells of its identity's past. Times are timezone-aware; ``None`` is what it does not tell.

    Attributes:
        seen_at: when it first looked; ``before``, ``status``: the selector and the DKIM status that it found.
        ended_at: its last word; ``after``, ``after_status``: the selector and status that SES showed last.
        written_at: when it gave SES ``asked``, itself; ``perhaps``: whether that took effect is not known.
        verified_at: when it saw that SES had verified ``asked``.
        requested_at: when it handed a request for ``asked`` to the DNS team.
        served_at: when it first saw every authoritative server serve ``asked``.
        lacked_at: when it last saw one that did not.
        keys: the key pairs that it saw in the key store.
    """

    run: str
    asked: str
    seen_at: datetime
    before: str
    status: str
    ended_at: datetime
    after: str
    after_status: str
    written_at: datetime | None
    perhaps: bool
    verified_at: datetime | None
    requested_at: datetime | None
    served_at: datetime | None
    lacked_at: datetime | None
    keys: tuple[Key, ...]


@dataclass(frozen=True)
class Span:
    """A time in which an identity signed with one selector.

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


@dataclass(frozen=True)
class Switch:
    """A write that gave SES another selector, and when SES was first seen to have verified it, if it was."""

    run: str
    left: str
    taken: str
    written_at: datetime
    verified_at: datetime | None

    @property
    def unsigned(self) -> timedelta | None:
        """For how long mail may have gone out unsigned, at most; ``None`` where no end of it was seen."""
        return max(self.verified_at - self.written_at, timedelta()) if self.verified_at else None


@dataclass(frozen=True)
class Publication:
    """How a key record came into DNS: asked for, last seen lacking, first seen at every authoritative server."""

    selector: str
    requested_at: datetime
    lacked_at: datetime | None
    served_at: datetime | None

    @property
    def took(self) -> timedelta | None:
        """From the request until it was first seen everywhere: it may have stood there before anybody looked."""
        return self.served_at - self.requested_at if self.served_at else None


def trace(record: Record) -> Trace:
    """What ``record`` tells of its identity's past."""
    begin, seen = record.begin, [event["observation"] for event in record.all("observed")]
    first, reads = (seen[0]["identity"] or {}) if seen else {}, record.all("read")
    last = reads[-1]["identity"] if reads else (seen[-1]["identity"] or {}) if seen else {}
    answered = record.answer is not None and "error" not in record.answer
    resolved = record.last("resolved") is not None
    wrote = record.intent is not None and (answered or resolved)
    perhaps = record.perhaps_written_at if not resolved else None
    asked = str(begin["selector"])
    verified = record.verified_at or _verified(begin, seen)
    return Trace(
        run=str(begin["run"]), asked=asked, seen_at=_time(begin["at"]),
        before=_selector(first), status=str(first.get("status", "")),
        ended_at=_time(record.events[-1]["at"]), after=_selector(last), after_status=str(last.get("status", "")),
        written_at=_time(record.intent["at"]) if wrote and record.intent else perhaps, perhaps=perhaps is not None,
        verified_at=_time(verified) if verified else None, requested_at=_requested(record),
        served_at=next(_served(record, served=True), None), lacked_at=max(_served(record, served=False), default=None),
        keys=tuple(_keys(seen)),
    )  # fmt: skip


def spans(traces: Sequence[Trace]) -> tuple[Span, ...]:
    """Which selector an identity signed with, when. ``traces`` are of one world, in any order."""
    found: list[Span] = []
    for at, selector, exact in sorted(_sights(traces), key=lambda sight: sight[0]):
        if found and found[-1].selector == selector:
            found[-1] = replace(found[-1], seen=at)
            continue
        if found and exact:
            found[-1] = replace(found[-1], seen=at, until=at)
        found.append(Span(selector, at, exact, at))
    return tuple(found)


def switches(traces: Sequence[Trace]) -> tuple[Switch, ...]:
    """The writes that gave SES another selector, oldest first; one that a later run completed has its verification."""
    ordered = sorted(traces, key=lambda one: one.seen_at)
    found = []
    for number, one in enumerate(ordered):
        if one.written_at is None or one.perhaps:
            continue
        later = [other.verified_at for other in _until_left(ordered[number:], one) if other.verified_at]
        verified = min((at for at in later if at >= one.written_at), default=None)
        found.append(Switch(one.run, one.before, one.asked, one.written_at, verified))
    return tuple(found)


def publications(traces: Sequence[Trace]) -> tuple[Publication, ...]:
    """How the key record of each selector that was asked for came into DNS, in the order of the requests."""
    ordered = sorted(traces, key=lambda one: one.seen_at)
    requests: dict[str, datetime] = {}
    for one in ordered:
        if one.requested_at is not None:
            requests.setdefault(one.asked, one.requested_at)
    found = []
    for selector, asked_at in requests.items():
        later = [one for one in ordered if one.asked == selector and one.ended_at >= asked_at]
        served = min((one.served_at for one in later if one.served_at and one.served_at >= asked_at), default=None)
        lacked = [one.lacked_at for one in later if one.lacked_at and (served is None or one.lacked_at < served)]
        found.append(Publication(selector, asked_at, max(lacked, default=None), served))
    return tuple(found)


def keys(traces: Sequence[Trace]) -> dict[str, Key]:
    """The key pair of each selector, as it was seen last."""
    return {key.selector: key for one in sorted(traces, key=lambda one: one.seen_at) for key in one.keys}


def _sights(traces: Sequence[Trace]) -> Iterator[tuple[datetime, str, bool]]:
    """When the identity was seen to sign with a selector, and when a run gave it one (exact)."""
    for one in traces:
        if one.before:
            yield one.seen_at, one.before, False
        if one.written_at is not None and not one.perhaps:
            yield one.written_at, one.asked, True
        if one.after:
            yield one.ended_at, one.after, False


def _until_left(ordered: Sequence[Trace], switch: Trace) -> Iterator[Trace]:
    """The run of a switch and those after it that saw its selector in use."""
    for one in ordered:
        if one is not switch and (one.written_at is not None and one.asked != switch.asked):
            return
        if one.asked == switch.asked:
            yield one


def _verified(begin: Mapping[str, Any], seen: Sequence[Mapping[str, Any]]) -> datetime | None:
    """A run that found the selector in use and verified saw it when it looked."""
    for one in seen:
        identity = one["identity"] or {}
        if _selector(identity) == begin["selector"] and identity.get("status") == "SUCCESS":
            return _time(one["at"])
    return None


def _requested(record: Record) -> datetime | None:
    handed = record.last("handed")
    return _time(handed["at"]) if handed and handed["files"] else None


def _served(record: Record, *, served: bool) -> Iterator[datetime]:
    """When the run's checks found that every authoritative server serves the record asked for, or that one does not."""
    for event in record.all("checked"):
        verdict = next((one["verdict"] for one in event["findings"] if one["id"] == PUBLISHED), None)
        if verdict is not None and (verdict == "PASS") is served:
            yield _time(event["at"])


def _keys(seen: Sequence[Mapping[str, Any]]) -> Iterator[Key]:
    for stored in (entry for one in seen[-1:] for entry in (one["current_key"], one["next_key"])):
        key = (stored or {}).get("key") or {}
        if key.get("sha256"):
            made = str(key["last_modified"])
            yield Key(str(stored["selector"]), str(key["sha256"]), _time(made).isoformat() if made else "")


def _selector(identity: Mapping[str, Any]) -> str:
    selectors = list(identity.get("selectors") or ())
    return str(selectors[0]) if len(selectors) == 1 else ""


def _time(at: object) -> datetime:
    """A moment. One without its time zone could be put in no order with others.

    Raises:
        ValueError: it is none.
    """
    moment = datetime.fromisoformat(str(at))
    if moment.tzinfo is None:
        raise ValueError("a time of no zone")
    return moment
