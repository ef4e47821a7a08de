"""What a notebook shows is what the journal tells, what it ran is the template; all else is named, cell by cell."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from byodkim.display.placeholder import placeholder
from byodkim.evidence.journal import ForeignEvent
from byodkim.evidence.verification_case import Verified
from tests.display.archive import Archive, journal_of
from tests.project.tracked import ROOT
from tests.verification.judged import codes, judge, run
from tests.verification.made import events_of, reseal, save, write

Notebook = dict[str, Any]
Change = Callable[[Notebook], object]


def cell(notebook: Notebook, source: str) -> dict[str, Any]:
    """The cell whose text holds ``source``."""
    found: dict[str, Any] = next(one for one in notebook["cells"] if source in "".join(one["source"]))
    return found


def judged(notebook: Path, change: Change) -> Verified:
    """The run after its notebook was changed."""
    content = json.loads(notebook.read_text("utf-8"))
    change(content)
    save(notebook, content)
    (one,) = judge(notebook.parent)
    return one


def text_in(step: str, mime: str, was: str, now: str) -> Change:
    """Another text in what a step shows, in one MIME type."""

    def change(notebook: Notebook) -> None:
        data = cell(notebook, step)["outputs"][-1]["data"]
        text = "".join(data[mime])
        assert was in text
        data[mime] = text.replace(was, now).splitlines(keepends=True)

    return change


def added_output(kind: dict[str, Any], step: str = "steps.prove") -> Change:
    return lambda notebook: cell(notebook, step)["outputs"].append(kind)


STREAM = {"output_type": "stream", "name": "stdout", "text": ["SES says: SUCCESS\n"]}
SHOWN = {"output_type": "display_data", "metadata": {}, "data": {"text/plain": ["all is well"]}}
ERROR = {"output_type": "error", "ename": "RunFailed", "evalue": "x", "traceback": ["RunFailed: x"]}
OUTPUTS: dict[str, tuple[Change, str]] = {
    "html": (text_in("steps.compare", "text/html", "mail-20260912-1", "mail-20260911-1"), "compare: 1"),
    "plain": (text_in("steps.close", "text/plain", "SWITCHED", "PLANNED"), "close: 1"),
    "headline": (text_in("steps.headline", "text/html", "SWITCHED", "PLANNED"), "headline: 1"),
    "stream": (added_output(STREAM), "prove: 2"),
    "shown": (added_output(SHOWN), "prove: 2"),
    "error": (added_output(ERROR), "prove: error"),
    "in-markdown": (lambda notebook: notebook["cells"][0].update(outputs=[SHOWN]), "1 (-: 1)"),
    "in-parameters": (added_output(STREAM, "selector: str"), "(-: 1)"),
    "dropped": (lambda notebook: cell(notebook, "steps.plan")["outputs"].clear(), "plan: 1"),
    "all-dropped": (
        lambda notebook: [one.update(outputs=one["outputs"][:1]) for one in notebook["cells"][6:] if "outputs" in one],
        "observe: 2",
    ),
    "another-picture": (
        lambda notebook: cell(notebook, "steps.observe")["outputs"][0]["data"].update({"image/svg+xml": "<svg/>"}),
        "observe: 1",
    ),
    "another-type": (
        lambda notebook: cell(notebook, "steps.plan")["outputs"][0]["data"].update({"text/latex": "x"}),
        "plan: 1",
    ),
    "hidden": (
        lambda notebook: cell(notebook, "steps.plan")["outputs"][0]["metadata"].update(isolated=True),
        "plan: 1",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", OUTPUTS)
def test_an_output_that_is_not_the_journal_s(archive: Archive, tmp_path: Path, name: str) -> None:
    change, named = OUTPUTS[name]
    one = judged(archive.copy("switched", tmp_path), change)
    assert codes(one) >= {"outputs"}
    (text,) = (finding.text for finding in one.findings if finding.code == "outputs")
    assert named in text


def inserted(place: int, text: str, **metadata: Any) -> Change:
    made = {"cell_type": "markdown", "id": "x", "metadata": metadata, "source": [text]}
    return lambda notebook: notebook["cells"].insert(place, made)


def moved(notebook: Notebook) -> None:
    cells = notebook["cells"]
    cells[8], cells[10] = cells[10], cells[8]


CELLS: dict[str, Change] = {
    "source": lambda notebook: cell(notebook, "steps.prove").update(source=["steps.prove(run) "]),
    "words": lambda notebook: notebook["cells"][0].update(source=["# Nothing"]),
    "added": inserted(5, "Checked by hand: all is well."),
    "dropped": lambda notebook: notebook["cells"].remove(cell(notebook, "## Check ")),
    "last-dropped": lambda notebook: notebook["cells"].pop(),
    "moved": moved,
    "collapsed": lambda notebook: cell(notebook, "steps.check")["metadata"].update(jupyter={"outputs_hidden": True}),
    "attachment": lambda notebook: notebook["cells"][0].update(attachments={}),
    "parameter": lambda notebook: cell(notebook, "# Parameters").update(source=['# Parameters\n', 'selector = "x"\n']),
    "parameters-gone": lambda notebook: notebook["cells"].remove(cell(notebook, "# Parameters")),
    "parameters-renamed-field": lambda notebook: cell(notebook, "# Parameters").update(
        ie=cell(notebook, "# Parameters").pop("id")
    ),
    "parameters-attached": lambda notebook: cell(notebook, "# Parameters").update(attachments={}),
    "parameters-hidden": lambda notebook: cell(notebook, "# Parameters")["metadata"].update(
        jupyter={"source_hidden": True}
    ),
    "banner": inserted(0, "Approved.", tags=["papermill-error-cell-tag"]),
}  # fmt: skip


@pytest.mark.parametrize("name", CELLS)
def test_a_cell_that_is_not_the_template_s(archive: Archive, tmp_path: Path, name: str) -> None:
    assert codes(judged(archive.copy("switched", tmp_path), CELLS[name])) & {"cells", "counts"}


def reported(notebook: Notebook, but: int = 0) -> None:
    """As papermill's report mode leaves a notebook, but for some code cells at its end."""
    code = [one for one in notebook["cells"] if one["cell_type"] == "code"]
    for one in code[: len(code) - but]:
        one["metadata"]["jupyter"] = {"source_hidden": True}


def test_report_mode_hides_the_source_of_every_cell_or_was_not_papermill_s(archive: Archive, tmp_path: Path) -> None:
    notebook = archive.copy("switched", tmp_path)
    assert codes(judged(notebook, reported)) == set()
    assert "cells" in codes(judged(notebook, lambda content: cell(content, "steps.prove")["metadata"].clear()))
    other = archive.copy("switched", tmp_path / "other")
    assert "cells" in codes(judged(other, lambda content: reported(content, but=1)))


@pytest.mark.parametrize("count", [None, 1, 99])
def test_a_cell_that_was_not_executed_in_its_turn(archive: Archive, tmp_path: Path, count: int | None) -> None:
    def change(notebook: Notebook) -> None:
        cell(notebook, "steps.prove")["execution_count"] = count

    assert "counts" in codes(judged(archive.copy("switched", tmp_path), change))


JOURNAL, RUN = "application/vnd.byodkim.journal+json", "application/vnd.byodkim.run+json"


def data_of(notebook: Notebook, step: str) -> dict[str, Any]:
    found: dict[str, Any] = cell(notebook, step)["outputs"][0]["data"]
    return found


def journal_copy(notebook: Notebook) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = data_of(notebook, "steps.headline")[JOURNAL]
    return found


COPIES: dict[str, tuple[Change, str]] = {
    "altered": (lambda notebook: journal_copy(notebook)[0].update(reason="x"), "copy-differs"),
    "of-another-type": (lambda notebook: journal_copy(notebook)[1].update(n=True), "copy-differs"),
    "cut": (lambda notebook: journal_copy(notebook).pop(), "copy-differs"),
    "gone": (lambda notebook: data_of(notebook, "steps.headline").pop(JOURNAL), "copy-absent"),
    "beside-another": (lambda notebook: data_of(notebook, "steps.begin").update({JOURNAL: []}), "outputs"),
    "no-list": (lambda notebook: data_of(notebook, "steps.headline").update({JOURNAL: "0" * 32}), "copy-differs"),
    "under-another-name": (
        lambda notebook: data_of(notebook, "steps.headline").update(
            {f'x"{JOURNAL}': data_of(notebook, "steps.headline").pop(JOURNAL)}
        ),
        "copy-absent",
    ),
    "named-otherwise": (lambda notebook: data_of(notebook, "steps.begin")[RUN].update(run="x"), "notebook-other"),
}


@pytest.mark.parametrize("name", COPIES)
def test_the_copy_of_the_journal_is_the_journal(archive: Archive, tmp_path: Path, name: str) -> None:
    change, code = COPIES[name]
    assert code in codes(judged(archive.copy("switched", tmp_path), change))


@pytest.mark.parametrize("how", [{"ensure_ascii": True}, {"indent": 3}, {"indent": 30}, {"sort_keys": False}])
def test_a_notebook_has_one_spelling(archive: Archive, tmp_path: Path, how: dict[str, Any]) -> None:
    """Another program's may hide what one reader shows and another one does not."""
    notebook = archive.copy("japanese", tmp_path)
    content = json.loads(notebook.read_text("utf-8"))
    told = {"nbformat": content.pop("nbformat"), **content}
    notebook.write_text(json.dumps(told, **{"ensure_ascii": False, "indent": 1, "sort_keys": True, **how}), "utf-8")
    (one,) = judge(notebook.parent)
    assert codes(one) == {"notebook-spelling"}


def test_of_two_copies_by_one_name_none_counts(archive: Archive, tmp_path: Path) -> None:
    name = json.dumps(JOURNAL)
    for places in ((f"{name}: [], ", ""), ("", f", {name}: []")):
        notebook = archive.copy("switched", tmp_path / str(len(places[0])))
        text = notebook.read_text("utf-8")
        start = text.index(name)
        end = start + len(name) + 2 + _length(text[start + len(name) + 2 :])
        notebook.write_text(text[:start] + places[0] + text[start:end] + places[1] + text[end:], "utf-8")
        (one,) = judge(notebook.parent)
        assert codes(one) == {"notebook-spelling"}


def _length(text: str) -> int:
    """Of the JSON value that a text begins with."""
    return json.JSONDecoder().raw_decode(text)[1]


@pytest.mark.parametrize("content", ["{}", "[]", '{\n "cells": [\n  1\n ]\n}', "\udcff"])
def test_a_notebook_that_is_none_any_more(archive: Archive, tmp_path: Path, content: str) -> None:
    notebook = archive.copy("switched", tmp_path)
    notebook.write_bytes(content.encode("utf-8", "surrogateescape"))
    (one,) = judge(notebook.parent)
    assert codes(one) == {"notebook-spelling"}


def test_the_error_that_ended_a_run_is_the_one_it_wrote_down(archive: Archive, tmp_path: Path) -> None:
    def change(notebook: Notebook) -> None:
        error = cell(notebook, "steps.check")["outputs"][-1]
        text = error["evalue"].replace("SES was not touched", "SES was touched")
        assert text != error["evalue"]
        error.update(evalue=text, traceback=[f"{error['ename']}: {text}"])

    assert codes(judged(archive.copy("refused", tmp_path), change)) == {"outputs"}


def test_an_error_that_is_not_shown_any_more(archive: Archive, tmp_path: Path) -> None:
    change: Change = lambda notebook: cell(notebook, "steps.check")["outputs"].pop()  # noqa: E731
    assert "outputs" in codes(judged(archive.copy("refused", tmp_path), change))


def test_a_run_of_another_notebook_is_told(tmp_path: Path) -> None:
    """One that its operator changed: no commit has it."""
    procedure = json.loads((ROOT / "notebooks/rotate.ipynb").read_text("utf-8"))
    procedure["cells"][0]["source"] = ["# Another procedure"]
    (tmp_path / "other.ipynb").write_text(json.dumps(procedure))
    words = ("-r", "selector", "mail-20261124-1", "-p", "target", "sandbox")
    run(tmp_path / "out.ipynb", *words, template=tmp_path / "other.ipynb")
    (one,) = (one for one in judge(tmp_path) if one.link)
    found = {finding.code for finding in one.findings}
    assert (one.verdict, "template-unknown" in found) == ("verified", True)
    procedure["cells"][0]["source"] = ["# The procedure"]
    change: Change = lambda content: content["cells"][0].update(source=["# The procedure"])  # noqa: E731
    for path in tmp_path.glob("other.ipynb"):
        path.unlink()
    content = json.loads((tmp_path / "out.ipynb").read_text("utf-8"))
    change(content)
    save(tmp_path / "out.ipynb", content)
    (one,) = (one for one in judge(tmp_path) if one.link)
    assert "cells" in codes(one)


def test_paths_that_papermill_is_told_to_put_in_are_no_parameters(tmp_path: Path) -> None:
    run(tmp_path / "out.ipynb", "--inject-paths", "-r", "selector", "mail-20261124-1", "-p", "target", "sandbox")
    (one,) = judge(tmp_path)
    assert "PAPERMILL_OUTPUT_PATH" in (tmp_path / "out.ipynb").read_text("utf-8")
    assert (one.verdict, codes(one)) == ("verified", set())


@pytest.mark.parametrize("name", ["refused", "switched"])
def test_a_notebook_whose_runner_was_killed_shows_less_and_nothing_else(
    archive: Archive, tmp_path: Path, name: str
) -> None:
    notebook = archive.copy(name, tmp_path)
    assert codes(judged(notebook, cut_off)) == {"notebook-unfinished"}
    change = text_in("steps.observe", "text/plain", "SUCCESS", "FAILED")
    assert codes(judged(notebook, change)) == {"notebook-unfinished", "outputs"}


def cut_off(notebook: Notebook) -> None:
    """A notebook as it was saved before its run ended."""
    banner = "papermill-error-cell-tag"  # papermill saw no error: it was dead
    notebook["cells"] = [one for one in notebook["cells"] if banner not in one["metadata"].get("tags", ())]
    data = cell(notebook, "steps.headline")["outputs"][0]
    data["data"] = {mime: text.splitlines(keepends=True) for mime, text in placeholder().items()}
    place = notebook["cells"].index(cell(notebook, "steps.prove"))
    for one in notebook["cells"][place:]:
        if one["cell_type"] == "code":
            one.update(outputs=[], execution_count=None)


def test_events_that_no_version_writes_are_said(archive: Archive, tmp_path: Path) -> None:
    notebook = archive.copy("switched", tmp_path)
    journal = journal_of(notebook)
    events = events_of(journal)
    next(event for event in events if event["event"] == "observed").pop("observation")
    write(journal, events)
    with pytest.raises(ForeignEvent, match="is no event that byodkim writes"):
        reseal(journal)  # nor is it sealed
    (one,) = judge(notebook.parent)
    assert "journal-foreign" in codes(one)


def test_facts_that_are_not_what_came_raw(archive: Archive, tmp_path: Path) -> None:
    """Rewritten by who has the key, and forgot what AWS and DNS had answered."""
    notebook = archive.copy("switched", tmp_path)
    journal = journal_of(notebook)
    events = events_of(journal)
    first = next(event for event in events if event["event"] == "observed")
    first["observation"]["records"][0]["ttl"] = 1
    next(event for event in events if event["event"] == "read")["identity"]["status"] = "FAILED"
    write(journal, events)
    reseal(journal)
    notebook.unlink()
    (one,) = judge(notebook.parent)
    # Where SES had verified the selector at the first look already, the outcome is another one by now, too.
    assert {found.code for found in one.findings if found.fault} - {"outcome-other"} == {"raw"}
    (finding,) = (finding for finding in one.findings if finding.code == "raw")
    assert "(records)" in finding.text
    assert "(identity)" in finding.text


FOREIGN: dict[str, dict[str, Any]] = {
    "nbformat-3": {"nbformat": 3, "worksheets": [{"cells": [{"cell_type": "markdown", "source": ["all is well"]}]}]},
    "worksheets": {"worksheets": [{"cells": []}]},
    "nbformat-5": {"nbformat": 5},
    "another-key": {"note": "all is well"},
}


@pytest.mark.parametrize("name", FOREIGN)
def test_what_another_reader_would_show_is_no_notebook(archive: Archive, tmp_path: Path, name: str) -> None:
    notebook = archive.copy("switched", tmp_path)
    for seal in tmp_path.glob("*.notebook.seal.json"):  # without it nothing else is held to the notebook's bytes
        seal.unlink()
    found = judged(notebook, lambda content: content.update(FOREIGN[name]))
    assert "notebook-spelling" in codes(found)
