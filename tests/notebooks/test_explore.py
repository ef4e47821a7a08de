"""The notebook that explores, run by the real papermill and by a kernel in its own folder, and worked in by hand."""

from __future__ import annotations

import inspect
import json
import re
from concurrent.futures import Future
from typing import Any

import pytest

from byodkim import explore
from byodkim.aws.reads import READING
from byodkim.explore import Explorer
from byodkim.settings import fields_of
from tests.notebooks.runs import ROOT, Ran
from tests.notebooks.stage import Stage, Troupe

PLAIN = True

NOTEBOOK = "notebooks/explore.ipynb"
VIEWS = ("where", "identities", "identity", "record", "explain", "rotation", "due", "calls")
PUBLIC = {name: getattr(Explorer, name) for name in (*VIEWS, "close")} | {
    name: getattr(explore, name) for name in explore.__all__
}


def standing(stage: Stage, *words: str, **options: Any) -> Ran:
    at = ("-p", "target", "sandbox", "-p", "endpoint_url", stage.sandbox.facts.endpoint_url)
    return stage.runner.papermill(*at, *words, notebook=NOTEBOOK, **options)


def explored(stage: Stage) -> tuple[Ran, set[str]]:
    ran = standing(stage)
    return ran, {call["operation"] for call in stage.sandbox.calls()}


QUICK = {"name": ("explored", "unknown")}


@pytest.fixture(scope="module")
def futures(troupe: Troupe) -> dict[str, Future[Any]]:
    stories: dict[str, Any] = {
        "explored": explored,
        "unknown": lambda stage: standing(stage, "-p", "dommain", "example.jp"),
    }
    return {name: troupe.begin(name.replace(" ", "-"), story) for name, story in stories.items()}


def test_papermill_explores_and_leaves_nothing_but_the_notebook(futures: dict[str, Future[Any]]) -> None:
    ran, operations = futures["explored"].result()
    assert ran.returncode == 0, ran.stderr
    assert ran.files == {"outputs/1.ipynb"}
    assert operations <= READING
    assert {"ListEmailIdentities", "GetEmailIdentity", "GetSecretValue", "HeadObject", "GetObject"} <= operations
    for name in VIEWS:
        assert ran.shown(f"world.{name}()"), name
    assert "mail-20260912-1" in ran.shown("world.identities()")
    assert "<table" in ran.shown("world.identities()", "text/html")
    chart = ran.shown("due.style.hide", "text/html")
    assert "mail-20260912-1" in chart
    assert "linear-gradient" in chart
    assert re.search(r"(?m)^GetObject .+", ran.shown("describe()"))
    assert "WOULD BE PLANNED" in ran.shown("world.rotation()")
    pictures = [output["data"] for output in ran.outputs("world.record()") if "image/svg+xml" in output.get("data", {})]
    assert len(pictures) == 1


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("unknown", "There is no parameter named dommain. Did you mean domain?"),
    ],
)
def test_what_is_wrong_ends_it_with_one_paragraph(futures: dict[str, Future[Any]], name: str, told: str) -> None:
    ran = futures[name].result()
    assert ran.returncode == 1
    assert told in ran.paragraph
    assert ran.said()[-1:] == [ran.paragraph]
    assert "Traceback" not in ran.stderr


def test_open_takes_the_notebook_s_parameters_by_their_names_and_defaults() -> None:
    cells = json.loads((ROOT / NOTEBOOK).read_text("utf-8"))["cells"]
    (cell,) = (cell for cell in cells if "parameters" in cell["metadata"].get("tags", []))
    told = dict(re.findall(r'(?m)^(\w+): str = "([^"]*)"', "".join(cell["source"])))
    signature = inspect.signature(explore.open).parameters
    taken = {name: one.default for name, one in signature.items() if one.kind is inspect.Parameter.KEYWORD_ONLY}
    assert told == taken
    assert set(taken) == set(fields_of("explore"))


def test_what_is_public_says_what_it_does_with_an_example() -> None:
    for name, public in PUBLIC.items():
        told = inspect.getdoc(public) or ""
        assert "Example:" in told, name
        assert f"{name}(" in told or name == "Explorer"
        given = set(inspect.signature(public).parameters) - {"self", "session", "language"}
        assert [one for one in given if f"{one}:" not in told and f"``{one}``" not in told] == [], name
