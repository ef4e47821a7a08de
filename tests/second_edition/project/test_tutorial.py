"""The tutorial: executed as a reader does, in a fresh clone; each record comes to what the text says."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.second_edition.project.checkout import clone, environment
from tests.second_edition.project.terminals import headline
from tests.second_edition.project.tracked import ROOT

NEXT, LEFT = "mail-20261124-1", "mail-20260912-1"
RECORDS = {
    "day-01-plan": ("PLANNED", NEXT),
    "day-01-prepare": ("PREPARED", NEXT),
    "day-01-early": ("REFUSED", NEXT),
    "day-14-plan": ("PLANNED", NEXT),
    "day-14-rotate": ("SWITCHED", NEXT),
    "day-15-back": ("SWITCHED", LEFT),
    "day-15-rotate": ("SWITCHED", NEXT),
    "day-15-early": ("REFUSED", LEFT),
    "day-24-retire": ("RETIRED", LEFT),
}
Notebook = dict[str, Any]


def notebook(path: Path) -> Notebook:
    found: Notebook = json.loads(path.read_text("utf-8"))
    return found


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Notebook]:
    """The clone, and the English tutorial as executed in it by papermill, in the folder where JupyterLab opens it."""
    base = tmp_path_factory.mktemp("tutorial")
    folder, env = clone(base), environment(base / "home")
    words = [".venv/bin/papermill", "--cwd", "docs/en", "docs/en/tutorial.ipynb", "outputs/tutorial.ipynb"]
    done = subprocess.run(words, cwd=folder, env=env, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr[-4000:]
    return folder, notebook(folder / "outputs/tutorial.ipynb")


@pytest.mark.prove
def test_each_record_comes_to_what_the_text_says(walked: tuple[Path, Notebook]) -> None:
    records = {path.stem: headline(notebook(path)) for path in walked[0].glob("outputs/tutorial-*/*.ipynb")}
    firsts = {name: text.splitlines()[0] for name, text in records.items()}
    assert {name: (line.split()[0], NEXT in line, LEFT in line) for name, line in firsts.items()} == {
        name: (outcome, selector == NEXT, selector == LEFT) for name, (outcome, selector) in RECORDS.items()
    }


@pytest.mark.prove
def test_all_of_them_verify_and_are_listed(walked: tuple[Path, Notebook]) -> None:
    *_, verified, listed, _closed = [cell["outputs"] for cell in walked[1]["cells"] if cell["cell_type"] == "code"]
    assert "9 runs: 9 verified, 0 off." in "".join(verified[0]["text"])
    assert "".join(listed[-1]["data"]["text/html"]).count("verified") == len(RECORDS)


@pytest.mark.parametrize("language", ["en", "ja"])
def test_a_sentence_stands_before_each_cell_of_code_and_nothing_was_executed(language: str) -> None:
    cells = notebook(ROOT / f"docs/{language}/tutorial.ipynb")["cells"]
    assert [cell["cell_type"] for cell in cells[1:]] == ["markdown", "code"] * (len(cells) // 2)
    assert [cell for cell in cells if cell.get("outputs") or cell.get("execution_count")] == []


def test_both_languages_execute_the_same() -> None:
    code = [
        ["".join(cell["source"]) for cell in notebook(ROOT / f"docs/{language}/tutorial.ipynb")["cells"]]
        for language in ("en", "ja")
    ]
    japanese = [text.replace(" -p language ja", "").replace(', language="ja"', "") for text in code[1][2::2]]
    assert japanese == code[0][2::2]
    assert code[1] != code[0]
