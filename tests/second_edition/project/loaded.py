"""The modules that one plan run of rotate loads, with first sentences and code lines, as docs/*/audit.md lists them.

``python -m tests.second_edition.project.loaded`` writes the lists between the markers of docs/en/audit.md and docs/ja/audit.md
(``make audit``).
"""

from __future__ import annotations

import ast
import functools
import importlib.util
import io
import json
import subprocess
import sys
import tempfile
import tokenize
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

import nbformat
import papermill

from second_edition.messages import LANGUAGES, Language

ROOT: Final = Path(__file__).resolve().parents[3]
PAGES: Final = {language: ROOT / "docs" / language / "audit.md" for language in LANGUAGES}
BEGIN: Final = "<!-- modules of {part} -->"
END: Final = "<!-- /modules -->"
HEADS: Final = {"en": ("module", "what it is for", "code lines"), "ja": ("モジュール", "役割（英語）", "コード行数")}
NAMES: Final = "import json, sys; json.dumps(sorted(n for n in sys.modules if n.startswith('byodkim.')))"
_NO_CODE: Final = {
    tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENCODING,
    tokenize.ENDMARKER,
}  # fmt: skip
#: The order in which to read: what a notebook calls, what that decides by, what it touches, and what it leaves behind.
ORDER: Final = (
    "steps", "procedures", "engine", "intent", "rotation", "dkim", "dns", "custody", "aws", "evidence", "display",
    "messages", "sandbox",
)  # fmt: skip


def of_kernel() -> list[str]:
    """Return what the notebook's kernel has loaded when a plan run of plain papermill has ended."""
    notebook = nbformat.read(ROOT / "lib/second_edition/notebooks" / "rotate.ipynb", 4)
    notebook.cells.append(nbformat.v4.new_code_cell(NAMES))
    with tempfile.TemporaryDirectory() as name:
        given, out = Path(name) / "rotate.ipynb", Path(name) / "out.ipynb"
        nbformat.write(notebook, given)
        paths = {"PAPERMILL_INPUT_PATH": str(given), "PAPERMILL_OUTPUT_PATH": str(out)}
        parameters = {"target": "sandbox", "selector": "mail-20261124-1", **paths}
        papermill.execute_notebook(given, out, parameters, progress_bar=False, cwd=name)
        shown = nbformat.read(out, 4).cells[-1].outputs[0].data["text/plain"]
    return list(json.loads(ast.literal_eval(shown)))


def of_custodian() -> list[str]:
    """Return what the custodian's process has loaded when it waits for its first request."""
    code = f"import second_edition.custody.custodian; {NAMES.replace('json.dumps', 'print(json.dumps')})"
    done = subprocess.run([sys.executable, "-I", "-c", code], check=True, capture_output=True, text=True)
    return list(json.loads(done.stdout))


def code_lines(text: str) -> int:
    """Return how many lines hold code: blank ones, comments and docstrings hold none."""
    lines: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type not in _NO_CODE:
            lines.update(range(token.start[0], token.end[0] + 1))
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0] if node.body else None
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                lines.difference_update(range(first.lineno, (first.end_lineno or first.lineno) + 1))
    return len(lines)


@functools.cache
def row(name: str) -> tuple[str, str, int]:
    """Return a module's name, the first sentence of its docstring, and its code lines."""
    spec = importlib.util.find_spec(name)
    text = Path(spec.origin or "").read_text("utf-8") if spec else ""
    doc = (ast.get_docstring(ast.parse(text)) or "").partition("\n\n")[0].replace("\n", " ").replace("|", r"\|")
    return name, doc, code_lines(text)


def in_order(names: Iterable[str]) -> list[str]:
    """Return modules in the order of reading; packages without code of their own are left out."""
    found = [name for name in names if row(name)[2] > 1]
    return sorted(found, key=lambda name: (place(name), name))


def place(name: str) -> int:
    """Return where a module's package stands in the order of reading."""
    package = name.split(".")[1]
    return ORDER.index(package) if package in ORDER else len(ORDER)


def table(names: Sequence[str], language: str) -> str:
    """Return the modules as a Markdown table, with their sum."""
    rows = [row(name) for name in names]
    first, second, third = HEADS[language]
    lines = [f"| {first} | {second} | {third} |", "| --- | --- | ---: |"]
    lines += [f"| `{name.removeprefix('byodkim.')}` | {doc} | {count} |" for name, doc, count in rows]
    return "\n".join([*lines, f"| **{len(rows)}** | | **{sum(count for *_, count in rows):,}** |"])


def filled(page: str, part: str, told: str) -> str:
    """Return a page with a part's table in the place of the one that it has."""
    before, begin, rest = page.partition(BEGIN.format(part=part))
    return f"{before}{begin}\n\n{told}\n\n{END}{rest.partition(END)[2]}"


def pages() -> dict[Language, str]:
    """Return what each language's page says now, by its name."""
    kernel, custodian = in_order(of_kernel()), in_order(of_custodian())
    found: dict[Language, str] = {}
    for language, path in PAGES.items():
        page = filled(path.read_text("utf-8"), "the kernel", table(kernel, language))
        found[language] = filled(page, "the custodian", table(custodian, language))
    return found


if __name__ == "__main__":
    for each, page in pages().items():
        PAGES[each].write_text(page, "utf-8")
