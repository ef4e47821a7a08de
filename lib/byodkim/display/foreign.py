"""The notebook as it was executed, for a page: whatever a file holds, nothing of it can act or lead astray.

Its Markdown becomes a few elements of HTML without attributes but links to ``http``, ``https`` and ``mailto``; what its
cells showed becomes blocks again, so that no markup of theirs is passed on.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, Final
from xml.etree import ElementTree

from markupsafe import Markup

from byodkim.display.blocks import Block, Code, Heading, Paragraph, Table, visible
from byodkim.display.html import Cell, Part
from byodkim.display.words import Words
from byodkim.evidence.archived import text_of
from byodkim.messages import say

if TYPE_CHECKING:
    from mistune import Markdown

#: papermill's own banner and signpost to the cell that failed: the verdict stands first already.
BANNERS: Final = "papermill-error-cell-tag"
COLOURS: Final = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
TEXTS: Final[dict[str, type[Heading | Paragraph | Code]]] = {"h3": Heading, "h4": Heading, "p": Paragraph, "pre": Code}
TABLE: Final = frozenset({"table", "thead", "tbody", "tr", "th", "td"})
WRITTEN: Final = frozenset(
    {*("h3", "h4", "h5", "h6", "p", "pre", "code", "ul", "ol", "li"), *("em", "strong", "blockquote", "hr", "br", "a")}
)
SCHEMES: Final = frozenset({"http", "https", "mailto"})


def executed(cells: Sequence[Mapping[str, Any]], speak: Words) -> Iterator[Part]:
    """The cells, for below a heading of the second level."""
    title = say("page", "section.code", speak.language)
    for cell in cells:
        source, tags = text_of(cell.get("source", "")), (cell.get("metadata") or {}).get("tags")
        if isinstance(tags, list) and BANNERS in tags:
            continue
        if cell.get("cell_type") != "code":
            yield markdown(source)
            continue
        count = cell.get("execution_count")
        outputs = [one for one in cell.get("outputs") or () if isinstance(one, dict)]
        shown = [block for one in outputs for block in _output(one)]
        yield Cell(f"{title} [{' ' if count is None else count}]", source, shown)


def markdown(text: str) -> Markup:
    """Markdown as HTML, its headings below those of a page's sections."""
    import nh3

    clean = nh3.clean(
        str(_markdown()(visible(text))),
        tags=set(WRITTEN),
        attributes={"*": set(), "a": {"href"}},
        url_schemes=set(SCHEMES),
        url_relative="deny",
        link_rel="noreferrer",
    )
    return Markup(visible(clean))  # noqa: S704 - cleaned


def blocks(html: str) -> list[Block]:
    """The blocks that ``byodkim.display.notebook.as_html`` wrote; markup of any other kind is left out."""
    import nh3

    clean = nh3.clean(visible(html), tags=TABLE | TEXTS.keys(), attributes={"*": set()}, link_rel=None)
    seen = visible(clean).replace("&nbsp;", "\u00a0")  # which XML has no name for
    try:
        root = ElementTree.fromstring(f"<div>{seen}</div>")  # noqa: S314 - cleaned
    except ElementTree.ParseError:  # a character that XML does not know
        return []
    return [block for element in root for block in _read(element)]


def _read(element: ElementTree.Element) -> Iterator[Block]:
    if element.tag in TEXTS:
        yield TEXTS[element.tag]("".join(element.itertext()))
    rows = [["".join(cell.itertext()) for cell in row] for row in element.iter("tr")]
    width = max(map(len, rows), default=0)
    even = [tuple(row + [""] * (width - len(row))) for row in rows]
    columns = even.pop(0) if element.find("thead") is not None and even else ("",) * width
    if width and even:
        yield Table(columns, tuple(even))


@cache
def _markdown() -> Markdown:
    """Return what reads Markdown. Loads mistune, which only pages need."""
    from mistune import HTMLRenderer, Markdown

    class Below(HTMLRenderer):
        def heading(self, text: str, level: int, **attrs: Any) -> str:
            return super().heading(text, min(level + 2, 6), **attrs)

    return Markdown(Below())


def _output(output: Mapping[str, Any]) -> list[Block | Markup]:
    kind, data = output.get("output_type"), output.get("data")
    if kind == "stream":
        return _plain(text_of(output.get("text", "")))
    if kind == "error":
        return _plain(f"{output.get('ename', '')}: {output.get('evalue', '')}")
    return _bundle(data) if isinstance(data, dict) else []


def _bundle(data: Mapping[str, Any]) -> list[Block | Markup]:
    if picture := text_of(data.get("image/svg+xml", "")):
        # As an image: a browser runs nothing in it, and loads nothing for it.
        encoded = base64.b64encode(picture.encode("utf-8", "replace")).decode()
        return [Markup('<p><img alt="" src="data:image/svg+xml;base64,{}"></p>').format(encoded)]
    return [*blocks(text_of(data.get("text/html", "")))] or _plain(text_of(data.get("text/plain", "")))


def _plain(text: str) -> list[Block | Markup]:
    return [Code(COLOURS.sub("", text))] if text.strip() else []
