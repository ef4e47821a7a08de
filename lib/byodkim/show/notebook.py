"""Sections in a notebook: plain HTML and text that every viewer of notebooks shows alike."""

from collections.abc import Sequence
from html import escape
from typing import Final

from byodkim.show.section import Code, Facts, Part, Section, Strong, Table, aligned, visible

_LEFT: Final = ' style="text-align:left"'


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
            return aligned([(str(name), _plain(answer)) for name, answer in part.rows])
        case Table():
            return aligned([part.titles, *part.rows]) if part.rows else ""
        case Code():
            return visible(part.code)
        case Strong():
            return f"▲ {visible(part.text)}"
        case _:
            return visible(part)


def _tag(name: str, text: object) -> str:
    return f"<{name}>{escape(visible(text))}</{name}>"


def _answer(answer: str | Code) -> str:
    return _tag("code", answer.code) if isinstance(answer, Code) else escape(visible(answer))


def _plain(answer: str | Code) -> str:
    return answer.code if isinstance(answer, Code) else answer


def _table(head: str, rows: Sequence[Sequence[str]]) -> str:
    body = "".join(_row("td", row) for row in rows)
    return f"<table>{head}<tbody>{body}</tbody></table>" if rows else ""


def _row(tag: str, cells: Sequence[str]) -> str:
    return f"<tr>{''.join(f'<{tag}{_LEFT}>{cell}</{tag}>' for cell in cells)}</tr>"
