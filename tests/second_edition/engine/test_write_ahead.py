"""Until when an earlier run's write may still land, and what is said of a write that was not applied, case by case."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from msgspec.structs import replace

from second_edition.custody.client import Refused
from second_edition.display.words import Words
from second_edition.engine import approving, locking, readiness, write_ahead
from second_edition.engine.polling import Polling
from second_edition.engine.run import Run, RunFailed
from second_edition.engine.write_ahead import (
    DIED,
    ERASE,
    PUT,
    READ_S,
    ROLLBACK,
    SENT_S,
    SETTLE_S,
    STORE,
    ZONE,
    Events,
    Failure,
    Landed,
)  # fmt: skip
from second_edition.errors import AccessError, CustodyError
from second_edition.events.parts import Event, Refusal
from second_edition.events.run import Begin, Observed, Read
from second_edition.evidence.journal import Account, digest
from second_edition.procedures.prepare import store_writes as prepare_writes
from second_edition.procedures.retire import store_writes as retire_writes
from second_edition.procedures.rotate import ses_writes
from second_edition.rotation import plan as plans
from second_edition.rotation.checks import CHECKS, Case
from second_edition.rotation.lock import Lock
from second_edition.rotation.observation import CHANGED_MEANWHILE, Identity, Observation
from second_edition.rotation.plan import Write
from second_edition.rotation.readiness import NOTHING_TRIED, Readiness
from second_edition.rotation.reading import FRESH_S
from second_edition.rotation.timing import LATE_WRITE
from tests.second_edition.each import each
from tests.second_edition.engine.played import Stage
from tests.second_edition.engine.test_store_writes import run_of
from tests.second_edition.events.noted import noted
from tests.second_edition.rotation import world

AT = datetime(2026, 11, 24, 4, 9, tzinfo=UTC)
OLD, NEW, OTHER = "mail-20260912-1", "mail-20261124-1", "mail-20270301-1"
CHANGE = Write("Put", "example.jp", OLD, NEW, "0" * 64)
AGAIN = replace(CHANGE, resubmit=True)
CLEAR, UNCLEAR, DEAD = (
    noted(Refusal, code=code, unclear=unclear)
    for code, unclear in (("AccessDenied", False), ("ReadTimeoutError", True), (DIED, True))
)
GOOD = "good"


def account(events: Events, *came: Any) -> Account:
    """A run with one write, what came of it, and what it read back; each a second after the one before."""
    assert events.resolved is not None
    told: list[Event] = [noted(Begin, late_write_seconds=60)]
    for one in came:
        if one is CHANGE:
            told.append(noted(events.intent, change=CHANGE))
        elif isinstance(one, bool):
            told.append(noted(events.resolved, applied=one))
        else:
            told.append(noted(events.answer, **({} if one is GOOD else {"error": one})))
    timed = tuple(replace(one, n=n, at=AT + timedelta(seconds=n)) for n, one in enumerate(told))
    return Account(timed, Path("run.jsonl"), "", torn=False)


def until(seconds: int | None) -> datetime | None:
    return AT + timedelta(seconds=seconds) if seconds else None


@pytest.mark.parametrize("events", [STORE, ERASE, ZONE])
@each(
    ("came", "seconds"),
    [
        ((), None),
        ((GOOD,), None),
        ((CLEAR,), None),
        ((DEAD,), None),
        ((UNCLEAR,), 61),
        ((UNCLEAR, True), None),
        ((UNCLEAR, False), 61),
        ((UNCLEAR, True, UNCLEAR), 63),
    ],
)
def test_a_write_to_the_key_store_or_the_zone_may_land_until_it_is_seen_applied(
    events: Events, came: tuple[Any, ...], seconds: int | None
) -> None:
    assert write_ahead._lands_until(account(events, *came), events) == until(seconds)


def run_that_sees(selector: str, asked: str = OTHER) -> Run:
    """A run for the selector ``asked``, to which SES shows ``selector``; "": it could not be read."""
    identity = noted(Identity, selectors=(selector,)) if selector else None
    seen = noted(Observation, identity=identity, at=AT.isoformat())
    return cast(Run, SimpleNamespace(seen=seen, intent=SimpleNamespace(selector=asked), clock=lambda: AT))


@each(
    ("came", "run", "seconds"),
    [
        ((), run_that_sees(OLD), None),
        ((CHANGE, GOOD), run_that_sees(OLD), None),
        ((CHANGE, CLEAR), run_that_sees(OLD), None),
        ((CHANGE, UNCLEAR), run_that_sees(OLD), 62),
        ((CHANGE, UNCLEAR), run_that_sees(NEW, NEW), 62),
        ((CHANGE, UNCLEAR, True), run_that_sees(OLD), None),
        *(((CHANGE, *died), run_that_sees(OLD), 61) for died in ((), (DEAD,))),
        *(((CHANGE, *died), run_that_sees(""), 61) for died in ((), (DEAD,))),
        ((CHANGE,), run_that_sees(NEW), None),  # it has landed
        ((CHANGE,), run_that_sees(OLD, NEW), None),  # whichever lands last, SES has that one
        ((CHANGE,), run_that_sees(OLD, OLD), None),  # it has nothing to write
        ((CHANGE,), cast(Run, SimpleNamespace(seen=None, intent=SimpleNamespace(selector=OTHER))), 61),
    ],
)
def test_a_write_to_ses_may_land_until_ses_shows_it(came: tuple[Any, ...], run: Run, seconds: int | None) -> None:
    assert write_ahead._ses_until(run, account(PUT, *came)) == until(seconds)


@each(
    ("seen", "age", "fresh"),
    [
        (None, READ_S, READ_S),
        (noted(Observation, at=(AT - timedelta(seconds=3)).isoformat()), 3.0, READ_S),
        (noted(Observation, at="", reading={"at": (AT - timedelta(seconds=4)).isoformat()}), 4.0, FRESH_S),
    ],
)
def test_a_write_leaves_soon_after_ses_was_read(seen: Observation | None, age: float, fresh: float) -> None:
    run = cast(Run, SimpleNamespace(seen=seen, clock=lambda: AT))
    found, now = write_ahead._times(run), time.time()
    assert now - 5 < found["until"] - SENT_S <= now
    assert found["look"] - found["until"] == pytest.approx(fresh - age - SENT_S)


@each(
    ("change", "stood", "shown", "applied"),
    [
        (CHANGE, "SUCCESS", (NEW, "PENDING"), True),
        (CHANGE, "SUCCESS", (OLD, "SUCCESS"), False),
        (CHANGE, "SUCCESS", ("", "NOT_STARTED"), None),
        *((AGAIN, "PENDING", (NEW, status), False) for status in ("PENDING", "TEMPORARY_FAILURE", "FAILED")),
        *((AGAIN, "PENDING", (NEW, status), True) for status in ("SUCCESS", "NOT_STARTED")),
        (AGAIN, "NOT_STARTED", (NEW, "NOT_STARTED"), False),
        (AGAIN, "FAILED", (NEW, "FAILED"), False),
        (AGAIN, "FAILED", (NEW, "PENDING"), True),
        (AGAIN, "FAILED", (OLD, "SUCCESS"), False),
        (AGAIN, "", (NEW, "PENDING"), False),
    ],
)
def test_a_selector_that_stood_before_was_written_where_its_status_shows_it(
    change: Write, stood: str, shown: tuple[str, str], applied: bool | None
) -> None:
    seen = noted(Observation, identity=noted(Identity, status=stood) if stood else None)
    found = noted(Identity, selectors=(shown[0],), status=shown[1])
    run = cast(Run, SimpleNamespace(seen=seen))
    assert ses_writes._landed(run, change, found) == Landed(applied, shown[1])


SWITCHED = world.identity(selectors=(world.NEXT,))(world.good())


@each(("seen", "writes"), [(world.good(), True), (SWITCHED, False)])
@pytest.mark.parametrize("observed", [AT, None])
def test_what_is_about_to_be_done_has_its_approvals_and_the_record_is_tried_where_anything_is_written(
    monkeypatch: pytest.MonkeyPatch, observed: datetime | None, seen: Observation, writes: bool
) -> None:
    run = run_of("rotate", clock=lambda: AT + timedelta(1), waivers={}, approvals=2)
    noted_at = SimpleNamespace(at=observed) if observed else None
    run.record = SimpleNamespace(of={Observed: noted_at}.get, lock=noted(Lock))
    tried = noted(Readiness)
    for module, name, told in (
        (approving, "presented", lambda of: ("given", of is run)),
        (approving, "terms", lambda of, at: ("terms", of is run, at)),
        (readiness, "ready", lambda of: tried if of is run else None),
    ):
        monkeypatch.setattr(module, name, told)
    found = ses_writes.applying(run, Case(seen, world.EXPECTED))
    assert bool(found.plan.writes) is writes
    assert found.plan == plans.make(seen, CHECKS.evaluate(Case(seen, world.EXPECTED), {}), digest)
    terms: Any = ("terms", True, observed or AT + timedelta(1))
    given: Any = (found.required, found.approvals, found.lock, found.terms)
    assert given == (2, ("given", True), noted(Lock), terms)
    assert found.readiness is (tried if writes else NOTHING_TRIED)


NOT_READ = Landed(None, "GetEmailIdentity Throttling")
STANDS, FAILED = Landed(False, "SUCCESS"), Landed(False, "FAILED")
TODO = "Run the same command again: it reads SES first, "


@each(
    ("change", "code", "unclear", "landed", "what", "means", "todo"),
    [
        (CHANGE, "Slow", True, NOT_READ, "no clear answer (Slow), and SES could not", f"either {OLD} or {NEW};", TODO),
        (CHANGE, "Slow", False, NOT_READ, "was refused (Slow), and SES could not", f"as before, with {OLD}.", TODO),
        (CHANGE, "Slow", True, STANDS, "within 60 s: it had no clear answer (Slow)", f"SES and set {NEW}, so", TODO),
        (CHANGE, "Slow", False, STANDS, f"(Slow): read back, it still has {OLD}.", "Mail is signed as before.", TODO),
        (AGAIN, "Slow", True, STANDS, f"verified {NEW}: its status is SUCCESS,", "SES has either", f"{TODO}and writes"),
        (AGAIN, "Slow", True, FAILED, "SES has not taken the write", "That is not final", TODO),
        (AGAIN, "Slow", False, STANDS, "SES did not take the write (Slow)", "Mail is", TODO),
        (CHANGE, "AccessDeniedException", False, STANDS, "did not take", "Mail is", "Have ses:Put"),
        (CHANGE, "AccessDeniedException", True, STANDS, "has not taken", "That is", TODO),
        (CHANGE, "BadRequestException", False, STANDS, "did not take", "Mail is", "SES refuses this write"),
        (CHANGE, "BadRequestException", True, STANDS, "has not taken", "That is", TODO),
        (CHANGE, "ExpiredTokenException", False, STANDS, "did not take", "Mail is", "See that the credentials"),
        (CHANGE, CHANGED_MEANWHILE, False, STANDS, f"{OTHER} (status PENDING, origin EXTERNAL)", "Mail is", "Find"),
    ],
)  # fmt: skip
def test_a_write_to_ses_that_was_not_applied_says_what_stands_and_what_to_do(
    stage: Stage, change: Write, code: str, unclear: bool, landed: Landed, what: str, means: str, todo: str
) -> None:
    if not stage.runs:
        stage.begin()
        (run,) = stage.runs
        run.write(PUT.intent, change=CHANGE)
        overtaken = ses_writes._failed(run, CHANGE, Failure(CHANGED_MEANWHILE, "", False, NOT_READ))
        assert "It was last seen with - (status -, origin -)." in overtaken.what
        shown = noted(Identity, selectors=(OTHER,), status="PENDING", signing_origin="EXTERNAL")
        run.write(Read, identity=shown)
    (run,) = stage.runs
    error = ses_writes._failed(run, change, Failure(code, "", unclear, landed))
    assert what in error.what
    assert means in error.means
    assert error.todo.startswith(todo)
    if means == "That is":  # not final, for as long as a request may be on its way
        sent = run.record.perhaps_written_at
        assert sent is not None
        assert f"until {Words('en', run.intent.zone).time(sent + LATE_WRITE)} the request" in error.means


def version(stage: str, number: str, *named: tuple[str, str]) -> dict[str, Any]:
    """A version of the secret, by its label: what it names with which value."""
    entries = [{"selector": selector, "dns_value": value} for selector, value in named]
    return {"stage": stage, "version_id": number, "entries": entries}


SECRET = ("secret", {"secret_id": "dkim", "domain": "example.jp"})
VERSIONS = ("versions", {"bucket": "keys", "key": "k.pem"})
KEY = ("key", {"selector": NEW, "path": "s3://keys/k.pem", "bucket": "keys", "domain": "example.jp"})
PAIR = prepare_writes.Pair("a" * 64, "v=DKIM1; p=AAAA", "keys", "k.pem", "k.pem")
ENTERED = partial(prepare_writes._entered, secret_id="dkim", version="v2", value=PAIR.value)
PROMOTED = partial(prepare_writes._promoted, secret_id="dkim", version="v2")
RELEASED = partial(prepare_writes._released, secret_id="dkim", version="v1")
DELETED, EXPIRED = (partial(retire_writes._erased, bucket="keys", key="k.pem", version=one) for one in ("v1", ""))
STORED = partial(prepare_writes._stored, pair=PAIR)
OURS, THEIRS = (NEW, PAIR.value), (OLD, "v=DKIM1; p=BBBB")
CURRENT, PENDING = prepare_writes.CURRENT, prepare_writes.PENDING


@each(
    ("read_back", "asked", "answer", "applied", "found"),
    [
        (PROMOTED, SECRET, [version(PENDING, "v1"), version(CURRENT, "v2")], True, "AWSCURRENT v2"),
        (PROMOTED, SECRET, [version(CURRENT, "v1")], False, "AWSCURRENT v1"),
        (PROMOTED, SECRET, [version(PENDING, "v2")], False, "AWSCURRENT -"),
        (RELEASED, SECRET, [version(PENDING, "v1")], False, "AWSPENDING v1"),
        (RELEASED, SECRET, [version(PENDING, "v0"), version(CURRENT, "v1")], True, "AWSPENDING v0"),
        (RELEASED, SECRET, [], True, "AWSPENDING -"),
        (DELETED, VERSIONS, [{"version_id": "v2", "latest": True}], True, ""),
        (DELETED, VERSIONS, [{"version_id": "v1", "latest": False}], False, "v1"),
        (EXPIRED, VERSIONS, [{"version_id": "v1", "latest": False}], True, ""),
        (EXPIRED, VERSIONS, [{"version_id": one, "latest": True} for one in ("v1", "v2")], False, "v1 v2"),
        (STORED, KEY, {"sha256": PAIR.sha256, "defect": ""}, True, PAIR.sha256),
        (STORED, KEY, {"sha256": "b" * 64, "defect": ""}, False, "b" * 64),
        (STORED, KEY, {"sha256": "", "defect": "absent"}, False, ""),
        (STORED, KEY, {"sha256": "", "defect": "unreadable"}, False, "unreadable"),
        (ENTERED, SECRET, [version(PENDING, "v2", THEIRS, OURS)], True, "AWSPENDING v2"),
        (ENTERED, SECRET, [version(PENDING, "v1", THEIRS, OURS)], False, "AWSPENDING v1"),
        (ENTERED, SECRET, [version(PENDING, "v2", THEIRS, (NEW, "v=DKIM1; p=CCCC"))], False, "AWSPENDING v2"),
        (ENTERED, SECRET, [version(PENDING, "v2", OURS, OURS)], False, "AWSPENDING v2"),
        (ENTERED, SECRET, [version(CURRENT, "v2", OURS)], False, "AWSPENDING -"),
    ],
)  # fmt: skip
def test_what_stands_in_the_key_store_shows_whether_a_write_was_applied(
    read_back: Callable[[Run], Landed], asked: tuple[str, dict[str, str]], answer: Any, applied: bool, found: str
) -> None:
    answered: Future[Any] = Future()
    answered.set_result(answer)
    calls = []

    def ask(op: str, **arguments: Any) -> Future[Any]:
        calls.append((op, arguments))
        return answered

    intent = SimpleNamespace(selector=NEW, domain="example.jp")
    run = cast(Run, SimpleNamespace(custodian=SimpleNamespace(ask=ask), intent=intent))
    assert read_back(run) == Landed(applied, found)
    assert calls == [asked]


def test_a_pause_is_told_each_second_and_is_left_to_what_has_a_pace_of_its_own() -> None:
    rests: list[float] = []
    polling = Polling(1.1, 5.0)
    polling.tick = rests.append
    assert len(list(polling)) == 2
    assert rests[:2] == pytest.approx([1.1, 0.1], abs=0.09)
    assert polling.passed == pytest.approx(1.1, abs=0.5)
    polling = Polling(0.2, 5.0)
    assert [round(one.pause, 1) for one in polling] == [0.2, 0]
    assert polling.passed < 0.9
    polling = Polling(0.2, 5.0)
    polling.paced = False
    assert [one.passed < 0.2 for one, _ in zip(polling, range(3), strict=False)] == [True] * 3


ANSWERED = {"answer": {"status": 200, "request_id": "r"}}
REFUSED, LOST = (
    {"error": {"code": code, "message": "said", "status": 0, "request_id": "", "unclear": unclear}}
    for code, unclear in (("Slow", False), ("ReadTimeoutError", True))
)
YES, NO = Landed(True, "there"), Landed(False, "nothing")
NO_LOOK: tuple[Any, ...] = ()
LOOKS = 3  # while there is time
DENIED = Refused("GetObject", "AccessDenied", "said by AWS")


def refused_as(code: str, *, unclear: bool = False, message: str = "") -> dict[str, Any]:
    return {"error": {"code": code, "message": message, "status": 0, "request_id": "", "unclear": unclear}}


@each(
    ("events", "proved", "came", "looks", "answer", "resolved", "failure"),
    [
        (PUT, False, ANSWERED, NO_LOOK, ANSWERED, None, None),
        (STORE, True, ANSWERED, (YES,), ANSWERED, YES, None),
        (STORE, True, ANSWERED, (NO, YES), ANSWERED, YES, None),
        (STORE, True, ANSWERED, (Landed(True, "early", final=False), YES), ANSWERED, YES, None),
        (STORE, False, REFUSED, (NO,), REFUSED, None, Failure("Slow", "said", False, NO)),
        (STORE, False, REFUSED, (YES,), REFUSED, YES, None),
        (STORE, True, REFUSED, (NO,) * LOOKS, REFUSED, NO, Failure("Slow", "said", False, NO)),
        (STORE, True, ANSWERED, (NO,) * LOOKS, ANSWERED, NO, Failure("-", "", False, NO)),
        (PUT, False, LOST, (NO,) * LOOKS, LOST, None, Failure("ReadTimeoutError", "said", True, NO)),
        (PUT, False, LOST, (NO, NO, YES), LOST, YES, None),
        (ROLLBACK, False, LOST, (YES,), LOST, None, None),
        (ZONE, False, REFUSED, (NO,), REFUSED, NO, Failure("Slow", "said", False, NO)),
        (
            ZONE, False, REFUSED, (DENIED,), REFUSED, None,
            Failure("Slow", "said", False, Landed(None, "GetObject AccessDenied")),
        ),
        (
            STORE, False, REFUSED, (AccessError("unread"),), REFUSED, None,
            Failure("Slow", "said", False, Landed(None, "AccessError")),
        ),
        (STORE, False, DENIED, (NO,), refused_as("AccessDenied"), None, Failure("AccessDenied", "", False, NO)),
        (
            ZONE, False, DENIED, (NO,), refused_as("AccessDenied", message="said by AWS"), NO,
            Failure("AccessDenied", "said by AWS", False, NO),
        ),
        (PUT, False, CustodyError("it died"), NO_LOOK, refused_as(DIED, unclear=True), None, None),
    ],
)  # fmt: skip
def test_each_write_is_intended_answered_and_read_back_in_this_order(
    monkeypatch: pytest.MonkeyPatch, events: Events, proved: bool, came: Any, looks: tuple[Any, ...], answer: Any,
    resolved: Landed | None, failure: Failure | None,
) -> None:  # fmt: skip
    journal: list[Any] = []
    monkeypatch.setattr(locking, "confirm", lambda _: journal.append("confirmed"))
    left, polled = list(looks), list[Any]()

    def polling(seconds: float, first: float, longest: float) -> range:
        polled.append((seconds, first, longest))
        return range(LOOKS if seconds else 1)

    monkeypatch.setattr(write_ahead, "Polling", polling)

    def read_back() -> Landed:
        if isinstance(found := left.pop(0), Exception):
            raise found
        return cast(Landed, found)

    def ask(op: str, **arguments: Any) -> Future[Any]:
        journal.append((op, sorted(arguments)))
        future: Future[Any] = Future()
        future.set_exception(came) if isinstance(came, Exception) else future.set_result(came)
        return future

    def write(kind: type[Event], **content: Any) -> None:
        journal.append((kind, content))

    run: Any = SimpleNamespace(
        write=write, write_fixed=write, custodian=SimpleNamespace(ask=ask), clock=lambda: AT, seen=None, since=None,
        intent=SimpleNamespace(section=SimpleNamespace(late_write_seconds=60)),
    )  # fmt: skip
    failures: list[Failure] = []

    def failed(found: Failure) -> RunFailed:
        failures.append(found)
        return RunFailed("failed")

    op = "put" if events is PUT else "store"
    intended = write_ahead.Write(events, {"change": CHANGE}, op, {"name": "x"}, read_back, failed, proved=proved)
    died = isinstance(came, Exception) and not isinstance(came, Refused)
    with pytest.raises(CustodyError if died else RunFailed) if died or failure else nullcontext():
        assert write_ahead.make(run, intended) == came
    expected: list[Any] = ["confirmed", (events.intent, {"change": CHANGE})]
    expected += [(op, ["look", "name", "until"] if op == "put" else ["name"]), (events.answer, answer)]
    if resolved:
        expected.append((events.resolved, {"applied": resolved.applied, "found": resolved.found}))
    assert journal == expected
    assert (failures, left) == ([failure] if failure else [], [])
    assert (run.since is None) is died
    assert polled == ([(60 if came is LOST else SETTLE_S if proved else 0, 1, 8)] if looks else [])
