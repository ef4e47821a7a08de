"""Every command in the documents exists, and those of daily use run in the sandbox as printed."""

import itertools
import os
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest

from byodkim.cli.main import main
from byodkim.settings_table import ROWS
from tests.docs.generate import ROOT
from tests.docs.pages import blocks, commands, every_page, prose, read

BIN = Path(sys.executable).parent
#: Programs that are not ours.
OTHERS = {".", "aws", "git", "jq", "python3", "sh", ".venv/bin/pip"}


def command_of(words: list[str]) -> tuple[click.Command, list[str]]:
    """Return the command that words name, and the rest of them."""
    command: click.Command = main
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        assert words[0] in command.commands, words
        command, words = command.commands[words[0]], words[1:]
    return command, words


def require_parameters(words: list[str]) -> None:
    """Require that every parameter that is passed exists."""
    for flag, name in itertools.pairwise(words):
        if flag in ("-r", "-p"):
            assert name in ROWS, name
            assert ROWS[name].is_parameter(), name


def require_command(words: list[str]) -> None:
    """Require that a command of ours exists with its options."""
    command, rest = command_of(words[1:])
    known = {option for each in command.params for option in (*each.opts, *each.secondary_opts)}
    context = command.make_context(words[0], [], resilient_parsing=True)
    known |= set(command.get_help_option_names(context))
    assert {word for word in rest if word.startswith("-")} <= known, words
    require_parameters(rest)


def require_known(words: list[str]) -> None:
    """Require that a line of a shell script calls what there is."""
    program = words[0]
    if program == "byodkim":
        require_command([word for word in words if word not in (">", "|")])
    elif program == "papermill":
        require_parameters(words)
        assert all((ROOT / word).exists() for word in words if word.startswith("notebooks/"))
    elif program == "make":
        assert re.search(rf"^{words[1]}:", read("Makefile"), re.MULTILINE), words
    else:
        assert program in OTHERS, words


@pytest.mark.parametrize("page", every_page())
def test_commands_exist(page):
    text = read(page)
    for block in blocks(text):
        if block.language == "sh" and block.kind != "script":
            for words in commands(block.text):
                require_known(words)
    for span in re.findall(r"`((?:byodkim|make|papermill) [^`…]+)`", prose(text)):
        for words in commands(re.sub(r"=\S+| -D .*", "", span)):
            require_known(words)
    for parameter in re.findall(r"`-[rp] (\w+)", prose(text)):
        assert parameter in ROWS or parameter == "NAME", parameter


def in_sandbox(script: str) -> str:
    """Return a script whose runs are rehearsals. Nothing else of it changes."""
    lines = script.replace("\\\n", " ").splitlines()
    is_run = re.compile(r"(papermill|byodkim rotate) (?!.*-p target sandbox)")
    rehearsed = [f"{line} -p target sandbox" if is_run.match(line) else line for line in lines]
    return "\n".join(line for line in rehearsed if not line.startswith(". "))


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of a new project."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("PATH", f"{BIN}{os.pathsep}{os.environ['PATH']}")
    (tmp_path / "project").mkdir()
    subprocess.run(["byodkim", "init"], cwd=tmp_path / "project", check=True)
    return tmp_path / "project"


def run(script: str, project: Path) -> subprocess.CompletedProcess[str]:
    """Run a script in a project."""
    command = ["sh", "-ec", script]
    return subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    "page", ["README.md", pytest.param("docs/en/operate.md", marks=pytest.mark.prove)]
)
def test_daily_use_runs_as_printed(project, page):
    daily = [in_sandbox(each.text) for each in blocks(read(page)) if each.kind == "daily"]
    rehearsal = [each for each in daily if "sandbox start" in each]
    script = "\n".join(each for each in daily if each not in rehearsal)
    try:
        subprocess.run(["byodkim", "sandbox", "start"], cwd=project, check=True)
        done = run(script, project)
        assert done.returncode == 0, done.stdout + done.stderr
        outcomes = re.findall(r"^([A-Z-]{7,}) ", done.stderr, re.MULTILINE)
        assert outcomes == ["PLANNED", "SWITCHED", "UNCHANGED", "SWITCHED"]
    finally:
        subprocess.run(["byodkim", "sandbox", "stop"], cwd=project, check=True)
    for each in rehearsal:
        done = run(each, project)
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.prove
def test_a_correction_is_rehearsed_as_printed(project: Path) -> None:
    (script,) = [
        each.text for each in blocks(read("docs/en/operate.md")) if each.kind == "correction"
    ]
    name = "mail-20261124-1._domainkey.example.jp"
    value = "$(tail -qn 1 outputs/*.csv | cut -d, -f3)"
    filled = script.replace("NAME", name).replace("VALUE", value)
    done = run(f"set +e\n{filled}", project)
    outcomes = re.findall(r"^([A-Z-]{7,}) |^Stopped by +([A-Z-]+)", done.stderr, re.MULTILINE)
    seen = [outcome or check for outcome, check in outcomes]
    expected = ["REFUSED", "DNS-PUBLISHED", "REFUSED", "TIME-ACTIVATE", "SWITCHED"]
    assert seen == expected, done.stdout + done.stderr
