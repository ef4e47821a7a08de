"""Who runs the notebook: papermill's command line is read as papermill itself reads it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import papermill.cli
import pytest

from byodkim.intent import caller
from byodkim.intent.caller import StartedBy

COMMANDS: tuple[list[str], ...] = (
    ["in.ipynb", "out.ipynb"],
    ["in.ipynb", "out.ipynb", "-p", "selector", "mail-20261124-1"],
    ["-p", "selector", "mail-20261124-1", "in.ipynb", "out.ipynb"],
    ["in.ipynb", "-p", "selector", "x", "out.ipynb", "-r", "ticket", "CHG-1"],
    ["in.ipynb", "out.ipynb", "--parameters", "a", "b", "--parameters_raw", "c", "d"],
    ["--parameters=a", "b", "in.ipynb", "out.ipynb"],
    ["-pa", "b", "in.ipynb", "out.ipynb"],
    ["-p", "reason", "a=b", "in.ipynb", "out.ipynb"],
    ["-p", "reason", "-1", "in.ipynb", "out.ipynb"],
    ["-p", "reason", "--log-output", "in.ipynb", "out.ipynb"],
    ["-f", "x.yaml", "in.ipynb", "out.ipynb"],
    ["-fx.yaml", "in.ipynb", "out.ipynb"],
    ["--parameters_file=x.yaml", "in.ipynb", "out.ipynb"],
    ["-y", "{a: b=c}", "-b", "e30=", "in.ipynb", "out.ipynb"],
    ["--log-output", "in.ipynb", "out.ipynb"],
    ["--no-log-output", "--no-progress-bar", "--progress-bar", "--report-mode", "in.ipynb", "out.ipynb"],
    ["--inject-input-path", "--inject-output-path", "--inject-paths", "in.ipynb", "out.ipynb"],
    ["--request-save-on-cell-execute", "--prepare-only", "--prepare-execute", "in.ipynb", "out.ipynb"],
    ["--autosave-cell-every", "30", "in.ipynb", "out.ipynb"],
    ["-k", "python3", "in.ipynb", "out.ipynb"],
    ["-kpython3", "in.ipynb", "out.ipynb"],
    ["--kernel=python3", "-l", "python", "--engine", "nbclient", "in.ipynb", "out.ipynb"],
    ["--cwd", "d", "in.ipynb", "out.ipynb"],
    ["--stdout-file", os.devnull, "--stderr-file=" + os.devnull, "in.ipynb", "out.ipynb"],
    [
        "--log-level",
        "INFO",
        "--start-timeout",
        "60",
        "--start_timeout=60",
        "--execution-timeout",
        "600",
        "in.ipynb",
        "o",
    ],
    ["--", "in.ipynb", "out.ipynb"],
    ["in.ipynb", "--", "-out.ipynb"],
    ["notebooks/rotate.ipynb", "/tmp/records/out.ipynb", "-p", "mode", "apply"],
    ["../notebooks/rotate.ipynb", "./out.ipynb"],
    ["in.ipynb", "-"],
    ["s3://bucket/in.ipynb", "s3://bucket/out.ipynb"],
)
STARTS = (
    ["papermill"],
    ["/venv/bin/python", "/venv/bin/papermill"],
    ["python", "-m", "papermill"],
    ["python", "-X", "dev", "-m", "papermill"],
    ["/venv/bin/python", "/venv/site-packages/papermill/__main__.py"],
)


def as_papermill_reads(arguments: list[str]) -> list[str]:
    context = papermill.cli.papermill.make_context("papermill", list(arguments))
    return [context.params[name] for name in ("notebook_path", "output_path")]


@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
def test_a_command_line_is_read_as_papermill_reads_it(arguments: list[str]) -> None:
    expected = as_papermill_reads(arguments)
    for start in STARTS:
        assert caller.paths_in([*start, *arguments]) == expected


def test_every_option_of_papermill_is_in_the_table() -> None:
    known = {option for option in papermill.cli.papermill.params if option.param_type_name == "option"}
    never_with_a_run = {"--help-notebook", "--version"}
    missing = []
    for option in known:
        names = {*option.opts, *option.secondary_opts} - never_with_a_run
        used = {word.partition("=")[0] for command in COMMANDS for word in command}
        if names and names.isdisjoint(used):
            missing.append(names)
    assert missing == []


@pytest.mark.parametrize(
    "command",
    [
        [],
        ["python"],
        ["jupyter-lab"],
        ["python", "-m", "ipykernel_launcher", "-f", "x.json"],
        ["python", "-m"],
        ["nbclient", "x"],
    ],
)
def test_other_programs_are_other(command: list[str]) -> None:
    assert caller.paths_in(command) is None


def test_a_real_process_is_found_by_its_child(tmp_path: Path) -> None:
    ask = "from byodkim.intent import caller; found = caller.find({}); print(found.kind, found.template, found.record)"
    (tmp_path / "papermill.py").write_text(
        f"import subprocess, sys; subprocess.run([sys.executable, '-P', '-c', {ask!r}], check=True)"
    )
    command = [sys.executable, "-m", "papermill", "in.ipynb", "-p", "a", "b", "out.ipynb"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, env=without_jupyter())
    assert (done.stderr, done.stdout.split()) == (
        "", ["papermill", str(tmp_path.resolve() / "in.ipynb"), str(tmp_path.resolve() / "out.ipynb")],
    )  # fmt: skip


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


@pytest.mark.parametrize(
    "content", ["", "[]", "null", '{"metadata": []}', '{"metadata": {"papermill": null}}', "\ufffd{"]
)
def test_what_is_no_notebook_is_no_output(content: str, tmp_path: Path) -> None:
    path = tmp_path / "x.ipynb"
    path.write_text(content)
    assert caller.is_output(path) is False
    assert caller.is_output(tmp_path / "absent.ipynb") is False
    assert caller.is_output(None) is False
