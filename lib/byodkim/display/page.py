"""The record as one HTML file that stands alone: no script, no font, no picture from elsewhere, readable in years."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC
from itertools import groupby
from typing import Final

from byodkim.display import opening, procedures, telling, words
from byodkim.display.blocks import Block, Heading, Headline, Paragraph, Table, facts
from byodkim.display.executed import executed
from byodkim.display.markup import escaped, markup, sentence, table
from byodkim.display.shell import FIRST_LINE as FIRST_LINE
from byodkim.display.shell import document
from byodkim.display.telling import NONE
from byodkim.display.words import Words
from byodkim.evidence.archived import Archived
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

Section = tuple[str, str, str]  # anchor, title, HTML


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
    """What an archive puts around a record: HTML above it, and sections of its own before the notebook."""

    top: str = ""
    sections: tuple[Section, ...] = ()


ALONE: Final = Around()


def page(archived: Archived, language: Language | None = None, around: Around = ALONE) -> str:
    """The record as HTML.

    Args:
        archived: the run's notebook and journal.
        language: of the page; the run's own unless given. What was written in the run stays in the run's language.
        around: what stands around it in an archive's site.

    Raises:
        LookupError, TypeError, ValueError, AttributeError: the events are not such as a run writes.
    """
    speak = words_of(archived, language)
    opened = verdict(archived, speak)
    sections = list(_sections(archived, opened, speak, around))
    title = next(block for block in opened if isinstance(block, Headline))
    links = "".join(f'<a href="#{anchor}">{escaped(name)}</a>' for anchor, name, _ in sections)
    inner = "\n".join(
        f'<section id="{anchor}">\n<h2>{escaped(name)}</h2>\n{told}\n</section>' for anchor, name, told in sections
    )
    body = f"""<header>
{around.top}{_caution(archived, speak)}{_opening(archived, opened, speak)}
<nav aria-label="{escaped(_page("contents", speak))}">{links}</nav>
</header>
<main>
{inner}
</main>"""
    return document(_title(archived, title), speak.language, body, ("page.css",))


def _page(key: str, speak: Words, **values: object) -> str:
    return say("page", key, speak.language, **values)


def _title(archived: Archived, headline: Headline) -> str:
    begin = archived.events[0] if archived.events else {}
    selector = Record(archived.events).selector if begin else None
    told = (headline.outcome, begin.get("domain"), selector, begin.get("run") or archived.path.name)
    return " ".join(str(part) for part in told if part)


def _opening(archived: Archived, opened: Sequence[Block], speak: Words) -> str:
    waivers = telling.waivers(Record(archived.events), speak) if archived.events else []
    told = [(block, _opened(block)) for block in opened]
    return "\n".join(f'<div class="waiver">{html}</div>' if block in waivers else html for block, html in told)


def _opened(block: Block) -> str:
    if isinstance(block, Table) and not any(block.columns):  # the answers
        return table(block, "facts answers", prose=True)
    return markup(block, 1 if isinstance(block, Headline) else 2)


def _caution(archived: Archived, speak: Words) -> str:
    evidence = archived.evidence
    if evidence.sound:
        return ""
    told = sentence(_page(f"evidence.{evidence.key}", speak, **evidence.values))
    return f'<p class="caution"><strong>{escaped(_page("evidence.warning", speak))}</strong> {told}</p>\n'


def _sections(archived: Archived, opened: Sequence[Block], speak: Words, around: Around) -> Iterator[Section]:
    if archived.events:
        yield from _of_run(Record(archived.events), opened, speak)
    else:
        yield "who", _page("who", speak), _all(_of_papermill(archived, speak))
    yield from around.sections
    if archived.cells:
        yield "notebook", _page("section.notebook", speak), executed(archived.cells, speak)
    yield "evidence", _page("evidence", speak), _all(_evidence(archived, speak))


def _of_run(record: Record, opened: Sequence[Block], speak: Words) -> Iterator[Section]:
    who, parameters = _split(telling.who_and_where(record, speak))
    yield "who", _page("who", speak), _all(who)
    yield "parameters", speak("parameters"), _all(parameters[1:])
    yield "checks", _page("section.checks", speak), _checks(record, speak)
    if own_told := procedures.own(record):
        for anchor, key, tell in own_told.SECTIONS:
            yield anchor, _page(key, speak), _all(tell(record, speak)) or _unreached(speak)
        yield "next", _page("next", speak), _all(_next(record, opened, speak))
        return
    told: tuple[tuple[str, str, Callable[[Record, Words], list[Block]]], ...] = (
        ("comparison", _page("section.comparison", speak), telling.comparison),
        ("proof", _page("section.proof", speak), telling.proof),
        ("state", _page("section.state", speak), _state),
        ("plan", _page("section.plan", speak), telling.plan),
        ("write", _page("section.write", speak), _write),
        ("timeline", _page("section.timeline", speak), telling.timeline),
    )
    for anchor, title, tell in told:
        yield anchor, title, _all(tell(record, speak)) or _unreached(speak)
    yield "way-back", _page("way-back", speak), _all(_way_back(record, opened, speak))
    yield "dns-team", _page("section.hand", speak), _all(telling.handing(record, speak))
    yield "next", _page("next", speak), _all(_next(record, opened, speak))


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


def _all(blocks: Sequence[Block]) -> str:
    return "\n".join(markup(block) for block in blocks)


def _unreached(speak: Words) -> str:
    return markup(Paragraph(_page("not-reached", speak)))


def _state(record: Record, speak: Words) -> list[Block]:
    # The legend is of the notebook's picture, which is not here.
    return [block for block in telling.current_state(record, speak) if block != Paragraph(speak("dns.legend"))]


def _write(record: Record, speak: Words) -> list[Block]:
    return [*telling.writing(record, speak), *telling.verification(record, speak)]


def _checks(record: Record, speak: Words) -> str:
    """Render what did not pass, in the order of its weight; then what passed; then what was not checked."""
    told = telling.checks(record, speak)
    if not record.findings:
        return _unreached(speak)
    verdicts = [finding.verdict.value for finding in record.findings]
    made = next(block for block in told if isinstance(block, Table))
    rows = [(row[0], SYMBOLS[row[1]], *row[2:]) for row in made.rows]
    first = [rows[place] for kind in ATTENTION for place, verdict in enumerate(verdicts) if verdict == kind]
    shown = [markup(block) for block in told if not isinstance(block, Table)]
    if first:
        shown.append(markup(Heading(_page("checks.attention", speak))))
        shown.append(table(Table(made.columns, tuple(first), frozenset(range(len(first)))), "attention"))
    for verdict, key in ((Verdict.PASS, "checks.passed"), (Verdict.SKIPPED, "checks.skipped")):
        if quiet := tuple(row[:-1] for row, found in zip(rows, verdicts, strict=True) if found == verdict):
            # These have nothing to do: the last column, the remedy, would be empty.
            shown += [markup(Heading(_page(key, speak))), table(Table(made.columns[:-1], quiet), "passed")]
    return "\n".join(shown)


def _way_back(record: Record, opened: Sequence[Block], speak: Words) -> list[Block]:
    key = "way-back.unknown" if record.intent is not None else "way-back.untouched"
    return _under(speak("way-back"), opened) or [Paragraph(_page(key, speak))]


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
