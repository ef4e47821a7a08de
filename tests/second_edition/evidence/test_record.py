"""What a run's events tell: when it wrote, when SES verified, how things stood before and after."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from msgspec.structs import asdict, replace

from second_edition.evidence.journal import digest
from second_edition.plain import plain
from second_edition.rotation import plan as plans
from second_edition.rotation.checks import CHECKS
from second_edition.rotation.outcome import Outcome
from tests.second_edition.each import each
from tests.second_edition.events.noted import Line, record_of
from tests.second_edition.rotation import world
from tests.second_edition.rotation.world import CURRENT, NEXT

SEEN = world.good()
FINDINGS = CHECKS.evaluate(world.case(SEEN), {})
PLAN = plans.make(SEEN, FINDINGS, digest)
EARLIER = {"selector": NEXT, "written_at": "2026-11-23T10:00:00.000+00:00"}


def at(second: int) -> datetime:
    return datetime(2026, 11, 24, 4, 9, second, tzinfo=UTC)


def event(name: str, second: int, **content: Any) -> Line:
    return {"event": name, "n": second, "at": at(second).isoformat(timespec="milliseconds"), **content}


def begin(previous: Any = None) -> Line:
    return event("begin", 0, selector=NEXT, previous=previous)


def read(second: int, selectors: list[str], status: str) -> Line:
    return event("read", second, identity={**asdict(world.found()), "selectors": selectors, "status": status})


def refusal(code: str, *, unclear: bool) -> dict[str, object]:
    return {"code": code, "status": 0, "request_id": "", "unclear": unclear}


OBSERVED = event("observed", 1, observation=plain(SEEN), calls=[{"at": at(2).isoformat(), "operation": "2"}])
CHECKED = event("checked", 2, findings=plain(FINDINGS))
PLANNED = event("planned", 3, plan=plain(PLAN), calls=[{"at": at(1).isoformat(), "operation": "1"}])
INTENT = event("intent", 4, change=plain(PLAN.writes[0]))
ANSWER = event("answer", 5, answer={"status": 200, "request_id": "1", "dkim_status": "PENDING", "dkim_tokens": []})
ERROR = event("answer", 5, error=refusal("500", unclear=False))
RESOLVED = event("resolved", 6, applied=True)
CLOSED = event("closed", 9, outcome="SWITCHED")


def test_observations_findings_and_plan_are_told_as_they_were() -> None:
    record = record_of(begin(), OBSERVED, CHECKED, PLANNED)
    assert record.before == record.seen == SEEN
    assert (record.findings, record.plan) == (FINDINGS, PLAN)
    assert record.current_selector == CURRENT
    assert [call.operation for call in record.calls] == ["1", "2"]
    assert (record.outcome, record.closed) == (None, None)


def test_a_record_that_was_stopped_early_tells_nothing_it_does_not_know() -> None:
    record = record_of(begin())
    assert (record.before, record.seen, record.plan, record.after, record.switch) == (None,) * 5
    assert (record.findings, record.comparison, record.calls, record.current_selector) == ((), (), [], "")


def test_before_is_the_observation_before_the_first_checks_and_seen_the_last() -> None:
    """A run that waited for DNS looks again before it checks: what it found then is what it starts from."""
    later = world.identity(status="TEMPORARY_FAILURE")(SEEN)
    waited = event("observed", 2, observation=plain(replace(SEEN, records=())))
    checked = event("checked", 6, findings=[])
    record = record_of(begin(), waited, OBSERVED, checked, event("observed", 7, observation=plain(later)), checked)
    assert (record.before, record.seen) == (SEEN, later)
    assert record.after == later.identity
    (changed,) = (row for row in record.comparison if row.changed)
    assert (changed.field, changed.before, changed.after) == ("status", "SUCCESS", "TEMPORARY_FAILURE")


def test_after_is_what_was_read_last() -> None:
    record = record_of(
        begin(), OBSERVED, INTENT, ANSWER, read(6, [NEXT], "PENDING"), read(8, [NEXT], "SUCCESS"), CLOSED
    )
    assert record.after is not None
    assert (record.after.selectors, record.after.status) == ((NEXT,), "SUCCESS")
    assert record.outcome is Outcome.SWITCHED
    assert {row.field for row in record.comparison if row.changed} == {"selectors"}


@each(
    ("events", "previous", "expected"),
    [
        ((), None, None),
        ((INTENT,), None, None),
        ((INTENT, ANSWER), None, at(4)),
        ((INTENT, ERROR), None, None),
        ((INTENT, ERROR, RESOLVED), None, at(4)),
        ((), EARLIER, datetime(2026, 11, 23, 10, tzinfo=UTC)),
        ((INTENT, ANSWER), EARLIER, at(4)),
        ((), {**EARLIER, "written_at": ""}, None),
        ((), {**EARLIER, "selector": CURRENT}, None),
    ],
)
def test_when_ses_was_given_the_selector(events: tuple[Line, ...], previous: Any, expected: datetime | None) -> None:
    assert record_of(begin(previous), OBSERVED, *events).written_at == expected


@each(
    ("events", "expected"),
    [
        ((), None),
        ((INTENT,), at(4)),
        ((INTENT, ANSWER), None),
        ((INTENT, event("answer", 5, error=refusal("NotFoundException", unclear=False))), None),
        ((INTENT, event("answer", 5, error=refusal("ReadTimeoutError", unclear=True))), at(4)),
    ],
)
def test_when_ses_was_perhaps_given_the_selector(events: tuple[Line, ...], expected: datetime | None) -> None:
    assert record_of(begin(), OBSERVED, *events).perhaps_written_at == expected


@each(
    ("reads", "expected"),
    [
        ([], None),
        ([read(6, [NEXT], "PENDING")], None),
        ([read(6, [NEXT], "PENDING"), read(7, [NEXT], "SUCCESS"), read(8, [NEXT], "SUCCESS")], at(7)),
        ([read(6, [CURRENT], "SUCCESS"), read(7, [NEXT], "SUCCESS")], at(7)),  # SES may lag behind the write
        ([read(6, [CURRENT], "SUCCESS")], None),
        ([read(6, [], "SUCCESS")], at(6)),
    ],
)
def test_when_ses_was_seen_to_have_verified_it(reads: list[Line], expected: datetime | None) -> None:
    assert record_of(begin(), OBSERVED, INTENT, ANSWER, *reads).verified_at == expected
