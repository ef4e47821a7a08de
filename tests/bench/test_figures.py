"""The figures that the docs quote are those that ``make bench`` measures: every row, in both languages, with machine
and date. What they come to is not tested: machines differ.
"""

from __future__ import annotations

import re

import pytest

from byodkim.messages import LANGUAGES, Language
from tests.bench.__main__ import (
    BEGIN,
    END,
    FIGURES,
    HEADS,
    PARTS,
    japanese,
    table,
    written,
)
from tests.bench.japanese import LABELS
from tests.each import each
from tests.project.readme import table as rows_of
from tests.simulation.__main__ import DOCS, MARK, TABLES
from tests.simulation.__main__ import table as model

OURS = {"run", "command", "inventory", "lookups", "fleet", "verification", "site"}
in_both = each("language", LANGUAGES)


def quoted(language: Language) -> tuple[str, list[list[str]]]:
    """What stands above the table, and its rows."""
    text = FIGURES[language].read_text("utf-8").partition(BEGIN)[2].partition(END)[0]
    return text.strip().splitlines()[0], rows_of(
        text.replace("| ---", "|---").replace("--- |", "---|"), HEADS[language][0]
    )


def labels() -> list[str]:
    return [label for part in PARTS for label in part.labels]


def test_every_part_of_ours_says_beforehand_what_it_measures() -> None:
    assert {part.module for part in PARTS if part.labels} >= OURS
    assert len(labels()) == len(set(labels()))
    assert [label for part in PARTS if part.module in OURS for label in part.labels if label not in LABELS] == []


@in_both
def test_the_docs_quote_every_row_that_is_measured(language: Language) -> None:
    _, rows = quoted(language)
    shown = [row[0] for row in rows]
    known = [LABELS.get(label, label) if language == "ja" else label for label in labels()]
    assert [label for label in known if label not in shown] == []
    assert all(re.search(r"\d", row[1]) for row in rows)


@in_both
def test_the_docs_say_when_and_on_which_machine(language: Language) -> None:
    head, _ = quoted(language)
    assert re.search(r"20\d\d-\d\d-\d\d.+\d+ (cores|コア).+Python 3\.\d+\.\d+", head)


def test_both_languages_quote_the_same_numbers() -> None:
    numbers = [[sorted(re.findall(r"\d[\d,.]*", " ".join(row[1:]))) for row in quoted(one)[1]] for one in LANGUAGES]
    assert numbers[0] == numbers[1]


def test_a_table_takes_the_place_of_the_one_before() -> None:
    rows = [("byodkim site, the first time", "9 s", "10 runs; 8 ms of processor a run")]
    once = written(FIGURES["ja"], table(rows, "ja"))
    assert "| byodkim site（初回） | 9 s | 実行 10 件（各 CPU 8 ms） |" in once
    assert once.count(BEGIN) == once.count(END) == 1
    assert japanese("1.02 x the floor of 110.0 s (aim 1.05)") == "下限 110.0 s の 1.02 倍（目標 1.05）"


# The others run through a million identities.
QUICK = {"name": ("troubles",)}


@pytest.mark.parametrize("name", TABLES)
def test_the_docs_quote_what_the_model_tells(name: str) -> None:
    for language in LANGUAGES:
        text = DOCS[language].read_text("utf-8")
        assert {found[1] for found in MARK.finditer(text)} == set(TABLES)
        assert model(name, language) in text
