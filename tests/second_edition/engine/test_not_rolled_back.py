"""SES gives up on the new selector, and the rollback that the profile asks for does not come about."""

from __future__ import annotations

import json
import re
from concurrent.futures import Future
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from msgspec.structs import replace

from second_edition.display.notebook import Shown
from second_edition.dkim.published import Judgement, Verdict
from second_edition.engine import closing, resolving, write_ahead
from second_edition.engine.run import RunFailed
from second_edition.engine.write_ahead import ROLLBACK, Failure, Landed, Write
from second_edition.errors import ByodkimError
from second_edition.events.writes import Rollback
from second_edition.evidence.history import History, Waiting
from second_edition.evidence.journal import SUFFIX
from second_edition.procedures.rotate import ses_writes
from second_edition.procedures.rotate.ses_writes import RolledBack
from second_edition.rotation import plan as plans
from second_edition.rotation.observation import Identity, KeyObject, Used
from second_edition.rotation.outcome import Outcome
from tests.second_edition.each import each
from tests.second_edition.engine.played import Stage
from tests.second_edition.engine.test_given_up import CURRENT, NEXT, READ, begun, ended
from tests.second_edition.engine.test_store_writes import run_of
from tests.second_edition.events.noted import noted
from tests.second_edition.notebooks.wire import JSON, PUT, Fault, Handler, Wire, reset

AT = datetime(2026, 11, 24, 4, 9, tzinfo=UTC)
GIVEN_UP = f"SES has given up on {NEXT} (status FAILED)"
UNSIGNED = "Mail may go out unsigned; keep the key records of both selectors published."
SWITCH_ON = "Find out who turned DKIM signing off, and turn it on"


def of_the_rollback(fault: Fault) -> Fault:
    """The first write is the switch; what is to happen to the one after it."""
    return lambda handler: handler.server.seen.count(PUT) > 1 and fault(handler)


def taken_and_lost(handler: Handler) -> bool:
    """SES says that it took the write, and never shows it."""
    answer = {"DkimStatus": "PENDING", "DkimTokens": [CURRENT]}
    handler.answer(200, {"Content-Type": JSON, "x-amzn-RequestId": "lost"}, json.dumps(answer).encode())
    return True


def gives_up(*, signing: bool) -> Fault:
    """SES gives up on the new selector; ``signing``: whether DKIM signing is still on after the rollback."""

    def fault(handler: Handler) -> bool:
        status, headers, body = handler.forward()
        found = json.loads(body)
        attributes = found.get("DkimAttributes", {})
        if attributes.get("Tokens") == [NEXT]:
            attributes["Status"] = "FAILED"
        if not signing and handler.server.seen.count(PUT) > 1:
            attributes["SigningEnabled"] = False
        handler.answer(status, headers, json.dumps(found).encode())
        return True

    return fault


@each(
    ("fault", "signing", "what", "means", "todo"),
    [
        (
            reset, True, f"{GIVEN_UP}; the write of {CURRENT} had no clear answer (ConnectionClosedError",
            UNSIGNED, f"Roll back as the record says: where SES has {CURRENT} by then, that run writes nothing.",
        ),
        (
            taken_and_lost, False, f"{GIVEN_UP}; {CURRENT} was written again, and SES signs no mail with it",
            "SES does not sign mail of this domain with your key.", SWITCH_ON,
        ),
    ],
)  # fmt: skip
def test_a_rollback_that_does_not_come_about_says_what_ses_has_and_what_to_do(
    stage: Stage, tmp_path: Path, fault: Fault, signing: bool, what: str, means: str, todo: str
) -> None:
    error = _rolled_back(stage, tmp_path, {PUT: (of_the_rollback(fault), 0), READ: (gives_up(signing=signing), 0)})
    assert not isinstance(error, RolledBack)
    assert error.what.startswith(what)
    assert (error.means, error.todo.startswith(todo)) == (means, True)
    assert (stage.runs[-1].record.outcome, stage.selector()) == (Outcome.FAILED, NEXT)


def test_a_rollback_after_which_ses_does_not_sign_is_none_that_worked(stage: Stage, tmp_path: Path) -> None:
    error = _rolled_back(stage, tmp_path, {READ: (gives_up(signing=False), 0)})
    assert isinstance(error, RolledBack)
    seen = "signing origin EXTERNAL, signing enabled false"
    assert error.what == f"{GIVEN_UP}; {CURRENT} was written again, and SES signs no mail with it ({seen})."
    assert f"--email-identity {stage.sandbox.facts.domain} --signing-enabled" in error.todo
    assert (stage.runs[-1].record.outcome, stage.selector()) == (Outcome.FAILED, CURRENT)


def _rolled_back(stage: Stage, folder: Path, faults: dict[str, tuple[Fault, int]]) -> ByodkimError:
    """Return the error of a run that switches, sees SES give up, and goes back as its profile asks."""
    (folder / "byodkim.toml").write_text("[default]\nrollback_after_hours = 24\nlate_write_seconds = 1\n")
    with Wire(stage.sandbox.facts.endpoint_url, faults) as wire:
        run = begun(stage, "dns-absent", endpoint_url=wire.url)
        stage.runs.append(run)
        with pytest.raises(ByodkimError) as raised:
            ended(stage, run)
    return raised.value


def test_a_record_promises_a_rollback_only_where_it_knows_one_that_would_pass(stage: Stage, tmp_path: Path) -> None:
    stage.sandbox.set_knobs(check_interval=1e6)

    def said(hours: int = 0) -> str:
        stage.sandbox.advance(timedelta(hours=hours))
        run = stage.begin(mode="apply", wait_minutes=0)
        stage.play(run)
        assert run.record.outcome is Outcome.SWITCHED_PENDING
        return str(Shown(stage.headline).bundle()["text/plain"])

    def promised(hours: int = 0) -> bool:
        return "it goes back by itself" in said(hours)

    assert not promised()  # the profile does not ask
    (tmp_path / "byodkim.toml").write_text("[default]\nrollback_after_hours = 24\n")
    assert promised(23)
    stage.sandbox.unpublish(CURRENT)
    assert not promised()
    stage.sandbox.publish(CURRENT)
    for path in stage.runs[-1].folder.glob(f"*{SUFFIX}"):
        path.unlink()
    assert not promised()


NEW = noted(Identity, selectors=(NEXT,), status="PENDING", signing_enabled=True, signing_origin="EXTERNAL")
WAITING = Waiting(CURRENT, NEXT, AT)
DUE: dict[str, Any] = {
    "hours": 24, "applies": True, "written_before": AT, "after": NEW, "rollback": None, "given_up": False,
    "now": AT + timedelta(hours=24), "switch": None, "left": CURRENT, "waiting": WAITING,
}  # fmt: skip
WROTE = SimpleNamespace(accepted=True, at=AT)


@each(
    ("changed", "due"),
    [
        ({}, True),
        ({"now": AT + timedelta(hours=23, minutes=59)}, False),
        ({"now": AT, "given_up": True}, True),
        ({"hours": 0}, False),
        ({"applies": False}, False),
        ({"written_before": None}, False),
        ({"after": None}, False),
        ({"rollback": "made"}, False),
        ({"after": replace(NEW, selectors=(CURRENT,))}, False),
        ({"after": replace(NEW, status="SUCCESS")}, False),
        ({"after": replace(NEW, status="SUCCESS"), "given_up": True}, False),
        # What an earlier run says of itself does not count, but what SES showed to those that are signed.
        ({"waiting": None}, False),
        ({"waiting": None, "given_up": True}, False),
        ({"waiting": replace(WAITING, since=AT + timedelta(minutes=1))}, False),
        ({"waiting": replace(WAITING, verified=True)}, False),
        # SES looks for 72 hours: it was given the selector again.
        ({"now": AT + timedelta(hours=72, minutes=6)}, False),
        ({"now": AT + timedelta(hours=72, minutes=6), "given_up": True}, True),
        ({"waiting": replace(WAITING, left="mail-3")}, False),
        ({"waiting": replace(WAITING, left="")}, True),  # no signed run is older
        ({"waiting": replace(WAITING, selector="mail-3")}, False),
        ({"switch": SimpleNamespace(accepted=False)}, True),
        # The run's own write counts.
        ({"switch": WROTE, "written_before": None, "waiting": None}, True),
        ({"switch": SimpleNamespace(accepted=True, at=AT + timedelta(minutes=1))}, False),
    ],
)
def test_a_rollback_is_due_when_the_time_is_over_or_ses_has_given_up(changed: dict[str, Any], due: bool) -> None:
    told = {**DUE, **changed}
    run = run_of("rotate", rollback_after_hours=told["hours"], applies=told["applies"], clock=lambda: told["now"])
    run.record = SimpleNamespace(**told, of={Rollback: told["rollback"]}.get)
    run.archive = Future()
    run.archive.set_result(History(waiting=told["waiting"]))
    assert ses_writes.rollback_due(run) is due


def run_back(**record: Any) -> Any:
    """A run that goes back to ``CURRENT`` after a day."""
    run = run_of("rotate", rollback_after_hours=24)
    run.record = SimpleNamespace(
        **{"events": (), "rollback": None, "after": NEW, "findings": (), "seen": None, **record}
    )
    return run


TAKEN = SimpleNamespace(accepted=True)
TIME = f"24 h after SES was given {NEXT}, it had not verified it"
ROLL = "Roll back as the record says: where SES"
OFF = replace(NEW, signing_enabled=False)


@each(
    ("written", "unclear", "what", "todo"),
    [
        (TAKEN, True, f"{TIME}; {CURRENT} was written again, and SES does not show it.", f"{ROLL} shows"),
        (None, True, f"{TIME}; the write of {CURRENT} had no clear answer (Slow), and", f"{ROLL} has"),
        (None, False, f"{TIME}, and SES refused the write of {CURRENT} (Slow).", f"Publish the key record of {NEXT}"),
        (SimpleNamespace(accepted=False), False, f"{TIME}, and SES refused the write of {CURRENT}", "Publish"),
    ],
)  # fmt: skip
def test_what_is_said_of_a_rollback_that_ses_does_not_show(written: Any, unclear: bool, what: str, todo: str) -> None:
    failure = Failure("Slow", "", unclear, Landed(False))
    error = ses_writes._unseen(run_back(rollback=written), CURRENT, failure)
    assert (error.what.startswith(what), error.todo.startswith(todo), error.means) == (True, True, UNSIGNED)


@each(
    ("after", "written", "seen", "todo"),
    [
        (None, TAKEN, "", ""),
        (NEW, TAKEN, "", ""),
        (OFF, None, "", ""),
        (OFF, SimpleNamespace(accepted=False), "", ""),
        (OFF, TAKEN, "(signing origin EXTERNAL, signing enabled false).", SWITCH_ON),
        (replace(NEW, signing_origin="AWS_SES"), TAKEN, "(signing origin AWS_SES, signing enabled true).", "Find"),
        (replace(NEW, signing_origin=""), TAKEN, "(signing origin -, signing enabled true).", "Find"),
    ],
)
def test_a_rollback_after_which_ses_signs_with_another_key_or_none_is_said(
    after: Identity | None, written: Any, seen: str, todo: str
) -> None:
    error = ses_writes._unsigned(run_back(after=after, rollback=written), RolledBack, CURRENT)
    assert (error is None) is (seen == "")
    if error is not None:
        assert error.what == f"{TIME}; {CURRENT} was written again, and SES signs no mail with it {seen}"
        assert error.todo.startswith(todo)
        assert (SWITCH_ON in error.todo) is (todo == SWITCH_ON)


def test_a_run_that_went_back_says_so_and_why() -> None:
    back = SimpleNamespace(next_selector=CURRENT)
    assert ses_writes.rolled_back(run_back(rolled_back=None)) is None
    error = ses_writes.rolled_back(run_back(rolled_back=back, rollback=TAKEN))
    assert isinstance(error, RolledBack)
    assert error.what == f"{TIME}, so {CURRENT} was written again, as the profile asks."
    assert (NEXT in error.todo, error.means != "") == (True, True)
    unsigned = ses_writes.rolled_back(run_back(rolled_back=back, rollback=TAKEN, after=OFF))
    assert unsigned is not None
    assert "SES signs no mail with it" in unsigned.what


KEY = noted(KeyObject, key="k.pem")
AT_WORK = Used(CURRENT, "a" * 64, "r", worked=True)
SEEN = SimpleNamespace(back_selector=CURRENT, current_key=SimpleNamespace(key=KEY), used=(AT_WORK,), identity=None)
CLAIMED = SimpleNamespace(**{**vars(SEEN), "used": (replace(AT_WORK, unsigned=True),)})


@each(
    ("seen", "state", "remedies", "said"),
    [
        (SEEN, "passes", {}, ""),
        (SEEN, "refused", {"A": "", "B": ""}, f"{CURRENT} was not written again: A, B would refuse a rollback."),
        (SEEN, "unevaluated", {}, f"no record proves a selector to go back to ({CURRENT})."),
        (CLAIMED, "passes", {}, f"It does not go back to {CURRENT} by itself: no run that a trusted key signed saw"),
        (None, "passes", {}, "no record proves a selector to go back to (-)."),
        (SimpleNamespace(back_selector="", current_key=None), "passes", {}, "to go back to (-)."),
    ],
)  # fmt: skip
def test_only_a_rollback_whose_checks_passed_is_made(
    monkeypatch: pytest.MonkeyPatch, seen: Any, state: str, remedies: dict[str, str], said: str
) -> None:
    run, judged = run_back(seen=seen, findings=("of this run",)), SimpleNamespace(state=state, remedies=remedies)
    monkeypatch.setattr(ses_writes, "judged", lambda *given: judged if given == (("of this run",), NEW) else None)
    if said:
        with pytest.raises(RunFailed) as caught:
            ses_writes._proved_back(run)
        assert said in caught.value.what
    else:
        assert ses_writes._proved_back(run) == (CURRENT, KEY)


THERE, NOWHERE, GONE = Verdict.THE_KEY, Verdict.NO_IPV6, Verdict.ABSENT
PLACE = {"selector": CURRENT, "path": "s3://keys/k.pem", "bucket": "keys", "domain": "example.jp"}


@each(
    ("verdicts", "fails"),
    [((THERE,), False), ((THERE, NOWHERE), True), ((), None), ((NOWHERE,), None), ((THERE, GONE), None)],
)
def test_going_back_takes_the_proved_key_where_its_record_is_served_and_leaves_none_in_hand(
    monkeypatch: pytest.MonkeyPatch, verdicts: tuple[Verdict, ...], fails: bool | None
) -> None:
    """``fails``: whether the write does; ``None``: it is not made."""
    asked: list[Any] = []
    run = run_back()

    def ask(op: str, **given: str) -> Any:
        asked.append((op, given))
        return SimpleNamespace(result=list)

    run.custodian = SimpleNamespace(ask=ask)
    key = replace(KEY, bucket="keys", sha256="a" * 64)
    monkeypatch.setattr(ses_writes, "_proved_back", lambda _: (CURRENT, key))
    monkeypatch.setattr(resolving, "look_followed", lambda of, selector: ((of is run, selector), "followed"))
    judged = {((True, CURRENT), key.sha256, "followed"): [Judgement(one) for one in verdicts]}
    monkeypatch.setattr(ses_writes, "judge_together", lambda *given: judged[given])
    back, looks = replace(NEW, selectors=(CURRENT,)), list[str]()
    shown = [back, replace(back, status="SUCCESS"), NEW]
    monkeypatch.setattr(ses_writes, "read", lambda _: shown.pop(0))

    def make(of: Any, write: Write) -> None:
        change = plans.Write(plans.PUT, "example.jp", NEXT, CURRENT, key.sha256)
        assert (of, write.events, write.proved, write.operation) == (run, ROLLBACK, True, "put")
        assert write.intent == {"change": change, "hours": 24}
        found = [write.read_back() for _ in range(3)]
        assert [(one.applied, one.found, one.final) for one in found] == [
            (True, "PENDING", False), (True, "SUCCESS", True), (False, "PENDING", False)
        ]  # fmt: skip
        with pytest.raises(IndexError):
            write.read_back()
        assert looks == ["looked"] * 4
        if fails:
            raise write.failed(Failure("Slow", "", True, Landed(None)))

    monkeypatch.setattr(write_ahead, "make", make)
    monkeypatch.setattr(closing, "gone", lambda _: None)
    monkeypatch.setattr(closing, "overruled", lambda _: None)
    said = {None: "its key record is no longer served everywhere", True: "had no clear answer (Slow)", False: ""}[fails]
    with pytest.raises(RunFailed, match=re.escape(said)) if said else nullcontext():
        ses_writes.roll_back(run, lambda: looks.append("looked"))
    assert asked == [("key", PLACE)] + [("forget", {})] * (fails is not None)
