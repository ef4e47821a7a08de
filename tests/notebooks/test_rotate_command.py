"""``byodkim rotate`` and ``papermill --engine byodkim``: names of their own, true statuses, a record after any end."""

from __future__ import annotations

import hashlib
import json
import signal
import subprocess
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from byodkim.evidence.archived import open_record
from byodkim.launch.notebook import page_statement
from tests.notebooks.commands import (
    TO_DIE_S,
    WAIVED,
    Came,
    custodian_killed,
    ended,
    killed_then_again,
    started,
    stopped_at_its_end,
    stopped_by,
    switched,
    written,
)
from tests.notebooks.runs import PAPERMILL
from tests.notebooks.stage import Stage, Troupe
from tests.notebooks.twins import recorded

STOPS: dict[str, Callable[[Stage], Came]] = {
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
def futures(troupe: Troupe) -> dict[str, Future[Came]]:
    return {name: troupe.begin(name, story) for name, story in STOPS.items()}


@pytest.fixture(scope="module")
def orphaned(troupe: Troupe) -> Future[tuple[Came, Came]]:
    return troupe.begin("orphaned", killed_then_again)


def test_a_run_leaves_notebook_page_and_journal_under_one_name(futures: dict[str, Future[Came]]) -> None:
    came = futures["switched"].result()
    assert (came.code, came.err) == (0, "") or "WARNING" in came.err
    assert came.code == 0
    assert came.out.startswith("SWITCHED  example.jp signs with mail-20261124-1\nRehearsal in a sandbox ")
    (journal,) = (name for name in came.files if name.endswith(".journal.jsonl"))
    stem = journal.rsplit(".", 3)[0]
    assert {f"{stem}.ipynb", f"{stem}.html", journal} <= set(came.files)
    run = recorded(came.named(".ipynb")).begin.run
    assert {f"{stem}.{run}.seal.json", f"{stem}.{run}.page.seal.json"} <= set(came.files)
    assert stem.endswith("Z-sandbox-mail-20261124-1")
    assert not any(name.startswith(".running") for name in came.files)
    begin = recorded(came.named(".ipynb")).begin
    assert (came.archived.evidence.key, begin.record) == ("whole", f"{stem}.ipynb")
    assert begin.started_by == "papermill"
    assert begin.reason == "20261124"  # -p keeps text as text
    assert set(came.statuses) == {"completed"}


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
    futures: dict[str, Future[Came]], name: str
) -> None:
    came = futures[name].result()
    assert (came.code, came.events[-1]) == (ENDED[name], "closed")
    at = came.statuses.index("failed")
    assert at > 7
    assert set(came.statuses[:at]) == {"completed"}
    assert set(came.statuses[at + 1 :]) == {"pending"}


@pytest.mark.parametrize("name", ENDED)
def test_the_record_opens_with_what_is_known_and_the_way_back(futures: dict[str, Future[Came]], name: str) -> None:
    came = futures[name].result()
    assert came.headline.startswith("FAILED")
    assert "-r selector mail-20260912-1 " in came.headline
    assert "-r selector mail-20260912-1 " in came.named(".html").read_text("utf-8")
    assert came.archived.evidence.key == "whole"
    assert not any(name.startswith(".running") for name in came.files)


@pytest.mark.parametrize("name", [name for name in ENDED if name != "time-out"])
def test_no_process_outlives_its_run(futures: dict[str, Future[Came]], name: str) -> None:
    assert futures[name].result().lived_s < TO_DIE_S


def test_a_killed_run_takes_its_custodian_with_it(orphaned: Future[tuple[Came, Came]]) -> None:
    first, _ = orphaned.result()
    assert first.code == -signal.SIGKILL
    assert "read" in first.events
    assert first.lived_s < TO_DIE_S
    assert any(name.startswith(".running/") for name in first.files)


def test_the_next_run_gives_its_record_its_name(orphaned: Future[tuple[Came, Came]]) -> None:
    first, second = orphaned.result()
    name = Path(first.named(".ipynb")).name
    assert name in second.err
    record = open_record(first.folder / name)
    assert record.evidence.key in ("whole", "torn")  # nobody tells in it what the run itself did not come to tell
    assert {f"{name.removesuffix('.ipynb')}.html", name} <= set(second.files)
    assert not any(each.startswith(".running") for each in second.files)
    notebook = json.loads((first.folder / name).read_text("utf-8"))
    assert [one["metadata"]["papermill"]["status"] for one in notebook["cells"]].count("failed") == 1
    assert notebook["metadata"]["papermill"]["exception"] is True
    headline = next(one for one in notebook["cells"] if "steps.headline" in "".join(one["source"]))
    shown = "".join(headline["outputs"][0]["data"]["text/plain"])
    assert shown.startswith("… This run has not ended.")
    assert "この実行は終了していません。" in shown


def test_the_next_run_tells_the_selector_that_ses_has(orphaned: Future[tuple[Came, Came]]) -> None:
    _, second = orphaned.result()
    assert "mail-20261124-1" in second.out.splitlines()[0]


def by_papermill(stage: Stage) -> tuple[Came, Came]:
    """The engine under papermill's own command: told to end in its wait; and a cell that leaves with "success"."""
    stage.sandbox.unpublish()
    facts = stage.sandbox.facts
    words = ("-p", "target", "sandbox", "-p", "endpoint_url", facts.endpoint_url, "-r", "selector", facts.next_selector)
    command = stage.runner.command(*words, *WAIVED, "-p", "mode", "apply", name="outputs/1.ipynb")
    with subprocess.Popen(
        [*command, "--engine", "byodkim"],
        cwd=stage.folder, env=stage.runner.environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        written(stage.folder / "outputs", "read")
        process.terminate()
        stopped = ended(stage, process)
    notebook = json.loads((stage.folder / "notebooks/rotate.ipynb").read_text())
    notebook["cells"][2]["source"] = ["raise SystemExit(0)\n"]
    notebook["cells"][2]["metadata"] = {}
    (stage.folder / "leaves.ipynb").write_text(json.dumps(notebook))
    (stage.folder / "other").mkdir()
    done = subprocess.run(
        [PAPERMILL, "--engine", "byodkim", "leaves.ipynb", "other/2.ipynb", *words],
        cwd=stage.folder, env=stage.runner.environment(), capture_output=True, text=True, timeout=600,
    )  # fmt: skip
    return stopped, Came(done.returncode, done.stdout, done.stderr, stage.folder / "other")


@pytest.fixture(scope="module")
def engine(troupe: Troupe) -> Future[tuple[Came, Came]]:
    return troupe.begin("engine", by_papermill)


def test_the_engine_tells_the_truth_under_papermill_too(engine: Future[tuple[Came, Came]]) -> None:
    stopped, _ = engine.result()
    assert stopped.code == 128 + signal.SIGTERM
    assert stopped.statuses.count("failed") == 1
    assert stopped.statuses[-1] == "pending"
    assert stopped.headline.startswith("FAILED")
    assert stopped.archived.evidence.key == "whole"


def test_a_cell_that_leaves_is_no_success(engine: Future[tuple[Came, Came]]) -> None:
    _, left = engine.result()
    assert left.code == 1
    assert (left.statuses.count("failed"), left.statuses[-1]) == (1, "pending")
    assert left.headline.startswith("NOT FINISHED  This run was stopped before it began")


def test_one_name_goes_to_one_run(troupe: Troupe) -> None:
    def race(stage: Stage) -> list[Came]:
        words = ("-p", "mode", "plan", "-o", "outputs/one.ipynb")
        with ThreadPoolExecutor(3) as pool:
            return list(pool.map(lambda _: ended(stage, started(stage, *words)), range(3)))

    came = troupe.begin("race", race).result()
    assert sorted(one.code for one in came) == [0, 2, 2]
    assert sum("it exists already" in one.err for one in came) == 2
