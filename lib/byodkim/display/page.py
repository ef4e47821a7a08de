"""The record as one HTML file that stands alone: no script, no font, no picture from elsewhere, readable in years."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC
from itertools import groupby
from typing import Final

import byodkim
from byodkim.display import opening, sections, telling, words
from byodkim.display.blocks import Block, Heading, Headline, Paragraph, Table, facts
from byodkim.display.foreign import executed
from byodkim.display.html import Page, Section, document
from byodkim.display.telling import NONE
from byodkim.display.words import Words
from byodkim.evidence.archived import Archived, RecordError
from byodkim.evidence.record import Record
from byodkim.messages import LANGUAGES, Language, say
from byodkim.rotation.findings import Verdict

ATTENTION: Final = ("FAIL", "UNKNOWN", "WAIVED")
SYMBOLS: Final = {
    "PASS": "✔ PASS",
    "FAIL": "✘ FAIL",
    "UNKNOWN": "? UNKNOWN",
    "WAIVED": "! WAIVED",
    "SKIPPED": "- SKIPPED",
}


def words_of(archived: Archived, language: Language | None) -> Words:
    """Return how the reader is spoken to: in ``language``, else in the run's own, in the run's time zone (else UTC)."""
    if archived.events:
        own = words.of(archived.events[0])
    else:
        given = (archived.papermill.get("parameters") or {}).get("language")
        own = Words(given if given in LANGUAGES else LANGUAGES[0], UTC)
    return replace(own, language=language) if language else own


def verdict(archived: Archived, speak: Words) -> list[Block]:
    """The first lines of any record: of a run, of one that never began, of one whose evidence does not hold."""
    if archived.events:
        return opening.answered(Record(archived.events), speak)
    if not archived.evidence.sound:
        headline = Headline(_page("broken", speak), _page("broken.sentence", speak), "bad")
        return [headline, Paragraph(_page("broken.todo", speak))]
    if archived.error:
        return [Headline("REFUSED", _page("never-begun", speak), "bad"), Paragraph(archived.error[1])]
    unbegun = Headline(speak("outcome.none"), speak("unfinished"), "bad")
    return [unbegun, Paragraph(_page("never-known", speak))]


@dataclass(frozen=True)
class Around:
    """What an archive puts around a record: links and a warning above it, sections of its own before the notebook."""

    links: Sequence[tuple[str, str]] = ()
    navigation: str = ""
    cautions: Sequence[tuple[str, str]] = ()
    sections: Sequence[Section] = ()


ALONE: Final = Around()


def page(archived: Archived, language: Language | None = None, around: Around = ALONE) -> str:
    """The record as HTML.

    Args:
        archived: the run's notebook and journal.
        language: of the page; the run's own unless given. What was written in the run stays in the run's language.
        around: what stands around it in an archive's site.

    Raises:
        RecordError: the events are not such as a run writes.
    """
    try:
        return _page_of(archived, words_of(archived, language), around)
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        language = language or LANGUAGES[0]
        values = {"path": archived.path, "version": byodkim.__version__, "type": type(error).__name__}
        told = say("launch", "untold", language, **values)
        raise RecordError(told, todo=say("launch", "untold.todo", language)) from error


def _page_of(archived: Archived, speak: Words, around: Around) -> str:
    opened = verdict(archived, speak)
    shown = Page(
        title=_title(archived, next(block for block in opened if isinstance(block, Headline))),
        sections=list(_sections(archived, opened, speak, around)),
        links=around.links,
        navigation=around.navigation,
        cautions=[*around.cautions, *_caution(archived, speak)],
        opened=opened,
        waivers=telling.waivers(Record(archived.events), speak) if archived.events else [],
        contents=_page("contents", speak),
    )
    return document(shown, speak.language)


def _page(key: str, speak: Words, **values: object) -> str:
    return say("page", key, speak.language, **values)


def _title(archived: Archived, headline: Headline) -> str:
    begin = archived.events[0] if archived.events else {}
    selector = Record(archived.events).selector if begin else None
    told = (headline.outcome, begin.get("domain"), selector, begin.get("run") or archived.path.name)
    return " ".join(str(part) for part in told if part)


def _caution(archived: Archived, speak: Words) -> Iterator[tuple[str, str]]:
    evidence = archived.evidence
    if not evidence.sound:
        yield _page("evidence.warning", speak), _page(f"evidence.{evidence.key}", speak, **evidence.values)


def _sections(archived: Archived, opened: Sequence[Block], speak: Words, around: Around) -> Iterator[Section]:
    if archived.events:
        yield from _of_run(Record(archived.events), opened, speak)
    else:
        yield Section("who", _page("who", speak), _of_papermill(archived, speak))
    yield from around.sections
    if archived.cells:
        yield Section("notebook", _page("section.notebook", speak), list(executed(archived.cells, speak)))
    yield Section("evidence", _page("evidence", speak), _evidence(archived, speak))


def _of_run(record: Record, opened: Sequence[Block], speak: Words) -> Iterator[Section]:
    who, parameters = _split(telling.who_and_where(record, speak))
    yield Section("who", _page("who", speak), who)
    yield Section("parameters", speak("parameters"), parameters[1:])
    shown = [row for row in sections.of(record.procedure) if row.anchor]
    for anchor, rows in groupby(shown, lambda row: row.anchor):
        told = [block for row in rows for block in row.tell(record, speak)]
        told = _checks(record, told, speak) if anchor == "checks" else told
        unreached = [Paragraph(_page("not-reached", speak))]
        yield Section(anchor, _page(f"section.{anchor}", speak), told or unreached)
    yield Section("next", _page("next", speak), _next(record, opened, speak))


def _split(blocks: Sequence[Block]) -> list[list[Block]]:
    """The blocks in groups; each heading begins one."""
    starts = 0

    def group(block: Block) -> int:
        nonlocal starts
        starts += isinstance(block, Heading)
        return starts

    return [list(grouped) for _, grouped in groupby(blocks, group)]


def _under(title: str, blocks: Sequence[Block]) -> list[Block]:
    return next((group[1:] for group in _split(blocks) if group[0] == Heading(title)), [])


def _checks(record: Record, told: Sequence[Block], speak: Words) -> list[Block]:
    """Return what did not pass, in the order of its weight; then what passed; then what was not checked."""
    if not record.findings:
        return []
    verdicts = [finding.verdict.value for finding in record.findings]
    made = next(block for block in told if isinstance(block, Table))
    rows = [(row[0], SYMBOLS[row[1]], *row[2:]) for row in made.rows]
    first = [rows[place] for kind in ATTENTION for place, verdict in enumerate(verdicts) if verdict == kind]
    shown: list[Block] = [block for block in told if not isinstance(block, Table)]
    if first:
        attention = Table(made.columns, tuple(first), frozenset(range(len(first))), kind="attention")
        shown += [Heading(_page("checks.attention", speak)), attention]
    for verdict, key in ((Verdict.PASS, "checks.passed"), (Verdict.SKIPPED, "checks.skipped")):
        if quiet := tuple(row[:-1] for row, found in zip(rows, verdicts, strict=True) if found == verdict):
            # These have nothing to do: the last column, the remedy, would be empty.
            shown += [Heading(_page(key, speak)), Table(made.columns[:-1], quiet, kind="passed")]
    return shown


def _next(record: Record, opened: Sequence[Block], speak: Words) -> list[Block]:
    error = record.closed["error"] if record.closed else None
    todo = [Paragraph(error["todo"])] if error and error["todo"] else []
    if record.closed is None:
        todo = [Paragraph(say("steps", "again", speak.language))]
    told: list[Block] = [*todo, *_under(speak("next"), opened)]
    return told or [Paragraph(_page("next.none", speak))]


def _of_papermill(archived: Archived, speak: Words) -> list[Block]:
    """Return what is known of a run without events: what papermill wrote down of it."""
    known = archived.papermill
    times = [(name, known.get(key)) for name, key in (("started", "start_time"), ("ended", "end_time"))]
    rows = [(speak(name), speak.time(str(at)) if at else NONE) for name, at in times]
    given = known.get("parameters")
    blocks: list[Block] = [facts([(_page("notebook", speak), archived.path.name), *rows])]
    if isinstance(given, dict) and given:
        blocks += [Heading(_page("given", speak)), facts([(str(name), str(value)) for name, value in given.items()])]
    return blocks


def _evidence(archived: Archived, speak: Words) -> list[Block]:
    evidence = archived.evidence
    standing = Paragraph(_page(f"evidence.{evidence.key}", speak, **evidence.values))
    if not archived.events:
        return [standing]
    rows = [(_page("events", speak), str(len(archived.events))), (_page("head", speak), evidence.head)]
    return [standing, facts(rows)]
