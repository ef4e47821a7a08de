"""The notebook that explores, run by the real papermill and by a kernel in its own folder, and worked in by hand."""

from __future__ import annotations

import inspect
import re
from typing import Any

from IPython.core.completer import IPCompleter, provisionalcompleter

from second_edition import explore
from second_edition.aws.reads import READING
from second_edition.explore import Explorer
from tests.second_edition.notebooks.runs import Ran
from tests.second_edition.notebooks.stage import Stage, Troupe

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


def test_papermill_explores_and_leaves_nothing_but_the_notebook(troupe: Troupe) -> None:
    ran, operations = troupe.begin("explored", explored).result()
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
    assert 'aria-label="Picture: one mark for each address. A tick' in "".join(pictures[0]["image/svg+xml"])


def test_what_is_wrong_ends_it_with_one_paragraph(troupe: Troupe) -> None:
    ran = troupe.begin("unknown", lambda stage: standing(stage, "-p", "dommain", "example.jp")).result()
    assert ran.returncode == 1
    assert "There is no parameter named dommain. Did you mean domain?" in ran.paragraph
    assert ran.said()[-1:] == [ran.paragraph]
    assert "Traceback" not in ran.stderr


def test_what_is_public_says_what_it_does_with_an_example() -> None:
    for name, public in PUBLIC.items():
        told = inspect.getdoc(public) or ""
        assert "Example:" in told, name
        assert f"{name}(" in told or name == "Explorer"
        given = set(inspect.signature(public).parameters) - {"self", "session", "language"}
        assert [one for one in given if f"{one}:" not in told and f"``{one}``" not in told] == [], name


def test_tab_offers_what_can_be_looked_at() -> None:
    """As the kernel of a notebook completes, which JupyterLab asks."""
    world = {"world": object.__new__(Explorer)}
    completer = IPCompleter(namespace=world, disable_matchers=["IPCompleter.magic_matcher"])
    with provisionalcompleter():
        assert set(VIEWS) <= {one.text for one in completer.completions("world.", len("world."))}
