"""The notebook as it was executed, for a page: whatever a file holds, nothing of it can act or lead astray.

Its Markdown and what its cells showed become a few elements of HTML without attributes, but for Markdown's links to
``http``, ``https`` and ``mailto``.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, lru_cache
from html import unescape
from typing import TYPE_CHECKING, Any, Final

from markupsafe import Markup

from second_edition.display.blocks import Block, Code, visible
from second_edition.display.html import Cell, Part
from second_edition.display.words import Words
from second_edition.evidence.cells import text_of

if TYPE_CHECKING:
    from mistune import Markdown

#: papermill's own banner and signpost to the cell that failed: the verdict stands first already.
BANNERS: Final = "papermill-error-cell-tag"
LABEL: Final = re.compile(r'<svg[^>]* aria-label="([^"]*)"')
COLOURS: Final = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
SHOWN: Final = frozenset({"h3", "h4", "p", "pre", "table", "thead", "tbody", "tr", "th", "td"})
WRITTEN: Final = frozenset(
    {*("h3", "h4", "h5", "h6", "p", "pre", "code", "ul", "ol", "li"), *("em", "strong", "blockquote", "hr", "br", "a")}
)
SCHEMES: Final = frozenset({"http", "https", "mailto"})


def executed(cells: Sequence[Mapping[str, Any]], speak: Words) -> Iterator[Part]:
    """Yield the cells, for below a second-level heading."""
    title = speak("code")
    for cell in cells:
        source, tags = text_of(cell.get("source", "")), (cell.get("metadata") or {}).get("tags")
        if isinstance(tags, list) and BANNERS in tags:
            continue
        if cell.get("cell_type") != "code":
            yield markdown(source)
            continue
        count = cell.get("execution_count")
        outputs = [one for one in cell.get("outputs") or () if isinstance(one, dict)]
        blocks = [block for one in outputs for block in _output(one)]
        yield Cell(f"{title} [{' ' if count is None else count}]", source, blocks)


@lru_cache(64)  # the runs of a site have the same text: ``tests.second_edition.bench.site``
def markdown(text: str) -> Markup:
    """Render Markdown as HTML, its headings below those of a page's sections."""
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


def shown(html: str) -> Markup:
    """Return what a cell showed with a few elements and no attribute: tables, headings and paragraphs of text."""
    import nh3

    headers = {"th": {"scope": "col"}}
    clean = nh3.clean(
        visible(html), tags=set(SHOWN), attributes={"*": set()}, set_tag_attribute_values=headers, link_rel=None
    )
    return Markup(visible(clean))  # noqa: S704 - cleaned


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
        label = LABEL.search(picture)
        caption = (visible(unescape(label[1])) if label else "") or "SVG"
        return [Markup('<p><img alt="{}" src="data:image/svg+xml;base64,{}"></p>').format(caption, encoded)]
    html = shown(text_of(data.get("text/html", "")))
    return [html] if html.strip() else _plain(text_of(data.get("text/plain", "")))


def _plain(text: str) -> list[Block | Markup]:
    return [Code(COLOURS.sub("", text))] if text.strip() else []
