"""The documents, taken apart: links, headings, commands."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tests.docs.generate import PAGES, ROOT

_BLOCK = re.compile(r"(?:^<!-- (\w+) -->\n+)?^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


class Block(NamedTuple):
    """A block of code. ``kind``: the comment above it, e.g. ``daily``: these commands are run."""

    language: str
    kind: str
    text: str


def every_page() -> list[str]:
    """Return the pages, and their Japanese twins."""
    of_docs = [each for each in PAGES if each.startswith("docs/")]
    twins = [each.replace("/en/", "/ja/") for each in of_docs]
    return [*PAGES, *twins, "README.ja.md", "docs/ja/CHANGELOG.md", "docs/ja/CONTRIBUTING.md"]


def read(page: str) -> str:
    """Return the text of a page."""
    return (ROOT / page).read_text("utf-8")


def blocks(text: str) -> list[Block]:
    """Return every block of code."""
    return [Block(language, kind, body) for kind, language, body in _BLOCK.findall(text)]


def commands(text: str) -> Iterator[list[str]]:
    """Return the words of each line of a shell script that is a command."""
    for line in text.replace("\\\n", " ").splitlines():
        words = shlex.split(line, comments=True)
        if words:
            yield words


def links(page: str) -> Iterator[tuple[Path, str]]:
    """Return file and anchor of each link that leads into the checkout."""
    for target in _LINK.findall(prose(read(page))):
        if "://" not in target:
            path, _mark, anchor = target.partition("#")
            here = ROOT / page
            yield (here.parent / path).resolve() if path else here, anchor


def anchors(path: Path) -> set[str]:
    """Return the anchors of a page's headings, as GitHub and MkDocs make them."""
    return {_anchor(each) for each in _HEADING.findall(prose(path.read_text("utf-8")))}


def prose(text: str) -> str:
    """Return a page without its blocks of code."""
    return _BLOCK.sub("", text)


def _anchor(heading: str) -> str:
    plain = re.sub(r"[^\w\s-]", "", heading.replace("`", "")).strip().lower()
    return re.sub(r"\s", "-", plain)
