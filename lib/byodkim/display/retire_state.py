"""Render what a run of retire saw: every trace of the selector, and then all that rotate shows."""

from __future__ import annotations

from typing import Final

from byodkim.display import rotate
from byodkim.display.blocks import Block, Column, Heading, Kind, Paragraph, facts, table
from byodkim.display.words import Words
from byodkim.evidence.record import Record
from byodkim.messages import say
from byodkim.plain import from_plain
from byodkim.rotation.facts import Facts
from byodkim.rotation.retirement import Retirement

NONE: Final = "-"


def found_in(record: Record, *, last: bool = False) -> Retirement | None:
    """Return what the run saw first, or last."""
    observed = record.last("observed") if last else next(iter(record.all("observed")), None)
    seen = record.seen if last else record.before
    return Retirement(seen, from_plain(Facts, observed["retirement"])) if observed and seen else None


def state(record: Record, words: Words) -> list[Block]:
    """Render since when it is out of use, in every Region, its key object, reports; then all that rotate shows."""
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
    besides = [*_regions(found, words), *_versions(found, words), *_secret(found, words), *_reports(found, words)]
    return [facts(rows), *besides, *rotate.current_state(record, words), *rotate.servers(record, words)]


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
    columns = (
        Column("stage", Kind.TEXT, _say("secret.label", words)),
        Column("version_id", Kind.TEXT, _say("versions.id", words)),
        Column("selectors", Kind.TEXT),
        Column("defect", Kind.TEXT),
        Column("", Kind.TEXT, _say("secret.names", words)),
    )
    rows = [
        (one.stage, one.version_id, names := " ".join(one.selectors), one.defect, names or one.defect)
        for one in secret.versions
    ]
    marks = frozenset(number for number, one in enumerate(secret.versions) if found.seen.selector in one.selectors)
    return [Heading(_say("secret", words)), table("secret_versions", columns, rows, marks)]


def _regions(found: Retirement, words: Words) -> list[Block]:
    region = found.seen.caller.region if found.seen.caller else NONE
    seen = [(region, found.seen.identity, "")]
    seen += [(one.region, one.identity, one.unread) for one in found.facts.elsewhere]
    columns = (
        Column("region", Kind.TEXT, words("region")),
        Column("selectors", Kind.TEXT),
        Column("unread", Kind.TEXT),
        Column("", Kind.TEXT, words("field.selectors")),
        Column("status", Kind.TEXT, words("field.status")),
        Column("signing_origin", Kind.TEXT, words("field.signing_origin")),
    )
    rows = []
    for name, one, unread in seen:
        selectors = " ".join(one.selectors) if one else ""
        shown = selectors if one else unread or _say("no-identity", words)
        rows.append((name, selectors, unread, shown, one and one.status, one and one.signing_origin))
    marks = frozenset(number for number, row in enumerate(rows) if found.seen.selector in str(row[3]).split())
    return [Heading(_say("regions", words)), table("regions", columns, rows, marks)]


def _versions(found: Retirement, words: Words) -> list[Block]:
    facts_ = found.facts
    if facts_.versions_unread:
        return [Heading(_say("versions", words)), Paragraph(facts_.versions_unread)]
    if not facts_.versions:
        return []
    going = set(found.erasing)
    yes = {True: words("yes"), False: words("no")}
    columns = (
        Column("version_id", Kind.TEXT, _say("versions.id", words)),
        Column("modified_at", Kind.MOMENT, _say("versions.modified", words)),
        Column("sha256", Kind.TEXT),
        Column("defect", Kind.TEXT),
        Column("", Kind.TEXT, _say("versions.sha256", words)),
        Column("latest", Kind.TRUTH, _say("versions.latest", words), yes.__getitem__),
        Column("going", Kind.TRUTH, _say("versions.going", words), yes.__getitem__),
    )
    rows = [
        (one.version_id, one.modified, one.sha256, one.defect, one.sha256 or one.defect, one.latest, one in going)
        for one in facts_.versions
    ]
    return [Heading(_say("versions", words)), table("key_versions", columns, rows)]


def _reports(found: Retirement, words: Words) -> list[Block]:
    reports = found.facts.reports
    if not reports.folder:
        return []
    values = {"folder": reports.folder, "count": reports.read, "unread": len(reports.unread)}
    blocks: list[Block] = [Heading(_say("reports", words)), Paragraph(_say("reports.read", words, **values))]
    if reports.counted:
        fresh = set(found.fresh)
        columns = (
            Column("day", Kind.MOMENT, _say("reports.day", words), words.time),
            Column("reporter", Kind.TEXT, _say("reports.reporter", words)),
            Column("messages", Kind.COUNT, _say("reports.messages", words)),
        )
        rows = [(one.day, one.reporter, one.messages) for one in reports.counted]
        marks = frozenset(number for number, one in enumerate(reports.counted) if one in fresh)
        blocks.append(table("reports", columns, rows, marks))
    return blocks


def _say(key: str, words: Words, /, **values: object) -> str:
    return say("retire", key, words.language, **values)
