"""What came of a run: each mutant, what it changed and whether a test noticed; and the list of those that survive."""

from __future__ import annotations

import ast
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import unified_diff
from pathlib import Path
from typing import Final

from tests.mutation.session import CODES, KILLED, NO_TEST, SURVIVED
from tests.mutation.staged import PLANTED, modules

LEAST: Final = 0.95  # of all mutants, killed


@dataclass(frozen=True, order=True)
class Mutation:
    """Hold what a mutant changed, told so that it stays the same while other lines of its function change.

    ``function`` is dotted, below the package: ``dkim.names.check_domain``, ``dkim.published.Answer.to_json``.
    """

    function: str
    was: str
    became: str


@dataclass(frozen=True)
class Mutant:
    """One mutant, and what came of it (``None``: it was not tried)."""

    mutation: Mutation
    code: int | None


def names(folder: Path, area: str) -> Iterator[str]:
    """Every mutant of an area in a copy, as ``byodkim.dkim.names.x_check_domain__mutmut_7``."""
    for module, path in modules(folder, area):
        for name in _functions(path.read_text("utf-8")):
            if not name.endswith("__mutmut_orig"):
                yield f"byodkim.{module}.{name}"


def read(folder: Path, area: str) -> Iterator[Mutant]:
    """Every mutant of an area in a copy, with what came of it."""
    codes = json.loads((folder / CODES).read_text("utf-8"))
    for module, path in modules(folder, area):
        functions = _functions(path.read_text("utf-8"))
        for name, lines in functions.items():
            original, _, number = name.partition("__mutmut_")
            function = f"{module}.{original.removeprefix('x_').removeprefix('xǁ').replace('ǁ', '.')}"
            was, became = _difference(functions[f"{original}__mutmut_orig"], lines)
            if number != "orig":
                yield Mutant(Mutation(function, was, became), codes.get(f"byodkim.{module}.{name}"))


def _functions(source: str) -> dict[str, list[str]]:
    """The lines of each function that mutmut made, without those that hold its name."""
    lines = source.splitlines()
    found = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef)]
    return {
        node.name: [line.strip().replace(node.name, "_") for line in lines[node.lineno - 1 : node.end_lineno]]
        for node in found
        if "__mutmut_" in node.name
    }


def _difference(original: list[str], mutant: list[str]) -> tuple[str, str]:
    changed = list(unified_diff(original, mutant, n=0, lineterm=""))[2:]
    lines = {sign: " ".join(line[1:] for line in changed if line.startswith(sign)) for sign in "-+"}
    return lines["-"], lines["+"]


Listed = dict[Mutation, list[str]]
"""Survivors with the reason that stands beside each; more than one where a line stands in its function again."""


def parse(text: str) -> Listed:
    """The list of survivors, as ``listed`` writes it.

    Raises:
        ValueError: a line is none of a list's.
    """
    found: Listed = {}
    function = was = became = ""
    for line in text.splitlines():
        mark, content = line[:4], line[4:]
        if not line or line.startswith("#"):
            continue
        if mark == "  - ":
            was = content
        elif mark == "  + ":
            became = content
        elif mark == "  = ":
            found.setdefault(Mutation(function, was, became), []).append(content)
        elif not line.startswith(" "):
            function = line
        else:
            raise ValueError(f"no line of a list of survivors: {line}")
    return found


def listed(survivors: Iterable[Mutation], reasons: Listed, head: Iterable[str]) -> str:
    """The list, sorted; a survivor that is not in ``reasons`` yet asks for its reason."""
    lines, function, told = [f"# {line}".rstrip() for line in head], "", Counter[Mutation]()
    for mutation in sorted(survivors):
        if mutation.function != function:
            function = mutation.function
            lines += ["", function]
        known = reasons.get(mutation, [])
        reason = known[told[mutation]] if told[mutation] < len(known) else "TODO: why?"
        told[mutation] += 1
        lines += [f"  - {mutation.was}", f"  + {mutation.became}", f"  = {reason}"]
    return "\n".join(lines) + "\n"


def planted(mutant: Mutant) -> bool:
    """Return whether it stands in the functions that only show that a run can be trusted."""
    return mutant.mutation.function.startswith(f"{PLANTED}.")


def alive(found: Iterable[Mutant]) -> list[Mutation]:
    """The package's mutants that were tried, and that no test killed."""
    return [mutant.mutation for mutant in found if mutant.code in (SURVIVED, NO_TEST) and not planted(mutant)]


def untried(found: Iterable[Mutant]) -> list[Mutation]:
    """The package's mutants that were not tried: only some were asked for."""
    return [mutant.mutation for mutant in found if mutant.code is None]


def figures(found: Iterable[Mutant]) -> str:
    """How many mutants there are, how many were tried, how many of those killed, and how many live."""
    codes = [mutant.code for mutant in found if not planted(mutant)]
    tried = len(codes) - codes.count(None)
    killed = codes.count(KILLED)
    return (
        f"{len(codes)} mutants, {tried} tried, {killed} killed ({killed / max(tried, 1):.1%}), {tried - killed} survive"
    )


def untrusted(found: Iterable[Mutant], area: str) -> list[str]:
    """Return what is wrong with an area's run as a whole: one line each, none where all is as it should be."""
    found, wrong = list(found), []
    for mutant in filter(planted, found):
        name = mutant.mutation.function.removeprefix(f"{PLANTED}.")
        if (mutant.code == KILLED) is not (name == "seen"):
            wrong.append(f"not to be trusted: of the planted functions, a mutant of {name} came to {mutant.code}")
    if {mutant.mutation.function for mutant in found if planted(mutant)} != {f"{PLANTED}.seen", f"{PLANTED}.unseen"}:
        wrong.append("not to be trusted: the planted functions have no mutants")
    tried = sum(mutant.code is not None and not planted(mutant) for mutant in found)
    if len(alive(found)) > tried * (1 - LEAST):
        wrong.append(f"{area}: fewer than {LEAST:.0%} were killed")
    return wrong


def unlisted(found: Iterable[Mutant], known: Listed) -> list[str]:
    """Return what survives and is not in the list."""
    living = Counter(alive(found)) - _counted(known)
    return [f"survives, and is not listed: {_told(one)}" for one in sorted(living.elements())]


def gone(found: Iterable[Mutant], known: Listed) -> list[str]:
    """Return what the list holds of functions that a run tried, and the run does not."""
    found = list(found)
    functions = {mutant.mutation.function for mutant in found}
    of_them = Counter({one: count for one, count in _counted(known).items() if one.function in functions})
    dead = of_them - Counter(alive(found)) - Counter(untried(found))
    return [f"is listed, and does not survive: {_told(one)}" for one in sorted(dead.elements())]


def kept(found: Iterable[Mutant], known: Listed) -> list[Mutation]:
    """Return what a list holds after a run: what survives, and what was listed before and not tried."""
    found = list(found)
    functions = {mutant.mutation.function for mutant in found}
    elsewhere = [one for one in _counted(known).elements() if one.function not in functions]
    return [*alive(found), *(_counted(known) & Counter(untried(found))).elements(), *elsewhere]


def _counted(known: Listed) -> Counter[Mutation]:
    return Counter({mutation: len(reasons) for mutation, reasons in known.items()})


def _told(mutation: Mutation) -> str:
    return f"{mutation.function}: {mutation.was} -> {mutation.became}"
