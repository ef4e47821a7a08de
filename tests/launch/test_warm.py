"""Runs on warm machinery: the same record as any other run's, and the same ends, whoever is killed. Real processes."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError
from pathlib import Path
from typing import Any

import psutil
import pytest

from byodkim.display.words import aloud
from byodkim.evidence import journal
from byodkim.evidence.archived import open_record
from byodkim.evidence.seal import read_seal
from byodkim.fleet.warm import Ended, Warm
from byodkim.sandbox.client import Sandbox
from tests.notebooks.stage import Stage, project

TO_DIE_S = 5.0
WAIVED = {"waive": "DNS-PUBLISHED: agreed with the DNS team"}
BYODKIM = str(Path(sys.executable).with_name("byodkim"))


@pytest.fixture(scope="module")
def world() -> Iterator[Sandbox]:
    with Sandbox.start() as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture
def stage(world: Sandbox, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stage:
    world.reset("ready")
    stage = Stage(world, project(tmp_path / "project", home))
    monkeypatch.chdir(stage.folder)
    return stage


@pytest.fixture(scope="module")
def warm(home: Path) -> Iterator[Warm]:
    environment = {"PATH": os.environ["PATH"], "HOME": str(home), "LANG": "C.UTF-8", "TZ": "UTC"}
    with Warm(3, environment) as warm:
        yield warm


def given(stage: Stage, **more: str) -> dict[str, str]:
    facts = stage.sandbox.facts
    return {
        "target": "sandbox", "endpoint_url": facts.endpoint_url, "selector": facts.next_selector, "mode": "apply",
        **more,
    }  # fmt: skip


def fresh(stage: Stage) -> None:
    """The world anew; SES verifies so soon that every run sees it when it looks first."""
    stage.sandbox.reset("ready")
    stage.sandbox.set_knobs(check_interval=0.001)


def words(stage: Stage) -> list[str]:
    return [word for name, value in given(stage).items() for word in ("-p", name, value)]


def kept(warm: Warm) -> tuple[int, int]:
    """Of which runs are forked, and of which custodians are."""
    assert warm._zygote is not None
    assert warm._nursery is not None
    return warm._zygote.pid, warm._nursery.process.pid


def everything(warm: Warm) -> list[psutil.Process]:
    """All processes of the machinery but the two that are kept."""
    return [below for pid in kept(warm) for below in psutil.Process(pid).children(recursive=True)]


def left(processes: list[psutil.Process], seconds: float = TO_DIE_S) -> list[psutil.Process]:
    """Those that still run after so many seconds; who has ended and is not asked how has ended all the same."""
    ends = time.monotonic() + seconds
    while (alive := [one for one in processes if runs(one)]) and time.monotonic() < ends:
        time.sleep(0.02)
    return alive


def runs(process: psutil.Process) -> bool:
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def runner_of(warm: Warm, name: str = "run") -> psutil.Process:
    """The runner of a record: it holds the lock of its name."""
    assert warm._zygote is not None
    runners = psutil.Process(warm._zygote.pid).children()
    return next(one for one in runners if any(file.path.endswith(f"/{name}.lock") for file in one.open_files()))


def journal_of(folder: Path, event: str = "begin", record: str = "*") -> Path:
    """The journal of a record, once an event of that name is in it."""
    ends = time.monotonic() + 120
    while time.monotonic() < ends:
        for path in (folder / "outputs").glob(f"{record}.*.journal.jsonl"):
            if f'"event":"{event}"' in path.read_text("utf-8"):
                return path
        time.sleep(0.01)
    raise AssertionError("the run did not come so far")


def masked(value: Any) -> Any:
    """What is left of a value when times, numbers and digests are taken out."""
    if isinstance(value, dict):
        return {key: masked(one) for key, one in value.items() if key not in ("calls", "previous_line")}
    if isinstance(value, list) and value and all(isinstance(one, str) and one.endswith("\n") for one in value[:-1]):
        return masked("".join(map(str, value)))  # lines, as a notebook's file has them
    if isinstance(value, list):
        return [masked(one) for one in value]
    if isinstance(value, str):
        text = re.sub(r"[^\s|,;<>()\"'=&]*\d[^\s|,;<>()\"'=&]*|[0-9A-Za-z+/]{40,}", "#", value)
        lines = (" ".join(line.split()) for line in re.split(r"[\n;,]|<br/?>|</tr>|</p>|<tbody>", text))
        return sorted(line for line in lines if "SES last" not in line)  # times, which may be of one second
    return 0 if isinstance(value, int | float) and not isinstance(value, bool) else value


def shape(folder: Path, name: str) -> dict[str, Any]:
    """All that a record holds, but for what two runs cannot have in common."""
    text = (folder / f"outputs/{name}.ipynb").read_text("utf-8")
    for digest in set(re.findall(r'"digest": "([0-9a-f]{64})"', text)):
        text = text.replace(aloud(digest), "#")  # by words, for who reads a plan's digest to another
    cells = json.loads(text)["cells"]
    events = [json.loads(line) for line in journal_of(folder).read_text("utf-8").splitlines()]
    return {
        "files": sorted(masked(path.name) for path in (folder / "outputs").iterdir()),
        "events": [masked(event) for event in events],
        "calls": Counter(call["operation"] for event in events for call in event.get("calls", ())),
        "sources": [cell["source"] for cell in cells if not "".join(cell["source"]).startswith("# Parameters")],
        "outputs": [
            (output["output_type"], {kind: masked(data) for kind, data in output.get("data", {}).items()})
            for cell in cells
            for output in cell.get("outputs", ())
            if "image/png" not in output.get("data", {})
        ],
        "pictures": [
            index for index, cell in enumerate(cells) for one in cell.get("outputs", ()) if "image/png" in one["data"]
        ],
        "counts": [cell.get("execution_count") for cell in cells],
        "statuses": [cell["metadata"]["papermill"]["status"] for cell in cells],
        "of the notebook": sorted(json.loads(text)["metadata"]),
    }


def differences(one: Any, other: Any, at: str = "") -> list[str]:
    """Where two shapes differ, and how."""
    if isinstance(one, dict) and isinstance(other, dict) and one.keys() == other.keys():
        return [found for key in one for found in differences(one[key], other[key], f"{at} {key}")]
    if isinstance(one, list | tuple) and isinstance(other, list | tuple) and len(one) == len(other):
        pairs = enumerate(zip(one, other, strict=True))
        return [found for index, pair in pairs for found in differences(*pair, f"{at} {index}")]
    return [] if one == other else [f"{at}: {one!r} / {other!r}"]


if sys.platform == "linux":

    def test_the_record_is_that_of_any_other_run(stage: Stage, warm: Warm, home: Path, tmp_path: Path) -> None:
        fresh(stage)
        ended = warm.start(given(stage), Path("outputs/run.ipynb")).result(120)
        assert (ended.code, ended.complained) == (0, "")
        assert ended.said.startswith("SWITCHED  example.jp signs with ")
        other = project(tmp_path / "other", home)
        fresh(stage)
        command = [BYODKIM, "rotate", "-o", "outputs/run.ipynb", *words(stage)]
        cold = subprocess.run(command, cwd=other.folder, env=other.environment(), capture_output=True, text=True)
        assert (cold.returncode, cold.stderr, masked(cold.stdout)) == (0, "", masked(ended.said))
        forked, started = shape(stage.folder, "run"), shape(other.folder, "run")
        assert differences(forked, started) == []
        assert len(forked["outputs"]) >= 12
        plain = Stage(stage.sandbox, project(tmp_path / "plain", home))
        fresh(stage)
        assert plain.apply(name="outputs/run.ipynb").returncode == 0
        by_papermill = shape(plain.folder, "run")
        same = ("calls", "sources", "pictures", "counts", "statuses", "of the notebook")
        assert {part: by_papermill[part] for part in same} == {part: forked[part] for part in same}
        assert [event["event"] for event in by_papermill["events"]] == [event["event"] for event in forked["events"]]

    def test_two_side_by_side_share_neither_name_nor_key_and_have_the_variables_they_are_given(
        stage: Stage, warm: Warm, tmp_path: Path
    ) -> None:
        plan = given(stage, mode="plan")
        states = [tmp_path / "one", tmp_path / "two"]
        runs = [
            warm.start(plan, Path(f"outputs/{state.name}.ipynb"), environment={"XDG_STATE_HOME": str(state)})
            for state in states
        ]
        assert [run.result(120).code for run in runs] == [0, 0]
        seals = {state: sorted((stage.folder / "outputs").glob(f"{state.name}.*.seal.json")) for state in states}
        keys = [[read_seal(path, "en").keyid for path in seals[state]] for state in states]
        assert [len(own) for own in keys] == [2, 2]  # of the run's, made for its kernel, and of the runner's notebook
        assert [len(set(own)) for own in keys] == [1, 1]
        assert keys[0][0] != keys[1][0]
        assert len({path.name.split(".")[1] for own in seals.values() for path in own}) == 2
        assert all((state / "byodkim/sealing-key.pub.pem").exists() for state in states)

    def test_the_kernel_has_the_variables_too(stage: Stage, warm: Warm) -> None:
        environment = {"TZ": "Asia/Tokyo", "BYODKIM_READER": "/run/reader"}
        notebook = json.loads((stage.folder / "notebooks/rotate.ipynb").read_text("utf-8"))
        look = "import os\nprint(os.environ['BYODKIM_READER'], os.getcwd())"
        notebook["cells"].append({"cell_type": "code", "metadata": {}, "outputs": [], "source": look, "id": "look"})
        notebook["cells"][-1]["execution_count"] = None
        own = stage.folder / "notebooks/own.ipynb"
        own.write_text(json.dumps(notebook))
        plan = given(stage, mode="plan")
        ended = warm.start(plan, Path("outputs/own.ipynb"), environment=environment, notebook=own).result(120)
        assert ended.code == 0
        cells = json.loads((stage.folder / "outputs/own.ipynb").read_text("utf-8"))["cells"]
        assert "".join(cells[-1]["outputs"][0]["text"]) == f"/run/reader {stage.folder}\n"
        begin = json.loads(journal_of(stage.folder).read_text("utf-8").splitlines()[0])
        assert begin["zone"] == {"name": "JST", "offset_s": 9 * 3600}

    def test_what_is_wrong_is_refused_in_one_paragraph(stage: Stage, warm: Warm) -> None:
        ended = warm.start(given(stage, targt="sandbox"), Path("outputs/run.ipynb")).result(120)
        assert (ended.code, ended.said) == (2, "")
        assert len(ended.complained.splitlines()) == 1
        assert list((stage.folder / "outputs").iterdir()) == []

    def killed(kind: str) -> Callable[[Warm], object]:
        def kill(warm: Warm) -> None:
            runner = runner_of(warm)
            if kind == "custodian":
                assert warm._nursery is not None
                for custodian in psutil.Process(warm._nursery.process.pid).children():
                    custodian.kill()
            else:
                next(one for one in runner.children() if one.name() == "byodkim-kernel").kill()

        return kill

    STRIKES: dict[str, tuple[Callable[[Warm], object], int]] = {
        "runner terminated": (lambda warm: runner_of(warm).terminate(), 143),
        "runner killed": (lambda warm: runner_of(warm).kill(), 137),
        "kernel killed": (killed("kernel"), 1),
        "custodian killed": (killed("custodian"), 1),
        "nursery killed": (lambda warm: psutil.Process(kept(warm)[1]).kill(), 1),
        "zygote killed": (lambda warm: psutil.Process(kept(warm)[0]).kill(), 143),
        "zygote terminated": (lambda warm: psutil.Process(kept(warm)[0]).terminate(), 143),
    }

    @pytest.mark.parametrize("name", STRIKES)
    def test_whoever_is_killed_the_run_ends_and_its_record_is_true(stage: Stage, warm: Warm, name: str) -> None:
        strike, code = STRIKES[name]
        stage.sandbox.unpublish()  # so that the run stands in its wait when it is struck
        run = warm.start(given(stage, **WAIVED), Path("outputs/run.ipynb"))
        path = journal_of(stage.folder, "read")
        runner = runner_of(warm)
        assert warm._nursery is not None
        relatives = [runner, *runner.children(), *psutil.Process(warm._nursery.process.pid).children()]
        assert len(relatives) == 3
        strike(warm)
        if code != 1:  # else the runner lives to tell of what was killed
            assert left(relatives) == []
        ended = run.result(60)
        assert left(relatives) == []
        assert ended.code == code
        account = journal.read(path)
        assert not account.torn
        assert len(stage.puts) == 1
        if "runner killed" not in name:  # whose notebook the next run completes
            record = open_record(stage.folder / "outputs/run.ipynb")
            assert (record.evidence.sound, record.evidence.head) == (True, account.head)
            assert (stage.folder / "outputs/run.html").exists()
            assert ended.said
        # Of a killed runner's kernel, its own watch over its parent closes the record; ipykernel's, which may be first,
        # does not.
        closed = account.last("closed") is not None
        assert closed is (name != "kernel killed") or name == "runner killed"
        stage.sandbox.publish()
        again = warm.start(given(stage, **WAIVED), Path("outputs/again.ipynb")).result(120)
        assert (again.code, len(stage.puts)) == (0, 1), again
        assert (stage.folder / "outputs/run.ipynb").exists()

    def test_closing_it_ends_runs_in_good_order_and_those_that_wait_for_their_turn_never_begin(
        stage: Stage,
    ) -> None:
        stage.sandbox.unpublish()
        warm = Warm(1, stage.runner.environment())
        run = warm.start(given(stage, **WAIVED), Path("outputs/run.ipynb"))
        waiting = warm.start(given(stage, **WAIVED), Path("outputs/waiting.ipynb"))
        journal_of(stage.folder, "read")
        folder, relatives = warm._folder, everything(warm)
        assert folder.exists()
        began = time.monotonic()
        warm.close()
        assert time.monotonic() - began < TO_DIE_S + 2  # who asks processes to end waits for that
        assert left(relatives, 0.5) == []
        assert run.result(1).code == 143
        with pytest.raises(CancelledError):
            waiting.result(1)
        assert open_record(stage.folder / "outputs/run.ipynb").events[-1]["event"] == "closed"
        assert not folder.exists()
        with pytest.raises(RuntimeError):
            warm.start(given(stage), Path("outputs/late.ipynb"))

    OWNER = """
import json, sys, time
from pathlib import Path
from byodkim.fleet.warm import Warm
if __name__ == "__main__":
    warm = Warm(1)
    print(warm._folder, flush=True)
    warm.start(json.loads(sys.argv[1]), Path("outputs/run.ipynb"))
    time.sleep(300)
"""

    def test_nothing_outlives_who_keeps_it(stage: Stage) -> None:
        stage.sandbox.unpublish()
        command = [sys.executable, "-c", OWNER, json.dumps(given(stage, **WAIVED))]
        environment = stage.runner.environment()
        with subprocess.Popen(command, cwd=stage.folder, env=environment, stdout=subprocess.PIPE, text=True) as owner:
            assert owner.stdout is not None
            folder = Path(owner.stdout.readline().strip())
            path = journal_of(stage.folder, "read")
            relatives = psutil.Process(owner.pid).children(recursive=True)
            assert len(relatives) >= 5  # zygote, nursery, runner, kernel, custodian, and a runner ahead of its run
            os.kill(owner.pid, signal.SIGKILL)
            assert left(relatives) == []
        assert journal.read(path).last("closed") is not None
        assert not folder.exists()

    def test_forked_processes_hold_no_file_that_is_not_theirs(stage: Stage, warm: Warm) -> None:
        stage.sandbox.unpublish()
        runs = [warm.start(given(stage, mode="plan"), Path(f"outputs/{number}.ipynb")) for number in range(2)]
        run = warm.start(given(stage, **WAIVED), Path("outputs/run.ipynb"))
        journal_of(stage.folder, "read", "run")  # those beside it may come so far before it has begun
        (kernel,) = (one for one in runner_of(warm).children() if one.name() == "byodkim-kernel")
        files = {file.path for file in kernel.open_files()}
        assert not any(path.endswith(".lock") for path in files if ".running" in path)
        assert not any(
            "/tmp/byodkim-" in str(one.laddr) for one in kernel.net_connections("unix") if "runs" in one.laddr
        )
        runner_of(warm).terminate()
        assert [one.result(120) for one in runs]
        assert isinstance(run.result(60), Ended)
