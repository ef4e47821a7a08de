"""What the mutation run names exists: its tests, and the functions and lines of its list."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.each import each
from tests.mutation.__main__ import SURVIVORS
from tests.mutation.mutants import parse
from tests.mutation.staged import AREAS, ROOT, modules

TEXT = SURVIVORS.read_text("utf-8")
LISTED = parse(TEXT)


def functions(source: str) -> Iterator[tuple[str, str]]:
    """Each function by its dotted name in the module, and its text on one line, as a list of survivors has it."""
    lines, tree = source.splitlines(), ast.parse(source)
    owners: list[tuple[str, ast.stmt]] = [("", node) for node in tree.body]
    owners += [(f"{node.name}.", inner) for node in tree.body if isinstance(node, ast.ClassDef) for inner in node.body]
    for owner, node in owners:
        if isinstance(node, ast.FunctionDef):
            text = " ".join(line.strip() for line in lines[node.lineno - 1 : node.end_lineno])
            yield owner + node.name, text.replace(f"def {node.name}(", "def _(")


def known_functions() -> dict[str, str]:
    found = {}
    for module, path in (one for area in AREAS for one in modules(ROOT / "lib", area)):
        found.update({f"{module}.{name}": text for name, text in functions(path.read_text("utf-8"))})
    return found


@each("area", AREAS)
def test_every_module_and_every_test_that_is_chosen_or_left_out_exists(area: str) -> None:
    chosen = AREAS[area]
    for part in chosen.modules:
        assert list((ROOT / "lib" / "byodkim").glob(part)), part
    for one in chosen.tests:
        assert (ROOT / one).exists(), one
    for left_out in chosen.left_out:
        path, _, name = left_out.partition("::")
        assert path.startswith(chosen.tests)
        assert f"def {name}" in (ROOT / path).read_text("utf-8"), left_out


def test_the_list_names_functions_and_lines_that_exist_and_says_why_each_is_there() -> None:
    known = known_functions()
    assert LISTED
    for mutation, reasons in LISTED.items():
        assert mutation.was in known[mutation.function], mutation
        assert all(reason and not reason.startswith("TODO") for reason in reasons), mutation
