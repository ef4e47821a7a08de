"""Blocks in a notebook: HTML and Markdown that survive nbconvert, GitHub and an untrusted JupyterLab."""

from __future__ import annotations

import html
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from byodkim.display.blocks import Block, Code, Frame, Heading, Headline, Paragraph, Table, visible

if TYPE_CHECKING:
    import pandas

# A record, and even more an archive of them, says the same words again and again.
_REMEMBERED: Final = 4096
_MARKDOWN: Final = str.maketrans(
    {char: f"\\{char}" for char in "\\`*_[]|~$#"} | {char: html.escape(char, quote=False) for char in "&<>"}
)
#: Text that is the same in HTML, in Markdown and in plain sight: nothing with a meaning, no two spaces side by side.
_ORDINARY: Final = re.compile(r"""[^\s&<>"'\\`*_\[\]|~$#]+(?: [^\s&<>"'\\`*_\[\]|~$#]+)*""")
#: What would make a list, a rule or a heading of a paragraph that begins with it.
_BEGINS: Final = re.compile(r"[-+=:]|\d+(?=[.)])")
#: Before, between and after the cells of a row. JupyterLab sets them to the right; this does no harm where styles are
#: stripped.
_CELLS: Final = {
    tag: (f'<{tag} style="text-align:left">', f'</{tag}><{tag} style="text-align:left">', f"</{tag}>")
    for tag in ("td", "th")
}
MARKS = {"good": "✔", "wait": "…", "bad": "✘"}

#: HTML, Markdown and plain text.
Told = tuple[str, str, str]


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
            told = [_told(block) for block in self.blocks]
            self._made = {
                "text/html": "\n".join([html for html, _, _ in told]),
                "text/markdown": "\n\n".join([markdown for _, markdown, _ in told]),
                "text/plain": "\n\n".join([text for _, _, text in told]),
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
    """The block as HTML, everything escaped. ``framed``: what tells a frame, where that is somebody else."""
    return framed(block) if framed and isinstance(block, Frame) else _told(block)[0]


def as_markdown(block: Block) -> str:
    """The block as GitHub-flavoured Markdown; what comes from outside cannot become markup."""
    return _told(block)[1]


def as_text(block: Block) -> str:
    """The block as plain text, for terminals: nothing in it can move a cursor."""
    return _told(block)[2]


def _told(block: Block) -> Told:
    """The block as HTML, as Markdown and as plain text."""
    match block:
        case Headline():
            mark, outcome, sentence = MARKS[block.tone], _said(block.outcome), _said(block.sentence)
            return (
                f"<h3>{mark} {outcome[0]}</h3>\n<p><b>{sentence[0]}</b></p>",
                f"### {mark} {outcome[1]}\n\n**{sentence[1]}**",
                f"{outcome[2]}  {sentence[2]}",
            )
        case Heading():
            html, markdown, text = _said(block.text)
            return f"<h4>{html}</h4>", f"#### {markdown}", text
        case Paragraph():
            html, markdown, text = _said(block.text)
            return f"<p>{html}</p>", _meant_as_text(markdown), text
        case Code():
            html, _, text = _said(block.text)
            return f"<pre>{html}</pre>", "\n".join([f"    {line}" for line in text.splitlines()]), text
        case Table():
            return _table(block)


def _table(table: Table) -> Told:
    told = zip(_row(table.columns, "th"), *map(_row, table.rows), strict=True)
    (head, *html), (names, *rows), (heading, *lines) = told
    named = any(table.columns)
    markdown = "\n".join((names, "|" + " --- |" * len(table.columns), *rows))
    text = "\n".join((heading, *lines) if named else lines)
    if isinstance(table, Frame):
        return _html_frame(table), markdown, text
    # In one line: papermill writes the notebook anew for each cell, and each line of an output is a string of its own.
    thead = f"<thead>{head}</thead>" if named else ""
    return f"<table>{thead}<tbody>{''.join(html)}</tbody></table>", markdown, text


@lru_cache(_REMEMBERED)
def _row(cells: tuple[str, ...], tag: str = "td") -> Told:
    if not cells:
        return "<tr></tr>", "|  |", ""
    html, markdown, text = zip(*map(_said, cells), strict=True)
    return f"<tr>{_html_cells(html, tag)}</tr>", f"| {' | '.join(markdown)} |", "  ".join(text).rstrip()


def _html_cells(cells: Iterable[str], tag: str) -> str:
    opens, between, closes = _CELLS[tag]
    return f"{opens}{between.join(cells)}{closes}"


@lru_cache(_REMEMBERED)
def _said(text: str) -> Told:
    """A piece of text as HTML, as Markdown, and as it is seen."""
    seen = visible(text)
    if _ORDINARY.fullmatch(seen) and "://" not in seen and "www." not in seen:
        return seen, seen, seen
    # HTML first: Markdown passes tags through. Then what Markdown itself gives a meaning to.
    markdown = " ".join(seen.split()).translate(_MARKDOWN)
    # No address becomes a link to click on.
    return html.escape(seen), markdown.replace("://", "\\://").replace("www.", "www\\."), seen


def _html_frame(table: Table) -> str:
    """What ``by_pandas`` gives, for a run and for who looks through a thousand: loading pandas would take longer."""
    head = f"<thead>{_frame_row('th', table.columns)}</thead>" if any(table.columns) else ""
    body = "".join([_frame_row("td", row) for row in table.rows])
    return f'<table class="dataframe">{head}<tbody>{body}</tbody></table>'


def _frame_row(tag: str, cells: Sequence[str]) -> str:
    style = ' style="text-align: left;"' if tag == "th" else ""
    told = _html_cells([_framed(cell, tag) for cell in cells], tag) if cells else ""
    return f"<tr{style}>{told}</tr>"


def _framed(text: str, tag: str) -> str:
    if text.isprintable() and _ORDINARY.fullmatch(text):
        return text
    seen = visible(text) if tag == "th" else visible(text).replace("\t", "\\t").replace("\n", "\\n")
    return html.escape(seen, quote=False).strip()


def _meant_as_text(markdown: str) -> str:
    """A paragraph that begins no list, no rule and no heading."""
    found = _BEGINS.match(markdown)
    if found is None:
        return markdown
    start, rest = found[0], markdown[found.end() :]
    return f"{start}\\{rest}" if start.isdigit() else f"\\{start}{rest}"
