"""Render what messages prove: the verdict, the findings, who signed, one more place of the key, what was measured."""

from __future__ import annotations

from collections import Counter
from math import ceil, floor

from msgspec.structs import replace

from second_edition.display import key_pair
from second_edition.display.blocks import NONE, Block, Column, Heading, Kind, Paragraph, Table, table
from second_edition.display.words import Words, duration, identity_name
from second_edition.events.writes import Handed, Rollback, Weighed
from second_edition.evidence import by_message
from second_edition.evidence.by_message import Proved, Sent
from second_edition.evidence.record import Record
from second_edition.messages import say
from second_edition.rotation import proof as proofs
from second_edition.rotation.checks.published import reason
from second_edition.rotation.findings import NOT_CHECKED, Finding, Verdict
from second_edition.rotation.message import AMAZON, Received, Signed
from second_edition.rotation.message import Kind as Signing


def proof(record: Record, words: Words) -> list[Block]:
    """Return what the step of verification shows of messages, where one was to prove the switch."""
    if not record.by_message:
        return []
    blocks: list[Block] = [Heading(words("What a message shows")), Paragraph(sentence(record, words))]
    if measure := measured(record, words):
        blocks.append(Paragraph(measure))
    if found := by_message.findings(record):
        blocks.append(findings(found, words))
    message = by_message.proof(record)
    if message is not None:
        blocks += [Heading(words("Its signatures")), signatures(message, record.begin.domain, words)]
    if message is not None and found:
        blocks += [Heading(words("Places of the key")), *key(record, message, words)]
    if sent := by_message.sent(record):
        blocks += [Heading(words("Messages")), _messages(record, sent, words)]
    return blocks


def sentence(record: Record, words: Words) -> str:
    """Return the verdict, or how far things are."""
    verdict, message = by_message.proved(record), by_message.proof(record)
    if verdict is None and record.of(Rollback):
        return words("The run went back, so that no message is held against the switch.")
    if verdict is None:
        sent = [one for one in by_message.sent(record) if not one.error]
        wait_s = record.begin.proving.wait_s if record.begin.proving else 0
        came = sum(one.message is not None for one in sent)
        return _say("waiting", words, sent=len(sent), came=came, seconds=wait_s)
    domain, selector = identity_name(record.begin.domain), record.begin.selector
    mine = _mine(record, message) if message else None
    servers = len(mine.verified) if mine else 0
    sha256 = message.sha256 if message else NONE
    values = {"domain": domain, "selector": selector, "servers": servers, "sha256": sha256}
    failed = [one.id for one in by_message.findings(record) if one.verdict is Verdict.FAIL]
    return _say(f"verdict.{verdict}", words, **values, ids=", ".join(failed))


def opened(record: Record, words: Words) -> list[Block]:
    """Return what a record opens with: that a message proved the switch, and for how long mail was seen to be unsigned.

    What a message says against the switch is the error that the run ended with, which stands there already.
    """
    lines = []
    if by_message.proved(record) in (Proved.PROVED, Proved.PENDING):
        lines.append(sentence(record, words))
    return [Paragraph(line) for line in (*lines, measured(record, words)) if line]


def headline(record: Record, words: Words) -> str:
    """Return the headline's sentence where a message tells otherwise than SES; "" where none does."""
    if by_message.proved(record) is not Proved.FAILED:
        return ""
    values = {"domain": identity_name(record.begin.domain), "selector": record.begin.selector}
    return _say("headline", words, status=record.after.status if record.after else NONE, **values)


def finished(record: Record, words: Words) -> str:
    """Return whether it is finished, where a message tells otherwise than SES, or none tells anything; else ""."""
    verdict = by_message.proved(record)
    return _say(f"finished.{verdict}", words) if verdict in (Proved.FAILED, Proved.OPEN) else ""


def safe(record: Record, words: Words) -> str:
    """Return how mail was signed, where a message tells otherwise than SES; else ""."""
    message = by_message.proof(record)
    if message is None or by_message.proved(record) is not Proved.FAILED:
        return ""
    return _say("safe", words, kind=_say(f"kind.{by_message.kind(record, message)}", words))


def measured(record: Record, words: Words) -> str:
    """Return what several messages measured; "" where there were not several."""
    window = by_message.window(record) if record.of(Weighed) else None
    if window is None:
        return ""
    points = window.points
    parts = [
        _say("measured", words, count=len(points), first=words.clock(points[0].at), last=words.clock(points[-1].at))
    ]
    if window.first is None or window.last is None:
        parts.append(words("none was unsigned."))
    else:
        count = sum(point.kind is Signing.UNSIGNED for point in points)
        values = {"first": words.clock(window.first), "last": words.clock(window.last), "count": count}
        key = "measured.unsigned" if window.most is not None else "measured.unsigned-open"
        most = duration(window.most, words.language, ceil) if window.most is not None else NONE
        parts.append(_say(key, words, **values, least=duration(window.least, words.language, floor), most=most))
    counts = Counter(_say(f"kind.{point.kind}" if point.kind else "sent.lacking", words) for point in points)
    parts.append(_say("measured.all", words, counts="; ".join(f"{kind}: {count}" for kind, count in counts.items())))
    return ("" if words.language == "ja" else " ").join(parts)


def findings(found: tuple[Finding, ...], words: Words) -> Table:
    """Render the checks after the switch."""
    columns = tuple(
        words.record(f"checks.{name}") for name in ("id", "verdict", "claim", "expected", "observed", "remedy")
    )
    rows = []
    for one in found:
        nothing = not one.objects or one.observed == NOT_CHECKED
        remedy = NONE if nothing else words.phrase(one.remedy or "")
        cells = (words.phrase(one.expected), words.phrase(one.observed), remedy)
        rows.append((one.id, one.verdict.value, words(one.claim), *cells))
    marks = frozenset(number for number, one in enumerate(found) if one.objects)
    return Table(columns, tuple(rows), marks)


def signatures(message: Received, domain: str, words: Words) -> Table:
    """Render each signature of a message, and what came of it."""
    columns = (
        Column("domain", Kind.TEXT, "d="),
        Column("selector", Kind.TEXT, "s="),
        Column("algorithm", Kind.TEXT, "a="),
        Column("servers", Kind.COUNT),
        Column("verified", Kind.COUNT),
        Column("", Kind.TEXT, words("with the authoritative servers' key records")),
    )
    rows: list[tuple[object, ...]] = [
        (one.domain, one.selector, one.algorithm, len(one.results), len(one.verified), _came(one, words))
        for one in message.signatures
    ]
    if not message.of_domain(domain):
        rows.insert(0, (domain, "", "", 0, 0, words("no signature of the domain")))
    bad = {"", *(one.selector for one in message.of_domain(domain) if one.failed or not one.verified)}
    marks = frozenset(number for number, row in enumerate(rows) if row[0] == domain and row[1] in bad)
    return table("signatures", columns, rows, marks)


def key(record: Record, message: Received, words: Words) -> list[Block]:
    """Render the table of the one key, with the message as one more place."""
    mine, domain = _mine(record, message), record.begin.domain
    found = " ".join(sorted({one.sha256 for one in mine.verified if one.sha256})) if mine else ""
    shown = mine or next(iter(message.of_domain(domain)), None)
    where = f"s={shown.selector if shown else NONE}, d={domain}"
    links = proofs.links(record.seen) if record.seen else ()
    same = mine is not None and mine.proved and any(link.sha256 for link in links)  # alone, it is the same as nothing
    sent = proofs.Link("sent", where, found if same else "", found or words("not proved"))
    return [replace(key_pair.chain((*links, sent), record.of(Handed), words), data=None)]


def _messages(record: Record, sent: tuple[Sent, ...], words: Words) -> Table:
    """Render each message that was sent: when, how it was signed, when it was received."""
    columns = (
        Column("at", Kind.MOMENT, words("taken by SES"), words.clock),
        Column("when", Kind.TEXT, _say("sent.when", words), lambda when: _say(f"when.{when}", words)),
        Column("signed", Kind.TEXT),
        Column("error", Kind.TEXT),
        Column("", Kind.TEXT, words("signed")),
        Column("received_at", Kind.MOMENT, words("received"), words.clock),
        Column("sha256", Kind.TEXT, words("SHA-256 of the message")),
    )
    rows = []
    for one in sent:
        kind = by_message.kind(record, one.message) if one.message else ""
        signed = _say(f"kind.{kind}", words) if kind else one.error or _say("sent.lacking", words)
        digest = one.message.sha256 if one.message else ""
        rows.append((one.at, str(one.when), str(kind), one.error, signed, one.received_at, digest))
    return table("messages", columns, rows, frozenset(n for n, one in enumerate(sent) if one.message is None))


def _mine(record: Record, message: Received) -> Signed | None:
    """Return the domain's signature with the selector asked for: the first that fails somewhere, else the first."""
    found = message.of_domain(record.begin.domain)
    mine = [one for one in found if one.selector == record.begin.selector]
    return min(mine, key=lambda one: one.proved, default=None)


def _came(one: Signed, words: Words) -> str:
    if one.domain == AMAZON:
        return words("SES's own signature, on all its mail: it proves nothing here")
    if not one.results:
        return words("not looked at: another domain or selector")
    parts = [words("verifies at {count} of {total}", count=len(one.verified), total=len(one.results))]
    others = (*one.failed, *one.undecided, *one.unasked)
    parts += [f"{result.where}: {words.phrase(reason(result.defect))}" for result in others]
    return "; ".join(parts)


def _say(key: str, words: Words, /, **values: object) -> str:
    return say("message", key, words.language, **values)
