"""Which calls a reader makes, in moments of no clock: how few, for whom first, and who is never answered too early."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from byodkim.fleet.board import AGAIN_S, APART_S, GATHER_S, Board, Call, Question
from byodkim.rotation.reading import BATCH_CALL, FRESH_S, FULL_CALL, Reading

AT = "2026-11-24T04:09:41.000+00:00"
EVERY_S = 45.0


def full(name: str, selector: str = "a", status: str = "SUCCESS") -> dict[str, Any]:
    return {
        "name": name, "identity_type": "DOMAIN", "selectors": [selector], "status": status, "signing_enabled": True,
        "signing_origin": "EXTERNAL", "verified_for_sending": True, "verification_status": "SUCCESS",
    }  # fmt: skip


def board(*names: str) -> Board:
    made = Board(EVERY_S)
    for name in names:
        made.seed(full(name), AT)
    return made


def came(board: Board, call: Call, selector: str = "a", status: str = "SUCCESS") -> None:
    told = {"selectors": [selector], "status": status, "signing_enabled": True}
    log = {"at": AT, "request_id": "r", "retries": 0}
    if call.full:
        board.came({"identity": full(call.names[0], selector, status), "call": {**log, "raw": {"body": "{}"}}})
    else:
        board.came({"told": dict.fromkeys(call.names, told), "call": log})


def asked(name: str, now: float, *, wrote: str = "", patient: bool = False, age: float = 0.0) -> Question:
    return Question(name, now - age, now + 1000, now, wrote, patient)


def test_who_begins_is_asked_about_at_once_with_all_that_come_soon() -> None:
    names = [f"{number}.example.jp" for number in range(150)]
    one = board(*names)
    one.ahead(names)
    one.ask(asked(names[140], 0.0))
    assert one.next_call(GATHER_S / 2) is None
    call = one.next_call(GATHER_S)
    assert call == Call((names[140], *names[:99]))
    came(one, call)
    assert [found for _, found in one.answers(1.0)] != []
    for name in names[:99]:  # from stock
        one.ask(asked(name, 60.0, age=FRESH_S))
    assert len(list(one.answers(60.0))) == 99
    assert one.next_call(61.0) is None


def test_without_a_word_those_come_next_that_were_read_in_full_next() -> None:
    """Two hundred runs, one a second, of which none was told ahead: a call for each of them would be one too many."""
    names = [f"{number:03}.example.jp" for number in range(200)]
    one, calls, answered = board(*names), [], 0
    for number, name in enumerate(names):
        now = float(number)
        one.ask(asked(name, now, age=FRESH_S))
        for moment in (now, now + 0.5):
            if call := one.next_call(moment):
                calls.append(call)
                came(one, call)
            answered += len(list(one.answers(moment)))
    assert (answered, [len(call.names) for call in calls]) == (200, [100, 100])


def test_who_waits_for_ses_is_asked_about_once_in_a_while_and_stock_is_taken_along() -> None:
    names = [f"{number}.example.jp" for number in range(30)]
    one = board(*names)
    one.ahead(names[20:])
    for name in names[:20]:
        one.ask(asked(name, 100.0, wrote="b", patient=True))
    assert one.next_call(101.0) is None
    call = one.next_call(100.0 + EVERY_S / 10)
    assert call == Call(tuple(names))
    came(one, call, "b", "PENDING")
    assert len(list(one.answers(105.0))) == 20
    for name in names[:20]:
        one.ask(asked(name, 105.0, wrote="b", patient=True))
    assert one.next_call(100.0 + EVERY_S) is None
    assert one.due(105.0) == EVERY_S / 10 + EVERY_S - 5.0
    assert one.next_call(100.0 + EVERY_S / 10 + EVERY_S) == Call(tuple(names[:20]))


def test_those_that_ses_has_verified_are_told_so_one_after_another() -> None:
    names = [f"{number}.example.jp" for number in range(4)]
    one = board(*names)
    for name in names[:3]:
        one.ask(asked(name, 100.0, wrote="b", patient=True))
    call = one.next_call(200.0)
    assert call is not None
    came(one, call, "b", "SUCCESS")
    assert len(list(one.answers(200.0))) == 1
    assert list(one.answers(200.2)) == []
    assert one.due(200.2) == pytest.approx(APART_S - 0.2)
    one.ask(asked(names[3], 200.2, wrote="b", age=60.0))  # who is about to write waits for nobody
    assert len(list(one.answers(200.3))) == 1
    one.under_way = 2
    assert one.next_call(200.0 + 2 * EVERY_S) is None  # who is only yet to be told is not asked about again
    assert [len(list(one.answers(200.0 + APART_S * times))) for times in (1, 1.5, 2, 3)] == [1, 0, 1, 0]
    assert one.due(300.0) is None


def test_more_than_a_hundred_wait_their_turn_and_calls_are_no_more() -> None:
    names = [f"{number:03}.example.jp" for number in range(250)]
    one, calls = board(*names), []
    now = 0.0
    for name in names:
        one.ask(asked(name, now, wrote="b", patient=True))
    while now < 600:
        now += 1
        if call := one.next_call(now):
            calls.append((now, call.names))
            came(one, call, "b", "PENDING")
        for question, _ in one.answers(now):
            one.ask(asked(question.name, now, wrote="b", patient=True))
    assert len(calls) <= 1 + 600 / EVERY_S
    assert {name for _, some in calls[:3] for name in some} == set(names)


def test_an_answer_from_before_is_none() -> None:
    one = board("x")
    one.ask(asked("x", 0.0))
    call = one.next_call(10.0)
    assert call is not None
    # Asked while the call is under way: perhaps SES answered before.
    one.ask(asked("x", 11.0, wrote="b", patient=True))
    came(one, call)
    (only,) = one.answers(12.0)
    assert only[0].asked == 0.0


def test_what_is_not_as_expected_is_read_in_full_once_for_all_who_ask() -> None:
    one = board("x", "y")
    for name in ("x", "x", "y"):
        one.ask(asked(name, 0.0))
    call = one.next_call(1.0)
    assert call == Call(("x", "y"))
    came(one, call, "stranger")
    assert list(one.answers(1.0)) == []
    found = []
    for _ in range(2):
        call = one.next_call(2.0)
        assert call is not None
        assert call.full
        came(one, call, "stranger")
        found += [reading for _, reading in one.answers(2.0)]
    assert [reading.by for reading in found if isinstance(reading, Reading)] == [FULL_CALL] * 3
    assert one.next_call(3.0) is None


def test_an_identity_that_was_never_read_in_full_is() -> None:
    one = board()
    one.ask(asked("x", 0.0))
    call = one.next_call(1.0)
    assert call == Call(("x",))
    came(one, call)
    assert list(one.answers(1.0)) == []
    assert one.next_call(1.0) == Call(("x",), full=True)


def test_a_refused_call_is_made_again_and_another_failure_ends_the_wait() -> None:
    one = board("x")
    one.ask(asked("x", 0.0))
    assert one.next_call(1.0)
    assert one.failed(1.0, refused=True) == []
    assert one.next_call(1.0 + AGAIN_S / 2) is None
    assert one.due(1.0) == AGAIN_S
    assert one.next_call(1.0 + AGAIN_S)
    (left,) = one.failed(4.0, refused=False)
    assert (left.name, list(one.answers(5.0)), one.due(5.0)) == ("x", [], None)


def test_who_waits_for_ses_waits_through_a_failure_but_not_through_three() -> None:
    one, now = board("x"), 100.0
    one.ask(asked("x", 0.0, wrote="b", patient=True))
    for last in (False, False, True):
        assert one.next_call(now)
        assert len(one.failed(now, refused=False)) == last
        now += AGAIN_S
    assert one.due(now) is None


def test_who_has_gone_is_not_asked_about() -> None:
    one = board("x")
    question = asked("x", 0.0)
    one.ask(question)
    one.withdraw(question)
    assert (one.next_call(10.0), one.due(10.0)) == (None, None)


def test_a_wait_ends() -> None:
    one = board("x")
    one.ask(Question("x", 0.0, 5.0, 0.0, "b", patient=True))
    assert one.due(0.0) == EVERY_S / 10
    assert [(question.name, found) for question, found in one.answers(5.0)] == [("x", "late")]


ACTS = st.lists(
    st.tuples(
        st.sampled_from("abcdef"), st.booleans(), st.floats(0, 30), st.sampled_from(["", "b"]),
        st.sampled_from(["a", "b", "c"]),
    ),
    max_size=30,
)  # fmt: skip


@given(ACTS)
@settings(deadline=None)
def test_whatever_happens_an_answer_is_of_a_call_made_after_the_moment_asked_for(
    acts: list[tuple[str, bool, float, str, str]],
) -> None:
    """And it goes with what was told; and nobody waits for ever."""
    one, now, made = board(*"abcdef"), 0.0, dict.fromkeys("abcdef", -1.0)
    for name, patient, wait, wrote, selector in acts:
        one.ask(Question(name, now, now + 60, now, wrote, patient))
        now += wait
        if call := one.next_call(now):
            made.update(dict.fromkeys(call.names, now))
            now += 0.5
            came(one, call, selector)
        _hold(one, made, now)
    for _ in range(40):
        now += 30
        if call := one.next_call(now):
            made.update(dict.fromkeys(call.names, now))
            came(one, call)
        _hold(one, made, now)
    assert one.due(now) is None


def _hold(one: Board, made: dict[str, float], now: float) -> None:
    for question, found in one.answers(now):
        if isinstance(found, Reading):
            assert made[question.name] >= question.since
            assert found.identity is not None
            assert found.by in (BATCH_CALL, FULL_CALL)
        else:
            assert question.until <= now
