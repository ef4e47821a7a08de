"""``byodkim rotate`` and ``papermill --engine byodkim``: names of their own, true statuses, a record after any end."""

from __future__ import annotations

import hashlib
import json
import signal
import subprocess
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from second_edition.evidence.archived import open_record
from second_edition.launch.notebook import page_statement
from tests.second_edition.notebooks.commands import (
    WAIVED,
    custodian_killed,
    ended,
    killed_then_again,
    started,
    statuses,
    stopped_at_its_end,
    stopped_by,
    switched,
    written,
)
from tests.second_edition.notebooks.runs import Ran
from tests.second_edition.notebooks.stage import Stage, Troupe
from tests.second_edition.notebooks.twins import recorded

STOPS: dict[str, Callable[[Stage], Ran]] = {
    "switched": switched,
    "SIGTERM": stopped_by(lambda process: process.terminate()),
    "SIGHUP": stopped_by(lambda process: process.send_signal(signal.SIGHUP)),
    "SIGINT": stopped_by(lambda process: process.send_signal(signal.SIGINT)),
    "custodian": stopped_by(custodian_killed),
    "time-out": stopped_by(lambda _: None, "--execution-timeout", "30"),
}
ENDED = {"SIGTERM": 143, "SIGHUP": 129, "SIGINT": 130, "custodian": 1, "time-out": 1}  # and their exit codes


QUICK = {"name": ("switched", "SIGTERM", "custodian"), "blow": ((signal.SIGINT, 0.01),)}


@pytest.fixture(scope="module")
def futures(troupe: Troupe) -> dict[str, Future[Ran]]:
    return {name: troupe.begin(name, story) for name, story in STOPS.items()}


@pytest.fixture(scope="module")
def orphaned(troupe: Troupe) -> Future[tuple[Ran, Ran]]:
    return troupe.begin("orphaned", killed_then_again)


def test_a_run_leaves_notebook_page_and_journal_under_one_name(futures: dict[str, Future[Ran]]) -> None:
    came = futures["switched"].result()
    assert (came.returncode, set(statuses(came))) == (0, {"completed"})
    assert came.stdout.startswith("SWITCHED  example.jp signs with mail-20261124-1\nRehearsal in a sandbox ")
    begin, stem = recorded(came.path).begin, f"outputs/{came.path.stem}"
    ends = ("ipynb", "html", *(f"{begin.run}.{end}" for end in ("journal.jsonl", "seal.json", "page.seal.json")))
    assert {f"{stem}.{end}" for end in ends} <= came.files
    assert stem.endswith("Z-sandbox-mail-20261124-1")
    assert not any("/.running" in name for name in came.files)
    assert (open_record(came.path).evidence.key, begin.record) == ("whole", came.path.name)
    assert begin.started_by == "papermill"
    assert begin.reason == "20261124"  # -p keeps text as text


def test_what_lies_in_the_page_s_place_is_not_what_is_sealed(tmp_path: Path) -> None:
    """Another process may have put another page there since."""
    page = tmp_path / "x.html"
    page.write_bytes(b"forged")
    (subject,) = page_statement("-", "-", page, b"made")["subject"]
    assert subject == {"name": "x.html", "digest": {"sha256": hashlib.sha256(b"made").hexdigest()}}


@pytest.mark.parametrize(
    "blow", [(signal.SIGINT, 0), (signal.SIGINT, 0.01), (signal.SIGINT, 0.06), (signal.SIGTERM, 0)]
)
def test_a_run_that_has_closed_is_finished_whatever_signal_comes(troupe: Troupe, blow: tuple[int, float]) -> None:
    assert troupe.begin("-".join(map(str, blow)), stopped_at_its_end(*blow)).result() == (0, "SWITCHED", 0)


@pytest.mark.parametrize("name", ENDED)
def test_the_exit_code_says_how_it_ended_the_run_closes_and_later_cells_never_ran(
    futures: dict[str, Future[Ran]], name: str
) -> None:
    came = futures[name].result()
    assert (came.returncode, came.events[-1]["event"]) == (ENDED[name], "closed")
    told = statuses(came)
    at = told.index("failed")
    assert at > 7
    assert (set(told[:at]), set(told[at + 1 :])) == ({"completed"}, {"pending"})


@pytest.mark.parametrize("name", ENDED)
def test_the_record_opens_with_what_is_known_and_the_way_back(futures: dict[str, Future[Ran]], name: str) -> None:
    came = futures[name].result()
    assert came.headline.startswith("FAILED")
    assert "-r selector mail-20260912-1 " in came.headline
    assert "-r selector mail-20260912-1 " in came.path.with_suffix(".html").read_text("utf-8")
    assert open_record(came.path).evidence.key == "whole"
    assert not any("/.running" in name for name in came.files)


def test_a_killed_run_takes_its_custodian_with_it(orphaned: Future[tuple[Ran, Ran]]) -> None:
    first, _ = orphaned.result()
    assert first.returncode == -signal.SIGKILL
    assert first.has("read")
    assert "outputs/.running/" in str(first.path)


def test_the_next_run_gives_its_record_its_name_and_tells_what_ses_has(orphaned: Future[tuple[Ran, Ran]]) -> None:
    first, second = orphaned.result()
    path = first.folder / "outputs" / first.path.name
    assert path.name in second.stderr
    assert open_record(path).evidence.key in ("whole", "torn")  # nobody tells what the run itself did not come to tell
    assert {f"outputs/{path.name}", f"outputs/{path.stem}.html"} <= second.files
    assert not any("/.running" in name for name in second.files)
    left = replace(first, path=path)
    assert statuses(left).count("failed") == 1
    assert left.notebook["metadata"]["papermill"]["exception"] is True
    assert left.headline.startswith("… This run has not ended.")
    assert "この実行は終了していません。" in left.headline
    assert "mail-20261124-1" in second.stdout.splitlines()[0]


def by_papermill(stage: Stage) -> tuple[Ran, Ran]:
    """The engine under papermill's own command: told to end in its wait; and a cell that leaves with "success"."""
    stage.sandbox.unpublish()
    facts = stage.sandbox.facts
    words = ("-p", "target", "sandbox", "-p", "endpoint_url", facts.endpoint_url, "-r", "selector", facts.next_selector)
    command = stage.runner.command(*words, *WAIVED, "-p", "mode", "apply", name="outputs/1.ipynb")
    with subprocess.Popen(
        command, cwd=stage.folder, env=stage.runner.environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True,
    ) as process:  # fmt: skip
        written(stage.folder / "outputs", "read")
        process.terminate()
        stopped = ended(stage, process)
    notebook = json.loads((stage.folder / "notebooks/rotate.ipynb").read_text())
    notebook["cells"][2] |= {"source": ["raise SystemExit(0)\n"], "metadata": {}}
    (stage.folder / "leaves.ipynb").write_text(json.dumps(notebook))
    return stopped, stage.runner.papermill(*words, notebook="leaves.ipynb", name="outputs/2.ipynb")


def test_the_engine_tells_the_truth_under_papermill_too(troupe: Troupe) -> None:
    stopped, left = troupe.begin("engine", by_papermill).result()
    assert stopped.returncode == 128 + signal.SIGTERM
    assert (statuses(stopped).count("failed"), statuses(stopped)[-1]) == (1, "pending")
    assert stopped.headline.startswith("FAILED")
    assert open_record(stopped.path).evidence.key == "whole"
    # A cell that leaves is no success.
    assert left.returncode == 1
    assert (statuses(left).count("failed"), statuses(left)[-1]) == (1, "pending")
    assert left.headline.startswith("NOT FINISHED  This run was stopped before it began")


def test_one_name_goes_to_one_run(troupe: Troupe) -> None:
    def race(stage: Stage) -> list[Ran]:
        words = ("-p", "mode", "plan", "-o", "outputs/one.ipynb")
        with ThreadPoolExecutor(3) as pool:
            return list(pool.map(lambda _: ended(stage, started(stage, *words)), range(3)))

    came = troupe.begin("race", race).result()
    assert sorted(one.returncode for one in came) == [0, 2, 2]
    assert sum("it exists already" in one.stderr for one in came) == 2
