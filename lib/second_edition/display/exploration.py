"""Results of an exploration: identities, keys, key records, what rotate would see, and when a rotation is due."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from msgspec.structs import replace

from second_edition.aws.reads import READING
from second_edition.display import checks, key_pair, observed, switch
from second_edition.display.blocks import NONE, Block, Column, Data, Heading, Headline, Kind, Paragraph, facts, table
from second_edition.display.dns import caption, dns_besides, matrix
from second_edition.display.inventory import record_word
from second_edition.display.timeline import listed
from second_edition.display.words import Words, duration
from second_edition.dkim.key_record import KeyRecordInvalid, PublicKey, parse
from second_edition.dkim.matrix import judge_together
from second_edition.events.parts import Call
from second_edition.evidence.record import Record
from second_edition.messages import say
from second_edition.rotation.checks.secret import SHAPELESS
from second_edition.rotation.due import Due, Lead, Urgency
from second_edition.rotation.inventory import Row
from second_edition.rotation.observation import EXTERNAL, Caller, Identity, KeyObject, Observation

_DAY: Final = timedelta(days=1)
_TONES: Final = {Urgency.FINE: "good", Urgency.WARNED: "wait", Urgency.LATE: "wait", Urgency.OVERDUE: "bad"}
_MOMENTS: Final = ("last_key_generation", "last_checked", "last_success")
_YES: Final = {True: "true", False: "false", None: NONE}  # SES's own words


def where(caller: Caller | None, rows: Sequence[tuple[str, str]], differs: Sequence[str], words: Words) -> list[Block]:
    """Return who looks, and where; what is not as the profile has it."""
    whereabouts = [
        (words("operator"), caller.arn if caller else NONE),
        (words("account"), caller.account if caller else NONE),
        (words("Region"), caller.region if caller else NONE),
        (words("SES endpoint"), caller.endpoint if caller else NONE),
        *((name, value or NONE) for name, value in rows),
    ]
    return [Paragraph(_say("reads-only", words)), *map(Paragraph, differs), facts(whereabouts)]


def inventory(rows: Sequence[Row], domains: int, addresses: int, now: datetime, words: Words) -> list[Block]:
    """Render the identities of the Region, one row each; those that were not read have a name alone.

    ``domains``: how many there are.
    """
    columns = (
        Column("identity", Kind.TEXT, words("identity")),
        Column("", Kind.TEXT, words("signs with")),
        Column("selector", Kind.TEXT),
        Column("status", Kind.TEXT, words("DKIM status")),
        Column("signing_enabled", Kind.TRUTH, words("signing"), _YES.__getitem__),
        Column("signing_origin", Kind.TEXT, words("origin")),
        Column("verified_for_sending", Kind.TRUTH, words("may send"), _YES.__getitem__),
        Column("record", Kind.TEXT, words("key record"), lambda state: record_word(state, words)),
        Column("key_bits", Kind.COUNT, words("bits")),
        Column("key_bits_by", Kind.TEXT, words("size from"), lambda by: _say(f"bits-by.{by}", words)),
        Column("key_made_at", Kind.MOMENT, words("key since"), words.date),
        Column("key_age_days", Kind.COUNT, words("age (days)")),
        Column("key_age_by", Kind.TEXT, words("age from"), lambda by: _say(f"made-by.{by}", words)),
        Column("rotate_by", Kind.MOMENT),
        Column("days_left", Kind.COUNT),
        Column("unread", Kind.TEXT),
    )
    blocks: list[Block] = [table("identities", columns, [_inspected(one, now, words) for one in rows])]
    if (read := sum(bool(one.at or one.unread) for one in rows)) < domains:
        blocks.append(Paragraph(_say("inventory.more", words, read=read, all=domains)))
    if addresses:
        blocks.append(Paragraph(_say("inventory.addresses", words, count=addresses)))
    return blocks if rows else [Paragraph(words("SES has no domain here.")), *blocks[1:]]


def _inspected(one: Row, now: datetime, words: Words) -> tuple[object, ...]:
    signs = one.selector or one.unread or ("" if one.at else words("not read"))
    by = ("dns" if one.origin == EXTERNAL else "ses") if one.bits else ""
    age = _age(datetime.fromisoformat(one.made), now, words) if one.made else None
    left = _days(now, datetime.fromisoformat(one.rotate_by), words) if one.rotate_by else None
    return (
        one.name, signs, one.selector, one.status, one.signing_enabled, one.origin, one.verified_for_sending,
        one.record, one.bits or None, by, one.made, age, one.made_by, one.rotate_by, left, one.unread,
    )  # fmt: skip


def _age(at: datetime, now: datetime, words: Words) -> int:
    return max(_days(at, now, words), 0)


def _days(first: datetime, last: datetime, words: Words) -> int:
    """Return the days between two dates of the reader's: those that are shown, whatever their hours."""
    return (last.astimezone(words.zone).date() - first.astimezone(words.zone).date()).days


def identity(seen: Identity, words: Words) -> list[Block]:
    """Render an identity's every field, as SES shows it."""
    rows = [(words("SES identity"), seen.name)]
    kinds, values = {}, []
    for name, kind in Identity.__annotations__.items():
        value = getattr(seen, name)
        moment = name in _MOMENTS
        value = " ".join(value) if isinstance(value, tuple) else value
        kinds[name] = Kind.MOMENT if moment else Kind.TRUTH if kind in ("bool", "bool | None") else Kind.TEXT
        values.append(value)
        if name != "name":
            text = _YES[value] if isinstance(value, bool | None) else words.time(value) if moment and value else value
            rows.append((words.record(f"field.{name}"), text or NONE))
    return [replace(facts(rows), data=Data("identity", kinds, (tuple(values),)))]


def key_store(
    versions: Sequence[Mapping[str, Any]], objects: Mapping[tuple[str, ...], KeyObject], now: datetime, words: Words
) -> list[Block]:
    """Return what the secret names, and when the key objects were last written."""
    if not versions:
        return []
    columns = (
        Column("selector", Kind.TEXT, words("selector")),
        Column("stage", Kind.TEXT, words("stage")),
        Column("version_id", Kind.TEXT, words("version of the secret")),
        Column("object", Kind.TEXT),
        Column("", Kind.TEXT, words("key object")),
        Column("modified_at", Kind.MOMENT, words("last modified"), words.time),
        Column("age_days", Kind.COUNT, words("age (days)")),
    )
    rows = [
        (entry["selector"], version["stage"], version["version_id"], *_stored(objects.get(place_in(entry)), now, words))
        for version in versions
        for entry in version["entries"]
    ]
    defects = [
        Paragraph(_say("store.defect", words, stage=one["stage"], defect=words.phrase(SHAPELESS[one["defect"]])))
        for one in versions
        if one["defect"]
    ]
    return [Heading(words("Secret and key object")), *defects, *([table("key_store", columns, rows)] if rows else [])]


def place_in(entry: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what an entry of the secret says of its key object: selector, path and bucket."""
    return (entry["selector"], entry["key_path"], entry["bucket"])


def _stored(found: KeyObject | None, now: datetime, words: Words) -> tuple[str, str, datetime | None, int | None]:
    key = found or KeyObject("", "")
    place = f"s3://{key.bucket}/{key.key}" if key.bucket and key.key else ""
    at = datetime.fromisoformat(key.last_modified) if key.last_modified else None
    age = _age(at, now, words) if at else None
    return f"{place} {key.defect}".strip(), observed.noted(place, key.defect, words), at, age


def record(seen: Observation, expected: str | None, words: Words) -> list[Block]:
    """Render a key record at every authoritative server, and what was seen of DNS besides."""
    if not seen.records:
        return [Paragraph(words("No name server could be asked."))]
    name, judged = seen.records[0].name, judge_together(seen.records, expected, seen.dns.followed)
    keys = {one.sha256 for one in judged}
    whole = len(keys) == 1 and "" not in keys
    sentence = _say("record.one-key" if whole else "record.not-one", words, count=len(judged), name=name)
    key = _served_key(seen) if whole else None
    rows = [(words("bits"), str(key.bits)), ("SHA-256", key.sha256)] if key else []
    return [
        Paragraph(caption(seen, words.language)), Paragraph(sentence), *([facts(rows)] if rows else []),
        Heading(words.record("matrix", name=name)),
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
    values = {"selector": found.begin.selector, "current": found.current_selector or NONE, "count": len(stopping)}
    headline = Headline(
        _say(f"rotation.{key}", words), _say(f"rotation.{key}.means", words, **values), "bad" if stopping else "good"
    )
    # What stops comes first: it is what somebody looks for.
    ranked = [finding for finding in found.findings if finding.objects]
    remedies = [f"{one.id}: {words.phrase(one.remedy or '')}" for one in ranked]
    return [
        headline, *map(Paragraph, remedies), Heading(_say("rotation.checks", words)), *checks.checks(found, words),
        Heading(words("The plan that a run would show")), *switch.plan(found, words),
        *switch.relied_on(found, words), Heading(words("One key pair")),
        *key_pair.proof(found, words), Heading(words("What was seen")), *observed.legend(found, words),
        *observed.current_state(found, words), *observed.servers(found, words),
    ]  # fmt: skip


def due(seen: Identity, term: Due | None, needs: Lead, days: int, now: datetime, words: Words) -> list[Block]:
    """Return when an identity's key is due, and by when the next one must be asked for."""
    measured = _say("lead.measured" if needs.requests else "lead.assumed", words, requests=needs.requests,
                    runs=needs.runs, span=_span(needs.span, words))  # fmt: skip
    if term is None:
        return [Paragraph(_say("due.unknown", words, domain=seen.name)), Paragraph(measured)]
    urgency, left = term.urgency(now), _days(now, term.rotate_by, words)
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
        (term.made.at, "made", words("the key was made ({by})", by=_say(f"made-by.{term.made.by}", words))),
        *((at, "warning", words("warning, {days} days before the end", days=before)) for before, at in term.warnings()),
        (term.start_by, "start_by", _say("due.start", words, span=_span(needs.span, words))),
        (term.rotate_by, "rotate_by", words("the key's term ends ({days} days)", days=days)),
    ]
    when = {True: words("past"), False: words("to come")}
    columns = (
        Column("at", Kind.MOMENT, words("date"), words.date),
        Column("days", Kind.COUNT, words("days from now")),
        Column("event", Kind.TEXT),
        Column("", Kind.TEXT, words.record("what")),
        Column("past", Kind.TRUTH, words("state"), when.__getitem__),
    )
    rows = [(at, _days(now, at, words), event, what, now >= at) for at, event, what in sorted(dates)]
    selectors = [
        (words("signs with"), seen.selector or NONE),
        (words("age (days)"), str(_age(term.made.at, now, words))),
    ]
    return [headline, facts(selectors), table("due", columns, rows), Paragraph(measured)]


def _span(span: timedelta, words: Words) -> str:
    """Return a lead time; in days where it is long enough to be planned by."""
    if span < 2 * _DAY:
        return duration(span, words.language)
    return words("{days} d", days=f"{span / _DAY:.1f}".removesuffix(".0"))


def calls(made: Sequence[Call], words: Words) -> list[Block]:
    """Render every AWS call of an exploration."""
    others = sorted({one.operation for one in made} - READING)
    key = "calls.others" if others else "calls"
    return [Paragraph(_say(key, words, count=len(made), others=", ".join(others))), listed(made, words)]


def _say(key: str, words: Words, **values: object) -> str:
    return say("explore", key, words.language, **values)
