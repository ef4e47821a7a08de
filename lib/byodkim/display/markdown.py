"""The Markdown of notebooks' cells as HTML: headings, paragraphs, lists, code, emphasis. Nothing else, and no HTML."""

from __future__ import annotations

import re
from collections.abc import Iterator

from byodkim.display.markup import escaped

_BLOCK = re.compile(r"(?P<fence>```).*|(?P<marks>#{1,6})\s+(?P<title>.+)|(?P<bullet>[-*+]|\d+[.)])\s+(?P<item>.+)")
_CODE = re.compile(r"`([^`]+)`")
_STRONG = re.compile(r"\*\*([^*]+)\*\*")


def markdown(text: str, level: int) -> str:
    """``text`` as HTML; its first heading level becomes ``level``."""
    return "\n".join(_blocks(text.splitlines(), level))


def _blocks(lines: list[str], level: int) -> Iterator[str]:
    paragraph: list[str] = []
    items: list[str] = []
    rest = iter([*lines, ""])
    for line in rest:
        found = _BLOCK.fullmatch(line.strip())
        if paragraph and (found or not line.strip()):
            yield f"<p>{_inline(' '.join(paragraph))}</p>"
            paragraph = []
        if items and not (found and found["item"]):
            yield f"<ul>{''.join(items)}</ul>"
            items = []
        if not found:
            paragraph += [line.strip()] if line.strip() else []
        elif found["fence"]:
            yield f"<pre>{escaped(_fenced(rest))}</pre>"
        elif found["title"]:
            depth = min(level + len(found["marks"]) - 1, 6)
            yield f"<h{depth}>{_inline(found['title'])}</h{depth}>"
        else:
            items.append(f"<li>{_inline(found['item'])}</li>")


def _fenced(rest: Iterator[str]) -> str:
    lines = []
    for line in rest:
        if line.strip().startswith("```"):
            break
        lines.append(line)
    return "\n".join(lines)


def _inline(text: str) -> str:
    """Code spans and strong emphasis, on text that is escaped already."""
    pieces = _CODE.split(escaped(text))
    return "".join(
        f"<code>{piece}</code>" if number % 2 else _STRONG.sub(r"<b>\1</b>", piece)
        for number, piece in enumerate(pieces)
    )
