"""The copy of the package and its tests that mutants are made in, by mutmut."""

from __future__ import annotations

import ast
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
CORE: Final = ("dkim", "rotation")

# What stands in the copy besides the core, so that a run which kills everything, or nothing, is found out: one function
# whose every mutant a test notices, and one that is called and never looked at.
PLANTED: Final = "dkim.planted"
_FUNCTIONS: Final = """\
def seen(number: int) -> int:
    return number * 2 + 1


def unseen(number: int) -> int:
    return number * 2 + 1
"""
_TEST: Final = """\
from byodkim.dkim import planted


def test_seen():
    assert planted.seen(5) == 11


def test_unseen():
    planted.unseen(5)
"""


def lay_out(folder: Path) -> None:
    """Copy the tree into an empty folder, the package at its top: a working folder comes before what is installed."""
    leave = shutil.ignore_patterns("__pycache__", "*.egg-info")
    shutil.copytree(ROOT / "lib" / "byodkim", folder / "byodkim", ignore=leave)
    shutil.copytree(ROOT / "tests", folder / "tests", ignore=leave)
    shutil.copy(ROOT / "pyproject.toml", folder)
    (folder / "byodkim" / "dkim" / "planted.py").write_text(_FUNCTIONS)
    (folder / "tests" / "dkim" / "test_planted.py").write_text(_TEST)


def core(folder: Path) -> Iterator[tuple[str, Path]]:
    """Each module of the core in a copy: its dotted name below the package, and its file."""
    package = folder / "byodkim"
    for path in sorted(path for part in CORE for path in (package / part).rglob("*.py")):
        yield ".".join(path.relative_to(package).with_suffix("").parts), path


def mutate(folder: Path) -> None:
    """Put every mutant of every function of the core beside it; which one is called is chosen when it is called."""
    from mutmut.mutation.file_mutation import mutate_file_contents

    for _, path in core(folder):
        source = undecorated(path.read_text("utf-8"))
        path.write_text(mutate_file_contents(str(path), source).code, "utf-8")


def undecorated(source: str) -> str:
    """The same module with each decorator called below its function: mutmut passes over functions that have one."""
    lines = source.splitlines()
    functions = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef)]
    for node in sorted(functions, key=lambda node: -node.lineno):
        names = [ast.unparse(decorator) for decorator in node.decorator_list]
        if not names or names in (["classmethod"], ["staticmethod"]):  # which mutmut knows
            continue
        bound = node.name
        for name in reversed(names):
            bound = f"{name}({bound})"
        lines.insert(node.end_lineno or 0, " " * node.col_offset + f"{node.name} = {bound}")
        del lines[node.decorator_list[0].lineno - 1 : node.lineno - 1]
    return "\n".join(lines) + "\n"
