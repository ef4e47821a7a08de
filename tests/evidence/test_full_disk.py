"""A disk that takes no more: what cannot be written down is not done, and what was written stays sound."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from byodkim.evidence import journal
from byodkim.evidence.journal import SUFFIX, Journal, JournalError

# A limit on the size of files does what a full disk does: the line that crosses it is cut, the next one is refused.
PROGRAM = """
import resource, sys
from datetime import UTC, datetime
from pathlib import Path
from byodkim.evidence.journal import Journal, JournalError

log = Journal(Path(sys.argv[1]), lambda: datetime.now(UTC))
log.write("begin", domain="example.jp")
size = log.path.stat().st_size
resource.setrlimit(resource.RLIMIT_FSIZE, (size + 40, resource.RLIM_INFINITY))
for _ in range(2):
    try:
        log.write("intent", change="x" * 100)
    except JournalError as error:
        print(error)
    print(log.path.stat().st_size == size)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
log.write("closed", outcome="FAILED")
"""


def clock() -> datetime:
    return datetime(2026, 11, 24, tzinfo=UTC)


def test_a_line_that_does_not_fit_raises_and_leaves_a_sound_journal(tmp_path: Path) -> None:
    path = tmp_path / f"a{SUFFIX}"
    done = subprocess.run([sys.executable, "-c", PROGRAM, str(path)], capture_output=True, text=True)
    assert (done.stderr, done.returncode) == ("", 0)
    first, whole, second, still_whole = done.stdout.splitlines()
    for said in (first, second):
        assert said.startswith(f"The run's journal a{SUFFIX} cannot be written")
        assert "SES was not touched by this step." in said
    assert (whole, still_whole) == ("True", "True")
    account = journal.read(path)
    assert [event["event"] for event in account.events] == ["begin", "closed"]
    assert not account.torn


def test_a_line_that_is_not_known_to_last_is_taken_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = Journal(tmp_path / f"a{SUFFIX}", clock)
    log.write("begin", domain="example.jp")
    before = log.path.read_bytes()
    with monkeypatch.context() as patched:

        def full(_: int) -> None:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        patched.setattr(os, "fsync", full)
        with pytest.raises(JournalError, match="No space left on device"):
            log.write("intent", change={})
    assert log.path.read_bytes() == before
    assert [event["event"] for event in log.events] == ["begin"]
    log.write("closed", outcome="FAILED")
    log.close()
    assert [event["event"] for event in journal.read(log.path).events] == ["begin", "closed"]


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(JournalError, match=r"cannot be written \((Not a directory|File exists)\)"):
        Journal(tmp_path / "file" / f"a{SUFFIX}", clock)
