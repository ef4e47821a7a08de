"""A call that many wait for goes before them; nobody is left behind, and none comes sooner than allowed."""

from __future__ import annotations

import threading
import time
from pathlib import Path

from byodkim.aws.budget import Budget
from tests.aws.test_budget import Clock, made


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


def test_the_first_call_does_not_come_sooner_after_the_last_one_than_any_other(tmp_path: Path) -> None:
    clock, path = Clock(), tmp_path / "ses.budget"
    budget = made(path, clock)
    for _ in range(3):
        budget._take(first=False)  # of others, who wait
    budget.leave()
    clock.now += 0.25
    budget.wait(first=True)
    budget.leave()
    assert clock.slept == [0.75]
    budget.refused()
    budget.wait(first=True)
    assert clock.now == 1003.0  # a pause is everybody's
    assert budget._take(first=False)[1] == 1006.0  # three who waited, one that went first, and one at half the pace


def test_of_many_who_wait_none_is_left_behind(tmp_path: Path) -> None:
    path, order = tmp_path / "ses.budget", list[str]()

    def call(name: str, **how: bool) -> None:
        budget = Budget(path, 10.0)
        budget.wait(**how)
        budget.leave()
        order.append(name)

    waiting = [threading.Thread(target=call, args=("waits",)) for _ in range(15)]
    for one in waiting:
        one.start()
    while not order:
        time.sleep(0.01)
    call("first", first=True)
    for one in waiting:
        one.join()
    assert (len(order), order.index("first") < 5) == (16, True)
