"""A run's comparable values: plain, by name, and what differs between two runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec import Struct

from second_edition.dkim.published import Answer
from second_edition.evidence.record import ROTATE, Record

#: The parts a name may begin with, in the order in which they are shown.
PARTS = ("run", "parameter", "check", "before", "after", "key", "server", "plan")


class Difference(Struct, frozen=True):
    """A value that two runs do not share; "" is what a run does not say."""

    name: str
    one: str
    other: str


def traits(record: Record) -> dict[str, str]:
    """Return every comparable value of a run by ``part.name``, without what differs in any two runs (ids and times).

    Parts: ``run`` (what it was asked and came to), ``parameter``, ``check`` (verdict), ``before`` and ``after`` (the
    identity), ``key`` (SHA-256 of public keys), ``server`` (the next key record there), ``plan``.
    """
    return {name: value for name, value in _values(record) if value}


def differences(one: Mapping[str, str], other: Mapping[str, str]) -> tuple[Difference, ...]:
    """Return what differs, in the order of the parts."""
    names = [name for name in {**one, **other} if one.get(name) != other.get(name)]
    names.sort(key=lambda name: PARTS.index(name.partition(".")[0]))
    return tuple(Difference(name, one.get(name, ""), other.get(name, "")) for name in names)


def alike(one: Mapping[str, str], other: Mapping[str, str]) -> int:
    """Return how many values are the same in both."""
    return sum(other.get(name) == value for name, value in one.items())


# Parameters whose value in force stands with the run already.
_OF_RUN = frozenset(
    f"run.{name}" for name in ("domain", "selector", "mode", "target", "ticket", "reason", "requested_by", "region")
)


def _values(record: Record) -> Iterator[tuple[str, str]]:
    begin, code = record.begin, record.begin.code
    yield "run.outcome", record.outcome or ""
    yield "run.procedure", record.procedure if record.procedure != ROTATE else ""
    for name in ("domain", "selector", "mode", "target", "ticket", "reason", "requested_by", "profile", "started_by"):
        yield f"run.{name}", record.selector if name == "selector" else getattr(begin, name)
    for name in ("arn", "account", "region", "endpoint"):
        yield f"run.{name}", getattr(record.caller, name)
    yield "run.approved", ", ".join(sorted(one.approval.approver for one in record.approvals if one.approval))
    yield "run.code", " ".join([code.version, code.commit, "*" if code.dirty else ""]).strip()
    yield "run.template", begin.template_sha256
    yield "run.python", begin.python
    for name, value in begin.parameters.items():
        if f"run.{name}" not in _OF_RUN:
            yield f"parameter.{name}", value.value
    for finding in record.findings:
        yield f"check.{finding.id}", f"{finding.verdict} {finding.reason}".strip()
    yield from _of_world(record)
    yield "plan.digest", record.made.digest if record.made else ""


def _of_world(record: Record) -> Iterator[tuple[str, str]]:
    for row in record.comparison:
        if row.field not in ("last_checked", "last_success"):  # SES's own diary: it differs in any two runs
            yield f"before.{row.field}", row.before
            yield f"after.{row.field}", row.after
    if (seen := record.seen) is None:
        return
    for name, stored in (("current_key", seen.current_key), ("next_key", seen.next_key)):
        yield f"key.{name}", stored.key.sha256 if stored and stored.key else ""
    for answer in seen.records:
        yield f"server.{answer.server.name or answer.server.address} {answer.server.address}", _answer(answer)


def _answer(answer: Answer) -> str:
    lengths = " | ".join("+".join(str(len(string)) for string in record) for record in answer.records)
    parts = (answer.rcode or answer.failure, lengths, f"TTL {answer.ttl}" if answer.ttl is not None else "")
    return " ".join(filter(None, parts))
