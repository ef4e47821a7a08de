"""Plain papermill ends with a verdict only where this papermill has executed a run."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from second_edition.launch.command_line import main
from tests.second_edition.notebooks.runs import PAPERMILL, execute
from tests.second_edition.project.tracked import ROOT
from tests.second_edition.verification.judged import judge

EXECUTED = ROOT / "docs/second_edition/example/example.ipynb"


def papermill(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return execute([PAPERMILL, *words], folder)


def test_a_notebook_that_was_only_prepared_has_no_verdict(tmp_path: Path) -> None:
    shutil.copy2(EXECUTED, tmp_path / "earlier.ipynb")
    done = papermill(tmp_path, "--prepare-only", "earlier.ipynb", "prepared.ipynb")
    assert done.returncode == 0, done.stderr
    assert "SWITCHED" in (tmp_path / "prepared.ipynb").read_text("utf-8")
    assert "SWITCHED" not in done.stdout + done.stderr


def test_an_earlier_record_is_none_of_this_papermill_s_whatever_its_time(tmp_path: Path) -> None:
    earlier = tmp_path / "earlier.ipynb"
    shutil.copy2(EXECUTED, earlier)
    os.utime(earlier, (time.time() + 3600,) * 2)
    done = papermill(tmp_path, "missing.ipynb", "earlier.ipynb")
    assert done.returncode != 0
    assert "SWITCHED" not in done.stdout + done.stderr


def test_a_kernel_that_does_not_start_leaves_no_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its notebook shows none of a run, and no page makes verify take it for one whose journal is missing."""
    kernel = tmp_path / "kernels/dead/kernel.json"
    kernel.parent.mkdir(parents=True)
    kernel.write_text('{"argv": ["false"], "display_name": "dead", "language": "python"}')
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    words = ("1.ipynb", "--no-progress-bar", "-k", "dead", "-r", "selector", "mail-20261124-1")
    done = papermill(tmp_path, str(ROOT / "lib/second_edition/notebooks/rotate.ipynb"), *words)
    assert (done.returncode, done.stdout, "Traceback" in done.stderr) == (1, "", False)
    assert "did not start (Kernel died before replying to kernel_info), so no cell of 1.ipynb was exec" in done.stderr
    assert main(["record", str(tmp_path / "1.ipynb")]) == 0
    said = capsys.readouterr().out
    assert "The run did not begin; SES was not touched" in said
    assert "NO EVIDENCE" not in said
    assert [finding.code for finding in judge(tmp_path)[0].findings] == ["unbegun"]


def test_an_output_that_cannot_be_written_is_one_paragraph(tmp_path: Path) -> None:
    done = papermill(tmp_path, str(ROOT / "lib/second_edition/notebooks/rotate.ipynb"), "absent/1.ipynb", "--no-progress-bar")
    assert (done.returncode, done.stdout, "Traceback" in done.stderr) == (1, "", False)
    said = done.stderr.splitlines()[-1]
    assert said.startswith("papermill cannot write the notebook absent/1.ipynb (output folder absent doesn't exist).")
    assert "No run has begun" in said
