"""Blocks as HTML for a page of its own: semantic, every character of foreign text escaped, what is invisible shown."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from byodkim.display.blocks import FLAG, Block, Code, Heading, Headline, Paragraph, Table
from byodkim.display.blocks import visible as visible
from byodkim.display.notebook import MARKS

SHORT: Final = 16  # characters that stay on one line
LONG: Final = 24  # characters without a space that may be broken anywhere
# Data within a sentence: a selector, a name, an address, a time. Broken at a hyphen it would be misread.
DATA: Final = re.compile(r"\b(?=[\w/:@+-]*[\d._/])[a-z0-9_]+(?:[-._/:@+]+[a-z0-9_]+)+\b", re.ASCII | re.IGNORECASE)
#: Where an ARN or an address may be broken; an entity that stands for a character is left whole.
PARTS: Final = re.compile(r"[/:](?=[\w-])")
_FLAG: Final = f'<span class="flag">{FLAG}</span>'


def escaped(text: str) -> str:
    """``text`` as HTML, fit for content and for attributes in double quotes."""
    return html.escape(visible(text))


def sentence(text: str) -> str:
    """``text`` as HTML, the data in it set apart."""
    return DATA.sub(r"<code>\g<0></code>", escaped(text))


def markup(block: Block, level: int | None = 3) -> str:
    """One block as HTML. ``level`` is that of its headings; without one they are no headings of the document."""
    match block:
        case Headline():
            word = f'<span class="outcome">{MARKS[block.tone]} {escaped(block.outcome)}</span>'
            return _heading(f"{word} {sentence(block.sentence)}", level, block.tone)
        case Heading():
            return _heading(escaped(block.text), level, "inner")
        case Paragraph():
            return f"<p>{sentence(block.text)}</p>" if block.text else ""
        case Code():
            return f"<pre>{escaped(block.text)}</pre>"
        case Table():
            return table(block)


@dataclass(frozen=True)
class Anchor:
    """What stands around a table's row: where its first cell leads."""

    href: str = ""


def table(shown: Table, kind: str = "", around: Sequence[Anchor] = (), *, prose: bool = False) -> str:
    """A table. Without column names its first column names the rows.

    Args:
        shown: the table.
        kind: its class.
        around: what stands around each row, or none.
        prose: its cells are sentences, the data in them set apart.
    """
    named = any(shown.columns)
    names = kind or ("" if named else "facts")
    head = "".join(f'<th scope="col"{_size(name)}>{escaped(name)}</th>' for name in shown.columns)
    tell = sentence if prose else escaped
    rows = "\n".join(
        _row(shown, number, around[number] if around else Anchor(), tell) for number in range(len(shown.rows))
    )
    thead = f"<thead><tr>{head}</tr></thead>\n" if named else ""
    return f'<table class="{names}">\n{thead}<tbody>\n{rows}\n</tbody>\n</table>'


def _row(shown: Table, number: int, around: Anchor, tell: Callable[[str], str]) -> str:
    marked = number in shown.marks
    first, *others = shown.rows[number]
    name = f'<a href="{escaped(around.href)}">{escaped(first)}</a>' if around.href else escaped(first)
    cells = [f'<th scope="row"{_size(first)}>{_FLAG if marked else ""}{name}</th>']
    for column, cell in zip(shown.columns[1:], others, strict=True):
        label = f' data-label="{escaped(column)}"' if column else ""
        cells.append(f"<td{_size(cell)}{label}>{_parted(tell, cell)}</td>")
    return f"<tr{' class=marked' if marked else ''}>{''.join(cells)}</tr>"


def _parted(tell: Callable[[str], str], cell: str) -> str:
    """A cell as HTML; an ARN or an address may be broken between its parts, so that none is cut in two."""
    told = tell(cell)
    return PARTS.sub(r"\g<0><wbr>", told) if "/" in cell and "<" not in told else told


def _size(cell: str) -> str:
    cell = visible(cell)
    if max(map(len, cell.split()), default=0) > LONG:
        return ' class="long"'
    word = cell.isascii() and " " not in cell  # a run's id, a selector: broken at a hyphen it would be misread
    return ' class="short"' if len(cell) <= SHORT or word else ""


def _heading(text: str, level: int | None, kind: str) -> str:
    return f'<h{level} class="{kind}">{text}</h{level}>' if level else f'<p class="heading {kind}">{text}</p>'
