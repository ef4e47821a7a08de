"""Which code runs: a git checkout's commit, whether files differ from it, and nothing outside one."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

import second_edition
from second_edition.intent import code_version
from second_edition.intent.code_version import CodeVersion


def git(folder: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=test", "-c", "user.email=test@example.jp", "-c", "commit.gpgsign=false")
    command = ["git", "-C", str(folder), *identity, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    package = tmp_path.resolve() / "lib" / "second_edition"
    package.mkdir(parents=True)
    (package / "errors.py").write_text("x = 1\n")
    monkeypatch.setattr(code_version, "PACKAGE", package)
    return tmp_path.resolve()


def test_a_checkout_has_a_commit_and_says_whether_files_differ(checkout: Path) -> None:
    git(checkout, "init", "-q")
    assert code_version.find() == CodeVersion(second_edition.__version__)  # nothing was committed yet
    git(checkout, "add", ".")
    git(checkout, "commit", "-q", "-m", "first")
    commit = git(checkout, "rev-parse", "HEAD")
    assert code_version.find() == CodeVersion(second_edition.__version__, commit[:12], dirty=False)
    (checkout / "outputs").mkdir()
    (checkout / "outputs" / "record.ipynb").write_text("{}")  # a record is no change of the code
    assert not code_version.find().dirty
    git(checkout, "add", ".")
    git(checkout, "commit", "-q", "-m", "a record is kept")
    (checkout / "outputs" / "record.ipynb").write_text("{ }")  # nor is a record that is made again
    commit = git(checkout, "rev-parse", "HEAD")
    assert not code_version.find().dirty
    (checkout / "lib" / "second_edition" / "errors.py").write_text("x = 2\n")
    assert code_version.find() == CodeVersion(second_edition.__version__, commit[:12], dirty=True)


UNTRACKED = {
    "for-every-process": ("lib/sitecustomize.py", True),
    "ignored": ("lib/second_edition/build/x.py", True),
    "extension": ("lib/second_edition/x.so", True),
    "cache": ("lib/second_edition/__pycache__/errors.cpython-311.pyc", False),
    "elsewhere": ("notes.txt", False),
}


@pytest.mark.parametrize("name", UNTRACKED)
def test_a_file_that_git_does_not_track_is_no_commit_s_where_code_lies(checkout: Path, name: str) -> None:
    path, dirty = UNTRACKED[name]
    (checkout / ".gitignore").write_text("build/\n*.pyc\n*.so\n__pycache__/\n")
    git(checkout, "init", "-q")
    git(checkout, "add", ".")
    git(checkout, "commit", "-q", "-m", "first")
    assert not code_version.find().dirty
    (checkout / path).parent.mkdir(parents=True, exist_ok=True)
    (checkout / path).write_text("")
    assert code_version.find().dirty == dirty


def test_somebody_else_s_checkout_around_the_package_does_not_count(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inner = checkout / ".venv" / "lib" / "second_edition"
    inner.mkdir(parents=True)
    git(checkout, "init", "-q")
    git(checkout, "add", ".")
    git(checkout, "commit", "-q", "-m", "first")
    monkeypatch.setattr(code_version, "PACKAGE", inner)
    assert code_version.find() == CodeVersion(second_edition.__version__)


def test_without_git_there_is_no_commit(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    git(checkout, "init", "-q")
    monkeypatch.setenv("PATH", str(checkout))
    assert code_version.find() == CodeVersion(second_edition.__version__)
