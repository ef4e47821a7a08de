"""The mutation run holds together, without one: its paths, its list, the copy it works in, and what it complains of."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.each import each
from tests.mutation.__main__ import SURVIVORS
from tests.mutation.mutants import LEAST, Mutant, Mutation, complaints, figures, gone, kept, listed, names, parse, read
from tests.mutation.session import CODES, KILLED, LEFT_OUT, NO_TEST, SELECTED, SURVIVED, Session
from tests.mutation.staged import PLANTED, ROOT, core, lay_out, undecorated

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
    for module, path in core(ROOT / "lib"):
        found.update({f"{module}.{name}": text for name, text in functions(path.read_text("utf-8"))})
    return found


def test_every_test_that_is_chosen_or_left_out_exists() -> None:
    for chosen in SELECTED:
        assert (ROOT / chosen).exists(), chosen
    for left_out in LEFT_OUT:
        path, _, name = left_out.partition("::")
        assert path.startswith(SELECTED)
        assert f"def {name}" in (ROOT / path).read_text("utf-8"), left_out


def test_the_list_names_functions_and_lines_that_exist_and_says_why_each_is_there() -> None:
    known = known_functions()
    assert LISTED
    for mutation, reasons in LISTED.items():
        assert mutation.was in known[mutation.function], mutation
        assert all(reason and not reason.startswith("TODO") for reason in reasons), mutation


def test_the_list_tells_the_figures_of_the_run_that_wrote_it() -> None:
    told = re.search(
        r"^# 20\d\d-\d\d-\d\d, mutmut 3\S+: (\d+) mutants, (\d+) tried, (\d+) killed \(.+%\), (\d+) survive$",
        TEXT,
        re.M,
    )
    assert told is not None
    total, tried, killed, living = map(int, told.groups())
    assert killed + living == tried <= total
    assert killed >= LEAST * tried
    assert sum(map(len, LISTED.values())) >= living


def test_a_list_can_be_read_back() -> None:
    assert listed((one for one, reasons in LISTED.items() for _ in reasons), LISTED, ["x"]).splitlines()[1:] == [
        line for line in TEXT.splitlines() if not line.startswith("#")
    ]
    with pytest.raises(ValueError, match="no line of a list"):
        parse("a.b\n  * c\n")


DECORATED = '''\
def twice(times):
    return lambda make: lambda *given: times * make(*given)


@twice(3)
@twice(
    5
)
def number(of):
    """Text."""
    return of  # why


class Holder:
    held = 7

    @property
    def seen(self):
        return self.held

    @classmethod
    def made(cls):
        return cls()
'''


def test_a_function_without_its_decorators_is_the_same_function() -> None:
    space: dict[str, object] = {}
    bare = undecorated(DECORATED)
    exec(bare, space)
    assert eval("number(2), Holder.made().seen", space) == (30, 7)
    assert re.findall(r"^ *@.*", bare, re.MULTILINE) == ["    @classmethod"]
    assert "number = twice(3)(twice(5)(number))\n" in bare
    assert undecorated(bare) == bare


def test_no_function_of_the_core_is_left_that_mutmut_would_pass_over() -> None:
    paths = [path for _, path in core(ROOT / "lib")]
    assert len(paths) > 30
    trees = [ast.parse(undecorated(path.read_text("utf-8"))) for path in paths]
    decorated = [node.decorator_list for tree in trees for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    assert {ast.unparse(one) for found in decorated for one in found} == {"classmethod"}


def test_the_copy_has_the_package_at_its_top_and_the_planted_functions_in_it(tmp_path: Path) -> None:
    lay_out(tmp_path)
    assert (tmp_path / "tests" / "rotation" / "said.txt").exists()
    assert not list(tmp_path.rglob("__pycache__"))
    space: dict[str, object] = {}
    exec((tmp_path / "byodkim" / "dkim" / "planted.py").read_text("utf-8"), space)
    assert eval("seen(5), unseen(5)", space) == (11, 11)
    assert dict(core(tmp_path))[PLANTED] == tmp_path / "byodkim" / "dkim" / "planted.py"


MUTATED = """\
def x_f__mutmut_orig(a):
    return a + \\
        1

def x_f__mutmut_1(a):
    return a - \\
        1

class A:
    def xǁAǁg__mutmut_orig(self, b=1): return b

    def xǁAǁg__mutmut_1(self, b=2): return b
"""


def test_what_came_of_each_mutant_can_be_read(tmp_path: Path) -> None:
    folder = tmp_path / "byodkim" / "dkim"
    folder.mkdir(parents=True)
    (folder / "a.py").write_text(MUTATED)
    assert list(names(tmp_path)) == ["byodkim.dkim.a.x_f__mutmut_1", "byodkim.dkim.a.xǁAǁg__mutmut_1"]
    (tmp_path / CODES).write_text(json.dumps({"byodkim.dkim.a.x_f__mutmut_1": 1}))
    assert list(read(tmp_path)) == [
        Mutant(Mutation("dkim.a.f", "return a + \\", "return a - \\"), 1),
        Mutant(Mutation("dkim.a.A.g", "def _(self, b=1): return b", "def _(self, b=2): return b"), None),
    ]


def test_a_mutant_has_the_tests_up_to_the_first_that_fails() -> None:
    session, made = Session([]), list[str]()

    def protocol(item: Any, **_: None) -> None:
        made.append(item.nodeid)
        session.pytest_runtest_logreport(SimpleNamespace(failed="fails" in item.nodeid))  # type: ignore[arg-type]

    def tests(*names: str) -> list[Any]:
        config = SimpleNamespace(hook=SimpleNamespace(pytest_runtest_protocol=protocol))
        return [SimpleNamespace(nodeid=name, config=config) for name in names]

    assert session.attempt(tests("a", "fails", "b")) == KILLED
    assert session.attempt(tests("c", "d")) == SURVIVED
    assert session.attempt([]) == NO_TEST
    assert made == ["a", "fails", "c", "d"]


def mutant(function: str, code: int | None, was: str = "1") -> Mutant:
    return Mutant(Mutation(function, was, "2"), code)


SOUND = [
    mutant(f"{PLANTED}.seen", 1),
    mutant(f"{PLANTED}.unseen", 0),
    *(mutant("dkim.a.f", 1, str(number)) for number in range(38)),
    mutant("dkim.a.f", 0, "x"),
    mutant("dkim.a.f", 5, "x"),
]
KNOWN = {Mutation("dkim.a.f", "x", "2"): ["equivalent", "equivalent too"]}


def test_a_run_as_it_should_be() -> None:
    assert complaints(SOUND, KNOWN) == []
    assert gone(SOUND, KNOWN) == []
    assert figures(SOUND) == "40 mutants, 40 tried, 38 killed (95.0%), 2 survive"
    assert kept(SOUND, KNOWN) == [Mutation("dkim.a.f", "x", "2")] * 2


def test_a_run_of_some_mutants_leaves_what_is_listed_of_the_others() -> None:
    some = [*SOUND[:-1], mutant("dkim.a.f", None, "x"), mutant("dkim.a.f", None, "y")]
    assert complaints(some, KNOWN) == []
    assert gone(some, KNOWN) == []
    assert figures(some) == "41 mutants, 39 tried, 38 killed (97.4%), 1 survive"
    assert kept(some, KNOWN) == [Mutation("dkim.a.f", "x", "2")] * 2


@each(
    ("found", "known", "complaint"),
    [
        (SOUND, {}, "survives, and is not listed: dkim.a.f: x -> 2"),
        (SOUND, {next(iter(KNOWN)): ["only one"]}, "survives, and is not listed: dkim.a.f: x -> 2"),
        (SOUND[1:], KNOWN, "not to be trusted: the planted functions have no mutants"),
        (
            [mutant(f"{PLANTED}.seen", 0), *SOUND],
            KNOWN,
            "not to be trusted: of the planted functions, a mutant of seen",
        ),
        (
            [mutant(f"{PLANTED}.unseen", 1), *SOUND],
            KNOWN,
            "not to be trusted: of the planted functions, a mutant of un",
        ),
        ([*SOUND[:2], *SOUND[3:]], KNOWN, "fewer than 95% were killed"),
        ([], KNOWN, "not to be trusted: the planted functions have no mutants"),
    ],
)
def test_what_a_run_is_refused_for(found: list[Mutant], known: dict[Mutation, list[str]], complaint: str) -> None:
    assert any(line.startswith(complaint) for line in complaints(found, known))


def test_what_is_listed_and_killed_now_is_told() -> None:
    assert gone(SOUND[:-1], KNOWN) == ["is listed, and does not survive: dkim.a.f: x -> 2"]
