"""The notebook that explores, run by the real papermill and by a kernel in its own folder, and worked in by hand."""

from __future__ import annotations

import inspect
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest
from IPython.core.completer import provisionalcompleter
from IPython.core.interactiveshell import InteractiveShell
from jupyter_client.manager import KernelManager

from byodkim import explore
from byodkim.aws.reads import READING
from byodkim.explore import Explorer
from byodkim.settings import CELLS
from tests.notebooks.runs import PAPERMILL, ROOT, Ran
from tests.notebooks.stage import Stage, Troupe, project

PLAIN = True

NOTEBOOK = "notebooks/explore.ipynb"
VIEWS = ("where", "identities", "identity", "record", "explain", "rotation", "history", "due", "calls")
PUBLIC = {name: getattr(Explorer, name) for name in (*VIEWS, "close")} | {
    name: getattr(explore, name) for name in explore.__all__
}


def standing(stage: Stage, *words: str, **options: Any) -> Ran:
    at = ("-p", "target", "sandbox", "-p", "endpoint_url", stage.sandbox.facts.endpoint_url)
    return stage.runner.papermill(*at, *words, notebook=NOTEBOOK, **options)


def explored(stage: Stage) -> tuple[Ran, set[str]]:
    ran = standing(stage)
    return ran, {call["operation"] for call in stage.sandbox.calls()}


def beside_a_record(stage: Stage) -> tuple[Ran, subprocess.CompletedProcess[str], str]:
    """A rotation, an exploration in the same folder, and what verifies and shows that folder."""
    stage.apply("-p", "reason", "yearly rotation")
    ran = standing(stage)
    command = [sys.executable, "-m", "byodkim.launch.command_line"]

    def byodkim(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*command, *words], cwd=stage.folder, env=stage.runner.environment(), capture_output=True, text=True
        )

    verified = byodkim("verify", "outputs")
    byodkim("site", "outputs")
    return ran, verified, (stage.folder / "outputs/site/index.html").read_text("utf-8")


QUICK = {"name": ("explored", "unknown")}


@pytest.fixture(scope="module")
def futures(troupe: Troupe) -> dict[str, Future[Any]]:
    stories: dict[str, Any] = {
        "explored": explored,
        "beside": beside_a_record,
        "japanese": lambda stage: standing(stage, "-p", "language", "ja"),
        "embedded": lambda stage: stage.runner.papermill("-p", "target", "sandbox:easy-dkim", notebook=NOTEBOOK),
        "unknown": lambda stage: standing(stage, "-p", "dommain", "example.jp"),
        "identity": lambda stage: standing(stage, "-p", "domain", "absent.example.jp"),
        "from notebooks": lambda stage: stage.runner.papermill(
            "-p", "target", "sandbox", folder="notebooks", notebook="explore.ipynb", name="../outputs/1.ipynb"
        ),
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


@pytest.mark.prove
def test_it_is_no_change_record_and_hinders_none(futures: dict[str, Future[Any]]) -> None:
    ran, verified, index = futures["beside"].result()
    assert (ran.returncode, verified.returncode) == (0, 0), verified.stdout
    assert "NO RUN    2.ipynb" in verified.stdout  # told, and no fault: nothing that it shows is signed
    assert index.count("SWITCHED") >= 1
    # Of the rotation before it, the exploration tells.
    assert "a run's switch" in ran.shown("world.history()")
    assert "mail-20261124-1" in ran.shown("world.due()")


@pytest.mark.prove
def test_it_speaks_japanese(futures: dict[str, Future[Any]]) -> None:
    ran = futures["japanese"].result()
    assert ran.returncode == 0, ran.stderr
    for name in VIEWS:
        assert re.search("[\u3041-\u30fe\u4e00-\u9fff]", ran.shown(f"world.{name}()")), name


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("unknown", "There is no parameter named dommain. Did you mean domain?"),
        ("identity", "SES knows no identity absent.example.jp in the account 123456789012"),
        ("embedded", "SES does not say which one selector example.jp signs with"),
    ],
)
def test_what_is_wrong_ends_it_with_one_paragraph(futures: dict[str, Future[Any]], name: str, told: str) -> None:
    ran = futures[name].result()
    assert ran.returncode == 1
    assert told in ran.paragraph
    assert ran.said()[-1:] == [ran.paragraph]
    assert "Traceback" not in ran.stderr


@pytest.mark.prove
def test_it_runs_from_its_own_folder(futures: dict[str, Future[Any]]) -> None:
    ran = futures["from notebooks"].result()
    assert ran.returncode == 0, ran.stderr
    assert ran.files == {"outputs/1.ipynb"}


def test_papermill_lists_every_parameter_with_its_help() -> None:
    command = [PAPERMILL, "--help-notebook", NOTEBOOK]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=60).stdout
    listed = re.findall(r"(?m)^  (\w+): (\w+) \(default [^)]*\)\s+(\S.*)$", said)
    assert {name for name, _, _ in listed} == set(CELLS["explore"])
    assert {kind for _, kind, _ in listed} == {"str"}


def test_open_takes_the_notebook_s_parameters_by_their_names_and_defaults() -> None:
    cells = json.loads((ROOT / NOTEBOOK).read_text("utf-8"))["cells"]
    (cell,) = (cell for cell in cells if "parameters" in cell["metadata"].get("tags", []))
    told = dict(re.findall(r'(?m)^(\w+): str = "([^"]*)"', "".join(cell["source"])))
    signature = inspect.signature(explore.open).parameters
    taken = {name: one.default for name, one in signature.items() if one.kind is inspect.Parameter.KEYWORD_ONLY}
    assert told == taken
    assert set(taken) == set(CELLS["explore"])


def test_what_is_public_says_what_it_does_with_an_example() -> None:
    for name, public in PUBLIC.items():
        told = inspect.getdoc(public) or ""
        assert "Example:" in told, name
        assert f"{name}(" in told or name == "Explorer"
        given = set(inspect.signature(public).parameters) - {"self", "session", "language"}
        assert [one for one in given if f"{one}:" not in told and f"``{one}``" not in told] == [], name


@pytest.fixture
def shell() -> Iterator[InteractiveShell]:
    yield InteractiveShell.instance()
    InteractiveShell.clear_instance()


def test_tab_completes_what_can_be_looked_at(shell: InteractiveShell) -> None:
    shell.user_ns["explore"] = explore
    shell.user_ns["world"] = Explorer.__new__(Explorer)
    with provisionalcompleter():
        for text, wanted in (
            ("world.", {*VIEWS, "close"}),
            ("world.ide", {"identities", "identity"}),
            ("explore.", {"open", "explain", "parameters"}),
        ):
            found = {one.text.strip(".") for one in shell.Completer.completions(text, len(text))}
            assert wanted <= found, text
            assert not any(name.startswith("_") for name in found), text


class Lab:
    """A kernel in the notebook's folder, worked in as by hand."""

    def __init__(self, folder: Path, env: dict[str, str]) -> None:
        self._manager = KernelManager(kernel_name="python3")
        self._manager.start_kernel(cwd=str(folder / "notebooks"), env=env)
        self.client = self._manager.blocking_client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=60)

    def run(self, source: str) -> list[dict[str, Any]]:
        shown: list[dict[str, Any]] = []

        def note(message: dict[str, Any]) -> None:
            if message["msg_type"] in ("display_data", "execute_result"):
                shown.append(message["content"]["data"])
            assert message["msg_type"] != "error", message["content"]

        self.client.execute_interactive(source, timeout=60, output_hook=note)
        return shown

    def close(self) -> None:
        self.client.stop_channels()
        self._manager.shutdown_kernel(now=True)
        self._manager.context.destroy()


def test_by_hand_in_a_kernel(tmp_path: Path, home: Path) -> None:
    runner = project(tmp_path / "project", home)
    lab = Lab(runner.folder, runner.environment())
    try:
        cells = json.loads((runner.folder / NOTEBOOK).read_text("utf-8"))["cells"]
        first, parameters, begin = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"][:3]
        lab.run(first)
        lab.run(parameters.replace('target: str = "aws"', 'target: str = "sandbox"'))
        lab.run(begin)
        told = lab.client.complete("world.", reply=True, timeout=60)["content"]["matches"]
        assert {f"world.{name}".rpartition(".")[2] for name in VIEWS} <= {name.rpartition(".")[2] for name in told}
        inspected = lab.client.inspect("world.due", reply=True, timeout=60)["content"]["data"]["text/plain"]
        assert "rotate_after_days" in inspected
        assert "Example:" in inspected
        *_, chosen = lab.run("world.identities().frame.query(\"status == 'SUCCESS'\")[['identity', 'key_bits']]")
        assert "example.jp" in chosen["text/plain"]
        assert "2048" in chosen["text/html"]
        *_, kind = lab.run("str(world.identities().frame['key_made_at'].dtype)")
        assert kind["text/plain"] == "'datetime64[us, UTC]'"
    finally:
        lab.close()
    assert runner.listed() == frozenset(f"notebooks/{path.name}" for path in (ROOT / "notebooks").iterdir())
