"""From which notebook a run may apply: one saved with mode = "apply" does not by itself, one with other code never."""

from __future__ import annotations

import json
import re
from concurrent.futures import Future

import pytest
from nbformat.v4 import new_code_cell

from tests.second_edition.each import each
from tests.second_edition.notebooks.profiles import AwsStage
from tests.second_edition.notebooks.runs import Ran
from tests.second_edition.notebooks.stage import Stage, Troupe

PLAIN = True

Others = tuple[dict[str, Ran], int]


def saved(stage: Stage) -> tuple[Ran, int, Ran]:
    """The README's command that looks, over the saved template, and the writes by then; then the one that switches."""
    path = stage.folder / "notebooks/rotate.ipynb"
    text = path.read_text("utf-8")
    edited = re.sub(r'(mode: str = \\")plan', r"\1apply", text)
    assert edited != text
    path.with_name("mine.ipynb").write_text(edited, "utf-8")
    aws, mine = AwsStage(stage), "notebooks/mine.ipynb"
    looked = aws.run(notebook=mine)
    return looked, len(stage.puts), aws.apply(notebook=mine)


def disguised(stage: Stage) -> tuple[Ran, Ran, int]:
    """The parameters cell of the template looks like the one that papermill injects; then the template by stdin."""
    path = stage.folder / "notebooks/rotate.ipynb"
    own = json.loads(path.read_text("utf-8"))
    cell = next(cell for cell in own["cells"] if "parameters" in cell["metadata"].get("tags", []))
    cell["source"] = '# Parameters\nmode = "apply"\n'
    path.with_name("mine.ipynb").write_text(json.dumps(own), "utf-8")
    aws = AwsStage(stage)
    looked = aws.run(notebook="notebooks/mine.ipynb")
    with path.open("rb") as template:
        given = aws.apply(notebook="-", stdin=template)
    return looked, given, len(stage.puts)


def test_neither_does_a_template_that_looks_like_what_papermill_injects_nor_one_that_is_no_file(troupe: Troupe) -> None:
    looked, given, puts = troupe.begin("disguised", disguised).result()
    assert (looked.returncode, given.returncode, puts) == (1, 1, 0)
    assert 'mode = "apply" is saved in mine.ipynb' in looked.stderr
    assert "its code cannot be compared with rotate.ipynb" in given.stderr


@pytest.mark.prove
def test_the_command_that_looks_does_not_switch(troupe: Troupe) -> None:
    looked, puts, applied = troupe.begin("saved", saved).result()
    assert (looked.returncode, puts) == (1, 0)
    assert "was not passed in" in looked.stderr
    assert 'mode = "apply" is saved in mine.ipynb' in looked.stderr
    assert "-p mode apply" in looked.stderr
    assert applied.outcome == "SWITCHED"


WRITES = """import botocore.session
client = botocore.session.get_session().create_client("sesv2", "ap-northeast-1", endpoint_url=endpoint_url)
client.delete_email_identity(EmailIdentity="example.jp")"""


def others(stage: Stage) -> Others:
    """Runs of other notebooks by name, and how often SES was written to by those that are not the shipped one."""
    stage.runner.plain = False  # what runs the cells makes no difference to which ones they are
    ran, folder = dict[str, Ran](), stage.folder / "notebooks"
    own = json.loads((folder / "rotate.ipynb").read_text("utf-8"))
    (folder / "renamed.ipynb").write_text(json.dumps(own), "utf-8")
    cells = own["cells"]
    write = next(place for place, cell in enumerate(cells) if "steps.apply(run)" in "".join(cell["source"]))
    for name, place, source in (
        ("before", write, WRITES),
        ("after", len(cells), WRITES),
        ("looks", len(cells), "print(run.record.plan.digest)"),
    ):
        more = [*cells[:place], new_code_cell(source), *cells[place:]]
        (folder / f"{name}.ipynb").write_text(json.dumps({**own, "cells": more}), "utf-8")
        ran[name] = (stage.run if name == "looks" else stage.apply)(notebook=f"notebooks/{name}.ipynb")
    puts = len(stage.puts)
    ran["renamed"] = stage.apply(notebook="notebooks/renamed.ipynb")
    return ran, puts


@pytest.fixture(scope="module")
def other(troupe: Troupe) -> Future[Others]:
    return troupe.begin("others", others)


@pytest.mark.prove
@each(("name", "number"), [("before", 8), ("after", 13)])
def test_a_renamed_template_with_code_of_its_own_does_not_apply(other: Future[Others], name: str, number: int) -> None:
    ran = other.result()[0][name]
    assert (ran.returncode, ran.outcome) == (1, "REFUSED")
    said = f"The notebook ({name}.ipynb) is not the rotate.ipynb of this version of byodkim"
    assert f"{said}: its code cell {number} differs" in ran.paragraph
    assert ran.paragraph.endswith("Nothing was read or written; SES signs as before.")
    assert not any(file.endswith(".jsonl") for file in ran.files)


def test_it_plans_and_a_copy_by_another_name_applies(other: Future[Others]) -> None:
    ran, puts = other.result()
    assert (ran["looks"].outcome, puts, ran["renamed"].outcome) == ("PLANNED", 0, "SWITCHED")
