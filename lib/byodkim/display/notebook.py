"""Blocks in a notebook: HTML and Markdown that survive nbconvert, GitHub and an untrusted JupyterLab."""

from __future__ import annotations

import html
import re
import sys
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from byodkim.display.blocks import Block, Code, Frame, Heading, Headline, Paragraph, Table, visible

if TYPE_CHECKING:
    import pandas

# A record, and even more an archive of them, says the same words again and again.
_REMEMBERED: Final = 16384
_MARKDOWN: Final = str.maketrans(
    {char: f"\\{char}" for char in "\\`*_[]|~$#"} | {char: html.escape(char, quote=False) for char in "&<>"}
)
MARKS = {"good": "✔", "wait": "…", "bad": "✘"}


class Shown:
    """A step's result: it shows itself, and gives its tables as DataFrames to who explores."""

    def __init__(self, blocks: Sequence[Block]) -> None:
        self.blocks = tuple(blocks)
        self._made: dict[str, Any] = {}

    @property
    def frames(self) -> list[pandas.DataFrame]:
        """The tables, in order."""
        return [frame(block) for block in self.blocks if isinstance(block, Table)]

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:  # noqa: ARG002
        if "pandas" not in sys.modules:
            return self.bundle()
        return self.bundle() | {"text/html": "\n".join(as_html(block, by_pandas) for block in self.blocks)}

    def bundle(self) -> dict[str, Any]:
        """The result by MIME type."""
        if not self._made:
            self._made = {
                "text/html": "\n".join(as_html(block) for block in self.blocks),
                "text/markdown": "\n\n".join(as_markdown(block) for block in self.blocks),
                "text/plain": "\n\n".join(as_text(block) for block in self.blocks),
            }
        return dict(self._made)

    def __repr__(self) -> str:
        return str(self.bundle()["text/plain"])


def frame(table: Table) -> pandas.DataFrame:
    """The table as a DataFrame of text."""
    import pandas

    return pandas.DataFrame(list(table.rows), columns=list(table.columns), dtype=object)


def by_pandas(table: Table) -> str:
    """The table as pandas writes it, nothing cut off; every cell set to the left."""
    import pandas

    seen = Table(tuple(map(visible, table.columns)), tuple(tuple(map(visible, row)) for row in table.rows))
    # pandas cuts at 50 characters unless told not to: a record must not lose a hash's end.
    with pandas.option_context("display.max_colwidth", None):
        shown: str = frame(seen).to_html(index=False, header=any(table.columns), escape=True, border=0, justify="left")
    shown = re.sub(r">\n *<", "><", shown)  # in one line, as other tables are
    return shown.replace("<td>", '<td style="text-align:left">').replace("<th>", '<th style="text-align:left">')


def as_html(block: Block, framed: Callable[[Table], str] | None = None) -> str:
    """The block as HTML, everything escaped."""
    match block:
        case Headline():
            mark = MARKS[block.tone]
            return f"<h3>{mark} {_html(block.outcome)}</h3>\n<p><b>{_html(block.sentence)}</b></p>"
        case Heading():
            return f"<h4>{_html(block.text)}</h4>"
        case Paragraph():
            return f"<p>{_html(block.text)}</p>"
        case Code():
            return f"<pre>{_html(block.text)}</pre>"
        case Frame():
            return (framed or _html_frame)(block)
        case Table():
            return _html_table(block)


@lru_cache(_REMEMBERED)
def _html(text: str) -> str:
    return html.escape(visible(text))


def _html_table(table: Table) -> str:
    head = f"<thead>{_html_row('th', table.columns)}</thead>" if any(table.columns) else ""
    # In one line: papermill writes the notebook anew for each cell, and each line of an output is a string of its own.
    body = "".join([_html_row("td", row) for row in table.rows])
    return f"<table>{head}<tbody>{body}</tbody></table>"


@lru_cache(_REMEMBERED)
def _html_row(tag: str, cells: tuple[str, ...]) -> str:
    # JupyterLab sets cells to the right; where styles are stripped, this does no harm.
    return "<tr>" + "".join([f'<{tag} style="text-align:left">{_html(cell)}</{tag}>' for cell in cells]) + "</tr>"


def _html_frame(table: Table) -> str:
    """What ``by_pandas`` gives, for a run and for who looks through a thousand: loading pandas would take longer."""
    head = f"<thead>{_frame_row('th', table.columns)}</thead>" if any(table.columns) else ""
    body = "".join(_frame_row("td", row) for row in table.rows)
    return f'<table class="dataframe">{head}<tbody>{body}</tbody></table>'


def _frame_row(tag: str, cells: Sequence[str]) -> str:
    told = "".join(f'<{tag} style="text-align:left">{_framed(cell, tag)}</{tag}>' for cell in cells)
    style = ' style="text-align: left;"' if tag == "th" else ""
    return f"<tr{style}>{told}</tr>"


def _framed(text: str, tag: str) -> str:
    seen = visible(text) if tag == "th" else visible(text).replace("\t", "\\t").replace("\n", "\\n")
    return html.escape(seen, quote=False).strip()


def as_markdown(block: Block) -> str:
    """The block as GitHub-flavoured Markdown; what comes from outside cannot become markup."""
    match block:
        case Headline():
            return f"### {MARKS[block.tone]} {_escaped(block.outcome)}\n\n**{_escaped(block.sentence)}**"
        case Heading():
            return f"#### {_escaped(block.text)}"
        case Paragraph():
            # At its beginning, these would make a list, a rule or a heading of it.
            return re.sub(r"^([-+=:]|\d+(?=[.)]))", lambda start: _unmeant(start[1]), _escaped(block.text))
        case Code():
            return "\n".join(f"    {line}" for line in visible(block.text).splitlines())
        case Table():
            head, *rows = map(_markdown_row, (block.columns, *block.rows))
            return "\n".join([head, "|" + " --- |" * len(block.columns), *rows])


@lru_cache(_REMEMBERED)
def _markdown_row(cells: tuple[str, ...]) -> str:
    return "| " + " | ".join(map(_escaped, cells)) + " |"


def as_text(block: Block) -> str:
    """The block as plain text, for terminals: nothing in it can move a cursor."""
    match block:
        case Headline():
            return f"{visible(block.outcome)}  {visible(block.sentence)}"
        case Heading() | Paragraph() | Code():
            return visible(block.text)
        case Table():
            lines = [block.columns, *block.rows] if any(block.columns) else list(block.rows)
            return "\n".join(map(_text_row, lines))


@lru_cache(_REMEMBERED)
def _text_row(cells: tuple[str, ...]) -> str:
    return "  ".join(map(visible, cells)).rstrip()


def _unmeant(start: str) -> str:
    return f"\\{start}" if not start.isdigit() else f"{start}\\"


@lru_cache(_REMEMBERED)
def _escaped(text: str) -> str:
    # HTML first: Markdown passes tags through. Then what Markdown itself gives a meaning to.
    shown = " ".join(visible(text).split()).translate(_MARKDOWN)
    return shown.replace("://", "\\://").replace("www.", "www\\.")  # no address becomes a link to click on
