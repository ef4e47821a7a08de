"""DNS results: the key record at every authoritative server as a table and a picture, and what was seen besides."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import floor
from typing import Final

from markupsafe import Markup

from second_edition.display.blocks import NONE, Block, Column, Heading, Kind, Paragraph, Table, facts, table, visible
from second_edition.display.words import Words, duration
from second_edition.dkim.matrix import judge_together
from second_edition.dkim.published import Answer, Judgement, Verdict, judge
from second_edition.events.writes import Polled, PollingEnded
from second_edition.evidence.record import Record
from second_edition.messages import Language, say
from second_edition.rotation.checks.published import WORDS as VERDICTS
from second_edition.rotation.checks.published import reason, worded
from second_edition.rotation.observation import Observation
from second_edition.rotation.resolution import BLOCKED, Delegation

_GOOD: Final = (Verdict.THE_KEY, Verdict.A_KEY)
#: Marks of the picture, known by their form as well: colours are of Okabe and Ito, for colour-blind readers too.
GOOD, BAD, UNKNOWN = "#009e73", "#d55e00", "#999999"
#: Each mark's form, in a square of 20 units: a tick, a cross, a question mark.
_FORMS: Final = {
    GOOD: "M4 11l4 4l8 -9",
    BAD: "M5 5l10 10m0 -10l-10 10",
    UNKNOWN: "M6 7q0 -3 4 -3t4 3q0 2 -2 3t-2 3m0 2v1",
}
_ROW, _LETTER = 24, 8  # units: from row to row, and of a letter
_SVG: Final = Markup(
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" aria-label="{title}" '
    'font-family="monospace" font-size="13" fill="currentColor" width="{width}" height="{height}">\n{shapes}</svg>'
)
_NAME: Final = Markup('<text x="0" y="{y}">{address}</text>\n')
_MARK: Final = Markup(
    '<g transform="translate({x} {y})"><rect width="20" height="20" fill="{colour}"/>'
    '<path d="{form}" fill="none" stroke="#fff" stroke-width="2.5"/></g>\n'
)
MOST_ROWS: Final = 40


def matrix(answers: Sequence[Answer], expected: str | None, words: Words, followed: Sequence[Answer] = ()) -> Table:
    """Render the key record at every authoritative server: one row an address."""
    return _table(answers, judge_together(answers, expected, followed), words)


def dns_besides(seen: Observation, words: Words) -> list[Block]:
    """Render the delegation, a blocked path, where CNAMEs lead, and what resolvers say; nothing where there is none."""
    dns, key = seen.dns, seen.next_key.key
    expected = (key.sha256 or None) if key else None
    blocks: list[Block] = []
    if dns.delegation is not None:
        blocks += [Heading(words("Delegation of {zone}", zone=dns.delegation.zone)), _delegation(dns.delegation, words)]
    if dns.path == BLOCKED:
        blocks.append(Paragraph(words.record("dns.blocked")))
    for name in dict.fromkeys(answer.name for answer in dns.followed):
        ends = [answer for answer in dns.followed if answer.name == name]
        blocks += [Heading(words.record("dns.followed", name=name)), matrix(ends, expected, words, dns.followed)]
    counts = words.record(f"dns.counts.{str(dns.encrypted_counts).lower()}")
    for name in ("encrypted", "resolved", "unvalidated"):
        if answers := getattr(dns, name):
            # The current selector's record, where it was asked for too, is another key.
            judged = [
                judge(one, expected if one.name.startswith(f"{seen.selector.lower()}.") else None, recursive=True)
                for one in answers
            ]
            blocks += [Heading(words.record(f"dns.{name}", counts=counts)), _table(answers, judged, words, name)]
    return blocks


def waiting(record: Record, words: Words) -> list[Block]:
    """Render a wait for DNS: what each server said when that changed, and when enough of them are expected to serve."""
    polls, ended = record.all_of(Polled), record.of(PollingEnded)
    if not polls:
        return []
    columns = (
        Column("at", Kind.MOMENT, words("time"), words.clock),
        Column("serving", Kind.COUNT),
        Column("servers", Kind.COUNT),
        Column("", Kind.TEXT, words("serve the key")),
        Column("", Kind.TEXT, words("the others")),
        Column("expected_by", Kind.MOMENT, words("enough, expected by"), words.time, words("when it is published")),
    )
    rows = [
        (poll.at, poll.good, len(poll.verdicts), f"{poll.good} / {len(poll.verdicts)}",
         by_server(poll.servers, poll.verdicts, words), poll.by)
        for poll in polls
    ]  # fmt: skip
    poll_table = table("polls", columns, rows)
    key = "dns.waiting" if ended is None else "dns.wait-over" if ended.ran_out else "dns.wait-done"
    sentence = wait_short(record, words) or words.record(key, minutes=record.begin.wait_dns_minutes)
    return [Paragraph(sentence), poll_table]


def wait_short(record: Record, words: Words) -> str:
    """Return that the wait was given up because the time left could not be enough; "" where it was not."""
    ended = record.of(PollingEnded)
    if ended is None or not ended.needed:
        return ""
    minutes = record.begin.wait_dns_minutes
    left = duration(max(minutes * 60 - ended.seconds, 0), words.language, floor)
    return words.record("dns.wait-short", minutes=minutes, left=left, needed=ended.needed)


def by_server(servers: Iterable[str], verdicts: Iterable[str], words: Words) -> str:
    """Return what the servers said that do not serve the key, each with its word."""
    pairs = zip(servers, verdicts, strict=True)
    sentences = [f"{server} {words.phrase(VERDICTS[Verdict(word)])}" for server, word in pairs if word not in _GOOD]
    return ", ".join(sentences) or NONE


def _delegation(found: Delegation, words: Words) -> Table:
    rows = [(words("found by"), words.record(f"dns.found-by.{found.found_by}"))]
    if found.parent:
        rows.append((words("named by the zone above"), " ".join(found.parent)))
    distinct = {one.names: one for one in (*found.above, *found.children) if not one.failure}
    rows += [
        (words("named by {server}", server=_named(one.server.name)), _named(" ".join(one.names)))
        for one in distinct.values()
    ]
    rows += [
        (words("named by {server}", server=f"{_named(one.server.name)} {one.server}"), one.failure)
        for one in (*found.untold, *found.children)
        if one.failure
    ]
    return facts(rows)


def _table(answers: Sequence[Answer], judged: Sequence[Judgement], words: Words, role: str = "authoritative") -> Table:
    columns = (
        Column("name", Kind.TEXT),
        Column("asked", Kind.TEXT),
        Column("server", Kind.TEXT, words("server")),
        Column("address", Kind.TEXT, words("address")),
        Column("rcode", Kind.TEXT),
        Column("failure", Kind.TEXT),
        Column("", Kind.TEXT, words("response code")),
        Column("", Kind.TEXT, words("strings")),
        Column("ttl", Kind.COUNT, words("TTL")),
        Column("serial", Kind.COUNT, words("serial")),
        Column("latency_ms", Kind.NUMBER, words("milliseconds")),
        Column("verdict", Kind.TEXT),
        Column("sha256", Kind.TEXT),
        Column("sound", Kind.TRUTH),
        Column("", Kind.TEXT, words("verdict")),
    )
    rows = [_row(answer, judgement, words, role) for answer, judgement in zip(answers, judged, strict=True)]
    marks = frozenset(number for number, one in enumerate(judged) if one.verdict not in _GOOD)
    return table("servers", columns, rows, marks)


def _row(answer: Answer, judgement: Judgement, words: Words, role: str) -> tuple[object, ...]:
    strings = " | ".join("+".join(str(len(string)) for string in record) for record in answer.records)
    return (
        answer.name, role, answer.server.name, str(answer.server), answer.rcode, answer.failure,
        answer.rcode or words.phrase(reason(answer.failure)), strings, answer.ttl, answer.serial, answer.latency_ms,
        str(judgement.verdict), judgement.sha256, judgement.verdict in _GOOD,
        words.phrase(worded(judgement)),
    )  # fmt: skip


def _named(host: str) -> str:
    return host or NONE


def caption(seen: Observation, language: Language) -> str:
    """Return what the picture's marks mean, of one key record or of two."""
    return say("record", "dns.picture" if seen.current_records else "dns.picture.one", language)


def matrix_picture(seen: Observation, title: str) -> Markup | None:
    """Render the key records at every authoritative server, as SVG; ``None`` where none was asked.

    Rows are in the order of the tables. The first mark is of the next key record; the second, where there is one, of
    the current. A tick: the key. A cross: anything else. A question mark: could not be asked.
    """
    if not seen.records:
        return None
    key = seen.next_key.key
    columns = [_marks(seen.records, judge_together(seen.records, key.sha256 if key else "-", seen.dns.followed))]
    if seen.current_records:
        columns.append(_marks(seen.current_records, judge_together(seen.current_records)))
    return _drawn(columns, title)


def records_picture(answers: Sequence[Answer], followed: Sequence[Answer], title: str) -> Markup | None:
    """Render one key record at every authoritative server, as ``matrix_picture`` draws it."""
    return _drawn([_marks(answers, judge_together(answers, None, followed))], title) if answers else None


def _drawn(columns: Sequence[Mapping[str, str]], title: str) -> Markup:
    """Render the picture of each column's marks by address."""
    addresses = list(columns[0])[:MOST_ROWS]
    left = (max(map(len, addresses)) + 1) * _LETTER
    shapes = [_NAME.format(y=row * _ROW + 16, address=visible(one)) for row, one in enumerate(addresses)]
    shapes += [
        _MARK.format(x=left + number * _ROW, y=row * _ROW, colour=column[one], form=_FORMS[column[one]])
        for number, column in enumerate(columns)
        for row, one in enumerate(addresses)
        if one in column
    ]
    width, height = left + len(columns) * _ROW, len(addresses) * _ROW
    return _SVG.format(width=width, height=height, title=visible(title), shapes=Markup("").join(shapes))


def _marks(answers: Sequence[Answer], judged: Sequence[Judgement]) -> dict[str, str]:
    return {str(answer.server): _colour(judgement) for answer, judgement in zip(answers, judged, strict=True)}


def _colour(judgement: Judgement) -> str:
    if judgement.verdict in _GOOD:
        return GOOD
    return UNKNOWN if judgement.unknown else BAD
