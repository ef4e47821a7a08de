"""Plain papermill ends with a verdict only where this papermill has executed a run."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from pathlib import Path

from tests.notebooks.runs import PAPERMILL, execute
from tests.project.tracked import ROOT

EXECUTED = ROOT / "docs/example/example.ipynb"


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


def test_an_output_that_cannot_be_written_is_one_paragraph(tmp_path: Path) -> None:
    done = papermill(tmp_path, str(ROOT / "notebooks/rotate.ipynb"), "absent/1.ipynb", "--no-progress-bar")
    assert (done.returncode, done.stdout, "Traceback" in done.stderr) == (1, "", False)
    said = done.stderr.splitlines()[-1]
    assert said.startswith("papermill cannot write the notebook absent/1.ipynb (output folder absent doesn't exist).")
    assert "No run has begun" in said
