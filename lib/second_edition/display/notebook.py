"""Blocks in a notebook: HTML that survives nbconvert, GitHub and an untrusted JupyterLab; plain text; DataFrames."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Final

from second_edition.display.blocks import (
    FLAG,
    Block,
    Code,
    Data,
    Heading,
    Headline,
    Kind,
    Paragraph,
    Table,
    visible,
    within_line,
)

if TYPE_CHECKING:
    import pandas

#: A cell with a word that no column is wide enough for, as a key record's value: it is broken, not scrolled to.
_LONG: Final = re.compile(r'<td style="([^"]*)">([^<]*[^\s<]{100}[^<]*)</td>')
_MARKED: Final = '<tr class="marked" style="font-weight:bold">'


class Shown:
    """A step's result: it shows itself, and gives what its tables show as DataFrames."""

    def __init__(self, blocks: Sequence[Block]) -> None:
        self.blocks = tuple(blocks)
        self._made: dict[str, str] = {}

    @property
    def frames(self) -> dict[str, pandas.DataFrame]:
        """Return what the tables show, by name: moments, numbers, truth values and text, the same in every language."""
        return frames(self.blocks)

    @property
    def frame(self) -> pandas.DataFrame:
        """Return the first of ``frames``; an empty one where nothing was found."""
        import pandas

        return next(iter(self.frames.values()), pandas.DataFrame())

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:  # noqa: ARG002
        return self.bundle()

    def bundle(self) -> dict[str, str]:
        """Return the result by MIME type."""
        if not self._made:
            self._made = {
                "text/html": "\n".join(map(as_html, self.blocks)),
                "text/plain": repr(self),
            }
        return dict(self._made)

    def __repr__(self) -> str:
        return "\n\n".join(map(as_text, self.blocks))


def as_html(block: Block) -> str:
    """Return the block as HTML, everything escaped."""
    match block:
        case Headline():
            head = f"<h3>{block.mark} {_escaped(block.outcome)}</h3>"
            return f"{head}\n<p><b>{_escaped(block.sentence)}</b></p>"
        case Heading():
            return f"<h4>{_escaped(block.text)}</h4>"
        case Paragraph():
            return f"<p>{_escaped(block.text)}</p>"
        case Code():
            return f"<pre>{_escaped(block.text)}</pre>"
        case Table():
            return _html_table(block)


def as_text(block: Block) -> str:
    """Return the block as plain text, for terminals: nothing in it can move a cursor."""
    match block:
        case Headline():
            return within_line(f"{block.outcome}  {block.sentence}")
        case Table():
            return "\n".join("  ".join(row).rstrip() for row in _lines(block)[not block.named :])
        case Code():
            return visible(block.text)
        case _:
            return within_line(block.text)


def _lines(table: Table) -> list[list[str]]:
    """Return the names and the rows as they are seen. A row that wants attention begins with a flag."""
    rows = [[within_line(cell) for cell in row] for row in table.rows]
    for number in table.marks:
        rows[number][0] = FLAG + rows[number][0]
    return [[within_line(name) for name in table.columns], *rows]


def _html_table(table: Table) -> str:
    """Return the table as pandas writes it, nothing cut off. A row that wants attention is bold besides its flag."""
    import pandas

    head, *rows = _lines(table)
    # pandas cuts at 50 characters unless told not to: a record must not lose a hash's end.
    with pandas.option_context("display.max_colwidth", None):
        markup = pandas.DataFrame(rows, columns=head, dtype=object).to_html(
            index=False, header=table.named, escape=True, border=0, justify="left"
        )
    # In one line: papermill writes the notebook anew for each cell, and each line of an output is a string of its own.
    markup = re.sub(r">\n *<", "><", markup)
    # JupyterLab sets cells to the right; a style within the tag is what it, nbconvert and a printer keep.
    markup = re.sub(r"<(t[dh])>", r'<\1 style="text-align:left">', markup)
    markup = _LONG.sub(r'<td style="\1;word-break:break-all">\2</td>', markup)
    above, *each = markup.split("<tr>")
    return above + "".join(f"{_MARKED if number in table.marks else '<tr>'}{row}" for number, row in enumerate(each))


def _escaped(text: str) -> str:
    return html.escape(visible(text))


def frame(data: Data) -> pandas.DataFrame:
    """Return the values as a DataFrame, each column of its type."""
    import pandas

    columns = zip(*data.rows, strict=True) if data.rows else ([] for _ in data.kinds)
    return pandas.DataFrame(
        {name: _series(values, kind) for (name, kind), values in zip(data.kinds.items(), columns, strict=True)}
    )


def _series(values: Iterable[object], kind: str) -> pandas.Series:
    import pandas

    known = pandas.Series([_value(value) for value in values], dtype=object)
    return (pandas.to_datetime(known, utc=True, format="ISO8601") if kind == Kind.MOMENT else known).astype(kind)


def _value(value: object) -> object:
    """Return a value; of text, what can be seen of it, so that none moves a cursor where a DataFrame is printed."""
    return (visible(value) or None) if isinstance(value, str) else value


def frames(blocks: Sequence[Block]) -> dict[str, pandas.DataFrame]:
    """Return the tables that have values, by their names, in order; tables of one name become one."""
    import pandas

    found: dict[str, list[pandas.DataFrame]] = {}
    for block in blocks:
        if isinstance(block, Table) and block.data is not None:
            found.setdefault(block.data.name, []).append(frame(block.data))
    return {name: pandas.concat(some, ignore_index=True) for name, some in found.items()}
