"""The ways to the notebook: from the root and from its own folder, with a file of parameters, from Python, by hand."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path

import pytest

from second_edition.sandbox.client import Sandbox
from second_edition.settings import fields_of
from tests.second_edition.notebooks.opened import Opened
from tests.second_edition.notebooks.runs import PAPERMILL, ROOT, Ran
from tests.second_edition.notebooks.stage import Stage, Troupe, project

PLAIN = True

NEXT = "mail-20261124-1"
CALL = """
import sys, papermill
given = dict(selector=sys.argv[3], target="sandbox", endpoint_url=sys.argv[4])
papermill.execute_notebook(*sys.argv[1:3], given, cwd="notebooks", **dict(one.split("=") for one in sys.argv[5:]))
"""


def words(stage: Stage) -> tuple[str, ...]:
    return ("-p", "target", "sandbox", "-p", "endpoint_url", stage.sandbox.facts.endpoint_url)


def by_file(stage: Stage) -> Ran:
    given = {"selector": NEXT, "target": "sandbox", "endpoint_url": stage.sandbox.facts.endpoint_url, "mode": "plan"}
    lines = [f"{name}: {json.dumps(value)}\n" for name, value in given.items()]
    (stage.folder / "parameters.yaml").write_text("".join(lines))
    return stage.runner.papermill("-f", "parameters.yaml")


def from_notebooks(stage: Stage) -> Ran:
    more = ("-r", "selector", NEXT, "--inject-paths")
    return stage.runner.papermill(
        *words(stage), *more, folder="notebooks", notebook="rotate.ipynb", name="../outputs/1.ipynb"
    )


def from_jupyterlab(stage: Stage) -> Ran:
    env = {"JPY_SESSION_NAME": str(stage.folder / "notebooks" / "another.ipynb")}
    return stage.run(env=env)


def from_python(stage: Stage, *options: str) -> Ran:
    before, name = stage.runner.listed(), "outputs/1.ipynb"
    done = subprocess.run(
        [sys.executable, "-c", CALL, "notebooks/rotate.ipynb", name, NEXT, stage.sandbox.facts.endpoint_url, *options],
        cwd=stage.folder, env=stage.runner.environment(), capture_output=True, text=True, timeout=600,
    )  # fmt: skip
    path = stage.folder / name
    return Ran(done.returncode, done.stdout, done.stderr, path, stage.runner.listed() - before, stage.folder)


def by_the_engine(stage: Stage) -> Ran:
    return from_python(stage, "engine_name=byodkim")


def elsewhere(stage: Stage) -> Ran:
    """``--cwd``: papermill and its kernel stand in another folder than the one from which its paths lead."""
    (stage.folder / "elsewhere" / "outputs").mkdir(parents=True)
    return stage.run("--cwd", "elsewhere")


def to_a_link(stage: Stage) -> Ran:
    (stage.folder / "outputs" / "kept").mkdir()
    (stage.folder / "outputs" / "linked.ipynb").symlink_to("kept/1.ipynb")
    return stage.run(name="outputs/linked.ipynb")


def embedded(stage: Stage) -> Ran:
    return stage.runner.papermill("-p", "target", "sandbox:already-rotated", "-r", "selector", NEXT)


def rerun(stage: Stage) -> Ran:
    stage.run()
    return stage.runner.papermill(*words(stage), notebook="outputs/1.ipynb")


GOOD: dict[str, tuple[Callable[[Stage], Ran], str]] = {
    "by a file of parameters": (by_file, "PLANNED"),
    "from its own folder, with paths injected": (from_notebooks, "PLANNED"),
    "by papermill below JupyterLab": (from_jupyterlab, "PLANNED"),
    "from Python, by its engine": (by_the_engine, "PLANNED"),
    "in another working folder": (elsewhere, "PLANNED"),
    "to a link": (to_a_link, "PLANNED"),
    "embedded": (embedded, "UNCHANGED"),
}
REFUSED: dict[str, tuple[Callable[[Stage], Ran], str]] = {
    "an output run again": (rerun, "This is the output of an earlier run (1.ipynb), not the template"),
    "from Python": (from_python, "papermill does not say into which notebook it writes"),
}


QUICK = {"name": ("by a file of parameters", "an output run again")}


@pytest.fixture(scope="module")
def futures(troupe: Troupe) -> dict[str, Future[Ran]]:
    stories = {name: story for name, (story, _) in (GOOD | REFUSED).items()}
    return {name: troupe.begin(name.replace(" ", "-"), story) for name, story in stories.items()}


@pytest.mark.parametrize("name", GOOD)
def test_it_runs_and_the_journal_lies_beside_the_record(futures: dict[str, Future[Ran]], name: str) -> None:
    ran = futures[name].result()
    assert (ran.outcome, ran.returncode) == (GOOD[name][1], 0), ran.stderr
    assert ran.journal_path.parent == ran.path.parent
    assert ran.journal_path.name.startswith("1.")
    begin = ran.event("begin")
    assert begin["selector"] == NEXT
    # papermill's own command line, or the paths that it was told to inject, say which record it is.
    assert (begin["started_by"], begin["record"], begin["template"]) == ("papermill", "1.ipynb", "rotate.ipynb")


@pytest.mark.parametrize("name", REFUSED)
def test_it_is_refused(futures: dict[str, Future[Ran]], name: str) -> None:
    ran = futures[name].result()
    assert ran.paragraph.removeprefix("ParameterError: ").startswith(REFUSED[name][1])
    assert ran.paragraph.endswith("Nothing was read or written; SES signs as before.")
    assert (ran.outcome, ran.returncode) == ("REFUSED", 1)
    assert not any(name.endswith(".jsonl") for name in ran.files)


def test_papermill_lists_every_parameter_with_its_help() -> None:
    command = [PAPERMILL, "--help-notebook", "lib/second_edition/notebooks/rotate.ipynb"]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=600).stdout
    listed = re.findall(r"(?m)^  (\w+): (\w+) \(default [^)]*\)\s+(\S.*)$", said)
    assert [name for name, _, _ in listed] == list(fields_of("rotate"))
    assert {name: kind for name, kind, _ in listed if kind != "str"} == {
        "wait_dns_minutes": "int",
        "wait_minutes": "int",
    }
    assert all(len(help_text) > 10 for _, _, help_text in listed)
    assert "Selector to switch to, prepare or retire, e.g. mail-20261124-1." in said
    assert "plan only reads; apply writes what the plan shows." in said


@pytest.fixture
def opened(troupe: Troupe, child: Sandbox, tmp_path: Path) -> Iterator[Opened]:
    child.reset("ready")
    runner = project(tmp_path / "opened", troupe.home)
    notebook = Opened(runner.folder, runner.environment())
    yield notebook
    notebook.close()


def test_opened_by_hand_all_cells_run_and_again_from_the_top(opened: Opened, child: Sandbox) -> None:
    given = {"selector": NEXT, "target": "sandbox", "endpoint_url": child.facts.endpoint_url}
    ids = []
    for _ in range(2):
        begun = opened.begin(**given)
        ids.append(begun.shown[0]["application/vnd.byodkim.run+json"]["run"])
        came = [opened.execute(cell) for cell in opened.cells[3:]]
        assert [one.paragraph for one in came] == [""] * 9
        assert came[-1].headline.startswith("PLANNED  ")
    assert "edited in the cell" in begun.text
    journals = sorted(path.name for path in (opened.folder / "outputs").glob("*.journal.jsonl"))
    assert journals == sorted(f"rotate.{name}.journal.jsonl" for name in ids)
    # What a kernel remembers of the runs before would keep the record of a write from being verified.
    refused = opened.begin(**given, mode="apply")
    assert (refused.error, "was executed again or out of order" in refused.paragraph) == ("ParameterError", True)
    ended = opened.execute("steps.close(run)")
    assert (ended.error, ended.paragraph) == (
        "StepError", f"The run {ids[1]} has ended. Restart the kernel, and run the cells from the top for another one.",
    )  # fmt: skip


def test_jupyterlab_applies_with_the_shipped_cells_alone(opened: Opened, child: Sandbox) -> None:
    """A cell of one's own between plan and write; then papermill called from that kernel, over a saved template."""
    given = {"selector": NEXT, "target": "sandbox", "endpoint_url": child.facts.endpoint_url, "mode": "apply"}
    assert opened.begin(**given).error == ""
    assert [opened.execute(cell).error for cell in (*opened.cells[3:7], "import botocore")] == [""] * 5
    stopped = opened.execute("steps.apply(run)")
    assert stopped.error == "RunRefused"
    assert "is none of rotate.ipynb, so nothing is applied. SES was not touched." in stopped.paragraph
    again = opened.begin(**given)
    assert again.error == "ParameterError"
    assert "is none of rotate.ipynb" in again.paragraph
    assert "Restart the kernel" in again.paragraph
    text = (opened.folder / "notebooks/rotate.ipynb").read_text("utf-8")
    for name, value in given.items():
        text = re.sub(rf'({name}: str = \\")[^\\]*', rf"\g<1>{value}", text)
    (opened.folder / "notebooks/saved.ipynb").write_text(text, "utf-8")
    call = "import papermill; papermill.execute_notebook('saved.ipynb', '../outputs/saved.ipynb')"
    assert "was not passed in" in opened.execute(call).paragraph
    assert child.calls("PutEmailIdentityDkimSigningAttributes") == []


LOSES_AN_INTERRUPT = """
import os, signal, time, weakref
class Held: pass
def dropped(_):
    os.kill(os.getpid(), signal.SIGINT)
    time.sleep(1)
held = Held()
seen = weakref.ref(held, dropped)
del held
time.sleep(50)
raise TimeoutError
"""


def test_ctrl_c_ends_a_cell_though_a_finalizer_swallows_the_first(opened: Opened) -> None:
    assert opened.execute(opened.cells[0]).error == ""
    assert opened.execute(LOSES_AN_INTERRUPT).error == "KeyboardInterrupt"
