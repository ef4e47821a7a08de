"""Blocks in a notebook: HTML and Markdown that survive nbconvert, GitHub and an untrusted JupyterLab."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from byodkim.display.blocks import Block, Code, Heading, Headline, Paragraph, Table

if TYPE_CHECKING:
    import pandas

MARKS = {"good": "✔", "wait": "…", "bad": "✘"}


class Shown:
    """A step's result: it shows itself, and gives its tables as DataFrames to who explores."""

    def __init__(self, blocks: Sequence[Block]) -> None:
        self.blocks = tuple(blocks)

    @property
    def frames(self) -> list[pandas.DataFrame]:
        """The tables, in order."""
        return [frame(block) for block in self.blocks if isinstance(block, Table)]

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:  # noqa: ARG002
        return self.bundle()

    def bundle(self) -> dict[str, Any]:
        """The result by MIME type."""
        return {
            "text/html": "\n".join(as_html(block) for block in self.blocks),
            "text/markdown": "\n\n".join(as_markdown(block) for block in self.blocks),
            "text/plain": "\n\n".join(as_text(block) for block in self.blocks),
        }

    def __repr__(self) -> str:
        return str(self.bundle()["text/plain"])


def frame(table: Table) -> pandas.DataFrame:
    """The table as a DataFrame of text."""
    import pandas

    return pandas.DataFrame(list(table.rows), columns=list(table.columns), dtype=object)


def as_html(block: Block) -> str:
    """The block as HTML, everything escaped."""
    match block:
        case Headline():
            mark = MARKS[block.tone]
            return f"<h3>{mark} {html.escape(block.outcome)}</h3>\n<p><b>{html.escape(block.sentence)}</b></p>"
        case Heading():
            return f"<h4>{html.escape(block.text)}</h4>"
        case Paragraph():
            return f"<p>{html.escape(block.text)}</p>"
        case Code():
            return f"<pre>{html.escape(block.text)}</pre>"
        case Table():
            return _html_table(block)


def _html_table(table: Table) -> str:
    import pandas

    # pandas cuts at 50 characters unless told not to: a record must not lose a hash's end.
    with pandas.option_context("display.max_colwidth", None):
        shown: str = frame(table).to_html(index=False, header=any(table.columns), escape=True, border=0, justify="left")
        # JupyterLab sets cells to the right; where styles are stripped, this does no harm.
        shown = shown.replace("<td>", '<td style="text-align:left">').replace("<th>", '<th style="text-align:left">')
    return shown


def as_markdown(block: Block) -> str:
    """The block as GitHub-flavoured Markdown; what comes from outside cannot become markup."""
    match block:
        case Headline():
            return f"### {MARKS[block.tone]} {_escaped(block.outcome)}\n\n**{_escaped(block.sentence)}**"
        case Heading():
            return f"#### {_escaped(block.text)}"
        case Paragraph():
            return _escaped(block.text)
        case Code():
            return "\n".join(f"    {line}" for line in block.text.splitlines())
        case Table():
            lines = [block.columns, tuple("---" for _ in block.columns), *block.rows]
            return "\n".join("| " + " | ".join(_escaped(cell) for cell in line) + " |" for line in lines)


def as_text(block: Block) -> str:
    """The block as plain text, for terminals."""
    match block:
        case Headline():
            return f"{block.outcome}  {block.sentence}"
        case Heading() | Paragraph() | Code():
            return block.text
        case Table():
            lines = [block.columns, *block.rows] if any(block.columns) else list(block.rows)
            return "\n".join("  ".join(line).rstrip() for line in lines)


def _escaped(text: str) -> str:
    if set(text) <= {"-"}:
        return text
    # HTML first: Markdown passes tags through. Then what Markdown itself gives a meaning to.
    shown = html.escape(text, quote=False).replace("\n", " ")
    return "".join(f"\\{char}" if char in "\\`*_[]|~$" else char for char in shown)
