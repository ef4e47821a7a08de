"""``make bench``: every figure that this project claims, in one table with the machine and the day. Nothing passes or
fails. With ``--write`` the table goes into docs/en/figures.md and docs/ja/figures.md, between their
markers.
"""

from __future__ import annotations

import argparse
import os
import platform
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from second_edition.messages import LANGUAGES, Language
from tests.second_edition.bench.japanese import LABELS, WORDS
from tests.second_edition.bench.table import Row, machine, markdown

ROOT: Final = Path(__file__).resolve().parents[3]
FIGURES: Final[Mapping[Language, Path]] = {one: ROOT / "docs/second_edition" / one / "figures.md" for one in LANGUAGES}
BEGIN, END = "<!-- figures -->", "<!-- /figures -->"
HEADS: Final[Mapping[Language, tuple[str, str, str]]] = {
    "en": ("what", "measured", "ratio"),
    "ja": ("対象", "測定値", "比"),
}


@dataclass(frozen=True)
class Part:
    """A module of figures: its ``rows``, and what it is asked for in a short round."""

    module: str
    quick: Mapping[str, Any]

    @property
    def here(self) -> bool:
        """Return whether there is such a module."""
        return find_spec(f"tests.second_edition.bench.{self.module}") is not None

    @property
    def labels(self) -> Sequence[str]:
        """Return what its rows are called, where it says so beforehand."""
        return getattr(import_module(f"tests.second_edition.bench.{self.module}"), "LABELS", ()) if self.here else ()

    def rows(self, *, quick: bool) -> list[Row]:
        """Measures."""
        measure: Callable[..., list[Row]] = import_module(f"tests.second_edition.bench.{self.module}").rows
        return measure(**(self.quick if quick else {}))


PARTS: Final = (
    Part("run", {"rounds": 3}),
    Part("command", {"rounds": 3}),
    Part("inventory", {"identities": 1000}),
    Part("lookups", {"rounds": 1}),
    Part("fleet", {"identities": 60}),
    Part("verification", {"rounds": 2, "runs": 300}),
    Part("site", {"runs": 1000}),
)


def table(rows: Sequence[Row], language: Language) -> str:
    """The table in a language."""
    if language == "ja":
        rows = [(LABELS.get(label.strip(), label), japanese(value), japanese(ratio)) for label, value, ratio in rows]
    return markdown(HEADS[language], rows)


def japanese(told: str) -> str:
    """A figure with its words in Japanese."""
    for pattern, words in WORDS:
        told = re.sub(pattern, words, told)
    return told


def written(path: Path, told: str) -> str:
    """The file's text with the table in the place of the one that it has."""
    before, _, rest = path.read_text("utf-8").partition(BEGIN)
    return f"{before}{BEGIN}\n{told}\n{END}{rest.partition(END)[2]}"


def head(language: Language, *, quick: bool) -> str:
    """Return when, on which machine, and how loaded it was as it began."""
    if language == "en":
        return f"{machine()}{', a short round' if quick else ''}:"
    told = f"{datetime.now(UTC):%Y-%m-%d}、{platform.system()} {platform.machine()}、{os.cpu_count()} コア、"
    told += f"Python {platform.python_version()}、負荷 {os.getloadavg()[0]:.1f}"
    return f"{told}{'、短縮版' if quick else ''}:"


def main() -> None:
    """Measures one part after the other and prints the table; what each found stands on standard error at once."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer rounds, smaller archives")
    parser.add_argument("--write", action="store_true", help="into docs/*/figures.md")
    parser.add_argument("--only", action="append", choices=[one.module for one in PARTS], help="may be given again")
    asked = parser.parse_args()
    if asked.write and (asked.only or asked.quick):
        parser.error("only a whole round is written down")
    heads = {language: head(language, quick=asked.quick) for language in LANGUAGES}
    rows: list[Row] = []
    for part in PARTS:
        if part.here and (not asked.only or part.module in asked.only):
            found = part.rows(quick=asked.quick)
            print(*(" ".join(row) for row in found), sep="\n", file=sys.stderr, flush=True)
            rows += found
    tables = {language: f"{heads[language]}\n\n{table(rows, language)}" for language in LANGUAGES}
    print(tables["en"])
    if asked.write:
        for language, path in FIGURES.items():
            path.write_text(written(path, tables[language]), "utf-8")


if __name__ == "__main__":
    main()
