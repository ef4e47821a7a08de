"""The notebook that explores, opened in JupyterLab in Chromium: all cells run, tables and pictures are seen."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from second_edition.aws.reads import READING
from second_edition.sandbox.client import Sandbox
from tests.second_edition.display.browser import Browser
from tests.second_edition.notebooks.lab import Lab, opened
from tests.second_edition.notebooks.stage import project

NOTEBOOK = "notebooks/explore.ipynb"


@pytest.fixture(scope="module")
def lab(child: Sandbox, home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """The notebook with every cell run."""
    child.reset("ready")
    folder = tmp_path_factory.mktemp("lab")
    runner = project(folder / "project", home)
    with (
        Browser(tmp_path_factory.mktemp("browser")) as browser,
        opened(browser, runner.folder, NOTEBOOK, runner.environment()) as lab,
    ):
        lab.set_source("profile: str", 'target: str = "aws"', 'target: str = "sandbox"')
        lab.set_source("profile: str", 'endpoint_url: str = ""', f'endpoint_url: str = "{child.facts.endpoint_url}"')
        lab.command("notebook:run-all-cells")
        lab.wait(lab.finished())
        yield lab


def test_all_cells_run_and_nothing_was_written(lab: Lab, child: Sandbox) -> None:
    assert lab.errors() == []
    assert {call["operation"] for call in child.calls()} <= READING
    assert child.calls("GetObject") != []


def test_tables_and_pictures_are_seen(lab: Lab) -> None:
    heads_of = "[...document.querySelectorAll('.jp-OutputArea table th')].map(one => one.innerText)"
    lab.wait(f"{heads_of}.includes('days from now')")  # the last table: outputs below the screen are drawn when idle
    heads = lab.browser.evaluate(heads_of)
    text = lab.browser.evaluate("document.querySelector('.jp-Notebook').innerText")
    assert {"identity", "signs with", "age from", "verdict", "what it says", "days from now"} <= set(heads)
    for told in ("This session reads and cannot write", "WOULD BE PLANNED", "SOUND", "NOT YET DUE"):
        assert told in text
    # A picture that the browser could read has a size.
    sizes = lab.browser.evaluate(
        "[...document.querySelectorAll('.jp-OutputArea img')].map(one => one.naturalWidth * one.naturalHeight)"
    )
    assert len(sizes) >= 2
    assert all(sizes)
    # No table is wider than the column it stands in: nothing has to be scrolled to.
    wide = (
        "[...document.querySelectorAll('.jp-OutputArea-output')].filter(one => one.scrollWidth > one.clientWidth + 2)"
    )
    assert lab.browser.evaluate(f"{wide}.map(one => one.innerText.slice(0, 80))") == []
