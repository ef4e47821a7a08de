"""The command line as a whole: help, version, exit codes, and what it does not load."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from importlib.metadata import distribution
from pathlib import Path

import pytest

from byodkim.launch.command_line import main
from tests.display.archive import Archive
from tests.project.tracked import ROOT

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
        "import sys\nfrom byodkim.launch.command_line import main\ntry: main(['--help'])\nfinally: print(*sys.modules)"
    )
    told = run(program)
    assert all(f"    {command} " in told.stdout for command in ("record", "request", "sandbox"))
    assert HEAVY.isdisjoint(told.stdout.splitlines()[-1].split())


def test_a_page_needs_neither_aws_nor_the_notebook_machinery(archive: Archive, tmp_path: Path) -> None:
    program = "import sys\nfrom byodkim.launch.command_line import main\nmain(sys.argv[1:])\nprint(*sys.modules)"
    told = run(program, "record", str(archive("switched")), "-o", str(tmp_path / "p.html"))
    assert told.stderr == ""
    assert {"boto3", "botocore", "moto", "IPython", "pandas", "papermill", "nbformat"}.isdisjoint(
        told.stdout.splitlines()[-1].split()
    )


@pytest.mark.parametrize("arguments", [[], ["unknown"], ["record"], ["record", "x.ipynb", "--language", "fr"]])
def test_a_wrong_command_line_is_explained(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert capsys.readouterr().err.startswith("usage: byodkim")


def test_the_sandbox_has_its_own_commands(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["sandbox", "--help"])
    assert ended.value.code == 0
    told = capsys.readouterr().out
    assert all(command in told for command in ("start", "state", "reset", "advance", "publish", "knob"))


def test_without_the_sandboxs_packages_one_sentence_says_how_to_get_them() -> None:
    program = "import sys; sys.modules['moto'] = None; from byodkim.launch.command_line import main; sys.exit(main())"
    told = run(program, "sandbox")
    assert told.returncode != 0
    assert told.stdout == ""
    assert len(told.stderr.splitlines()) == 1
    assert 'pip install "byodkim[sandbox]"' in told.stderr


def test_the_command_is_installed() -> None:
    (script,) = [entry for entry in distribution("byodkim").entry_points if entry.group == "console_scripts"]
    assert script.load() is main


def test_what_is_no_python_is_where_the_package_is_built() -> None:
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["package-data"]["byodkim"]
    library = ROOT / "lib/byodkim"
    beside = {path for path in library.rglob("*") if path.is_file() and path.suffix not in (".py", ".pyc")}
    shipped = {path for pattern in declared for path in library.glob(pattern)}
    assert beside == {path for path in shipped if not path.is_relative_to(library / "notebooks")}
    assert {path.suffix for path in library.glob("locale/*/LC_MESSAGES/byodkim.*")} == {".po", ".mo"}
