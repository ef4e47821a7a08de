"""``byodkim approve`` where there is no terminal: the passphrase is a line of standard input, or missing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

BYODKIM = str(Path(sys.executable).with_name("byodkim"))


def approve(folder: Path, lines: str) -> subprocess.CompletedProcess[str]:
    """Make a key; the process has no terminal that it could ask at."""
    words = [BYODKIM, "approve", "--name", "tanaka", "--key", str(folder / "approver.pem")]
    return subprocess.run(
        words, cwd=folder, input=lines, capture_output=True, text=True, check=False, start_new_session=True, timeout=60
    )


def test_without_a_passphrase_it_is_said_in_one_paragraph_and_no_key_is_made(tmp_path: Path) -> None:
    for lines in ("", "secret\n"):
        done = approve(tmp_path, lines)
        assert (done.returncode, done.stdout) == (2, ""), lines
        assert "there is no terminal to ask at" in done.stderr
        assert len(done.stderr.splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


def test_a_passphrase_is_taken_from_standard_input_without_a_word(tmp_path: Path) -> None:
    done = approve(tmp_path, "secret\nsecret\n")
    assert (done.returncode, done.stderr) == (0, "")
    assert "ENCRYPTED" in (tmp_path / "approver.pem").read_text()
