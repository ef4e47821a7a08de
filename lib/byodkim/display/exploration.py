"""Results of an exploration: identities, keys, key records, what rotate would see, and when a rotation is due."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from datetime import datetime, timedelta
from typing import Any, Final

from byodkim.aws.reads import READING
from byodkim.display import rotate
from byodkim.display.blocks import Block, Column, Data, Heading, Headline, Kind, Paragraph, Table, facts, table
from byodkim.display.dns import dns_besides, matrix
from byodkim.display.words import Words, duration
from byodkim.dkim.key_record import KeyRecordInvalid, PublicKey, parse
from byodkim.dkim.matrix import judge_together
from byodkim.evidence.record import Record
from byodkim.messages import say
from byodkim.rotation.due import Due, Lead, Made, Urgency
from byodkim.rotation.inventory import Inspected
from byodkim.rotation.observation import Caller, Identity, KeyObject, Observation

NONE: Final = "-"
_DAY: Final = timedelta(days=1)
_TONES: Final = {Urgency.FINE: "good", Urgency.WARNED: "wait", Urgency.LATE: "wait", Urgency.OVERDUE: "bad"}
_COLUMNS: Final = (
    *("identity", "signs", "status", "signing", "origin", "sending", "bits", "bits-by", "made", "age", "age-by"),
)
_IDENTITIES: Final = {
    **dict.fromkeys(("identity", "selector", "selectors", "status", "signing_enabled", "signing_origin"), Kind.TEXT),
    "selectors": Kind.COUNT,
    "signing_enabled": Kind.TRUTH,
    "verified_for_sending": Kind.TRUTH,
    "key_bits": Kind.COUNT,
    "key_bits_by": Kind.TEXT,
    "key_made_at": Kind.MOMENT,
    "key_age_days": Kind.COUNT,
    "key_age_by": Kind.TEXT,
    "rotate_by": Kind.MOMENT,
    "days_left": Kind.COUNT,
    "unread": Kind.TEXT,
}
_MOMENTS: Final = ("last_key_generation", "last_checked", "last_success")
_YES: Final = {True: "true", False: "false", None: NONE}  # SES's own words


def where(caller: Caller | None, rows: Sequence[tuple[str, str]], differs: Sequence[str], words: Words) -> list[Block]:
    """Return who looks, and where; what is not as the profile has it."""
    whereabouts = [
        (words("operator"), caller.arn if caller else NONE),
        (words("account"), caller.account if caller else NONE),
        (words("region"), caller.region if caller else NONE),
        (words("endpoint"), caller.endpoint if caller else NONE),
        *((name, value or NONE) for name, value in rows),
    ]
    return [Paragraph(_say("reads-only", words)), *map(Paragraph, differs), facts(whereabouts)]


def inventory(
    seen: Sequence[Inspected], domains: int, read: int, addresses: int, days: int, now: datetime, words: Words
) -> list[Block]:
    """Render the identities of the Region, one row each.

    ``domains``: how many there are; ``read``: how many of them were read; ``days``: how long a key may be used.
    """
    columns = tuple(_say(f"inventory.{name}", words) for name in _COLUMNS)
    values = tuple(_values(one, timedelta(days=days), now) for one in seen)
    rows = tuple(_inspected(one, now, words) for one in seen)
    blocks: list[Block] = [Table(columns, rows, data=Data("identities", _IDENTITIES, values))]
    if read < domains:
        blocks.append(Paragraph(_say("inventory.more", words, read=read, all=domains)))
    if addresses:
        blocks.append(Paragraph(_say("inventory.addresses", words, count=addresses)))
    return blocks if seen else [Paragraph(_say("inventory.none", words)), *blocks[1:]]


def _inspected(one: Inspected, now: datetime, words: Words) -> tuple[str, ...]:
    identity = one.identity
    if identity is None:
        return (one.name, one.unread or _say("inventory.unread", words), *[NONE] * 9)
    count = len(identity.selectors)
    return (
        one.name, identity.selector or (_say("inventory.tokens", words, count=count) if count else NONE),
        identity.status or NONE, _YES[identity.signing_enabled], identity.signing_origin or NONE,
        _YES[identity.verified_for_sending], str(one.bits or NONE),
        _say(f"bits-by.{one.bits_by}", words) if one.bits_by else NONE, *_made(one.made, now, words),
    )  # fmt: skip


def _values(one: Inspected, term: timedelta, now: datetime) -> tuple[object, ...]:
    identity, made = one.identity, one.made
    shown = (identity.selector, len(identity.selectors), identity.status, identity.signing_enabled,
            identity.signing_origin, identity.verified_for_sending) if identity else (None,) * 6  # fmt: skip
    age = (made.at, _age(made.at, now), made.by) if made else (None,) * 3
    due = (made.at + term, (made.at + term - now).days) if made else (None, None)
    return (one.name, *shown, one.bits or None, one.bits_by, *age, *due, one.unread)


def _made(made: Made | None, now: datetime, words: Words) -> tuple[str, str, str]:
    if made is None:
        return NONE, NONE, NONE
    return words.date(made.at), str(_age(made.at, now)), _say(f"made-by.{made.by}", words)


def _age(at: datetime, now: datetime) -> int:
    return max((now - at).days, 0)


def identity(seen: Identity, words: Words) -> list[Block]:
    """Render an identity's every field, as SES shows it."""
    rows = [(words("domain"), seen.name)]
    kinds, values = {}, []
    for field in fields(seen):
        value = getattr(seen, field.name)
        moment = field.name in _MOMENTS
        value = " ".join(value) if isinstance(value, tuple) else value
        kinds[field.name] = (
            Kind.MOMENT if moment else Kind.TRUTH if field.type in ("bool", "bool | None") else Kind.TEXT
        )
        values.append(value)
        if field.name != "name":
            text = _YES[value] if isinstance(value, bool | None) else words.time(value) if moment and value else value
            rows.append((words(f"field.{field.name}"), text or NONE))
    return [replace(facts(rows), data=Data("identity", kinds, (tuple(values),)))]


def key_store(
    versions: Sequence[Mapping[str, Any]], objects: Mapping[str, KeyObject], now: datetime, words: Words
) -> list[Block]:
    """Return what the secret names, and when the key objects were last written."""
    if not versions:
        return []
    columns = (
        Column("selector", Kind.TEXT, _say("store.selector", words)),
        Column("stage", Kind.TEXT, _say("store.stage", words)),
        Column("version_id", Kind.TEXT, _say("store.version", words)),
        Column("object", Kind.TEXT, _say("store.object", words)),
        Column("modified_at", Kind.MOMENT, _say("store.modified", words), words.time),
        Column("age_days", Kind.COUNT, _say("store.age", words)),
    )
    rows = [
        (entry["selector"], version["stage"], version["version_id"], *_stored(objects.get(entry["selector"]), now))
        for version in versions
        for entry in version["entries"]
    ]
    defects = [
        Paragraph(_say("store.defect", words, stage=one["stage"], defect=one["defect"]))
        for one in versions
        if one["defect"]
    ]
    return [Heading(words("key-store")), *defects, *([table("key_store", columns, rows)] if rows else [])]


def _stored(found: KeyObject | None, now: datetime) -> tuple[str, datetime | None, int | None]:
    key = found or KeyObject("", "")
    place = f"s3://{key.bucket}/{key.key}" if key.bucket and key.key else ""
    at = datetime.fromisoformat(key.last_modified) if key.last_modified else None
    return f"{place} {key.defect}".strip(), at, _age(at, now) if at else None


def record(seen: Observation, expected: str | None, words: Words) -> list[Block]:
    """Render a key record at every authoritative server, and what was seen of DNS besides."""
    if not seen.records:
        return [Paragraph(_say("record.no-servers", words))]
    name, judged = seen.records[0].name, judge_together(seen.records, expected, seen.dns.followed)
    keys = {one.sha256 for one in judged}
    whole = len(keys) == 1 and "" not in keys
    sentence = _say("record.one-key" if whole else "record.not-one", words, count=len(judged), name=name)
    key = _served_key(seen) if whole else None
    rows = [(_say("bits", words), str(key.bits)), ("SHA-256", key.sha256)] if key else []
    return [
        Paragraph(_say("record.legend", words)), Paragraph(sentence), *([facts(rows)] if rows else []),
        Heading(words("matrix", name=name)),
        matrix(seen.records, expected, words, seen.dns.followed), *dns_besides(seen, words),
    ]  # fmt: skip


def _served_key(seen: Observation) -> PublicKey | None:
    for answer in (*seen.records, *seen.dns.followed):
        try:
            return parse(answer.records[0]).public_key
        except (KeyRecordInvalid, IndexError):
            continue
    return None


def rotation(found: Record, words: Words) -> list[Block]:
    """Return what a plan run of rotate would find: the verdict, the checks, the plan, the proof, and the state."""
    stopping = [finding for finding in found.findings if finding.stops]
    changes = found.plan.writes if found.plan else ()
    key = "refused" if stopping else "planned" if changes else "unchanged"
    values = {"selector": found.begin["selector"], "current": found.current_selector or NONE, "count": len(stopping)}
    headline = Headline(
        _say(f"rotation.{key}", words), _say(f"rotation.{key}.means", words, **values), "bad" if stopping else "good"
    )
    # What stops comes first: it is what somebody looks for.
    ranked = [finding for finding in found.findings if finding.objects]
    remedies = [f"{one.id}: {words.phrase(one.remedy or '')}" for one in ranked]
    return [
        headline, *map(Paragraph, remedies), Heading(_say("rotation.checks", words)), *rotate.checks(found, words),
        Heading(_say("rotation.plan", words)), *rotate.plan(found, words),
        *rotate.relied_on(found, words), Heading(_say("rotation.proof", words)),
        *rotate.proof(found, words), Heading(_say("rotation.state", words)), *rotate.legend(found, words),
        *rotate.current_state(found, words), *rotate.servers(found, words),
    ]  # fmt: skip


def due(seen: Identity, term: Due | None, needs: Lead, days: int, now: datetime, words: Words) -> list[Block]:
    """Return when an identity's key is due, and by when the next one must be asked for."""
    measured = _say("lead.measured" if needs.requests else "lead.assumed", words, requests=needs.requests,
                    runs=needs.runs, span=_span(needs.span, words))  # fmt: skip
    if term is None:
        return [Paragraph(_say("due.unknown", words, domain=seen.name)), Paragraph(measured)]
    urgency, left = term.urgency(now), term.left(now)
    values = {
        "domain": seen.name,
        "left": abs(left),
        "by": words.date(term.rotate_by),
        "start": words.date(term.start_by),
    }
    headline = Headline(
        _say(f"urgency.{urgency}", words), _say(f"urgency.{urgency}.means", words, **values), _TONES[urgency]
    )
    dates = [
        (term.made.at, "made", _say("due.made", words, by=_say(f"made-by.{term.made.by}", words))),
        *((at, "warning", _say("due.warning", words, days=before)) for before, at in term.warnings()),
        (term.start_by, "start_by", _say("due.start", words, span=_span(needs.span, words))),
        (term.rotate_by, "rotate_by", _say("due.end", words, days=days)),
    ]
    when = {True: _say("due.past", words), False: _say("due.to-come", words)}
    columns = (
        Column("at", Kind.MOMENT, _say("due.date", words), words.date),
        Column("days", Kind.COUNT, _say("due.days", words)),
        Column("event", Kind.TEXT),
        Column("", Kind.TEXT, _say("due.what", words)),
        Column("past", Kind.TRUTH, _say("due.when", words), when.__getitem__),
    )
    rows = [(at, int((at - now) / _DAY), event, what, now >= at) for at, event, what in sorted(dates)]
    selectors = [
        (_say("inventory.signs", words), seen.selector or NONE),
        (_say("inventory.age", words), str(term.age(now))),
    ]
    return [headline, facts(selectors), table("due", columns, rows), Paragraph(measured)]


def _span(span: timedelta, words: Words) -> str:
    """Return a lead time; in days where it is long enough to be planned by."""
    if span < 2 * _DAY:
        return duration(span, words.language)
    return _say("span.days", words, days=f"{span / _DAY:.1f}".removesuffix(".0"))


def calls(made: Sequence[Mapping[str, Any]], words: Words) -> list[Block]:
    """Render every AWS call of an exploration."""
    columns = (
        Column("at", Kind.MOMENT, words("time"), words.clock),
        Column("service", Kind.TEXT),
        Column("operation", Kind.TEXT),
        Column("", Kind.TEXT, words("operation")),
        Column("status", Kind.COUNT, words("calls.status")),
        Column("request_id", Kind.TEXT, words("calls.request-id")),
        Column("ms", Kind.COUNT, "ms"),
    )
    rows = [
        (one["at"], one["service"], one["operation"], f"{one['service']} {one['operation']}", one["status"] or None,
         one["request_id"], one["ms"])
        for one in made
    ]  # fmt: skip
    others = sorted({one["operation"] for one in made} - READING)
    key = "calls.others" if others else "calls"
    return [Paragraph(_say(key, words, count=len(rows), others=", ".join(others))), table("calls", columns, rows)]


def _say(key: str, words: Words, **values: object) -> str:
    return say("explore", key, words.language, **values)
