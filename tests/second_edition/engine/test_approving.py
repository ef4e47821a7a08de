"""An approval binds to the very plan, for some days, and serves one run that writes."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from second_edition.display.notebook import Shown
from second_edition.engine.run import Run, RunFailed, RunRefused
from second_edition.evidence import approval
from second_edition.evidence.seal import seal_path
from second_edition.rotation.checks import approval as checks
from second_edition.rotation.findings import Verdict
from second_edition.rotation.outcome import Outcome
from tests.second_edition.engine.played import Stage, told
from tests.second_edition.engine.test_refusals import next_pem, refused, stored
from tests.second_edition.engine.test_steps import secret_again
from tests.second_edition.notebooks.wire import PUT, Wire, applied_then, held, reset
from tests.second_edition.sandbox.generator import set_by_hand, write_secret
from tests.second_edition.verification.judged import faults, judge
from tests.second_edition.verification.made import events_of, write

KEYS = {name: Ed25519PrivateKey.generate() for name in ("tanaka", "sato")}


def asking(approvals: int, more: str = "") -> None:
    """A profile that asks for approvals."""
    people = ", ".join(f'{name} = "{approval.public_text(key)}"' for name, key in KEYS.items())
    text = f"[default]\napprovals = {approvals}\napprovers = {{ {people} }}\nlate_write_seconds = 0\n{more}"
    Path("byodkim.toml").write_text(text)


def signed(stage: Stage, *names: str, at: datetime | None = None, **asked: Any) -> str:
    """The files in which people have signed the plan of a run made just now, with commas between."""
    run = stage.begin(**asked)
    stage.play(run)
    assert run.record.plan is not None
    for name in names:
        stated = approval.statement(run.record, run.record.plan, name, "", at or stage.sandbox.now())
        Path(f"{run.id}.{name}.json").write_bytes(approval.sign(stated, KEYS[name]))
    return ",".join(f"{run.id}.{name}.json" for name in names)


def approved(stage: Stage) -> str:
    """The file in which tanaka, whose one approval is needed, has signed the plan of a run made just now."""
    asking(1)
    return signed(stage, "tanaka")


def moved_back(stage: Stage, by: timedelta = timedelta()) -> None:
    """The world as it was before the switch, by hand, some time later: its plan is the same one again."""
    facts = stage.sandbox.facts
    set_by_hand(stage.sandbox, facts.current_selector)
    stage.sandbox.advance(by + timedelta(hours=1))
    (identity,) = (one for name, one in stage.sandbox.state()["identities"].items() if name == facts.domain)
    assert (identity["selectors"], identity["status"]) == ([facts.current_selector], "SUCCESS")


@dataclass
class Applied:
    """An apply run with approvals: what it came to, and why."""

    run: Run
    why: str = ""


def apply(stage: Stage, file: str, **asked: Any) -> Applied:
    run = stage.begin(mode="apply", wait_minutes=1, approved=file, **asked)
    try:
        stage.play(run)
    except (RunRefused, RunFailed) as error:
        return Applied(run, str(error))
    return Applied(run)


def test_the_plan_that_was_approved_is_written(stage: Stage) -> None:
    run = apply(stage, approved(stage)).run
    assert (run.record.outcome, stage.puts()) == (Outcome.SWITCHED, 1)


def test_a_plan_says_where_more_approvals_are_needed_than_approvers_are_listed(stage: Stage) -> None:
    for needed, said in ((3, True), (2, False)):
        asking(needed)
        run = stage.begin()
        stage.play(run)
        text = str(Shown(told(run.journal.events, "headline")).bundle()["text/plain"])
        assert "It needs approvals" in text
        assert (f"needs: {needed}; approvers listed: 2." in text) == said


@pytest.mark.parametrize("change", ["secret", "key"])
def test_a_plan_that_has_changed_since_it_was_approved_is_refused(stage: Stage, change: str) -> None:
    file = approved(stage)
    if change == "secret":
        secret_again(stage)
    else:
        stored(stage, next_pem(stage))
    assert refused(stage, {"PLAN-APPROVED"}, approved=file) == {"PLAN-APPROVED": Verdict.FAIL}


@pytest.mark.parametrize("other", ["version", "reason"])
def test_an_approval_is_for_the_waiver_that_it_was_given_for(stage: Stage, other: str) -> None:
    asking(1)
    write_secret(stage.sandbox, "{}", VersionStages=["AWSPENDING"])
    file = signed(stage, "tanaka", waive="SECRET-STAGE: left over since June")
    if other == "version":
        write_secret(stage.sandbox, '{"selector": "x"}', VersionStages=["AWSPENDING"])
    waive = "SECRET-STAGE: left over since June" if other == "version" else "SECRET-STAGE: whatever"
    assert refused(stage, {"PLAN-APPROVED"}, "check.SECRET-STAGE: WAIVED: AWSPENDING", approved=file, waive=waive)


def test_a_waiver_that_was_approved_is_applied(stage: Stage) -> None:
    asking(1)
    waive = "SECRET-STAGE: left over since June"
    write_secret(stage.sandbox, "{}", VersionStages=["AWSPENDING"])
    run = apply(stage, signed(stage, "tanaka", waive=waive), waive=waive).run
    assert (run.record.outcome, stage.puts()) == (Outcome.SWITCHED, 1)


def stopped(applied: Applied, *words: str) -> None:
    """It was refused by its approvals, and says these words."""
    record = applied.run.record
    assert (record.outcome, record.switch) == (Outcome.REFUSED, None), applied.why
    assert {one.id for one in record.findings if one.stops} == {"PLAN-APPROVED"}
    for word in ("PLAN-APPROVED failed", "SES was not touched", *words):
        assert word in applied.why


def test_two_approvals_serve_one_run_that_writes_however_their_files_are_copied(stage: Stage, tmp_path: Path) -> None:
    asking(2)
    files = signed(stage, "tanaka", "sato")
    first = apply(stage, files).run
    assert (first.record.outcome, stage.puts()) == (Outcome.SWITCHED, 1)
    moved_back(stage, timedelta(days=400))
    names = (f"run {first.id} used that approval up on ", "tanaka approved it on ", "Make a plan run")
    stopped(apply(stage, files), *names)
    # Copied, renamed, rewritten, from another folder: what was signed is the same. The run refused knows who used it.
    journal = first.journal.path.rename(tmp_path / "away")
    copies = [tmp_path / f"elsewhere-{number}.json" for number in range(2)]
    for copy, file in zip(copies, files.split(","), strict=True):
        copy.write_text(json.dumps(json.loads(Path(file).read_text())))
    stopped(apply(stage, ",".join(map(str, copies))), *names)
    journal.rename(first.journal.path)
    # Without its seal it may be anybody's, so whoever is refused looks at it first.
    seal = first.journal.path.with_name(first.journal.path.name.replace(".journal.jsonl", ".seal.json"))
    seal.rename(tmp_path / "seal")
    doubted = f"run {first.id}, which no trusted key signed, says that it used that approval up on "
    stopped(apply(stage, files), doubted, f"Look at the journal of run {first.id} first", "make a plan run")
    (tmp_path / "seal").rename(seal)
    # With new approvals of the same plan it may be written again.
    again = apply(stage, signed(stage, "tanaka", "sato")).run
    assert (again.record.outcome, again.record.plan) == (Outcome.SWITCHED, first.record.plan)
    assert set().union(*faults(judge(tmp_path)).values()) == {"changed-between"}


def test_what_nobody_signed_is_unsigned_whichever_run_it_says_it_is(stage: Stage, tmp_path: Path) -> None:
    file = approved(stage)
    plan = file.partition(".")[0]
    path = apply(stage, file).run.journal.path
    moved_back(stage)
    events = events_of(path)
    events[0]["run"] = plan  # which a trusted key signed
    write(path.with_name(f"w.{plan}.journal.jsonl"), events)
    for one in (path, seal_path(path)):
        one.rename(tmp_path / one.name)
    doubted = f"run {plan}, which no trusted key signed, says that it used that approval up on "
    stopped(apply(stage, file), doubted, f"Look at the journal of run {plan} first")


def test_an_approval_expires(stage: Stage) -> None:
    asking(1, "approvals_valid_days = 3\n")
    given = stage.sandbox.now()
    file = signed(stage, "tanaka", at=given)
    stage.sandbox.advance(timedelta(days=3, minutes=1))
    expires = f"{given + timedelta(days=3):%Y-%m-%d %H:%M}"
    stopped(apply(stage, file), "tanaka approved it on ", "that approval expired on ", expires, "approvals_valid_days")
    ahead = signed(stage, "tanaka", at=stage.sandbox.now() + timedelta(days=300))
    stopped(apply(stage, ahead), "tanaka's approval is dated ", "ahead of this run")
    assert stage.puts() == 0
    assert apply(stage, signed(stage, "tanaka")).run.record.outcome is Outcome.SWITCHED


QUICK = {"lands": ("after the run",)}
LANDS = {"never": reset, "at once": applied_then(reset), "after the run": held}


@pytest.mark.parametrize("lands", LANDS)
def test_who_completes_an_interrupted_run_reuses_its_approvals(stage: Stage, tmp_path: Path, lands: str) -> None:
    """One whose write SES took has used them up, when that write landed after the run too."""
    asking(1)
    with Wire(stage.sandbox.facts.endpoint_url, {}) as wire:
        file = signed(stage, "tanaka", endpoint_url=wire.url)
        wire.faults = {PUT: (LANDS[lands], 1)}
        serving = apply(stage, file, endpoint_url=wire.url).run
        assert serving.record.switch is not None
        if lands == "never":
            serving = apply(stage, file, endpoint_url=wire.url).run
            assert serving.record.outcome is Outcome.SWITCHED
        if lands == "after the run":
            wire.deliver()
            assert stage.selector() == stage.sandbox.facts.next_selector
            stage.play(stage.begin(endpoint_url=wire.url))
        moved_back(stage)
        stopped(apply(stage, file, endpoint_url=wire.url), f"run {serving.id} used that approval up")
    assert set().union(*faults(judge(tmp_path)).values()) <= {"changed-between"}


@contextmanager
def blind(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A version that takes any approval."""
    with monkeypatch.context() as patched:
        patched.setattr(checks, "in_force", lambda *_, **__: None)
        yield


def test_verify_reports_an_approval_that_served_twice_and_one_that_had_expired(
    stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = approved(stage)
    first = apply(stage, file).run
    moved_back(stage, timedelta(days=400))
    with blind(monkeypatch):
        second = apply(stage, file).run
    assert second.record.outcome is Outcome.SWITCHED
    found = {one.run: {off.code for off in one.findings if off.fault} for one in judge(tmp_path)}
    assert found[first.id] == set()
    assert {"approval-reused", "approval-expired"} <= found[second.id]
    # Where only one of the two is at hand, what it says of itself is left.
    (tmp_path / "alone").mkdir()
    for path in second.folder.glob(f"*{second.id}*"):
        shutil.copy(path, tmp_path / "alone")
    (alone,) = judge(tmp_path / "alone")
    assert "approval-expired" in {off.code for off in alone.findings}
