"""Take off what mail, chat, wikis and trackers put round a text, line by line: no line moves."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from second_edition.dns.reading.rows import column

INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff"))
"""Zero-width characters, which chats put into long words, to nothing."""
_NO_BREAK = dict.fromkeys(map(ord, "\u00a0\u2007\u202f"), " ")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|quot|amp|apos|lt|gt|nbsp);")
_CITED = re.compile(r"^(?:[ \t]*>)+[ \t]?", re.MULTILINE)
_FENCE = re.compile(r"^[ \t]*(?:(?:```|~~~)[^`\n]*|\{(?:code|noformat)[^}\n]*\}[ \t]*|</?pre>)$", re.MULTILINE)
_JIRA = re.compile(r"\{(?:code|noformat|quote|panel|color)(?:[:=][^}\n]*)?\}|\{\{|\}\}")
_TAG = re.compile(r"<(/?)([A-Za-z][\w:.-]*)(?:\s[^<>]*)?/?>")
_MARKS = re.compile(r"```+|[•◦▪●‣]|(?<=\S)\*+|\*+(?=\w)|\\(?=[_*|.{}\[\]-])")


def unescaped(text: str) -> str:
    """Return the text without the escapes of XML and HTML, and without the signs of a cited mail."""
    for _ in range(2):  # a page may show the text of another
        text = _ENTITY.sub(lambda found: html.unescape(found[0]).replace("\n", " "), text)
    return _CITED.sub("", text)


def blocks(text: str) -> Iterator[tuple[int, int]]:
    """Yield where each block of code begins and ends."""
    fences = list(_FENCE.finditer(text))
    for opening, closing in zip(fences[::2], fences[1::2], strict=False):
        yield opening.end(), closing.start()


def plain(text: str) -> str:
    """Return the text without tags, fences, bullets and the marks of bold, code and escapes."""
    closed = {found[2] for found in _TAG.finditer(text) if found[1]}
    text = _TAG.sub(lambda found: _untagged(found) if found[2] in closed | {"br", "hr"} else found[0], text)
    return _MARKS.sub("", _JIRA.sub("", _FENCE.sub("", text))).translate(_NO_BREAK)


def _untagged(tag: re.Match[str]) -> str:
    """Return what stands in a tag's place: the name of a field, such as TTL, a bar after a cell, else a space."""
    if tag[1] and tag[2].lower() in ("td", "th"):
        return " | "
    return f" {tag[2]}: " if column(tag[2]) and not tag[1] else " "
