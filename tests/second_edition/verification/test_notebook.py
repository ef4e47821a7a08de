"""What a notebook shows is what the journal tells, what it ran is the template: the place of what differs is named.

``test_forgeries`` and ``test_oddities`` have what may differ.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from second_edition.events.parts import Event, Shown
from second_edition.events.run import Closed, ShownOutputs
from second_edition.evidence.cells import RUN, Cell, digest_of_bundle, digest_of_error
from second_edition.evidence.journal import SUFFIX
from second_edition.evidence.verification_notebook import differing
from tests.second_edition.display.archive import NEXT, Archive, journal_of
from tests.second_edition.each import each
from tests.second_edition.events.noted import noted
from tests.second_edition.project.tracked import ROOT
from tests.second_edition.verification.forged import FAILED, SHOWN, STREAM, Change, bundle, cell, code, in_notebook
from tests.second_edition.verification.judged import codes, faults, judge, run
from tests.second_edition.verification.made import events_of, reseal, save, write


@each(
    ("change", "named"),
    [
        (lambda n: bundle(n, "compare").update({"text/html": "<p>SUCCESS</p>"}), "compare: 1"),
        (lambda n: cell(n, "steps.prove(")["outputs"].append(STREAM), "prove: 2"),
        (lambda n: cell(n, "steps.prove(")["outputs"].clear(), "prove: 1"),
        (lambda n: cell(n, "steps.prove(")["outputs"].append(FAILED), "prove: error"),
        (lambda n: n["cells"][0].update(outputs=[SHOWN]), "1 (-: 1)"),
        (lambda n: cell(n, "selector: str")["outputs"].append(STREAM), "(-: 1)"),
        (lambda n: n["cells"][0].update(source=["x"]), "the template's: cell -"),
        (lambda n: cell(n, "steps.prove(").update(execution_count=99), "in order: cell 10, 12"),
        (lambda n: [one.update(execution_count=0) for one in code(n)[:2]], "in order: cell 2, 3, 4"),
        (lambda n: bundle(n, "begin")[RUN].update(run="x"), "names another run (x)"),
        (lambda n: bundle(n, "begin")[RUN].clear(), "names another run (-)"),
        (lambda n: bundle(n, "begin")[RUN].update(journal="x"), "its journal is x by its notebook, and the file is sw"),
    ],
)
def test_what_is_not_the_journal_s_or_the_template_s_is_named(
    archive: Archive, tmp_path: Path, change: Change, named: str
) -> None:
    path = archive.copy("switched", tmp_path / named.replace("/", ""))
    in_notebook(change)(path)
    (one,) = judge(path.parent)
    assert any(named in finding.text for finding in one.findings)


def test_a_run_of_another_notebook_is_told(tmp_path: Path) -> None:
    """One that its operator changed: no commit has it."""
    procedure = json.loads((ROOT / "lib/second_edition/notebooks/rotate.ipynb").read_text("utf-8"))
    procedure["cells"][0]["source"] = ["# Another procedure"]
    (tmp_path / "other.ipynb").write_text(json.dumps(procedure))
    words = ("-r", "selector", "mail-20261124-1", "-p", "target", "sandbox")
    run(tmp_path / "out.ipynb", *words, template=tmp_path / "other.ipynb")
    (one,) = (one for one in judge(tmp_path) if one.link)
    found = {finding.code for finding in one.findings}
    assert (one.verdict, "template-unknown" in found) == ("verified", True)
    (tmp_path / "other.ipynb").unlink()
    in_notebook(lambda n: n["cells"][0].update(source=["# The procedure"]))(tmp_path / "out.ipynb")
    (one,) = (one for one in judge(tmp_path) if one.link)
    assert "cells" in codes(one)


def test_a_notebook_that_nbconvert_executed_is_judged_with_the_journal_that_it_names(tmp_path: Path) -> None:
    """That lies in the archive's own folder, under the run's name alone."""
    content = json.loads((ROOT / "lib/second_edition/notebooks/rotate.ipynb").read_text("utf-8"))
    parameters = cell(content, "selector: str")
    written = {'selector: str = ""': f'selector: str = "{NEXT}"', 'target: str = "aws"': 'target: str = "sandbox"'}
    for old, new in written.items():
        parameters["source"] = ["".join(parameters["source"]).replace(old, new)]
    notebook = tmp_path / "outputs/2026/plan.ipynb"
    notebook.parent.mkdir(parents=True)
    (tmp_path / "byodkim.toml").write_text("[default]\n")
    save(notebook, content)
    command = [sys.executable, "-m", "nbconvert", "--to", "notebook", "--execute", "--inplace", str(notebook)]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    (journal,) = (tmp_path / "outputs").glob(f"*{SUFFIX}")
    for path in (tmp_path / "outputs", notebook.parent, notebook):
        (one,) = judge(path)
        assert (one.path, one.verdict, codes(one)) == (journal, "verified", {"template-untold"})
    shutil.copy(notebook, notebook.with_name("second.ipynb"))
    assert faults(judge(tmp_path)) == {"second": {"journal-missing"}}
    in_notebook(lambda n: bundle(n, "plan").update({"text/html": "<p>Nothing</p>"}))(notebook)
    assert codes(judge(notebook)[0]) >= {"outputs"}


def test_paths_that_papermill_is_told_to_put_in_are_no_parameters(tmp_path: Path) -> None:
    run(tmp_path / "out.ipynb", "--inject-paths", "-r", "selector", "mail-20261124-1", "-p", "target", "sandbox")
    (one,) = judge(tmp_path)
    assert "PAPERMILL_OUTPUT_PATH" in (tmp_path / "out.ipynb").read_text("utf-8")
    assert (one.verdict, codes(one)) == ("verified", set())


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
    assert re.search(r"in event \d+ \(records\), \d+ \(identity\)$", finding.text)


def shown(step: str, *texts: str, error: str = "", perhaps: bool = False) -> Event:
    """The digests of what a step shows next: of texts, by their places, and of an error."""
    told = [Shown(step, place, digest_of_bundle({"text/plain": text}), perhaps) for place, text in enumerate(texts)]
    told += [Shown(step, "error", digest_of_error("RunFailed", error), perhaps)] if error else []
    return noted(ShownOutputs, shown=tuple(told))


def shows(step: str, *texts: Any, error: str = "", count: int | None = 1) -> dict[str, Any]:
    """A step's cell with these texts below it, and an error."""
    outputs = [{**SHOWN, "data": {"text/plain": text}} if isinstance(text, str) else text for text in texts]
    outputs += [{**FAILED, "evalue": error, "traceback": [f"RunFailed: {error}"]}] if error else []
    return {"cell_type": "code", "source": f"steps.{step}(run)", "execution_count": count, "outputs": outputs}


CLOSED = noted(Closed, shown=(Shown("headline", 0, digest_of_bundle({"text/plain": "ended"})),))
BEGAN = (shown("headline", "began"), shown("plan", "one", "two"), shown("check", "three"))
ALL = (shows("headline", "ended"), shows("plan", "one", "two"), shows("check", "three"))
HEAD, PLAN, CHECK = ALL
TITLE = {"cell_type": "markdown", "source": "steps.plan(run)"}


WHOLE = (*BEGAN, CLOSED)
FAILED_PLAN = (BEGAN[0], shown("plan", error="x"), CLOSED)
PICTURE = (noted(ShownOutputs, shown=(Shown("plan", 0, digest_of_bundle({"image/png": "x"})),)), CLOSED)
PERHAPS = (BEGAN[0], shown("plan", "one", perhaps=True), BEGAN[2], CLOSED)


def spelled(data: object) -> dict[str, Any]:
    """The plan's cell with its first bundle spelled otherwise."""
    return shows("plan", {**SHOWN, "data": data}, "two")


@each(
    ("cells", "events", "finished", "found"),
    [
        (ALL, WHOLE, True, []),
        ((TITLE, *ALL), WHOLE, True, []),
        ((HEAD, {**TITLE, "outputs": [SHOWN]}, PLAN, CHECK), WHOLE, True, ["2 (-: 1)"]),
        ((HEAD, shows("plan", "one", "x"), CHECK), WHOLE, True, ["2 (plan: 2)"]),
        ((HEAD, shows("plan", "two", "one"), shows("check")), WHOLE, True, ["2 (plan: 1)", "3 (check: 1)"]),
        ((HEAD, shows("plan", "one"), CHECK), WHOLE, True, ["2 (plan: 2)"]),
        ((HEAD, shows("plan", "one", "two", "two"), CHECK), WHOLE, True, ["2 (plan: 3)"]),
        ((HEAD,), WHOLE, True, ["- (check: 1)", "- (plan: 1)"]),
        ((HEAD, PLAN, shows("other", "three")), WHOLE, True, ["3 (other: 1)", "- (check: 1)"]),
        # shown once more, the newest counts; but not where the notebook was saved before the run's end
        ((shows("headline", "began"), PLAN, CHECK), WHOLE, True, ["1 (headline: 1)"]),
        ((shows("headline", "began"), PLAN, CHECK), WHOLE, False, []),
        ((shows("headline", "x"), PLAN, CHECK), WHOLE, False, ["1 (headline: 1)"]),
        ((shows("headline", "began"), PLAN, shows("check")), WHOLE, False, []),
        ((shows("headline", "began"), shows("plan"), CHECK), WHOLE, False, ["2 (plan: 1)"]),
        ((shows("headline", "began"), shows("plan"), shows("check", count=None)), WHOLE, False, []),
        # of a run that never closed, nothing must be shown
        ((shows("headline", "began"), shows("plan", "one")), BEGAN, True, []),
        ((shows("headline", "x"), shows("plan", "two")), BEGAN, True, ["1 (headline: 1)", "2 (plan: 1)"]),
        # what the run may have been stopped before
        ((HEAD, shows("plan"), CHECK), PERHAPS, True, []),
        ((HEAD, CHECK), PERHAPS, True, []),
        # an error ends it
        ((HEAD, shows("plan", error="x")), FAILED_PLAN, True, []),
        ((HEAD, shows("plan", error="y")), FAILED_PLAN, True, ["2 (plan: error)"]),
        ((HEAD, shows("plan")), FAILED_PLAN, True, ["2 (plan: error)"]),
        ((HEAD, shows("plan", error="x")), (BEGAN[0], CLOSED), True, ["2 (plan: error)"]),
        ((HEAD, shows("plan", error="x"), CHECK), FAILED_PLAN, True, ["3 (check: 1)"]),
        ((HEAD, shows("plan", "x", error="x")), FAILED_PLAN, True, ["2 (plan: 1)"]),
        ((shows("headline", "began"), shows("plan", error="x")), BEGAN, True, []),
        ((shows("headline", "began"), shows("plan", {**FAILED, "more": "x"})), BEGAN, True, ["2 (plan: error)"]),
        ((shows("headline", "began"), shows("plan", error="x"), CHECK), BEGAN, True, ["3 (check: 1)"]),
        # spellings of one and the same text, and what is none; nbformat ends a picture with a line end
        ((HEAD, shows("plan", {**SHOWN, "data": {"image/png": "x\n"}})), PICTURE, True, []),
        ((HEAD, shows("plan", {**SHOWN, "data": {"image/png": "\nx"}})), PICTURE, True, ["2 (plan: 1)"]),
        ((HEAD, spelled({"text/plain": ["on", "e"]}), CHECK), WHOLE, True, []),
        ((HEAD, spelled({"text/plain": ["one", 1]}), CHECK), WHOLE, True, ["2 (plan: 1)"]),
        ((HEAD, spelled(["one"]), CHECK), WHOLE, True, ["2 (plan: 1)"]),
        ((HEAD, shows("plan", {**SHOWN, "output_type": []}, "two"), CHECK), WHOLE, True, ["2 (plan: 1)"]),
    ],
)
def test_what_a_notebook_shows_is_what_the_journal_has_the_digests_of(
    cells: Sequence[Cell], events: Sequence[Event], finished: bool, found: list[str]
) -> None:
    assert differing(cells, events, finished=finished, sealed=True) == found
