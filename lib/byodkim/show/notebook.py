"""Sections in a notebook: plain HTML and text that every viewer of notebooks shows alike."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Final

from byodkim.show.section import Code, Facts, Part, Section, Strong
from byodkim.show.text import visible
from byodkim.words import Sentence

if TYPE_CHECKING:
    from byodkim.show.table import Table

_LEFT: Final = ' style="text-align:left"'


def bundle(section: Section) -> dict[str, str]:
    """Return a section by MIME type, for ``IPython.display.display(…, raw=True)``.

    Everything is escaped, nothing is cut off, and marks are characters, not colours.
    """
    return {"text/html": as_html(section), "text/plain": as_text(section)}


def as_html(section: Section) -> str:
    """Return a section as HTML without classes, styles of its own or scripts."""
    body = "".join(_html(part) for part in section.body)
    heading = escape(section.heading)
    if section.folded:
        return f"<details><summary>{heading}</summary>{body}</details>"
    return f"<h4>{heading}</h4>{body}"


def as_text(section: Section) -> str:
    """Return a section as plain text. Nothing in it can move a cursor."""
    return "\n\n".join([section.heading, *filter(None, map(_text, section.body))])


def _html(part: Part) -> str:
    match part:
        case Facts(rows):
            return _html_rows(
                [[f"<b>{escape(visible(name))}</b>", _answer(answer)] for name, answer in rows]
            )
        case Code(text):
            return f"<pre>{escape(visible(text))}</pre>"
        case Strong(text):
            return f"<p><b>▲ {escape(visible(text))}</b></p>"
        case Sentence() | str():
            return f"<p>{escape(visible(part))}</p>"
        case _:
            from byodkim.show.table import table_of  # pandas: only where a table is shown

            return _html_table(table_of(part))


def _bold(markup: str) -> str:
    return f"<b>{markup}</b>"


def _answer(answer: str | Code) -> str:
    if isinstance(answer, Code):
        return f"<code>{escape(visible(answer.code))}</code>"
    return escape(visible(answer))


def _html_table(table: Table) -> str:
    head = "".join(f"<th{_LEFT}>{escape(title)}</th>" for title in table.titles)
    rows = [[escape(cell) for cell in row] for row in table.rows]
    for row, is_marked in zip(rows, table.marked, strict=True):
        if is_marked:
            row[:] = map(_bold, row)
    return _html_rows(rows, f"<thead><tr>{head}</tr></thead>")


def _html_rows(rows: list[list[str]], head: str = "") -> str:
    if not rows:
        return ""
    lines = "".join(
        "<tr>" + "".join(f"<td{_LEFT}>{cell}</td>" for cell in row) + "</tr>" for row in rows
    )
    return f"<table>{head}<tbody>{lines}</tbody></table>"


def _text(part: Part) -> str:
    match part:
        case Facts(rows):
            return "\n".join(f"{visible(name)}  {_plain(answer)}" for name, answer in rows)
        case Code(text):
            return visible(text)
        case Strong(text):
            return f"▲ {visible(text)}"
        case Sentence() | str():
            return visible(part)
        case _:
            import pandas as pd

            from byodkim.show.table import table_of

            table = table_of(part)
            frame = pd.DataFrame(table.rows, columns=table.titles, dtype=object)
            with pd.option_context(
                "display.max_colwidth", None, "display.unicode.east_asian_width", True
            ):
                return str(frame.to_string(index=False, justify="left")) if table.rows else ""


def _plain(answer: str | Code) -> str:
    return visible(answer.code if isinstance(answer, Code) else answer)
