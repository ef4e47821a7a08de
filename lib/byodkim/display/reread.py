"""Results of steps read back from a notebook's outputs: blocks again, so that no markup of a file is ever passed on."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Final

from byodkim.display.blocks import Block, Code, Heading, Paragraph, Table

TEXTS: Final[dict[str, type[Heading | Paragraph | Code]]] = {"h3": Heading, "h4": Heading, "p": Paragraph, "pre": Code}
CELLS: Final = ("th", "td")


def blocks(markup: str) -> list[Block]:
    """The blocks that ``byodkim.display.notebook.as_html`` wrote; markup of any other kind is left out."""
    reader = _Reader()
    reader.feed(markup)
    reader.close()
    return reader.blocks


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.blocks: list[Block] = []
        self._rows: list[list[str]] | None = None
        self._named = False
        self._open = ""
        self._text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        if tag == "table":
            self._rows, self._named = [], False
        elif tag == "tr" and self._rows is not None:
            self._rows.append([])
        elif tag == "thead":
            self._named = True
        elif tag in TEXTS or tag in CELLS:
            self._open, self._text = tag, ""

    def handle_data(self, data: str) -> None:
        if self._open:
            self._text += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "table" and self._rows:
            self._table(self._rows)
            self._rows = None
        elif tag == self._open and tag in CELLS and self._rows:
            self._rows[-1].append(self._text)
        elif tag == self._open and tag in TEXTS:
            self.blocks.append(TEXTS[tag](self._text))
        if tag == self._open:
            self._open = ""

    def _table(self, rows: list[list[str]]) -> None:
        width = max(map(len, rows))
        even = [tuple(row + [""] * (width - len(row))) for row in rows]
        columns = even.pop(0) if self._named else ("",) * width
        if width and even:
            self.blocks.append(Table(columns, tuple(even)))
