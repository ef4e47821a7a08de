"""The figures that the docs quote are those that ``make bench`` measures: every row, in both languages, with machine
and date. What they come to is not tested: machines differ.
"""

from __future__ import annotations

import re

import pytest

from second_edition.messages import LANGUAGES, Language
from tests.second_edition.bench.__main__ import BEGIN, END, FIGURES, HEADS, PARTS
from tests.second_edition.bench.japanese import LABELS
from tests.second_edition.each import each
from tests.second_edition.project.readme import table as rows_of
from tests.second_edition.simulation.__main__ import DOCS, MARK, TABLES
from tests.second_edition.simulation.__main__ import table as model

in_both = each("language", LANGUAGES)


def quoted(language: Language) -> tuple[str, list[list[str]]]:
    """Return what stands above the table, and its rows."""
    text = FIGURES[language].read_text("utf-8").partition(BEGIN)[2].partition(END)[0]
    return text.strip().splitlines()[0], rows_of(
        text.replace("| ---", "|---").replace("--- |", "---|"), HEADS[language][0]
    )


def labels() -> list[str]:
    return [label for part in PARTS for label in part.labels]


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


# The others run through a million identities.
QUICK = {"name": ("troubles",)}


@pytest.mark.parametrize("name", TABLES)
def test_the_docs_quote_what_the_model_tells(name: str) -> None:
    for language in LANGUAGES:
        text = DOCS[language].read_text("utf-8")
        assert {found[1] for found in MARK.finditer(text)} == set(TABLES)
        assert model(name, language) in text
