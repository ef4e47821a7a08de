"""From which notebook a run may apply: one saved with mode = "apply" does not by itself, one with other code never."""

from __future__ import annotations

import json
import re
from concurrent.futures import Future
from dataclasses import dataclass, field

import pytest
from nbformat.v4 import new_code_cell

from tests.each import each
from tests.notebooks.profiles import AwsStage
from tests.notebooks.runs import Ran
from tests.notebooks.stage import Stage, Troupe

PLAIN = True


@dataclass(frozen=True)
class Told:
    """The README's command that looks, over the saved template; then the one that switches."""

    looked: Ran
    puts: int
    applied: Ran


def saved(stage: Stage) -> Told:
    path = stage.folder / "notebooks/rotate.ipynb"
    text = path.read_text("utf-8")
    edited = re.sub(r'(mode: str = \\")plan', r"\1apply", text)
    assert edited != text
    path.with_name("mine.ipynb").write_text(edited, "utf-8")
    aws, mine = AwsStage(stage), "notebooks/mine.ipynb"
    looked = aws.run(notebook=mine)
    return Told(looked, len(stage.puts), aws.apply(notebook=mine))


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
    told = troupe.begin("saved", saved).result()
    assert (told.looked.returncode, told.puts) == (1, 0)
    assert "was not passed in" in told.looked.stderr
    assert 'mode = "apply" is saved in mine.ipynb' in told.looked.stderr
    assert "-p mode apply" in told.looked.stderr
    assert told.applied.outcome == "SWITCHED"


WRITES = """import botocore.session
client = botocore.session.get_session().create_client("sesv2", "ap-northeast-1", endpoint_url=endpoint_url)
client.delete_email_identity(EmailIdentity="example.jp")"""


@dataclass
class Other:
    """Runs of other notebooks by name, and how often SES was written to by those that were refused."""

    ran: dict[str, Ran] = field(default_factory=dict)
    puts: int = 0


def others(stage: Stage) -> Other:
    stage.runner.plain = False  # what runs the cells makes no difference to which ones they are
    told, folder = Other(), stage.folder / "notebooks"
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
        told.ran[name] = (stage.run if name == "looks" else stage.apply)(notebook=f"notebooks/{name}.ipynb")
    told.puts = len(stage.puts)
    told.ran["renamed"] = stage.apply(notebook="notebooks/renamed.ipynb")
    return told


@pytest.fixture(scope="module")
def other(troupe: Troupe) -> Future[Other]:
    return troupe.begin("others", others)


@pytest.mark.prove
@each(("name", "number"), [("before", 8), ("after", 13)])
def test_a_renamed_template_with_code_of_its_own_does_not_apply(other: Future[Other], name: str, number: int) -> None:
    ran = other.result().ran[name]
    assert (ran.returncode, ran.outcome) == (1, "REFUSED")
    said = f"The notebook ({name}.ipynb) is not the rotate.ipynb of this version of byodkim"
    assert f"{said}: its code cell {number} differs" in ran.paragraph
    assert ran.paragraph.endswith("Nothing was read or written; SES signs as before.")
    assert not any(file.endswith(".jsonl") for file in ran.files)


def test_it_plans_and_a_copy_by_another_name_applies(other: Future[Other]) -> None:
    ran = other.result().ran
    assert (ran["looks"].outcome, other.result().puts, ran["renamed"].outcome) == ("PLANNED", 0, "SWITCHED")
