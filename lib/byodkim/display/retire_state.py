"""What a run of retire saw, told: every trace of the selector, and then all that rotate shows."""

from __future__ import annotations

from typing import Final

from byodkim.display import telling
from byodkim.display.blocks import Block, Heading, Paragraph, Table, facts
from byodkim.display.words import Words
from byodkim.evidence.record import Record
from byodkim.messages import say
from byodkim.rotation.retirement import Facts, Retirement

NONE: Final = "-"


def found_in(record: Record, *, last: bool = False) -> Retirement | None:
    """Return what the run saw first, or last."""
    observed = record.last("observed") if last else next(iter(record.all("observed")), None)
    seen = record.seen if last else record.before
    return Retirement(seen, Facts.from_plain(observed["retirement"])) if observed and seen else None


def state(record: Record, words: Words) -> list[Block]:
    """Since when it is out of use, in every Region, its key object, reports; then all that rotate shows."""
    found = found_in(record)
    if found is None:
        return []
    facts_, left = found.facts, found.facts.left
    since = words.time(left.verified_at) if left.verified_at else NONE
    rows = [
        (_say("selector", words), record.selector),
        (_say("in-use", words), _in_use(found, words)),
        (_say("last-active", words), words.time(left.last_active) if left.last_active else NONE),
        (_say("left-at", words), since),
        (_say("told-by", words), _say(f"told-by.{left.source}", words, run=left.run)),
        (_say("safe-at", words), words.time(found.safe_at)),
        (_say("policy.by", words), _say(f"policy.by.{facts_.policy.by}", words)),
        (_say("policy.key", words), _say(f"policy.key.{facts_.policy.key}", words)),
        (_say("policy.secret", words), _say(f"policy.secret.{facts_.policy.secret}", words)),
        (_say("publisher", words), facts_.policy.publisher),
        (_say("key-known", words), " ".join(found.known) or NONE),
        (_say("key-place", words), f"s3://{facts_.bucket}/{facts_.key}" if facts_.key else NONE),
    ]
    shown = [block for block in telling.current_state(record, words) if block != Paragraph(words("dns.legend"))]
    besides = [*_regions(found, words), *_versions(found, words), *_secret(found, words), *_reports(found, words)]
    return [facts(rows), *besides, *shown]


def _in_use(found: Retirement, words: Words) -> str:
    identity = found.seen.identity
    if identity is not None and identity.easy:
        return _say("in-use.easy", words, selectors=" ".join(identity.selectors))
    return found.seen.current_selector or NONE


def _secret(found: Retirement, words: Words) -> list[Block]:
    secret = found.facts.secret
    if secret.unread:
        return [Heading(_say("secret", words)), Paragraph(secret.unread)]
    if not secret.versions:
        return []
    rows = tuple((one.stage, one.version_id, " ".join(one.selectors) or one.defect or NONE) for one in secret.versions)
    marks = frozenset(number for number, one in enumerate(secret.versions) if found.seen.selector in one.selectors)
    columns = tuple(_say(name, words) for name in ("secret.label", "versions.id", "secret.names"))
    return [Heading(_say("secret", words)), Table(columns, rows, marks)]


def _regions(found: Retirement, words: Words) -> list[Block]:
    region = found.seen.caller.region if found.seen.caller else NONE
    rows = [(region, found.seen.identity, "")]
    rows += [(one.region, one.identity, one.unread) for one in found.facts.elsewhere]
    told = tuple(
        (name, " ".join(one.selectors) or NONE, one.status, one.signing_origin)
        if one
        else (name, unread or _say("no-identity", words), NONE, NONE)
        for name, one, unread in rows
    )
    columns = (words("region"), words("field.selectors"), words("field.status"), words("field.signing_origin"))
    marks = frozenset(number for number, row in enumerate(told) if found.seen.selector in row[1].split())
    return [Heading(_say("regions", words)), Table(columns, told, marks)]


def _versions(found: Retirement, words: Words) -> list[Block]:
    facts_ = found.facts
    if facts_.versions_unread:
        return [Heading(_say("versions", words)), Paragraph(facts_.versions_unread)]
    if not facts_.versions:
        return []
    going = set(found.erasing)
    rows = tuple(
        (
            one.version_id, one.modified, one.sha256 or one.defect or NONE,
            words("yes" if one.latest else "no"), words("yes" if one in going else "no"),
        )
        for one in facts_.versions
    )  # fmt: skip
    names = ("versions.id", "versions.modified", "versions.sha256", "versions.latest", "versions.going")
    return [Heading(_say("versions", words)), Table(tuple(_say(name, words) for name in names), rows)]


def _reports(found: Retirement, words: Words) -> list[Block]:
    reports = found.facts.reports
    if not reports.folder:
        return []
    values = {"folder": reports.folder, "count": reports.read, "unread": len(reports.unread)}
    told: list[Block] = [Heading(_say("reports", words)), Paragraph(_say("reports.read", words, **values))]
    if reports.counted:
        fresh = set(found.fresh)
        rows = tuple((words.time(one.day), one.reporter or NONE, str(one.messages)) for one in reports.counted)
        marks = frozenset(number for number, one in enumerate(reports.counted) if one in fresh)
        columns = tuple(_say(f"reports.{name}", words) for name in ("day", "reporter", "messages"))
        told.append(Table(columns, rows, marks))
    return told


def _say(key: str, words: Words, /, **values: object) -> str:
    return say("retire", key, words.language, **values)
