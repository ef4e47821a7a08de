"""Where one key was seen: in S3, in the secret, at every authoritative server."""

from __future__ import annotations

from collections.abc import Iterator

from byodkim.checks.world import KeyObject, Observation, Side, Unread
from byodkim.dkim.record import BadKeyRecord, parse_key_record
from byodkim.dkim.verdict import judge


def proved_places(observation: Observation) -> tuple[int, int]:
    """Return how many places hold the requested selector's key as S3 has it, and of how many."""
    rows = list(places(observation, observation.requested))
    return sum(same is True for _selector, _place, _sha256, same in rows), len(rows)


def is_published(observation: Observation) -> bool:
    """Return whether every server publishes the requested selector's key."""
    side = observation.requested
    verdicts = [judge(answer, side.key_sha256) for answer in side.answers]
    return bool(side.key_sha256 and verdicts) and all(each.is_published for each in verdicts)


def sides(observation: Observation) -> list[Side]:
    """Return the requested selector and, where it is another one, the one in use."""
    requested, current = observation.requested, observation.current
    has_other = current.selector not in ("", requested.selector)
    return [requested, current] if has_other else [requested]


def places(observation: Observation, side: Side) -> Iterator[tuple[str, str, str, bool | None]]:
    """Yield selector, place, fingerprint and whether it is the key in S3, for each place.

    A place that could not be read is one of them.
    """
    sha256, secret = side.key_sha256, observation.secret
    place = side.key.place if isinstance(side.key, KeyObject) else _unread("S3", side.key)
    yield side.selector, place, sha256, True if sha256 else None
    if side.entry is not None:
        stored = _sha256_of(side.entry.record)
        yield side.selector, "Secrets Manager", stored, stored == sha256 if sha256 else None
    elif isinstance(secret, Unread):
        yield side.selector, _unread("Secrets Manager", secret), "", None
    for answer in side.answers:
        verdict = judge(answer, sha256)
        is_known = bool(sha256) and not verdict.is_unknown
        same = verdict.is_published if is_known else None
        yield side.selector, str(answer.server), verdict.sha256, same
    if not side.answers:
        yield side.selector, _unread("DNS", observation.zone), "", None


def _unread(place: str, cause: object) -> str:
    return f"{place} ({cause.code})" if isinstance(cause, Unread) else place


def _sha256_of(record: str) -> str:
    try:
        return parse_key_record(record).sha256
    except BadKeyRecord:
        return ""
