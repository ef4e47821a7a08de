"""The lock on one machine: real processes that hold it, race for it, and die with it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from second_edition.engine.locking import LockFile
from second_edition.rotation.lock import Holder, State
from tests.second_edition.rotation.rows import HOLDER

# Takes the lock and says what came of it; then holds it until its standard input ends.
PROGRAM = """
import json, os, sys
from pathlib import Path
from second_edition.plain import plain
from second_edition.engine.locking import LockFile
from second_edition.rotation.lock import Holder
path, name, racing = sys.argv[1:]
if racing:
    sys.stdin.readline()
lock = LockFile(Path(path))
came = lock.take(lambda token: Holder(name, f"arn:{name}", "host", "machine", os.getpid(), "2026-11-24T00:00Z", token))
print(json.dumps(plain(came)), flush=True)
sys.stdin.read()
lock.release()
"""
RACERS = 12


class Other:
    """Another operator's process."""

    def __init__(self, path: Path, name: str, racing: bool = False) -> None:
        command = [sys.executable, "-c", PROGRAM, str(path), name, "racing" if racing else ""]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def start(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write("now\n")
        self.process.stdin.flush()

    def came(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        came: dict[str, Any] = json.loads(self.process.stdout.readline())
        return came

    def kill(self) -> None:
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.communicate()

    def end(self) -> None:
        self.process.communicate()


@pytest.fixture
def others() -> Iterator[Callable[..., Other]]:
    started: list[Other] = []

    def start(*arguments: Any) -> Other:
        started.append(Other(*arguments))
        return started[-1]

    yield start
    for other in started:
        if other.process.poll() is None:
            other.kill()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / ".locks" / "example.jp.json"


def me(token: int) -> Holder:
    return Holder("mine", "arn:mine", "host", "machine", os.getpid(), "2026-11-24T04:09:03+00:00", token)


def test_of_many_at_once_one_gets_it(path: Path, others: Callable[..., Other]) -> None:
    racers = [others(path, f"racer{number}", True) for number in range(RACERS)]
    for racer in racers:
        racer.start()
    came = [racer.came() for racer in racers]
    assert sorted(one["state"] for one in came) == ["held"] + ["other"] * (RACERS - 1)
    (winner,) = (f"racer{number}" for number, one in enumerate(came) if one["state"] == "held")
    named = {one["holder"]["run"] for one in came if one["state"] == "other" and one["holder"]}
    assert named <= {winner}


def test_another_run_in_this_process_takes_it_from_the_one_that_was_never_closed(path: Path) -> None:
    first, second = LockFile(path), LockFile(path)
    assert first.take(me).token == 1
    assert second.take(me).token == 2
    assert (first.ours(), second.ours()) == (False, True)
    first.release()
    assert second.ours()
    second.release()


def test_a_file_put_in_its_place_is_not_ours(path: Path) -> None:
    lock = LockFile(path)
    lock.take(me)
    path.rename(path.with_suffix(".gone"))
    assert not lock.ours()
    path.write_text(me(1).text())
    assert not lock.ours()
    lock.release()


def test_what_another_writes_into_it_is_not_ours(path: Path) -> None:
    lock = LockFile(path)
    lock.take(me)
    path.write_text(HOLDER.text())
    assert not lock.ours()
    lock.release()


@pytest.mark.parametrize("content", [b"", b"x" * 10_000, b"\xff", b"{}", b"[" * 5000])
def test_a_file_that_names_nobody_is_nobody_s(path: Path, content: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(content)
    lock = LockFile(path)
    assert (lock.take(me).state, lock.ours()) == (State.HELD, True)
    lock.release()


def test_a_place_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    came = LockFile(tmp_path / "file" / "x.json").take(me)
    assert came.state is State.UNREAD
    assert came.why in ("File exists", "Not a directory")
    link = tmp_path / "link.json"
    link.symlink_to(tmp_path / "elsewhere.json")
    assert LockFile(link).take(me).state is State.UNREAD
    assert not (tmp_path / "elsewhere.json").exists()
