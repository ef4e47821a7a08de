"""The tables of a record, in the language of this process: journals hold names in English."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from byodkim.checks.check import Finding
from byodkim.checks.world import Identity, KeyObject, Observation, Side, Unread
from byodkim.dkim.record import BadKeyRecord, character_strings, parse_key_record
from byodkim.dkim.verdict import judge
from byodkim.record.record import Record
from byodkim.show.section import CHANGED, Cell, Part, Section, Table, table
from byodkim.show.timeline import happenings
from byodkim.words import Sentence, _, n_

#: The rows that the run sheet asks for besides the selector, and what a switch requires.
REQUIRED: Final = {
    "DKIM status": "SUCCESS",
    "signing enabled": "true",
    "signing origin": "EXTERNAL",
}
#: Fields of SES's answer that the run sheet's rows show already.
SHOWN: Final = frozenset({"Tokens", "Status", "SigningEnabled", "SigningAttributesOrigin"})
#: Names that journals hold in English: fields, facts of plans, levels of findings.
NAMES: Final = {
    name.text: name
    for name in (
        _("selector"), _("DKIM status"), _("signing enabled"), _("signing origin"),
        _("procedure"), _("account"), _("region"), _("domain"), _("selector in use"), _("key"),
        _("key object"), _("secret"), _("rollback selector"), _("rollback key"), _("write"),
        _("waived"), _("KMS key"), _("secret layout"), _("key record"), _("DNS writer"),
        _("writes"), _("elsewhere"), _("writer"), _("key versions to delete"),
        _("blocks"), _("warns"), _("name"), _("type"), _("value"), _("character-strings"),
        _("file"),
    )
} | {"record": _("key record")}  # fmt: skip


class Field(NamedTuple):
    """A field of the identity. ``None``: SES was not read, or does not show it."""

    name: str
    before: str | None
    after: str | None
    required: str | None
    changed: bool


class Place(NamedTuple):
    """Where a key was looked for.

    Attributes:
        name: of the place.
        sha256: of the public key; "" where none was seen.
        same: whether it is the key whose private half is in S3; ``None`` where that is not known.
        waits: the key record is only asked for by this run.
    """

    name: str
    sha256: str
    same: bool | None
    waits: bool = False


def identity_fields(record: Record) -> list[Field]:
    """Return every field of the identity, the run sheet's four first."""
    before, after = _fields(record.before), _fields(record.after)
    is_switch = record.begun.procedure == "rotate"
    required = {"selector": record.begun.selector, **REQUIRED} if is_switch else {}
    # One that was read with many others shows its four first fields only.
    compared = after if record.after and not record.after.fields else {**before, **after}
    rows = []
    for name in dict.fromkeys([*required, *before, *after]):
        old, new = before.get(name), after.get(name)
        has_changed = bool(before and after) and name in compared and old != new
        rows.append(Field(name, old, new, required.get(name), has_changed))
    return rows


def changes(record: Record) -> list[Part]:
    """Return the identity before and after; fields that stay as they were are folded.

    SES writes timestamps whatever a run does.
    """
    rows = identity_fields(record)
    first = [
        row
        for number, row in enumerate(rows)
        if number <= len(REQUIRED) or (row.changed and not row.name.endswith("Timestamp"))
    ]
    rest = [row for row in rows if row not in first]
    more = n_("{count} more field", "{count} more fields", len(rest))
    folded = [Section(more, (compared(rest),), folded=True)] if rest else []
    return [compared(first), *folded]


def compared(fields: Iterable[Field]) -> Table:
    """Return fields of the identity before and after the run, changed ones marked."""
    rows = list(fields)
    titles = [_("field"), _("before"), _("after"), _("required"), _("changed")]
    cells = [(local(each.name), each.before, each.after, each.required or "",
              CHANGED if each.changed else "") for each in rows]  # fmt: skip
    return table(titles, cells, [each.changed for each in rows])


def checks(findings: Iterable[Finding]) -> Table:
    """Return findings, a row each."""
    titles = [_("check"), _("verdict"), _("level"), _("claim"), _("what was seen"),
              _("what to do"), _("waived because")]  # fmt: skip
    rows = [(each.check, each.verdict, local(each.level), each.claim, each.saw, each.todo,
             each.waived or None) for each in findings]  # fmt: skip
    return table(titles, rows)


def servers(observation: Observation) -> Table:
    """Return what each authoritative server serves for both selectors, a row each."""
    titles = [_("selector"), _("server"), _("what it serves"), _("published"), _("rcode"),
              _("TTL (s)"), _("serial"), _("ms")]  # fmt: skip
    rows: list[tuple[Cell, ...]] = []
    for side in sides(observation):
        for answer in side.answers:
            verdict = judge(answer, side.key_sha256)
            is_known = bool(side.key_sha256) and not verdict.is_unknown
            published = verdict.is_published if is_known else None
            rows.append((side.selector, str(answer.server), verdict.what, published,
                         answer.rcode, answer.ttl, answer.serial, answer.ms))  # fmt: skip
    return table(titles, rows, [row[3] is False for row in rows])


def keys(places: Sequence[Place]) -> Table:
    """Return the key at every place."""
    titles = [_("place"), _("SHA-256 of the public key"), _("same key")]
    rows = [(each.name, _("not published yet") if each.waits else each.sha256 or None, each.same)
            for each in places]  # fmt: skip
    return table(titles, rows, [each.same is False for each in places])


def timeline(record: Record) -> Table:
    """Return what happened, in the record's zone."""
    rows = [(at and at.astimezone(record.zone), said, request_id)
            for at, said, request_id in happenings(record)]  # fmt: skip
    return table([_("time"), _("event"), _("AWS request id")], rows)


def calls(record: Record) -> Table:
    """Return every AWS call, in the record's zone."""
    titles = [_("time"), _("service"), _("operation"), _("Region"), _("HTTP"), _("code"),
              _("AWS request id"), _("ms"), _("retries")]  # fmt: skip
    fields = ("service", "operation", "region", "status", "code", "request_id", "ms", "retries")
    rows = [(datetime.fromisoformat(call["at"]).astimezone(record.zone), *map(call.get, fields))
            for call in record.calls]  # fmt: skip
    return table(titles, rows)


def plan(record: Record) -> Table:
    """Return what the plan relies on."""
    facts = record.plan.facts if record.plan else {}
    rows = [(local(name), value or None) for name, value in facts.items()]
    return table([_("fact"), _("value")], rows)


def dns_request(record: Record) -> Table:
    """Return the DNS request."""
    rows: list[tuple[Cell, Cell]] = []
    if request := record.request:
        strings = " ".join(f'"{part}"' for part in character_strings(request.value))
        rows = [
            (_("name"), request.name), (_("type"), "TXT"), ("TTL", request.ttl),
            (_("value"), request.value), (_("character-strings"), strings),
            (_("file"), request.file), ("SHA-256", request.sha256),
        ]  # fmt: skip
    return table([_("field"), _("value")], rows)


def named(values: Mapping[str, str]) -> Table:
    """Return names and values."""
    return table([_("name"), _("value")], values.items())


def sides(observation: Observation) -> list[Side]:
    """Return the requested selector and, where it is another one, the one in use."""
    requested, current = observation.requested, observation.current
    has_other = current.selector not in ("", requested.selector)
    return [requested, current] if has_other else [requested]


def places(record: Record, side: Side) -> Iterator[Place]:
    """Yield where a selector's key was looked for. A place that could not be read is one of them.

    What ``prepare`` asks the DNS team to publish is not there yet: that is no other key.
    """
    seen, sha256 = record.observation, side.key_sha256
    name = side.key.place if isinstance(side.key, KeyObject) else _unread("S3", side.key)
    yield Place(name, sha256, True if sha256 else None)
    if seen is None:
        return
    if side.entry is not None:
        stored = _sha256_of(side.entry.record)
        yield Place("Secrets Manager", stored, stored == sha256 if sha256 else None)
    elif isinstance(seen.secret, Unread):
        yield Place(_unread("Secrets Manager", seen.secret), "", None)
    for answer in side.answers:
        verdict = judge(answer, sha256)
        waits = record.begun.procedure == "prepare" and verdict.kind == "absent"
        is_known = bool(sha256) and not verdict.is_unknown and not waits
        same = verdict.is_published if is_known else None
        yield Place(str(answer.server), verdict.sha256, same, waits)
    if not side.answers:
        yield Place(_unread("DNS", seen.zone), "", None)


def proved(record: Record) -> tuple[int, int]:
    """Return how many places hold the requested selector's key as S3 has it, and of how many."""
    seen = record.observation
    found = list(places(record, seen.requested)) if seen else []
    return sum(each.same is True for each in found), len(found)


def local(name: str) -> Sentence | str:
    """Return a name that journals hold in English, in the language of this process."""
    return NAMES.get(name, name)


def _unread(place: str, cause: object) -> str:
    return f"{place} ({cause.code})" if isinstance(cause, Unread) else place


def _sha256_of(record: str) -> str:
    try:
        return parse_key_record(record).sha256
    except BadKeyRecord:
        return ""


def _fields(identity: Identity | None) -> dict[str, str]:
    if identity is None:
        return {}
    rows = {
        "selector": ", ".join(identity.selectors),
        "DKIM status": identity.status,
        "signing enabled": "true" if identity.signing_enabled else "false",
        "signing origin": identity.origin,
    }
    for name, value in identity.fields.items():
        if name.removeprefix("DkimAttributes.") not in SHOWN:
            rows[name] = value
    return rows
