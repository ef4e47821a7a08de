"""The tutorial: its commands exist, both languages do the same, and two weeks end as they say."""

import ast
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest

from tests.docs.test_commands import require_command

ROOT = Path(__file__).parents[2]
LANGUAGES = ("en", "ja")
VERIFIED = re.compile(r"VERIFIED (day-\S+) \S+ \S+ (\S+) example.jp (\S+) ")
NEW, OLD = "mail-20270115-1", "mail-20260912-1"
TWO_WEEKS = [
    ("day-01-plan", "PLANNED", NEW),
    ("day-01-prepare", "PREPARED", NEW),
    ("day-04-plan", "REFUSED", NEW),
    ("day-05-early", "REFUSED", NEW),
    ("day-05-plan", "PLANNED", NEW),
    ("day-05-rotate", "SWITCHED", NEW),
    ("day-06-back", "SWITCHED", OLD),
    ("day-07-rotate", "SWITCHED", NEW),
    ("day-07-retire", "REFUSED", OLD),
    ("day-15-plan", "PLANNED", OLD),
    ("day-15-retire", "RETIRED", OLD),
    ("day-15-back", "REFUSED", OLD),
]
#: What a person sees of the checks that refuse a run of the tutorial.
REFUSALS = {
    "day-04-plan": "DNS-PUBLISHED, FAIL",
    "day-05-early": "TIME-ACTIVATE, FAIL",
    "day-07-retire": "TIME-OVERLAP, FAIL",
    "day-15-back": "KEY-REUSED, FAIL",
}


def tutorial(language: str) -> Path:
    return ROOT / "docs" / language / "tutorial.ipynb"


def cells(language: str) -> list[Any]:
    notebook: Any = nbformat.read(tutorial(language), as_version=4)
    nbformat.validate(notebook)
    return list(notebook.cells)


def code(language: str) -> list[str]:
    return [each.source for each in cells(language) if each.cell_type == "code"]


def test_both_languages_have_the_same_code():
    english, japanese = code("en"), code("ja")
    assert (english[0], japanese[0]) == ('LANGUAGE = "en"', 'LANGUAGE = "ja"')
    assert english[1:] == japanese[1:]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_sentence_stands_before_each_cell(language):
    texts, codes = cells(language)[::2], cells(language)[1::2]
    assert {each.cell_type for each in texts} == {"markdown"}
    for each in codes:
        assert (each.cell_type, each.outputs, each.execution_count) == ("code", [], None)


def test_cells_parse_and_their_commands_exist():
    for source in code("en"):
        lines = source.splitlines()
        ast.parse("\n".join(each for each in lines if not each.startswith("!")))
        for line in lines:
            if line.startswith("!"):
                require_command(shlex.split(line[1:]))


@pytest.mark.prove
@pytest.mark.parametrize("language", LANGUAGES)
def test_two_weeks(language, tmp_path):
    """Every run ends as the text says, and every record is verified."""
    environment = os.environ | {"TMPDIR": str(tmp_path)}
    arguments = ("--to", "notebook", "--execute", "--output-dir", str(tmp_path), "--output", "done")
    try:
        subprocess.run(
            [sys.executable, "-m", "nbconvert", *arguments, str(tutorial(language))],
            env=environment,
            check=True,
        )
        notebook: Any = nbformat.read(tmp_path / "done.ipynb", as_version=4)
        shown = {each.source: output(each) for each in notebook.cells if each.cell_type == "code"}
        verified = shown["!byodkim verify outputs"]
        assert VERIFIED.findall(verified) == TWO_WEEKS, verified
        for run, check in REFUSALS.items():
            assert any(check in text for text in shown.values() if f"{run}.ipynb" in text), run
    finally:
        for state in tmp_path.glob("byodkim-tutorial-*/state"):
            stop = [str(Path(sys.executable).with_name("byodkim")), "sandbox", "stop"]
            subprocess.run(stop, env=environment | {"XDG_STATE_HOME": str(state)}, check=True)


def output(cell: Any) -> str:
    return "".join(each.get("text", "") for each in cell.outputs)
