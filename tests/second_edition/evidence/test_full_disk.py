"""A disk that takes no more: what cannot be written down is not done, and what was written stays sound."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from second_edition.events.run import Begin, Closed
from second_edition.events.writes import Intent
from second_edition.evidence import exclusive, journal
from second_edition.evidence.journal import SUFFIX, Journal, JournalError
from tests.second_edition.evidence.journals import Log

# A limit on the size of files does what a full disk does: the line that crosses it is cut, the next one is refused.
PROGRAM = """
import resource, sys
from datetime import UTC, datetime
from pathlib import Path
from second_edition.events.run import Begin, Closed
from second_edition.events.writes import Intent
from second_edition.evidence.journal import JournalError
from tests.second_edition.evidence.journals import Log

log = Log(Path(sys.argv[1]), lambda: datetime.now(UTC))
log.write(Begin, domain="example.jp")
size = log.path.stat().st_size
resource.setrlimit(resource.RLIMIT_FSIZE, (size + 40, resource.RLIM_INFINITY))
for _ in range(2):
    try:
        log.write(Intent, change={"target": "x" * 100})
    except JournalError as error:
        print(error)
    print(log.path.stat().st_size == size)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
log.write(Closed, outcome="FAILED")
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
        assert "Nothing is written to SES that was not written down before" in said
    assert (whole, still_whole) == ("True", "True")
    account = journal.read(path)
    assert [event["event"] for event in account.as_json] == ["begin", "closed"]
    assert not account.torn


def test_a_line_that_is_not_known_to_last_is_taken_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = Log(tmp_path / f"a{SUFFIX}", clock)
    log.write(Begin, domain="example.jp")
    before = log.path.read_bytes()
    with monkeypatch.context() as patched:

        def full(_: int) -> None:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        patched.setattr(os, "fsync", full)
        with pytest.raises(JournalError, match="No space left on device"):
            log.write(Intent, change={})
    assert log.path.read_bytes() == before
    assert [event["event"] for event in log.as_json] == ["begin"]
    log.write(Closed, outcome="FAILED")
    log.close()
    assert [event["event"] for event in journal.read(log.path).as_json] == ["begin", "closed"]


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(JournalError, match=r"cannot be written \((Not a directory|File exists)\)"):
        Journal(tmp_path / "file" / f"a{SUFFIX}", clock)


SEALING = """
import os, resource, signal, sys
from pathlib import Path
from second_edition.evidence import exclusive

path, how = Path(sys.argv[1]), sys.argv[2]
if how == "full":
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (40, resource.RLIM_INFINITY))
elif how != "good":
    real = getattr(os, how)
    setattr(os, how, lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL))
try:
    print(exclusive.create(path, b"x" * 100))
except OSError as error:
    print(error.strerror)
"""


@pytest.mark.parametrize("how", ["full", "fsync", "link", "unlink"])
def test_a_file_that_is_made_once_is_whole_or_not_there(tmp_path: Path, how: str) -> None:
    path = tmp_path / "a.seal.json"
    done = subprocess.run([sys.executable, "-c", SEALING, str(path), how], capture_output=True, text=True)
    if how == "full":
        assert (done.stdout, done.stderr, list(tmp_path.iterdir())) == ("File too large\n", "", [])
    else:
        assert done.returncode == -signal.SIGKILL
    # Killed after it had its name, the file is there; before, it is not; never a part of it.
    assert path.exists() == (how == "unlink")
    again = subprocess.run([sys.executable, "-c", SEALING, str(path), "good"], capture_output=True, text=True)
    assert again.stdout == f"{how != 'unlink'}\n"
    assert path.read_bytes() == b"x" * 100


def test_where_a_file_can_have_no_second_name_it_is_made_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> None:
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(os, "link", refused)
    assert exclusive.create(tmp_path / "a", b"first")
    assert not exclusive.create(tmp_path / "a", b"second")
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"first"]
