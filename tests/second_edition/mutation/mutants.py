"""What came of a run: each mutant, what it changed, and whether a test noticed."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import unified_diff
from pathlib import Path
from typing import Final

from tests.second_edition.mutation.session import CODES, KILLED
from tests.second_edition.mutation.staged import PLANTED, modules

LEAST: Final = 0.95  # of all mutants that are not equivalent, killed


def _listed(name: str) -> list[str]:
    lines = Path(__file__).with_name(name).read_text("utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("# ")]


#: Mutants that change nothing which anybody could observe, as ``Mutant.text``: a line of ``# `` above says why.
EQUIVALENT: Final = _listed("equivalent.txt")
#: Those that no test notices, and why that is left so. They count as not killed.
SURVIVORS: Final = _listed("survivors.txt")


@dataclass(frozen=True)
class Mutant:
    """Hold one mutant, and what came of it.

    Attributes:
        function: dotted, below the package: ``dkim.names.check_domain``, ``dkim.published.Answer.to_json``.
        was, became: the line that was changed.
        code: ``None``: it was not tried.
    """

    function: str
    was: str
    became: str
    code: int | None

    @property
    def text(self) -> str:
        """What it changes, in one line."""
        return f"{self.function}: {self.was} -> {self.became}"

    @property
    def planted(self) -> bool:
        """Whether it stands in the functions that only show that a run can be trusted."""
        return self.function.startswith(f"{PLANTED}.")


def places(folder: Path, area: str) -> dict[str, tuple[str, range]]:
    """Every mutant of an area in a copy, as ``second_edition.dkim.names.x_check_domain__mutmut_7``, and where it stands.

    That is the file, and the lines of the function as it was, from its first to the first that the mutant changes.
    """
    found = {}
    for module, path in modules(folder, area):
        functions = _functions(path.read_text("utf-8"))
        for name, (_, lines) in functions.items():
            first, original = functions[f"{name.partition('__mutmut_')[0]}__mutmut_orig"]
            if changed := [n for n, (was, is_) in enumerate(zip(original, lines, strict=False)) if was != is_]:
                found[f"byodkim.{module}.{name}"] = str(path), range(first, first + changed[0] + 1)
    return found


def read(folder: Path, area: str) -> Iterator[Mutant]:
    """Every mutant of an area in a copy, with what came of it."""
    codes = json.loads((folder / CODES).read_text("utf-8"))
    for module, path in modules(folder, area):
        functions = _functions(path.read_text("utf-8"))
        for name, (_, lines) in functions.items():
            original, _, number = name.partition("__mutmut_")
            function = f"{module}.{original.removeprefix('x_').removeprefix('xǁ').replace('ǁ', '.')}"
            was, became = _difference(functions[f"{original}__mutmut_orig"][1], lines)
            if number != "orig":
                yield Mutant(function, was, became, codes.get(f"byodkim.{module}.{name}"))


def _functions(source: str) -> dict[str, tuple[int, list[str]]]:
    """The number of the first line, and the lines, of each function that mutmut made, its name left out."""
    lines = source.splitlines()
    found = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef)]
    return {
        node.name: (
            node.lineno,
            [line.strip().replace(node.name, "_") for line in lines[node.lineno - 1 : node.end_lineno]],
        )
        for node in found
        if "__mutmut_" in node.name
    }


def _difference(original: list[str], mutant: list[str]) -> tuple[str, str]:
    changed = list(unified_diff(original, mutant, n=0, lineterm=""))[2:]
    lines = {sign: " ".join(line[1:] for line in changed if line.startswith(sign)) for sign in "-+"}
    return lines["-"], lines["+"]


def judged(
    found: Iterable[Mutant], listed: Sequence[str] = EQUIVALENT, known: Sequence[str] = SURVIVORS
) -> tuple[str, list[str]]:
    """Return an area's figures, and what is wrong with its run: one line each, none where all is as it should be."""
    found = list(found)
    tried = [mutant for mutant in found if mutant.code is not None and not mutant.planted]
    survived = [mutant for mutant in tried if mutant.code != KILLED]
    alive = [mutant for mutant in survived if mutant.text not in listed]
    killed, counted = len(tried) - len(survived), len(tried) - len(survived) + len(alive)
    wrong = [
        f"not to be trusted: a mutant of {mutant.function} came to {mutant.code}"
        for mutant in found
        if mutant.planted and (mutant.code == KILLED) is not mutant.function.endswith(".seen")
    ]
    if {mutant.function for mutant in found if mutant.planted} != {f"{PLANTED}.seen", f"{PLANTED}.unseen"}:
        wrong.append("not to be trusted: the planted functions have no mutants")
    if killed < counted * LEAST:
        wrong.append(f"fewer than {LEAST:.0%} were killed")
    told = [f"survives: {mutant.text}" for mutant in alive if mutant.text not in known]
    functions = {mutant.function for mutant in found}
    possible = {mutant.text for mutant in found if mutant.code != KILLED}
    stale = [one for one in (*listed, *known) if one.partition(":")[0] in functions and one not in possible]
    told += [f"listed, and is killed or no mutant: {one}" for one in stale]
    figures = f"{sum(not one.planted for one in found)} mutants, {len(tried)} tried"
    figures += f", {len(tried) - counted} of them equivalent, {killed} killed ({killed / max(counted, 1):.1%})"
    return "\n".join([*sorted(told), figures]), wrong
