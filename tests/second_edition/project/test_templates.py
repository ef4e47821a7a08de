"""The notebooks from which a run may apply: their digests stand in the package, and code beside theirs is seen.

``python -m tests.second_edition.project.test_templates`` (``make templates``) writes the digests anew.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from second_edition.contributions import procedures
from second_edition.evidence.cells import code_digest, digest_of_file, sources_of
from second_edition.intent.templates import CELLS, FOLDER, SHIPPED, altered, digests_of, foreign, misplaced
from tests.second_edition.each import each
from tests.second_edition.project.tracked import ROOT

Json = dict[str, Any]


def path_of(procedure: str) -> Path:
    return ROOT / f"lib/second_edition/notebooks/{procedure}.ipynb"


def text(notebook: Path) -> str:
    """``shipped.json`` for a notebook as it stands."""
    sources = sources_of(notebook)
    made = {"cells": digests_of(sources), "code": code_digest(sources), "template": digest_of_file(notebook)}
    return json.dumps(made, indent=1) + "\n"


def test_the_package_knows_the_notebooks_as_they_are() -> None:
    assert sorted(CELLS) == sorted(procedures())
    for procedure, digests in CELLS.items():
        shipped = (FOLDER / procedure / SHIPPED).read_text("utf-8")
        assert shipped == text(path_of(procedure)), "run: make templates"
        assert digests.count("parameters") == 1
        sources = sources_of(path_of(procedure))
        assert (altered(procedure, path_of(procedure)), foreign(procedure, sources)) == (None, None)


def code(notebook: Json, number: int) -> Json:
    """The code cell of that number, from 1."""
    cell: Json = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"][number - 1]
    return cell


def added(source: str, before: int) -> Callable[[Json], None]:
    def change(notebook: Json) -> None:
        place = notebook["cells"].index(code(notebook, before))
        cell: Json = {"cell_type": "code", "id": "x", "metadata": {}, "outputs": [], "execution_count": None}
        notebook["cells"].insert(place, {**cell, "source": source})

    return change


def replaced(number: int, was: str, by: str) -> Callable[[Json], None]:
    def change(notebook: Json) -> None:
        cell = code(notebook, number)
        source = "".join(cell["source"])
        assert was in source
        cell["source"] = source.replace(was, by)

    return change


def set_to(value: str) -> Callable[[Json], None]:
    return replaced(2, 'mode: str = "plan"', f"mode: str = {value}")


@pytest.mark.parametrize(
    "change",
    [
        set_to('"apply"'),
        set_to("'apply'"),
        replaced(2, 'language: str = ""', 'language = "ja"'),
        lambda notebook: notebook["cells"].insert(0, dict(notebook["cells"][0])),
        lambda notebook: code(notebook, 4)["metadata"].update(tags=["x"]),
    ],
)
def test_values_and_words_may_differ(tmp_path: Path, change: Callable[[Json], None]) -> None:
    assert changed(tmp_path, change) is None


BOTO = "import botocore.session\nbotocore.session.get_session()"


@pytest.mark.parametrize(
    ("change", "number"),
    [
        (added(BOTO, 1), 1),
        (added(BOTO, 8), 8),
        (added(BOTO, 12), 12),
        (added("# Parameters\n" + BOTO, 4), 4),
        (added("", 4), 4),
        (added("%sc aws sesv2 list-email-identities", 4), 4),
        (set_to("open('/tmp/mode').read()"), 2),
        (set_to('"apply" if True else "plan"'), 2),
        (replaced(2, "mode: str =", "mode: print('x') ="), 2),
        (replaced(2, "mode: str =", "steps = mode ="), 2),
        (replaced(3, "run =", "run = None or"), 3),
        (replaced(8, "steps.apply", "steps.apply  "), 8),
        (lambda notebook: notebook["cells"].remove(code(notebook, 6)), 6),
        (lambda notebook: notebook["cells"].remove(code(notebook, 12)), 12),
        (lambda notebook: notebook["cells"].append(dict(code(notebook, 12))), 13),
    ],
)  # fmt: skip
def test_code_may_not(tmp_path: Path, change: Callable[[Json], None], number: int) -> None:
    assert changed(tmp_path, change) == number


def changed(folder: Path, change: Callable[[Json], None]) -> int | None:
    """Return what is found of rotate's notebook once it was changed and renamed."""
    notebook = json.loads(path_of("rotate").read_text("utf-8"))
    change(notebook)
    (folder / "own.ipynb").write_text(json.dumps(notebook), "utf-8")
    return altered("rotate", folder / "own.ipynb")


def test_a_notebook_of_another_procedure_and_none_at_all_are_no_templates(tmp_path: Path) -> None:
    assert altered("rotate", path_of("prepare")) == 3
    assert altered("rotate", tmp_path / "absent.ipynb") == 1


@each("cell", [BOTO, "# Parameters\n" + BOTO, "selector = input()", "selector: BOTO.x = 'mail'", "x = 1"])
def test_a_cell_that_was_executed_beside_them_is_seen(cell: str) -> None:
    sources = sources_of(path_of("rotate"))
    assert foreign("rotate", [*sources[:2], cell, *sources[2:4]]) == 3


def test_a_cell_that_was_executed_again_or_out_of_order_is_seen() -> None:
    """In JupyterLab a kernel remembers the runs before; the record of such a run could not be verified."""
    sources = sources_of(path_of("rotate"))
    for executed, number in (
        (sources, None),
        (sources[:3], None),
        ([*sources[:2], sources[1], *sources[2:]], 3),
        ([*sources[:3], *sources[1:4]], 4),
        ([sources[0], sources[2]], 2),
        ([*sources, sources[0]], len(sources) + 1),
    ):
        assert (foreign("rotate", executed), misplaced("rotate", executed)) == (None, number)


if __name__ == "__main__":
    for name in procedures():
        (FOLDER / name / SHIPPED).write_text(text(path_of(name)), "utf-8")
