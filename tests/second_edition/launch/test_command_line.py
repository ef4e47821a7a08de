"""The command line as a whole: help, version, exit codes, and what it does not load."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from second_edition.launch.command_line import COMMANDS, GROUPS, _parser, main
from tests.second_edition.display.archive import Archive
from tests.second_edition.project.tracked import ROOT

HEAVY = {"boto3", "botocore", "moto", "IPython", "pandas", "papermill", "nbformat", "dns", "jupyterlab"}


def run(program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", program, *arguments], capture_output=True, text=True)


def test_the_version_is_that_of_pyproject(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert ended.value.code == 0
    assert capsys.readouterr().out == f"byodkim {version}\n"


def test_help_names_every_command_and_loads_nothing_heavy() -> None:
    program = (
        "import sys\nfrom second_edition.launch.command_line import main\ntry: main(['--help'])\nfinally: print(*sys.modules)"
    )
    told = run(program)
    lines = told.stdout.splitlines()
    for name, command in COMMANDS.items():  # in its group, with an example that its own parser takes
        (place,) = (
            number for number, line in enumerate(lines) if re.match(rf"  {name}  +{re.escape(command.what)}$", line)
        )
        assert lines[place + 1].split("$ ")[1] == f"byodkim {command.example}"
        words = shlex.split(command.example)
        assert _parser(name).parse_args(words).command == words[0] == name
    assert all(f"{title}:" in lines for title in GROUPS)
    assert HEAVY.isdisjoint(told.stdout.splitlines()[-1].split())


COMPLETED = [
    ("byodkim ver", 1, {"verify"}),
    ("byodkim verify --he", 2, {"--heads", "--head", "--help"}),
    ("byodkim lab re", 2, {"retire", "review"}),
    ("byodkim rotate -p wait", 3, {"wait_dns_minutes", "wait_minutes"}),
    ("byodkim sandbox re", 2, {"reset"}),
    ("byodkim site --language ", 3, {"en", "ja"}),
]


@pytest.mark.parametrize(("typed", "place", "offered"), COMPLETED)
def test_a_shell_completes_commands_options_and_values(typed: str, place: int, offered: set[str]) -> None:
    program = "import sys; from second_edition.launch.command_line import main; sys.exit(main())"
    asked = {"_BYODKIM_COMPLETE": "bash_complete", "COMP_WORDS": typed, "COMP_CWORD": str(place), "LANGUAGE": "en"}
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, env={**os.environ, **asked})
    assert {line.partition(",")[2] for line in done.stdout.splitlines()} == offered


def test_a_page_needs_neither_aws_nor_the_notebook_machinery(archive: Archive, tmp_path: Path) -> None:
    program = "import sys\nfrom second_edition.launch.command_line import main\nmain(sys.argv[1:])\nprint(*sys.modules)"
    told = run(program, "record", str(archive("switched")), "-o", str(tmp_path / "p.html"))
    assert told.stderr == ""
    assert {"boto3", "botocore", "moto", "IPython", "pandas", "papermill", "nbformat"}.isdisjoint(
        told.stdout.splitlines()[-1].split()
    )


WRONG = ("", "unknown", "rotate -p selector", "sandbox --port", "sandbox advance soon", "record", "lab nothing")


@pytest.mark.parametrize("typed", WRONG)
def test_a_wrong_command_line_is_explained_in_the_profile_s_language(tmp_path: Path, typed: str) -> None:
    (tmp_path / "byodkim.toml").write_text('[default]\nlanguage = "ja"\n')
    command = [str(Path(sys.executable).with_name("byodkim-second-edition")), *typed.split()]
    told = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert (told.returncode, told.stdout) == (2, "")
    assert told.stderr.startswith("使い方: byodkim")
    (error,) = [line for line in told.stderr.splitlines() if "エラー: " in line]
    assert re.search(r"[a-z]{2,} [a-z]{2,}", error.partition("エラー: ")[2]) is None


def test_without_the_sandboxs_packages_one_sentence_says_how_to_get_them() -> None:
    program = "import sys; sys.modules['moto'] = None; from second_edition.launch.command_line import main; sys.exit(main())"
    told = run(program, "sandbox")
    assert told.returncode != 0
    assert told.stdout == ""
    assert len(told.stderr.splitlines()) == 1
    assert 'pip install "PATH-OF-WHEEL[sandbox]"' in told.stderr
    assert "pip install byodkim" not in told.stderr.replace('"', "")


def test_a_rehearsal_without_the_sandboxs_packages_begins_nothing(tmp_path: Path) -> None:
    program = (
        "import os, sys; sys.modules['moto'] = None; from second_edition.launch.command_line import main; "
        f"os.chdir({str(tmp_path)!r}); assert main(['init']) == 0; sys.exit(main(sys.argv[1:]))"
    )
    told = run(program, "rotate", "-p", "selector", "mail-20261124-1", "-p", "target", "sandbox")
    assert told.returncode == 2
    assert 'pip install "PATH-OF-WHEEL[sandbox]"' in told.stderr
    assert list((tmp_path / "outputs").iterdir()) == []
    begin = next(line for line in told.stdout.splitlines() if "byodkim.toml; then" in line)
    assert begin.endswith("byodkim rotate -r selector mail-20261124-1")


def test_what_is_no_python_is_where_the_package_is_built() -> None:
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["package-data"]["second_edition"]
    library = ROOT / "lib/second_edition"
    beside = {path for path in library.rglob("*") if path.is_file() and path.suffix not in (".py", ".pyc", ".md")}
    shipped = {path for pattern in declared for path in library.glob(pattern)}
    assert beside == shipped
    assert {path.suffix for path in library.glob("locale/*/LC_MESSAGES/byodkim.*")} == {".po", ".mo"}


def test_a_wrong_option_shows_the_usage_of_its_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["verify", "outputs", "--no-such-option"])
    said = capsys.readouterr().err
    assert ended.value.code == 2
    assert "usage: byodkim verify [-h]" in said
    assert "--no-such-option" in said
