"""What a record of any procedure shows, and its sections as plain HTML and text, which every viewer
of notebooks shows alike.
"""

from collections.abc import Sequence
from html import escape
from typing import Final

from byodkim.record.record import Record
from byodkim.show import first_screen, sections
from byodkim.show.section import Code, Facts, Part, Section, Strong, Table, aligned, visible
from byodkim.show.sections import Show

_LEFT: Final = ' style="text-align:left"'


def headline(record: Record) -> Section:
    """Return the first screen of a record."""
    first, _steps, _page = _screens(record)
    return first(record)


def sections_of(record: Record, step: str) -> list[Section]:
    """Return what a step of the record's notebook shows."""
    _first, steps, _page = _screens(record)
    return [show(record) for show in steps[step]]


def page_sections(record: Record) -> list[Section]:
    """Return what a page shows below its first screen, without the steps that did not happen."""
    _first, _steps, page = _screens(record)
    made = [show(record) for show in page]
    return [each for each in made if each.body and each.status != "skipped"]


def bundle(section: Section) -> dict[str, str]:
    """Return a section by MIME type, for ``IPython.display.display(…, raw=True)``.

    Everything is escaped, nothing is cut off, and marks are characters, not colours.
    """
    return {"text/html": as_html(section), "text/plain": as_text(section)}


def as_html(part: Part) -> str:
    """Return a section or a part of it as HTML without classes or scripts."""
    match part:
        case Section():
            body = "".join(map(as_html, part.body))
            if part.folded:
                return f"<details><summary>{escape(part.heading)}</summary>{body}</details>"
            return f"<h4>{escape(part.heading)}</h4>{body}"
        case Facts():
            return _table("", [[_tag("b", name), _answer(answer)] for name, answer in part.rows])
        case Table():
            head = _row("th", [escape(title) for title in part.titles])
            rows = zip(part.rows, part.marked, strict=True)
            cells = [[_tag("b", cell) if bold else escape(cell) for cell in row]
                     for row, bold in rows]  # fmt: skip
            return _table(f"<thead>{head}</thead>", cells)
        case Code():
            return _tag("pre", part.code)
        case Strong():
            return f"<p>{_tag('b', f'▲ {part.text}')}</p>"
        case _:
            return _tag("p", part)


def as_text(part: Part) -> str:
    """Return a section or a part of it as plain text. Nothing in it can move a cursor."""
    match part:
        case Section():
            return "\n\n".join([part.heading, *filter(None, map(as_text, part.body))])
        case Facts():
            return aligned([(str(name), as_text(answer)) for name, answer in part.rows])
        case Table():
            return aligned([part.titles, *part.rows]) if part.rows else ""
        case Code():
            return visible(part.code)
        case Strong():
            return f"▲ {visible(part.text)}"
        case _:
            return visible(part)


def _screens(record: Record) -> tuple[Show, dict[str, tuple[Show, ...]], tuple[Show, ...]]:
    if record.begun.procedure == "fleet":
        from byodkim.show import campaign

        return campaign.headline, campaign.SECTIONS, campaign.PAGE
    return first_screen.headline, sections.SECTIONS, sections.PAGE


def _tag(name: str, text: object) -> str:
    return f"<{name}>{escape(visible(text))}</{name}>"


def _answer(answer: str | Code) -> str:
    return _tag("code", answer.code) if isinstance(answer, Code) else escape(visible(answer))


def _table(head: str, rows: Sequence[Sequence[str]]) -> str:
    body = "".join(_row("td", row) for row in rows)
    return f"<table>{head}<tbody>{body}</tbody></table>" if rows else ""


def _row(tag: str, cells: Sequence[str]) -> str:
    return f"<tr>{''.join(f'<{tag}{_LEFT}>{cell}</{tag}>' for cell in cells)}</tr>"
