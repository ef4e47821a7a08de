"""The notebook as it was executed: its text, its code folded away, and what each cell showed."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from byodkim.display.blocks import Heading, Headline
from byodkim.display.markdown import markdown
from byodkim.display.markup import escaped, markup
from byodkim.display.reread import blocks
from byodkim.display.words import Words
from byodkim.evidence.archived import text_of
from byodkim.messages import say

#: papermill's own banner and signpost to the cell that failed: the verdict stands first already.
BANNERS: Final = "papermill-error-cell-tag"
COLOURS: Final = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


def executed(cells: Sequence[Mapping[str, Any]], speak: Words) -> str:
    """The cells as HTML, below a heading of the second level. No markup of the notebook is passed on."""
    return "\n".join(_cell(cell, speak) for cell in cells if BANNERS not in _tags(cell))


def _tags(cell: Mapping[str, Any]) -> Sequence[str]:
    tags = (cell.get("metadata") or {}).get("tags")
    return tags if isinstance(tags, list) else ()


def _cell(cell: Mapping[str, Any], speak: Words) -> str:
    source = text_of(cell.get("source", ""))
    if cell.get("cell_type") != "code":
        return markdown(source, 3)
    count = cell.get("execution_count")
    summary = escaped(f"{say('page', 'section.code', speak.language)} [{' ' if count is None else count}]")
    code = f"<details><summary>{summary}</summary><pre>{escaped(source)}</pre></details>"
    shown = [_output(output) for output in cell.get("outputs") or () if isinstance(output, dict)]
    return f'<div class="cell">{code}\n{"".join(shown)}</div>'


def _output(output: Mapping[str, Any]) -> str:
    kind = output.get("output_type")
    if kind == "stream":
        return _plain(text_of(output.get("text", "")))
    if kind == "error":
        return _plain(f"{output.get('ename', '')}: {output.get('evalue', '')}")
    data = output.get("data")
    return _bundle(data) if isinstance(data, dict) else ""


def _bundle(data: Mapping[str, Any]) -> str:
    picture = text_of(data.get("image/png", "")).replace("\n", "")
    if picture and _is_base64(picture):
        return f'<p><img alt="" src="data:image/png;base64,{picture}"></p>'
    told = blocks(text_of(data.get("text/html", "")))
    if told:
        # Of the same size as elsewhere, but no headings of this document: those are the notebook's own.
        return "\n".join(markup(block, None if isinstance(block, Heading | Headline) else 3) for block in told)
    return _plain(text_of(data.get("text/plain", "")))


def _is_base64(text: str) -> bool:
    try:
        base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return False
    return True


def _plain(text: str) -> str:
    return f"<pre>{escaped(COLOURS.sub('', text))}</pre>" if text.strip() else ""
