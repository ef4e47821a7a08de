"""The shared budget: real processes over one file, and what happens to it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import count as counting
from itertools import pairwise
from pathlib import Path

import pytest

from second_edition.aws import budget as budgets
from second_edition.aws.budget import MARGIN, Budget, file_of

NUMBERS = counting()
CALLING = """
import sys, time
from pathlib import Path
from second_edition.aws.budget import Budget
budget = Budget(Path(sys.argv[1]), float(sys.argv[2]))
print("ready", flush=True)
until = time.monotonic() + float(sys.argv[3])
while time.monotonic() < until:
    budget.wait()
    print(time.monotonic(), flush=True)
"""


class Clock:
    """A clock that only sleeping moves; ``during`` is called while it sleeps."""

    def __init__(self) -> None:
        self.now, self.slept = 1000.0, []  # type: ignore[var-annotated]
        self.during: Callable[[], object] = lambda: None

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(round(seconds, 6))
        self.now += seconds
        during, self.during = self.during, lambda: None
        during()


def calling(path: Path, rate: float, seconds: float) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", CALLING, str(path), str(rate), str(seconds)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def made(path: Path, clock: Clock, rate: float = 1 + MARGIN) -> Budget:
    """One call a second, but for another rate."""
    return Budget(path, rate, clock, clock.sleep)


def test_four_processes_share_one_rate(tmp_path: Path) -> None:
    """Never more than 10 % above it in any second (a sleeper wakes up late, now and then)."""
    rate, seconds = 20.0, 3.0
    children = [calling(tmp_path / "state" / "ses.budget", rate, seconds) for _ in range(4)]
    outputs = [child.communicate(timeout=600)[0].splitlines() for child in children]
    assert all(lines[0] == "ready" and len(lines) > 5 for lines in outputs)
    at = sorted(float(line) for lines in outputs for line in lines[1:])
    assert (len(at) - 1) / (at[-1] - at[0]) <= rate
    busiest = max(sum(start <= moment < start + 1 for moment in at) for start in at)
    assert busiest <= rate * 1.1


def test_who_is_killed_holds_up_nobody(tmp_path: Path) -> None:
    path = tmp_path / "ses.budget"
    victims = [calling(path, 5.0, 60) for _ in range(3)]
    for one in victims:
        assert one.stdout is not None
        assert one.stdout.readline() == "ready\n"
        assert float(one.stdout.readline()) > 0  # it has made a call, and taken the moment of the next one
    for one in victims:
        one.send_signal(signal.SIGKILL)
        one.communicate()
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        time.sleep(seconds)

    Budget(path, 5.0, time.monotonic, sleep).wait()
    assert sum(slept) < 4 * (1 + MARGIN) / 5 + 0.1  # the moments that they had taken, at most


def test_unused_time_is_not_saved_up(tmp_path: Path) -> None:
    clock = Clock()
    budget = made(tmp_path / "ses.budget", clock)
    for _ in range(3):
        budget.wait()
    clock.now += 60
    budget.wait()
    budget.wait()
    assert clock.slept == [1.0, 1.0, 1.0]


def test_a_refusal_slows_everybody_down_and_passes(tmp_path: Path) -> None:
    clock, path = Clock(), tmp_path / "ses.budget"
    one, other = made(path, clock), made(path, clock)
    one.wait()
    other.refused()
    one.refused()  # of a call that was under way: it is the same refusal
    for _ in range(12):
        one.wait()
    assert clock.slept[:4] == [2.0, 2.0, 1.6, 1.28]
    assert clock.slept[-1] == 1.0


def test_who_leaves_late_is_not_followed_too_soon_and_it_is_made_good(tmp_path: Path) -> None:
    """Signing took the first call 20 ms more than the others: each that follows makes half a margin of that good."""
    clock, path = Clock(), tmp_path / "ses.budget"
    budget = Budget(path, 1.0, clock, clock.sleep)
    left = []
    for late in (0.0, 0.02, 0.0, 0.0, 0.0, 0.0, 0.0):
        budget.wait()
        clock.now += late
        budget.leave()
        left.append(clock.now)
    apart = [round(after - before, 6) for before, after in pairwise(left)]
    assert apart == [1.03, 1.005, 1.005, 1.005, 1.005, 1.01]


def test_an_answer_that_takes_longer_than_usual_tells_of_a_call_that_came_late(tmp_path: Path) -> None:
    clock, path = Clock(), tmp_path / "ses.budget"
    budget = Budget(path, 1.0, clock, clock.sleep)
    left = []
    for seconds, write in ((0.1, False), (0.2, True), (0.15, False), (0.1, True), (0.9, False), (0.1, True)):
        budget.wait()
        budget.leave()
        left.append(clock.now)
        clock.now += seconds
        budget.took(seconds, write=write)
    apart = [round(after - before, 3) for before, after in pairwise(left)]
    # The first of a kind may have come as late as its answer; later ones by what they took longer than the quickest,
    # and none by more than a tenth of the time between two calls.
    assert apart == [1.105, 1.106, 1.055, 1.005, 1.106]


class Turns:
    """A clock for threads: one runs at a time, and of those that wake at one moment the last to have slept is first."""

    def __init__(self, count: int) -> None:
        self.now, self._running, self._changed = 1000.0, count, threading.Condition()
        self._sleeping: list[tuple[float, int]] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        with self._changed:
            mine = (self.now + seconds, -next(NUMBERS))
            self._sleeping.append(mine)
            self._running -= 1
            self._go_on()
            self._changed.wait_for(lambda: mine not in self._sleeping)

    def end(self) -> None:
        with self._changed:
            self._running -= 1
            self._go_on()

    def _go_on(self) -> None:
        if not self._running and self._sleeping:
            first = min(self._sleeping)
            self._sleeping.remove(first)
            self.now, self._running = max(self.now, first[0]), 1
            self._changed.notify_all()


def test_who_came_first_leaves_first_where_calls_come_late_to_ses(tmp_path: Path) -> None:
    """Else some of those that wait are passed by others, until their time to write is over."""
    count = 40
    turns, left = Turns(count), []

    def call(number: int) -> None:
        budget = Budget(tmp_path / "ses.budget", 1.0, turns, turns.sleep)
        turns.sleep(number / 100)
        budget.wait()
        budget.leave()
        left.append(number)
        turns.sleep(0.3)
        budget.took(0.2 if number % 2 else 0.3)
        turns.end()

    with ThreadPoolExecutor(count) as pool:
        list(pool.map(call, range(count)))
    assert left == list(range(count))


def test_refusals_again_and_again_slow_down_to_a_bound(tmp_path: Path) -> None:
    clock = Clock()
    budget = made(tmp_path / "ses.budget", clock)
    for _ in range(12):
        budget.wait()
        budget.refused()
    assert max(clock.slept) == 16.0


def test_who_sleeps_already_waits_for_the_end_of_a_pause(tmp_path: Path) -> None:
    clock, path = Clock(), tmp_path / "ses.budget"
    budget, other = made(path, clock), made(path, clock)
    budget.wait()
    clock.during = other.refused  # while the next one sleeps until its moment
    budget.wait()
    assert (clock.slept, clock.now) == ([1.0, 2.0], 1003.0)


@pytest.mark.parametrize(
    ("content", "slept"),
    [
        (b"", []),
        (b"{torn", [1.0]),  # somebody may have called just now
        (b'{"boot": "another start", "free": 1005.0, "slow": 4.0, "paused": 0}', []),
        (b'{"boot": "BOOT", "free": 1005.0, "slow": 1.0, "paused": 0}', [5.0]),
        (b'{"boot": "BOOT", "free": 99999.0, "slow": 1.0, "paused": 0}', []),  # the clock began anew
        (b'{"boot": "BOOT", "free": NaN, "slow": 1.0, "paused": 0}', []),
        (b'{"boot": "BOOT", "free": 1000.0, "slow": 0.1, "paused": 0}', []),  # faster than SES allows
        (b'{"boot": "BOOT", "free": 1005.0, "slow": 1.0, "paused": 0, "read": "x"}', [1.0]),
        (b'{"boot": "BOOT", "free": 1005.0, "slow": 1.0, "paused": 0, "last": NaN, "write": Infinity}', []),
    ],
)
def test_what_stands_in_the_file_is_believed_within_bounds(tmp_path: Path, content: bytes, slept: list[float]) -> None:
    path, clock = tmp_path / "ses.budget", Clock()
    path.write_bytes(content.replace(b"BOOT", budgets._boot().encode()))
    made(path, clock).wait()
    assert clock.slept == slept
    assert json.loads(path.read_bytes())["free"] == pytest.approx(clock.now + 1.0)


def test_without_a_folder_to_write_to_a_process_keeps_its_own_pace(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    clock = Clock()
    budget = made(tmp_path / "file" / "ses.budget", clock)
    for _ in range(3):
        budget.wait()
    budget.refused()
    assert clock.slept == [1.0, 1.0]


def test_a_link_in_the_files_place_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "target").write_text("precious")
    (tmp_path / "ses.budget").symlink_to(tmp_path / "target")
    made(tmp_path / "ses.budget", Clock()).wait()
    assert (tmp_path / "target").read_text() == "precious"


def test_the_file_is_the_users_own_and_named_by_its_place(tmp_path: Path) -> None:
    path = file_of(tmp_path / "state", "123456789012 ap-northeast-1")
    made(path, Clock()).wait()
    assert path.name == "ses-123456789012-ap-northeast-1.budget"
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert file_of(tmp_path, "../../x").parent == tmp_path


def test_a_call_that_many_wait_for_goes_first_and_all_others_one_later(tmp_path: Path) -> None:
    clock, path = Clock(), tmp_path / "ses.budget"
    budget, other, third = (made(path, clock) for _ in range(3))
    budget.wait()
    came = []

    def first() -> None:
        other.wait(first=True)
        came.append(clock.now)

    clock.during = first  # while the next one sleeps until its moment
    budget.wait()
    assert (came, clock.now) == ([1001.0], 1002.0)
    third.wait()
    assert clock.now == 1003.0
