"""Find who runs the notebook: by the paths that papermill notes or injects, or JupyterLab."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from second_edition.intent import caller
from second_edition.intent.caller import StartedBy

ASK = "from second_edition.intent import caller; found = caller.find({}); print(found.kind, found.template, found.record)"


def noted(folder: Path, process: int) -> dict[str, str]:
    paths = ["in.ipynb", "out/1.ipynb"]
    return {caller.NOTED: json.dumps({"process": process, "folder": str(folder), "paths": paths})}


def asked(environment: dict[str, str]) -> list[str]:
    done = subprocess.run([sys.executable, "-c", ASK], capture_output=True, text=True, env=environment, check=True)
    return done.stdout.split()


def test_what_papermill_noted_counts_for_the_kernel_that_it_starts(tmp_path: Path) -> None:
    found = asked(without_jupyter() | noted(tmp_path, os.getpid()))
    assert found == ["papermill", str(tmp_path.resolve() / "in.ipynb"), str(tmp_path.resolve() / "out/1.ipynb")]


def test_what_another_papermill_noted_further_up_does_not_count(tmp_path: Path) -> None:
    assert asked(without_jupyter() | noted(tmp_path, os.getppid())) == ["other", "None", "None"]
    assert asked(without_jupyter()) == ["other", "None", "None"]


def test_paths_that_lead_from_an_unknown_folder_are_not_guessed() -> None:
    told = {"PAPERMILL_INPUT_PATH": "in.ipynb", "PAPERMILL_OUTPUT_PATH": "/records/out.ipynb"}
    assert caller.find(told) == StartedBy("other")


def without_jupyter() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name != "JPY_SESSION_NAME"}


def test_what_papermill_tells_comes_first(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("JPY_SESSION_NAME", "/elsewhere/rotate.ipynb")
    told = {"PAPERMILL_INPUT_PATH": str(tmp_path / "in.ipynb"), "PAPERMILL_OUTPUT_PATH": str(tmp_path / "out.ipynb")}
    assert caller.find(told) == StartedBy("papermill", tmp_path / "in.ipynb", tmp_path / "out.ipynb")
    assert caller.find({"PAPERMILL_OUTPUT_PATH": "s3://bucket/out.ipynb"}) == StartedBy("papermill", None, None)
    session = Path("/elsewhere/rotate.ipynb").resolve()
    assert caller.find({"PAPERMILL_OUTPUT_PATH": 7}) == StartedBy("jupyter", session, session)


def test_names_that_papermill_injected_are_known() -> None:
    cells = [
        "selector = ''  # help\nprofile = 'default'",
        '# Parameters\nselector = "mail-20261124-1"\nwaive = ["a"]\nselektor: int = 3\n',
        "run = 1",
    ]
    assert caller.injected(cells) == {"selector": True, "waive": True}
    assert caller.injected(cells[:1]) == {}


@pytest.mark.parametrize(
    ("metadata", "expected"),
    [({"papermill": {"output_path": "out.ipynb"}}, True), ({"papermill": {}}, False), ({}, False)],
)
def test_the_output_of_an_earlier_run_is_recognised(
    metadata: dict[str, object], expected: bool, tmp_path: Path
) -> None:
    path = tmp_path / "x.ipynb"
    path.write_text(json.dumps({"cells": [], "metadata": metadata}))
    assert caller.is_output(path) is expected
