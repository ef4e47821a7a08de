"""The commands that set up, test and look after the project: what they say, and to whom."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.second_edition.each import each
from tests.second_edition.project.tracked import ROOT

SHELL = "/bin/sh"


def make(*arguments: str, folder: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Runs make as from a shell, even where make runs these tests and would hand its own settings on."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    return subprocess.run(["make", *arguments], cwd=folder, env=environment, capture_output=True, text=True)


def python_that(folder: Path, prelude: str) -> Path:
    """A Python that runs ``-c`` programs after a prelude: it stands in for one that is too old, or incomplete."""
    script = folder / "python"
    script.write_text(f'#!{SHELL}\nshift\nexec "{sys.executable}" -c "{prelude}; $1"\n')
    script.chmod(0o755)
    return script


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder with no more than what set-up reads first, so that set-up starts from nothing."""
    for name in ("Makefile", "pyproject.toml", "requirements.lock", "requirements-build.lock"):
        (tmp_path / name).write_bytes((ROOT / name).read_bytes())
    return tmp_path


def test_make_alone_lists_every_target() -> None:
    listed = {line.split()[1] for line in make().stdout.splitlines()}
    phony = re.search(r"^\.PHONY: (.+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert phony is not None
    assert listed == set(phony[1].split())
    assert {"demo", "test", "lint", "bench", "example", "lock", "clean"} <= listed


@each(
    ("prelude", "says"),
    [
        (
            "import sys; sys.version_info = (3, 10, 4)",
            "byodkim needs Python 3.11 or later, which {} is not: "
            "install one, or name one with make PYTHON=/path/to/python3.",
        ),
        (
            "import sys; sys.modules['ensurepip'] = None",
            "{} lacks ensurepip and so makes no virtual environments: "
            "on Debian, run apt-get install python3-venv as root, then make again.",
        ),
    ],
    ids=["too old", "without ensurepip"],
)
def test_a_python_that_will_not_do_is_refused_in_one_sentence(
    checkout: Path, tmp_path: Path, prelude: str, says: str
) -> None:
    python = python_that(tmp_path, prelude)
    refused = make(f"PYTHON={python}", "test", folder=checkout)
    assert refused.returncode != 0
    assert refused.stderr.splitlines()[0] == says.format(python)
    assert not (checkout / ".venv").exists()


def test_missing_programs_are_named_with_what_brings_them(tmp_path: Path) -> None:
    (tmp_path / "programs.sh").write_bytes((ROOT / "tests/programs.sh").read_bytes())
    (tmp_path / "programs.txt").write_text(
        "# program, Debian package, Homebrew formula\n\nabsent-1 package-1 formula-1\nabsent-2 package-2 formula-2\n"
    )
    asked = [SHELL, str(tmp_path / "programs.sh")]
    # An empty path, so that no package manager is found either.
    refused = subprocess.run(asked, env={"PATH": str(tmp_path)}, capture_output=True, text=True)
    assert refused.returncode == 1
    assert refused.stdout == ""
    assert refused.stderr == (
        "The tests need programs that are not here: absent-1 absent-2. "
        "On Debian run, as root, apt-get install package-1 package-2; "
        "on macOS run brew install formula-1 formula-2; then make test again.\n"
    )


def test_continuous_integration_can_be_started_from_a_checkout() -> None:
    command = ["git", "-c", "safe.directory=*", "ls-files", "--stage", ".ci/run"]
    staged = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert staged.startswith("100755 ")
    subprocess.run(["bash", "-n", ".ci/run"], cwd=ROOT, check=True)


def test_pre_commit_runs_what_continuous_integration_runs() -> None:
    path = ROOT / ".pre-commit-config.yaml"
    validated = subprocess.run(
        [sys.executable, "-m", "pre_commit", "validate-config", str(path)], capture_output=True, text=True
    )
    assert validated.returncode == 0, validated.stdout
    (repository,) = yaml.safe_load(path.read_text())["repos"]
    assert repository["repo"] == "local"
    assert [hook["entry"] for hook in repository["hooks"]] == ["make lint"]
    assert "\nmake lint >" in (ROOT / ".ci/run").read_text()
