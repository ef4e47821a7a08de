"""The documents, as tests read them: blocks by their marks, tables by their headings."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from second_edition.messages import Language

LANGUAGES: tuple[Language, ...] = ("en", "ja")
MARK = re.compile(r"^```(.*)\n((?:(?!```).*\n)*)```$", re.MULTILINE)


@dataclass(frozen=True)
class Block:
    """One fenced block: the words after the fence, and what it holds."""

    marks: tuple[str, ...]
    text: str

    @property
    def kind(self) -> str:
        """``run``, ``exit-1``, ``terminal-1``, ``shown``, ``record``, ``tree``, or "" for what is only read."""
        return " ".join(self.marks[1:])


def blocks(text: str) -> tuple[Block, ...]:
    """Every fenced block, in order."""
    return tuple(Block(tuple(found[1].split()), found[2]) for found in MARK.finditer(text))


def only(text: str, kind: str) -> Block:
    """The one block of a kind."""
    (block,) = (block for block in blocks(text) if block.kind == kind)
    return block


def table(text: str, first_column: str) -> list[list[str]]:
    """The rows of the table whose first column has this heading; code marks and backslashes taken away."""
    start = re.search(rf"^\| {re.escape(first_column)} \|.*\n\|[-|]+\|\n", text, re.MULTILINE)
    assert start, f"no table that opens with {first_column}"
    rows = []
    for line in text[start.end() :].splitlines():
        if not line.startswith("|"):
            break
        rows.append([cell.strip().replace("`", "").replace("\\", "") for cell in line.strip("|").split("|")])
    return rows


def commands(text: str) -> Iterator[str]:
    """Every command line of every shell block, continued lines joined, comments left out."""
    for block in blocks(text):
        if block.marks[:1] == ("sh",):
            for line in block.text.replace("\\\n", " ").splitlines():
                if line.strip() and not line.lstrip().startswith("#"):
                    yield line.strip()


def text_of(root: Path, language: Language) -> str:
    """The text of all documents in a language, one after another."""
    return "\n".join(words_of(path) for path in sorted((root / "docs/second_edition" / language).glob("*.md")))


def words_of(path: Path) -> str:
    """A document's Markdown; of a notebook that of its text cells."""
    text = path.read_text("utf-8")
    if path.suffix != ".ipynb":
        return text
    return "\n\n".join("".join(cell["source"]) for cell in json.loads(text)["cells"] if cell["cell_type"] == "markdown")
