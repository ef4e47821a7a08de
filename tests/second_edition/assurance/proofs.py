"""Which tests are about which checks: read from the tests' own text, so that it is true of them as they are."""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Iterator
from pathlib import Path

from tests.second_edition.rotation.remedies import REGISTRIES

KNOWN = {name: check for registry in REGISTRIES for name, check in registry.checks.items()}
ROOT = Path(__file__).parents[3]
# Where runs, or the look at DNS that they make, meet real sockets. (The rows of tests/second_edition/rotation are listed by name.)
FOLDERS = ("tests/second_edition/dns", "tests/second_edition/notebooks", "tests/second_edition/engine")
# Of these, where checks are made in the tests' own process: there one can be taken away.
WITHIN = ("tests/second_edition/dns", "tests/second_edition/engine")
PROVED = "tests/second_edition/assurance/proved.txt"
# What a test that is about a check's verdict uses; another one only shares a table with it.
VERDICTS = {"failed", "finding", "findings", "paragraph", "refused", "stopping", "verdicts"}


@functools.cache
def checks_of(path: str) -> dict[str, set[str]]:
    """The IDs that each test function of a file speaks of, itself or by what it uses of its module."""
    module = ast.parse((ROOT / path).read_text("utf-8"))
    named = {name: node for node in module.body for name in _names(node)}
    return {
        node.name: _reached(node, named)
        for node in module.body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }


def tests_of(check: str) -> list[str]:
    """The tests that speak of a check, as pytest names them."""
    paths = sorted(str(path.relative_to(ROOT)) for folder in FOLDERS for path in (ROOT / folder).glob("test_*.py"))
    return [f"{path}::{name}" for path in paths for name, found in checks_of(path).items() if check in found]


def candidates(check: str) -> list[str]:
    """The tests in whose process a check is made, and which speak of it."""
    return [test for test in tests_of(check) if test.startswith(WITHIN)]


@functools.cache
def proved() -> dict[str, str]:
    """The test that fails where a check is taken away, by its ID."""
    return dict(line.split(" ", 1) for line in (ROOT / PROVED).read_text("utf-8").splitlines())


def _names(node: ast.stmt) -> Iterator[str]:
    """Yield what a statement of a module gives a name to."""
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        yield node.name
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    for target in targets:
        yield from (part.id for part in ast.walk(target) if isinstance(part, ast.Name))


def _reached(start: ast.stmt, named: dict[str, ast.stmt]) -> set[str]:
    """The IDs that a test reaches, where it is about verdicts."""
    found: set[str] = set()
    seen: set[str] = set()
    waiting: list[ast.stmt] = [start]
    while waiting:
        for part in ast.walk(waiting.pop()):
            if isinstance(part, ast.Constant) and isinstance(part.value, str):
                found |= _spoken(part.value)
            elif isinstance(part, ast.Attribute):
                seen.add(part.attr)
            elif isinstance(part, ast.Name) and part.id not in seen:
                seen.add(part.id)
                waiting += [named[part.id]] if part.id in named else []
    return found if seen & VERDICTS else set()


def _spoken(text: str) -> set[str]:
    """The IDs that a text is about: one alone, or one that failed; a waiver's is none of these."""
    if text in KNOWN:
        return {text}
    return set(re.findall(r"\b([A-Z0-9]+(?:-[A-Z0-9]+)+) failed", text)) & KNOWN.keys()
