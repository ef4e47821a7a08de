"""Runs as ``byodkim verify`` judges them, and a chain of real runs to tamper with."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

from second_edition.evidence.heads import Head, compare
from second_edition.evidence.journal import SUFFIX
from second_edition.evidence.seal import seal_path
from second_edition.evidence.verification import verify_chain
from second_edition.evidence.verification_case import NOTES, Speaker, Verified
from second_edition.evidence.verification_files import collect
from second_edition.intent.trust import Trusted, trusted
from second_edition.launch.command_line import main
from second_edition.launch.verifying import verify_all
from second_edition.messages import Language
from second_edition.sandbox.client import Sandbox
from tests.second_edition.notebooks.runs import execute
from tests.second_edition.project.tracked import ROOT

NEXT, CURRENT = "mail-20261124-1", "mail-20260912-1"
CHAIN: Sequence[tuple[str, Sequence[str]]] = (
    ("plan", ("-r", "selector", NEXT)),
    ("apply", ("-r", "selector", NEXT, "-p", "mode", "apply")),
    ("again", ("-r", "selector", NEXT, "-p", "mode", "apply")),
    ("back", ("-r", "selector", CURRENT, "-p", "mode", "apply", "-p", "language", "ja")),
)
# What depends on the checkout that the tests run in: whether its files are committed.
OF_CHECKOUT = frozenset({"template-changed", "template-unknown"})
Done = subprocess.CompletedProcess[str]


def own() -> Trusted:
    """The key that the tests' runs are sealed with."""
    return trusted([], [], None, "en")


def judge(
    *paths: Path, heads: Mapping[str, str] | None = None, trust: Trusted | None = None, language: Language = "en"
) -> list[Verified]:
    """Return what each run comes to; each sentence about it is of that language, and has neither gap nor full stop.

    A sentence that is none, or lacks a value, would be an error by which a journal seems to be another version's.
    """
    runs = verify_all(collect(paths, language), trust or own(), language)
    found = compare(verify_chain(runs, language), given(heads or {}), Speaker(language))
    texts = [finding.text for one in found for finding in one.findings]
    assert not [text for text in texts if re.search(r"\bNone\b|[{}]|[.。]$|(Key|Type)Error", text)]
    assert [text for text in texts if re.search("[ぁ-ん]", text)] == (texts if language == "ja" else [])
    return found


def verify(folder: Path, *words: str, **environment: str) -> Done:
    """The command in a folder of its own, by who may have a key; within this process, but for its pipes."""
    said, complained = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patched, redirect_stdout(said), redirect_stderr(complained):
        patched.chdir(folder)
        for name, value in environment.items():
            patched.setenv(name, value)
        code = main(["verify", *words])
    return Done(words, code, said.getvalue(), complained.getvalue())


def given(heads: Mapping[str, str]) -> list[Head]:
    """Heads that were written down, as the command line takes them."""
    return [Head(run, head) for run, head in heads.items()]


def codes(one: Verified) -> set[str]:
    """Return what was found of a run, whatever state the checkout is in."""
    return {finding.code for finding in one.findings} - OF_CHECKOUT


def faults(runs: Sequence[Verified]) -> dict[str, set[str]]:
    """The faults of each run that has any, by its file's first name."""
    found = {one.path.name.split(".")[0]: codes(one) - NOTES for one in runs}
    return {name: some for name, some in found.items() if some}


def make_chain(folder: Path) -> Path:
    """Four real runs of one identity, one after the other."""
    with Sandbox.start() as sandbox:
        where = ("-p", "target", "sandbox", "-p", "endpoint_url", sandbox.facts.endpoint_url)
        for name, words in CHAIN:
            run(folder / f"{name}.ipynb", *where, *words)
    return folder


def run(notebook: Path, *words: str, template: Path = ROOT / "lib/second_edition/notebooks/rotate.ipynb") -> int:
    """One papermill run; its exit code."""
    command = [sys.executable, "-m", "papermill", str(template), str(notebook)]
    command += ["--no-progress-bar", *words]
    return execute(command, notebook.parent).returncode


def copied(folder: Path, to: Path) -> Path:
    """A copy of a folder of runs."""
    shutil.copytree(folder, to)
    return to


def journal_of(folder: Path, name: str) -> Path:
    """The journal of the run of that name."""
    (path,) = folder.glob(f"{name}.*{SUFFIX}")
    return path


def files_of(folder: Path, name: str) -> list[Path]:
    """All files of the run of that name."""
    return sorted(folder.glob(f"{name}.*"))


def seal_of(folder: Path, name: str) -> Path:
    """The seal of the run of that name."""
    return seal_path(journal_of(folder, name))
