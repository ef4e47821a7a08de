"""The tables of a record as pandas DataFrames: typed columns, named alike in every language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

import pandas as pd

from byodkim.checks.check import Finding
from byodkim.checks.world import Answer, Identity, Observation, Side
from byodkim.dkim.record import character_strings
from byodkim.dkim.verdict import judge
from byodkim.record.record import Record
from byodkim.show.events import happenings
from byodkim.show.proof import places, sides
from byodkim.show.text import visible
from byodkim.words import Sentence

TEXT: Final = "string"
TRUTH: Final = "boolean"
COUNT: Final = "Int64"
CATEGORY: Final = "category"
TIME: Final = "time"

#: The rows that the run sheet asks for besides the selector, and what a switch requires.
REQUIRED: Final = {
    "DKIM status": "SUCCESS",
    "signing enabled": "true",
    "signing origin": "EXTERNAL",
}
#: How many rows the run sheet asks for: these and the selector.
FIRST_ROWS: Final = len(REQUIRED) + 1
#: Fields of SES's answer that the run sheet's rows show already.
SHOWN: Final = frozenset({"Tokens", "Status", "SigningEnabled", "SigningAttributesOrigin"})

_IDENTITY: Final = {
    "field": TEXT,
    "before": TEXT,
    "after": TEXT,
    "required": TEXT,
    "changed": TRUTH,
}
_CHECKS: Final = {"check": TEXT, "verdict": TEXT, "level": TEXT, "claim": TEXT, "saw": TEXT,
                  "todo": TEXT, "waived": TEXT}  # fmt: skip
_SERVERS: Final = {"selector": TEXT, "server": TEXT, "serves": TEXT, "published": TRUTH,
                   "rcode": TEXT, "ttl": COUNT, "serial": COUNT, "ms": COUNT}  # fmt: skip
_KEYS: Final = {"selector": TEXT, "place": TEXT, "sha256": TEXT, "same": TRUTH}
_TIMELINE: Final = {"at": TIME, "event": TEXT, "request_id": TEXT}
_CALLS: Final = {"at": TIME, "service": TEXT, "operation": TEXT, "region": TEXT, "status": COUNT,
                 "code": TEXT, "request_id": TEXT, "ms": COUNT, "retries": COUNT}  # fmt: skip


def before_and_after(record: Record) -> pd.DataFrame:
    """Return every field of the identity before and after the run, the run sheet's four rows first.

    Columns: field, before, after, required (text), changed (boolean; missing if SES was read once).
    """
    before, after = _fields(record.before), _fields(record.after)
    is_switch = record.begun.procedure == "rotate"
    required = {"selector": record.begun.selector, **REQUIRED} if is_switch else {}
    was_compared = bool(before and after)
    rows = []
    for field in dict.fromkeys([*required, *before, *after]):
        old, new = before.get(field), after.get(field)
        rows.append((field, old, new, required.get(field), old != new if was_compared else None))
    return frame_of(_IDENTITY, rows)


def checks(findings: Iterable[Finding]) -> pd.DataFrame:
    """Return findings. Columns: check, verdict, level, claim, saw, todo, waived (text)."""
    return frame_of(
        _CHECKS,
        [(f.check, f.verdict, f.level, f.claim, f.saw, f.todo, f.waived or None) for f in findings],
    )


def servers(observation: Observation) -> pd.DataFrame:
    """Return what each authoritative server serves for both selectors, a row each.

    Columns: selector, server, serves, rcode (text), published (boolean; missing where the server
    could not be asked), ttl (seconds), serial, ms (integers).
    """
    rows = [
        (side.selector, answer.server, *_served(side, answer))
        for side in sides(observation)
        for answer in side.answers
    ]
    return frame_of(_SERVERS, rows)


def keys(observation: Observation) -> pd.DataFrame:
    """Return the key at every place, for both selectors: private key in S3, secret, every server.

    Columns: selector, place, sha256 (text; missing where no key was seen), same (boolean: it is the
    key whose private half is in S3; missing where that is not known).
    """
    rows = [row for side in sides(observation) for row in places(observation, side)]
    return frame_of(_KEYS, rows)


def timeline(record: Record) -> pd.DataFrame:
    """Return what happened. Columns: at (time in the record's zone), event, request_id (text)."""
    return frame_of(_TIMELINE, list(happenings(record)), record.zone)


def calls(record: Record) -> pd.DataFrame:
    """Return every AWS call.

    Columns: at (time in the record's zone), service, operation, region, code, request_id (text),
    status, ms, retries (integers).
    """
    rows = [[call.get(column) for column in _CALLS] for call in record.calls]
    return frame_of(_CALLS, rows, record.zone)


def plan(record: Record) -> pd.DataFrame:
    """Return what the plan relies on. Columns: fact, value (text)."""
    facts = record.plan.facts if record.plan else {}
    return frame_of({"fact": TEXT, "value": TEXT}, list(facts.items()))


def dns_request(record: Record) -> pd.DataFrame:
    """Return the DNS request. Columns: field, value (text)."""
    rows: list[tuple[str, object]] = []
    if request := record.request:
        strings = " ".join(f'"{part}"' for part in character_strings(request.value))
        rows = [
            ("name", request.name), ("type", "TXT"), ("TTL", request.ttl), ("value", request.value),
            ("character-strings", strings), ("file", request.file), ("SHA-256", request.sha256),
        ]  # fmt: skip
    return frame_of({"field": TEXT, "value": TEXT}, rows)


def table(rows: Mapping[str, str]) -> pd.DataFrame:
    """Return names and values. Columns: name, value (text)."""
    return frame_of({"name": TEXT, "value": TEXT}, list(rows.items()))


def frame_of(
    columns: Mapping[str, str], rows: list[Any], zone: ZoneInfo | None = None
) -> pd.DataFrame:
    """Return rows as a DataFrame, in which invisible characters are spelled out.

    Args:
        columns: the kind of each column by its name.
        rows: as many values each. "" or ``None`` is a missing text.
        zone: of the times.
    """
    values = list(zip(*rows, strict=True)) or [()] * len(columns)
    series = (
        _series(list(column), columns[name], zone)
        for name, column in zip(columns, values, strict=True)
    )
    return pd.DataFrame(dict(zip(columns, series, strict=True)))


def _series(values: list[Any], kind: str, zone: ZoneInfo | None) -> pd.Series:
    if kind == TIME:
        moments = [_moment(value) for value in values]
        return pd.Series(moments, dtype="datetime64[us, UTC]").dt.tz_convert(zone)
    if kind in (TEXT, CATEGORY):
        return pd.Series([_text(value) for value in values], dtype=kind)
    return pd.Series(values, dtype=kind)


def _text(value: object) -> str | None:
    return None if value in (None, "") else visible(value)


def _moment(value: datetime | str | None) -> datetime | None:
    return datetime.fromisoformat(value) if isinstance(value, str) else value


def _fields(identity: Identity | None) -> dict[str, str]:
    if identity is None:
        return {}
    rows = {
        "selector": ", ".join(identity.selectors),
        "DKIM status": identity.status,
        "signing enabled": "true" if identity.signing_enabled else "false",
        "signing origin": identity.origin,
    }
    more = {
        name: value
        for name, value in identity.fields.items()
        if name.removeprefix("DkimAttributes.") not in SHOWN
    }
    return rows | more


def _served(
    side: Side, answer: Answer
) -> tuple[Sentence, bool | None, str, object, object, object]:
    verdict = judge(answer, side.key_sha256)
    published = None if verdict.is_unknown or not side.key_sha256 else verdict.is_published
    return verdict.what, published, answer.rcode, answer.ttl, answer.serial, answer.ms
