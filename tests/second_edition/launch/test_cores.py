"""Work on all cores: every item once and in order, whatever becomes of the other processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest

from second_edition.evidence.verification_case import Files
from second_edition.intent.trust import trusted
from second_edition.launch import verifying
from second_edition.launch.verifying import CHUNK, FEW, many, on_all_cores, verify_all
from tests.second_edition.each import each

HERE = os.getpid()


@pytest.fixture(autouse=True)
def _two_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 2)


@each("count", [0, 1, CHUNK, CHUNK + 1, CHUNK * 100 + 1])
def test_every_item_once_and_in_order(count: int) -> None:
    assert on_all_cores(str, range(count)) == list(map(str, range(count)))


def meet(folder: Path, _: int) -> int:
    """This process's id, once two have come here."""
    (folder / str(os.getpid())).touch()
    end = time.monotonic() + 600
    while len(list(folder.iterdir())) < 2 and time.monotonic() < end:
        time.sleep(0.01)
    assert len(list(folder.iterdir())) == 2
    return os.getpid()


def test_all_processes_take_part_and_none_is_left(tmp_path: Path) -> None:
    pids = set(on_all_cores(partial(meet, tmp_path), range(40)))
    assert len(pids) == 2
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


def killed(folder: Path, number: int) -> int:
    if os.getpid() != HERE:
        meet(folder, number)
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def test_what_another_process_could_not_finish_is_done_here(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert on_all_cores(partial(killed, tmp_path), range(40)) == list(range(40))
    assert capfd.readouterr().err == ""


WAITING = """
import os, time
from second_edition.launch.verifying import on_all_cores
os.cpu_count = lambda: 2
def act(number):
    os.write(1, b"%d\\n" % os.getpid())  # in one piece: another process writes there too
    time.sleep({seconds})
try:
    on_all_cores(act, range(4000))
except KeyboardInterrupt:
    print("interrupted")
"""


def waiting(seconds: float) -> tuple[subprocess.Popen[bytes], set[int]]:
    """Two processes at work, ``seconds`` on each item; by their ids too."""
    command = [sys.executable, "-c", WAITING.format(seconds=seconds)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True)
    assert process.stdout is not None
    pids: set[int] = set()
    while len(pids) < 2:
        pids.add(int(process.stdout.readline()))
    return process, pids


def test_an_interrupt_ends_all_of_them() -> None:
    process, pids = waiting(60)
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=600)
    assert (out, err) == (b"interrupted\n", b"")
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


def test_a_killed_process_leaves_none_at_work() -> None:
    process, _ = waiting(0.01)
    process.kill()
    # Whoever else is at work holds the other end.
    assert process.communicate(timeout=600)[1] == b""


def test_where_processes_are_not_forked_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that is spawned begins with the working folder on its path: it would load modules out of an archive."""
    monkeypatch.setattr(verifying, "FORKS", False)
    monkeypatch.setattr(verifying, "on_all_cores", None)
    nothing: list[Files] = [Files(Path(f"{number}.journal.jsonl")) for number in range(FEW + 1)]
    found = verify_all(nothing, trusted([], [], None, "en"), "en")
    assert [one.files for one in found] == nothing
    assert {finding.code for one in found for finding in one.findings} == {"journal-unread"}
    assert [*many(abs, range(FEW + 1))] == [*range(FEW + 1)]
