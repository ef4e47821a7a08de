"""The shape of the code: arrows go one way, the core is pure, modules and functions stay small."""

from __future__ import annotations

import ast
import sys
from collections.abc import Container, Iterable, Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

from tests.second_edition.project.imports import graph, imports, modules

# Lowest first: each may import what stands on its own line or above it.
LAYERS = (
    {"contributions", "errors", "messages"},
    {"settings"},
    {"access", "dkim", "plain", "rotation"},
    {"events"},
    {"aws", "custody", "display", "dns", "evidence", "intent", "sandbox"},
    {"engine"},
    {"procedures"},
    {"steps"},
    {"launch", "review", "explore", "airflow"},
)
CORE = ("access", "dkim", "rotation")
#: What is pure of a procedure, by the module's name.
PURE_OF_PROCEDURES = {"checks", "needs", "preparation", "proposal", "retirement", "words"}
#: An identity's run in a campaign is one of rotate.
LENT = {"fleet": "rotate"}
CORE_MAY_IMPORT = {"byodkim", "cryptography", "idna", "msgspec"}
# Files, sockets, processes, clocks and chance of the standard library; pathlib's pure paths are words, not files.
IMPURE = {
    *("asyncio", "concurrent", "ctypes", "fcntl", "glob", "http", "io", "logging", "mmap", "multiprocessing", "os"),
    *(
        "pathlib",
        "pickle",
        "random",
        "secrets",
        "select",
        "selectors",
        "shelve",
        "shutil",
        "signal",
        "smtplib",
        "socket",
    ),
    *("socketserver", "sqlite3", "ssl", "subprocess", "tempfile", "threading", "time", "urllib", "uuid"),
}
PURE_NAMES = {"pathlib.PurePath", "pathlib.PurePosixPath"}
IMPURE_CALLS = {"open", "input", "exec", "eval", "__import__", "import_module", "importlib.import_module"}
CLOCK_CALLS = {"now", "utcnow", "today"}


def parents(name: str) -> Iterator[str]:
    """The packages that are imported before a module of this name is."""
    parts = name.split(".")
    return (".".join(parts[:length]) for length in range(1, len(parts)))


def part(name: str) -> str:
    """Return which part of the library a module belongs to: the word after ``byodkim``."""
    return name.split(".")[1]


def layer(name: str) -> int:
    places = [height for height, parts in enumerate(LAYERS) if part(name) in parts]
    assert places, f"{name} has no place in LAYERS: say in {Path(__file__).name} what it may import"
    return places[0]


def impurities(name: str, path: Path, source: str, known: Container[str]) -> list[str]:
    """Return what in a module's source reaches for a library, a file, a socket, a process or a clock."""
    found = []
    for imported in imports(name, path, source, known):
        top = imported.split(".")[0]
        foreign = top not in sys.stdlib_module_names and top not in CORE_MAY_IMPORT
        if foreign or (top in IMPURE and imported not in PURE_NAMES):
            found.append(f"{name} imports {imported}")
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            *owner, last = called.split(".")
            reads_clock = last in CLOCK_CALLS and owner[-1:] in (["date"], ["datetime"])
            if reads_clock or called in IMPURE_CALLS:
                found.append(f"{name} calls {called}")
    return found


def reached(starts: Iterable[str], arrows: dict[str, set[str]]) -> set[str]:
    """The modules of the library that are imported when these are, themselves included."""
    seen: set[str] = set()
    waiting = list(starts)
    while waiting:
        name = waiting.pop()
        if name in arrows and name not in seen:
            seen.add(name)
            waiting += [*arrows[name], *parents(name)]
    return seen


def core() -> list[str]:
    """Return the modules that are pure: of the core, and of each procedure."""
    found = [name for name in modules() if name.startswith(tuple(f"byodkim.{word}" for word in CORE))]
    return found + [name for name in modules() if part_of_procedure(name) in PURE_OF_PROCEDURES]


def part_of_procedure(name: str) -> str:
    """Return the name of a procedure's module in its package; "" for any other."""
    return name.split(".")[3] if name.startswith("second_edition.procedures.") and name.count(".") > 2 else ""


def test_arrows_go_one_way() -> None:
    wrong = [
        f"{name} imports {imported}"
        for name, found in graph(modules()).items()
        for imported in found
        if name.startswith("byodkim.") and imported.startswith("byodkim.") and layer(imported) > layer(name)
    ]
    assert wrong == []


def test_the_sandbox_and_the_library_import_nothing_of_each_other() -> None:
    own, arrows = {"byodkim", "second_edition.ses_sandbox"}, graph(modules())
    crossing = {
        (name, imported)
        for name, found in arrows.items()
        for imported in found
        if {name.split(".")[0], imported.split(".")[0]} == own
    }
    assert crossing == set()


def package_cycle(arrows: dict[str, set[str]]) -> list[str]:
    """Parts of the library that import each other in a circle, or nothing."""
    inner = {name: found for name, found in arrows.items() if "." in name}
    between: dict[str, set[str]] = {part(name): set() for name in inner}
    for name, found in inner.items():
        between[part(name)] |= {part(other) for other in found if other.startswith("byodkim.")} - {part(name)}
    try:
        TopologicalSorter(between).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def test_no_two_parts_import_each_other() -> None:
    assert package_cycle(graph(modules())) == []


#: What finds a procedure, or a catalogue, by its name: no way out of the library. A lock reads nothing.
HARMLESS = {
    *("second_edition.contributions calls import_module", "second_edition.messages calls import_module"),
    "second_edition.plain imports threading",
}


def test_no_procedure_imports_another() -> None:
    wrong = [
        f"{name} imports {imported}"
        for name, found in graph(modules()).items()
        for imported in found
        if part_of_procedure(name) and part_of_procedure(imported)
        if imported.split(".")[2] not in (own := name.split(".")[2], LENT.get(own))
    ]
    assert wrong == []


def test_the_core_is_pure() -> None:
    named = modules()
    sources = {name: named[name].read_text() for name in reached(core(), graph(named))}
    found = [
        impurity
        for name, source in sources.items()
        for impurity in impurities(name, named[name], source, named)
        if impurity not in HARMLESS
    ]
    assert {"byodkim", "second_edition.dkim", "second_edition.rotation", "second_edition.procedures.prepare.checks"} <= sources.keys()
    assert found == []


def test_the_custodian_renders_nothing() -> None:
    """Show whatever it imports, in a function too: a library that renders tables has no place beside a private key."""
    importing = graph(modules())
    found = reached(["second_edition.custody.custodian"], importing)
    assert "second_edition.aws.session" in found
    assert "pandas" in importing["second_edition.display.notebook"]
    assert not {name for name in found if name.startswith("second_edition.display") or "pandas" in importing[name]}


def long_functions(path: Path, source: str) -> list[str]:
    """Functions of more than 50 lines, their docstring not counted."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0]
            words = ast.get_docstring(node) is not None
            lines = (node.end_lineno or 0) - node.lineno + 1
            lines -= (first.end_lineno or 0) - first.lineno + 1 if words else 0
            if lines > 50:
                found.append(f"{path.name}: {node.name} has {lines} lines")
    return found


def test_modules_and_functions_stay_small() -> None:
    sources = {path: path.read_text() for path in modules().values()}
    assert [f"{path}: {size}" for path, text in sources.items() if (size := len(text.splitlines())) > 350] == []
    assert [found for path, text in sources.items() for found in long_functions(path, text)] == []


def test_campaigns_need_nothing_of_the_environment_that_runs_are_in() -> None:
    arrows = graph(modules())
    starts = [name for name in arrows if name.startswith("second_edition.airflow")]
    tops = {imported.split(".")[0] for name in reached(starts, arrows) for imported in arrows[name]}
    assert tops - set(sys.stdlib_module_names) == {"airflow", "byodkim"}
