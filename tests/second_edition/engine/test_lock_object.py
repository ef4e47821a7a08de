"""The lock in S3: a real custodian against the sandbox over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

import psutil
import pytest
from msgspec.structs import replace

from second_edition.custody.client import Custodian
from second_edition.engine import locking
from second_edition.engine.locking import LockObject
from second_edition.engine.run import Run
from second_edition.rotation.lock import Holder, Lock, State
from second_edition.rotation.observation import NOBODY
from second_edition.sandbox.client import Sandbox
from tests.second_edition.notebooks import outside

KEY = "byodkim-locks/123456789012/ap-northeast-1/example.jp.json"
NOW = datetime(2026, 11, 24, 4, 9, 3, tzinfo=UTC)
MACHINE = locking._machine()


RECORD = SimpleNamespace(caller=replace(NOBODY, account="123456789012"))


@dataclass
class Intent:
    key_bucket: str
    region: str
    domain: str


@dataclass
class FakeRun:
    """Hold what a lock asks of a run."""

    intent: Intent
    custodian: Any
    now: datetime = NOW
    lock_place: str = ""
    record: Any = field(default_factory=lambda: RECORD)

    def clock(self) -> datetime:
        return self.now


@pytest.fixture
def s3(child: Sandbox) -> Iterator[Any]:
    client = outside.client(child.facts, "s3")
    child.reset()
    yield client
    client.close()


@pytest.fixture
def run(child: Sandbox, hands: Custodian, s3: Any) -> FakeRun:
    assert s3 is not None
    return FakeRun(Intent(child.facts.key_bucket, child.facts.region, child.facts.domain), hands)


def lock_of(run: FakeRun) -> LockObject:
    return LockObject(cast("Run", run))


def named(run_id: str, *, pid: int = 1, machine: str = "another", minutes: int = 40) -> Any:
    expires = (NOW + timedelta(minutes=minutes)).isoformat(timespec="seconds")
    return lambda token: Holder(run_id, f"arn:{run_id}", "host", machine, pid, NOW.isoformat(), token, expires)


def stored(run: FakeRun, s3: Any) -> Holder:
    with s3.get_object(Bucket=run.intent.key_bucket, Key=KEY)["Body"] as body:
        return Holder.from_text(body.read().decode())


def put(run: FakeRun, s3: Any, text: str) -> None:
    s3.put_object(Bucket=run.intent.key_bucket, Key=KEY, Body=text.encode())


def test_the_first_one_makes_it_and_the_second_is_told_who_has_it(run: FakeRun, s3: Any) -> None:
    first, second = lock_of(run), lock_of(run)
    assert first.take(named("tanaka")) == Lock(State.HELD, f"s3://{run.intent.key_bucket}/{KEY}", 1)
    assert stored(run, s3).run == "tanaka"
    refused = second.take(named("sato"))
    assert refused.state is State.OTHER
    assert refused.holder is not None
    assert (refused.holder.run, refused.holder.at) == ("tanaka", NOW.isoformat())
    assert (first.ours(), second.ours()) == (True, False)
    second.release()
    assert stored(run, s3).run == "tanaka"
    first.release()
    assert not first.ours()
    assert stored(run, s3).released
    taken = second.take(named("sato"))
    assert (taken.state, taken.token, taken.holder) == (State.HELD, 2, None)


def test_one_whose_time_is_over_is_taken_over_and_can_write_no_more(run: FakeRun) -> None:
    dead, living = lock_of(run), lock_of(run)
    dead.take(named("dead", minutes=40))
    run.now = NOW + timedelta(minutes=44)
    assert living.take(named("living")).state is State.OTHER  # clocks may be five minutes apart
    assert not dead.ours()  # but its own time is over already
    run.now = NOW + timedelta(minutes=46)
    taken = living.take(named("living", minutes=90))
    assert (taken.state, taken.token) == (State.HELD, 2)
    assert taken.holder is not None
    assert taken.holder.run == "dead"
    run.now = NOW
    assert (dead.ours(), living.ours()) == (False, True)
    dead.release()
    assert living.ours()


def test_a_process_of_this_machine_that_is_gone_needs_no_waiting_for(run: FakeRun) -> None:
    gone = max(psutil.pids()) + 100_000
    lock_of(run).take(named("dead", pid=gone, machine=MACHINE))
    taken = lock_of(run).take(named("living"))
    assert (taken.state, taken.token) == (State.HELD, 2)


@pytest.mark.parametrize("machine", [MACHINE, "another"])
def test_one_that_may_be_alive_is_not_taken_over(run: FakeRun, machine: str) -> None:
    pid = psutil.Process().pid if machine == MACHINE else max(psutil.pids()) + 100_000
    lock_of(run).take(named("living", pid=pid, machine=machine))
    assert lock_of(run).take(named("other")).state is State.OTHER


@pytest.mark.parametrize("dead", [False, True], ids=["free", "taken over"])
def test_of_fifty_at_once_one_gets_it(run: FakeRun, s3: Any, dead: bool) -> None:
    if dead:
        lock_of(run).take(named("dead", minutes=-10))
    racers = [lock_of(run) for _ in range(50)]
    with ThreadPoolExecutor(50) as pool:
        came = list(pool.map(lambda number: racers[number].take(named(f"racer{number}")), range(50)))
    (held,) = (number for number, lock in enumerate(came) if lock.state is State.HELD)
    holder = came[held].holder
    assert (came[held].token, holder and holder.run) == ((2, "dead") if dead else (1, None))
    assert {lock.state for lock in came} == {State.HELD, State.OTHER}
    assert stored(run, s3).run == f"racer{held}"
    assert [racer.ours() for racer in racers].count(True) == 1


def test_what_is_no_lock_is_not_taken_for_a_free_one(run: FakeRun, s3: Any) -> None:
    until_no_time = replace(named("other")(1), expires="9999-12-31T23:59:59+00:00").text()
    for text in ("somebody's notes", until_no_time):
        put(run, s3, text)
        came = lock_of(run).take(named("mine"))
        assert (came.state, came.why) == (State.UNREAD, "Malformed")


def test_a_lock_written_over_is_not_ours(run: FakeRun, s3: Any) -> None:
    lock = lock_of(run)
    lock.take(named("mine"))
    put(run, s3, replace(stored(run, s3), run="another").text())
    assert not lock.ours()
    lock.release()
    assert stored(run, s3).run == "another"


class Lossy:
    """A custodian whose answer to the first write is lost on the way: it was written, or it was not."""

    def __init__(self, inner: Custodian, written: bool) -> None:
        self._inner, self._written, self._lost = inner, written, False

    def ask(self, op: str, **arguments: Any) -> Future[Any]:
        if op != "lock" or self._lost:
            return self._inner.ask(op, **arguments)
        self._lost = True
        if self._written:
            self._inner.ask(op, **arguments).result()
        return self._inner.ask(op, **{**arguments, "bucket": "no-such-bucket-of-ours"})


@pytest.mark.parametrize(("written", "state"), [(True, State.HELD), (False, State.UNREAD)])
def test_a_write_without_an_answer_is_read_back(run: FakeRun, written: bool, state: State) -> None:
    run.custodian = Lossy(run.custodian, written)
    lock = lock_of(run)
    assert lock.take(named("mine")).state is state
    assert lock.ours() is written


def test_a_bucket_that_is_not_there_is_said(run: FakeRun) -> None:
    run.intent.key_bucket = "no-such-bucket-of-ours"
    came = lock_of(run).take(named("mine"))
    assert (came.state, came.why) == (State.UNREAD, "GetObject NoSuchBucket")
