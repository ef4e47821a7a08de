"""The record as one HTML file that stands alone: no script, no font, no picture from elsewhere, readable in years."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC
from itertools import groupby
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

import second_edition
from second_edition.display import checks, comparison, identity, lifeline, observed, results, sections, summary, words
from second_edition.display.answers import DIARY
from second_edition.display.blocks import NONE, Block, Heading, Headline, Paragraph, Table, facts
from second_edition.display.dns import caption, matrix_picture
from second_edition.display.foreign import executed
from second_edition.display.html import RECORD_LINE, SITE_LINE, Figure, Fold, Page, Part, Section, document
from second_edition.display.words import Words
from second_edition.evidence.archived import Archived, RecordError
from second_edition.evidence.journal import SUFFIX, ForeignEvent
from second_edition.evidence.past import Trace
from second_edition.evidence.record import Record
from second_edition.evidence.seal import seal_path
from second_edition.messages import LANGUAGES, Language, ambient, say
from second_edition.rotation.comparison import RUN_SHEET
from second_edition.rotation.findings import Verdict

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
    if archived.record:
        own = words.of(archived.record.begin)
    else:
        given = (archived.papermill.get("parameters") or {}).get("language")
        own = Words(given if given in LANGUAGES else LANGUAGES[0], UTC)
    return replace(own, language=language) if language else own


def verdict(archived: Archived, speak: Words) -> list[Block]:
    """Render the first lines of any record: of a run, of one that never began, of one whose evidence does not hold."""
    if archived.record:
        return summary.answered(archived.record, speak)
    if archived.error and archived.evidence.key == "taken-back":
        stopped = Headline(speak.outcome("REFUSED"), _page("taken-back", speak), "bad")
        return [stopped, Paragraph(archived.error[1]), Paragraph(_page("taken-back.means", speak))]
    if not archived.evidence.sound:
        headline = Headline(speak("NO EVIDENCE"), _page("broken.sentence", speak), "bad")
        return [headline, Paragraph(_page("broken.todo", speak))]
    if archived.error:
        return [Headline(speak.outcome("REFUSED"), _page("never-begun", speak), "bad"), Paragraph(archived.error[1])]
    if archived.unexecuted:
        headline = Headline(speak.record("outcome.none"), _page("never-begun", speak), "bad")
        return [headline, Paragraph(_page("never-executed", speak))]
    unbegun = Headline(speak.record("outcome.none"), speak.record("unfinished"), "bad")
    return [unbegun, Paragraph(_page("never-known", speak))]


class Around(Struct, frozen=True):
    """Hold what an archive puts around a record: links and a warning above it, sections of its own before the notebook.

    ``earlier``: what earlier runs about its selector tell of that.
    """

    links: Sequence[tuple[str, str]] = ()
    navigation: str = ""
    cautions: Sequence[tuple[str, str]] = ()
    sections: Sequence[Section] = ()
    earlier: Sequence[Trace] = ()


ALONE: Final = Around()


def page(archived: Archived, language: Language | None = None, around: Around = ALONE) -> str:
    """Return the record as HTML.

    Args:
        archived: the run's notebook and journal.
        language: of the page; the run's own unless given. What was written in the run stays in the run's language.
        around: what stands around it in an archive's site.

    Raises:
        RecordError: the events are not such as a run writes.
    """
    try:
        if isinstance(foreign := archived.evidence.values.get("error"), ForeignEvent):
            raise foreign
        return _page_of(archived, words_of(archived, language), around)
    except (ForeignEvent, LookupError, TypeError, ValueError, AttributeError, OverflowError) as error:
        language = language or ambient()
        values = {"path": archived.path, "version": second_edition.__version__}
        message = say("launch", "untold", language, **values)
        raise RecordError(message, todo=say("launch", "untold.todo", language)) from error


def _page_of(archived: Archived, speak: Words, around: Around) -> str:
    opened = verdict(archived, speak)
    shown = Page(
        title=_title(archived, next(block for block in opened if isinstance(block, Headline))),
        sections=list(_sections(archived, speak, around)),
        links=around.links,
        navigation=around.navigation,
        cautions=[*around.cautions, *_caution(archived, speak)],
        opened=opened,
        drawn=lifeline.drawn(archived.record, around.earlier, speak) if archived.record else [],
        waivers=checks.waivers(archived.record, speak) if archived.record else [],
        contents=speak("Contents"),
        unprinted=speak("Folded parts are not on paper: open them before you print."),
        first_line=RECORD_LINE if around is ALONE else SITE_LINE,
    )
    return document(shown, speak.language)


def _page(key: str, speak: Words, **values: object) -> str:
    return say("page", key, speak.language, **values)


def _title(archived: Archived, headline: Headline) -> str:
    if (record := archived.record) is None:
        return f"{headline.outcome} {archived.path.name}".strip()
    parts = (headline.outcome, record.begin.domain, record.selector, record.begin.run)
    return " ".join(filter(None, parts))


def _caution(archived: Archived, speak: Words) -> Iterator[tuple[str, str]]:
    evidence = archived.evidence
    if not evidence.sound:
        yield speak("CAUTION"), evidence.explain(speak.language)

    if caution := unsealed(archived, speak):
        yield speak("CAUTION"), caution


def unsealed(archived: Archived, speak: Words) -> str:
    """Return that a closed run has no signature beside it; "" where it has one, never closed or has no journal file."""
    found = archived.evidence  # where that is what verify finds, it says so
    name = "" if found.key == "off" else str(found.values.get("file", ""))
    journal = archived.path.parent / name
    closed = archived.record is not None and archived.record.closed is not None
    if not closed or not name.endswith(SUFFIX) or not journal.exists() or seal_path(journal).exists():
        return ""
    return _page("evidence.unsealed", speak, file=seal_path(journal).name)


def _sections(archived: Archived, speak: Words, around: Around) -> Iterator[Section]:
    if archived.record:
        yield from _of_run(archived.record, speak)
    else:
        yield Section("who", speak("Run"), _of_papermill(archived, speak))
    yield from around.sections
    if archived.record and archived.cells:
        cells = list(executed(archived.cells, speak))
        yield Section("notebook", speak("The notebook as executed"), cells, folded=True)
    yield Section("evidence", speak("Evidence"), _evidence(archived, speak))


def _of_run(record: Record, speak: Words) -> Iterator[Section]:
    shown = [row for row in sections.of(record.procedure) if row.anchor]
    for anchor, rows in groupby(shown, lambda row: row.anchor):
        title, (tone, result) = _page(f"section.{anchor}", speak), results.result(anchor, record, speak)
        yield _section(anchor, title, list(rows), record, speak)._replace(tone=tone, result=result)
    who, parameters = identity.who_and_where(record, speak), speak("Parameters")
    at = who.index(Heading(parameters))
    yield Section("who", speak("Run"), who[:at], folded=True)
    yield Section("parameters", parameters, who[at + 1 :], folded=True)


def _section(anchor: str, title: str, rows: Sequence[sections.Row], record: Record, speak: Words) -> Section:
    """Render a section of a run's page. What is folded in it has its own heading to open it by."""
    parts: list[Part] = []
    for row in rows:
        shown = row.tell(record, speak)
        if row.folded and not parts:  # all of the section is
            return Section(anchor, title, shown or [Paragraph(_page("not-reached", speak))], folded=True)
        if row.folded:
            parts += [_fold(shown)] if shown else []
        else:
            parts += _SET[row.tell](record, shown, speak) if row.tell in _SET else shown
    return Section(anchor, title, parts or [Paragraph(_page("not-reached", speak))])


def _fold(blocks: Sequence[Block]) -> Fold:
    heading, *others = blocks
    return Fold(heading.text if isinstance(heading, Heading) else "", others)


def _checks(record: Record, blocks: Sequence[Part], speak: Words) -> list[Part]:
    """Return the waivers, what did not pass by its weight; folded, what passed and what was not checked."""
    if not record.findings:
        return []
    verdicts = [finding.verdict.value for finding in record.findings]
    made = next(block for block in blocks if isinstance(block, Table))
    shown: list[Part] = list(checks.waivers(record, speak))  # the counts stand beside the heading
    rows = [(row[0], SYMBOLS[row[1]], *row[2:]) for row in made.rows]
    first = [rows[place] for kind in ATTENTION for place, verdict in enumerate(verdicts) if verdict == kind]
    if first:
        attention = Table(made.columns, tuple(first), frozenset(range(len(first))), kind="attention")
        shown += [Heading(speak("Not passed")), attention]
    for verdict, key in ((Verdict.PASS, "checks.passed"), (Verdict.SKIPPED, "checks.skipped")):
        if quiet := tuple(row[:-1] for row, found in zip(rows, verdicts, strict=True) if found == verdict):
            # These have nothing to do: the last column, the remedy, would be empty.
            title = _page(key, speak, count=len(quiet))
            shown.append(Fold(title, [Table(made.columns[:-1], quiet, kind="passed")]))
    return shown


def _comparison(record: Record, parts: Sequence[Part], speak: Words) -> list[Part]:
    """Return the run sheet's rows, what has changed and what is not as required; then, folded, the others.

    SES's own diary, which goes on whatever is written, is one of the others.
    """
    if not record.comparison:
        return []
    whole = next(block for block in parts if isinstance(block, Table))
    fields = [row.field for row in record.comparison]
    changed = {place for place in whole.marks if fields[place] not in DIARY}
    weighty = changed | {fields.index(name) for name in RUN_SHEET}
    unread = [part for part in parts if isinstance(part, Paragraph)]
    first = [place for place in range(len(whole.rows)) if place in weighty]
    rest = [place for place in range(len(whole.rows)) if place not in weighty]
    others = Fold(speak("Other fields: {count}", count=len(rest)), [_rows(whole, rest)])
    return [*unread, _rows(whole, first), others]


def _rows(whole: Table, places: Sequence[int]) -> Table:
    """Render some rows of a table."""
    marks = frozenset(number for number, place in enumerate(places) if place in whole.marks)
    return Table(whole.columns, tuple(whole.rows[place] for place in places), marks)


def _servers(record: Record, parts: Sequence[Part], speak: Words) -> list[Part]:
    """Return the picture of all servers, then the tables that say the same."""
    legend = caption(record.before, speak.language) if record.before else ""
    picture = matrix_picture(record.before, legend) if record.before else None
    return [*([Figure(picture, legend)] if picture else []), *parts]


#: How a page sets what a step shows, where it is not as a notebook does.
_SET: Final[Mapping[sections.Tell, Callable[[Record, Sequence[Part], Words], list[Part]]]] = {
    checks.checks: _checks,
    comparison.comparison: _comparison,
    observed.servers: _servers,
}


def _of_papermill(archived: Archived, speak: Words) -> list[Block]:
    """Return when papermill ran a notebook without events. No gate has searched the rest of it for keys."""
    known = archived.papermill
    times = [(name, known.get(key)) for name, key in (("started", "start_time"), ("ended", "end_time"))]
    rows = [(speak.record(name), speak.time(str(at)) if at else NONE) for name, at in times]
    return [facts([(speak("notebook"), archived.path.name), *rows]), Paragraph(_page("unsearched", speak))]


def _evidence(archived: Archived, speak: Words) -> list[Block]:
    evidence = archived.evidence
    standing = Paragraph(evidence.explain(speak.language))
    if not archived.record:
        return [standing]
    rows = [
        (speak("journal events"), str(len(archived.record.events))),
        (speak("SHA-256 of the last line"), evidence.head),
    ]
    return [standing, facts(rows)]
