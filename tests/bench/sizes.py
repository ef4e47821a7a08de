"""Count code lines, characters, modules and words.

A code line holds code: blank lines, comments and docstrings do not count. Characters are those of
code lines, without indentation and trailing space.
"""

import ast
import io
import tokenize
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from tests.bench.figures import Figure, at_most

ROOT = Path(__file__).parents[2]
LIBRARY = ROOT / "lib" / "byodkim"
NO_CODE = {
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENCODING,
    tokenize.ENDMARKER,
}
DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


class Size(NamedTuple):
    """Of some modules."""

    lines: int
    characters: int
    modules: int


def size_of(paths: Iterable[Path]) -> Size:
    """Return the size of Python files."""
    lines = characters = modules = 0
    for path in paths:
        text = path.read_text("utf-8")
        raw, code = text.splitlines(), code_lines(text)
        lines += len(code)
        characters += sum(len(raw[number - 1].strip()) for number in code)
        modules += 1
    return Size(lines, characters, modules)


def code_lines(text: str) -> set[int]:
    """Return the numbers of the lines that hold code."""
    numbers: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type not in NO_CODE:
            numbers.update(range(token.start[0], token.end[0] + 1))
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, DOCUMENTED) and ast.get_docstring(node, clean=False) is not None:
            docstring = node.body[0]
            numbers.difference_update(range(docstring.lineno, (docstring.end_lineno or 0) + 1))
    return numbers


def modules_below(folder: Path) -> list[Path]:
    """Return the Python files below a folder."""
    return sorted(folder.rglob("*.py"))


def english_documents() -> list[Path]:
    """Return the README and the English pages of docs/."""
    pages = sorted((ROOT / "docs").rglob("*.md"))
    return [ROOT / "README.md", *(page for page in pages if "ja" not in page.parts)]


def figures() -> list[Figure]:
    """Return the sizes, each with its ceiling."""
    documents = english_documents()
    words = sum(len(path.read_text("utf-8").split()) for path in documents)
    modules = size_of(modules_below(LIBRARY)).modules
    return [
        *_size_figures("Library", LIBRARY),
        at_most("Library, modules", modules, 120),
        *_size_figures("Tests", ROOT / "tests"),
        at_most("English documents, words", words, 15_000),
    ]


def _size_figures(label: str, folder: Path) -> list[Figure]:
    size, form = size_of(modules_below(folder)), "{:,.0f} kB"
    return [
        at_most(f"{label}, code lines", size.lines, 12_000),
        at_most(f"{label}, characters", size.characters / 1000, 450, form),
    ]
