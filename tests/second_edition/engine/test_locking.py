"""Two operators at once, and one who has died: whoever does not hold the identity's lock writes nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from second_edition.engine import locking
from second_edition.engine.run import Run, RunRefused
from second_edition.events.run import Locked
from second_edition.evidence.record import Record
from second_edition.rotation.findings import Phrase, Verdict
from second_edition.rotation.lock import State
from second_edition.rotation.outcome import Outcome
from tests.second_edition.engine.played import Stage
from tests.second_edition.engine.test_lock_file import Other

EACH = pytest.mark.parametrize("kind", ["local", "s3"])


QUICK = {"kind": ("local",)}  # tests/second_edition/engine/test_lock_object.py has the other


def profile(kind: str, **more: str) -> None:
    """Written into the working folder, where runs look for it."""
    lines = [f'{name} = "{value}"' for name, value in {"lock": kind, **more}.items()]
    Path("byodkim.toml").write_text("\n".join(["[default]", *lines, ""]))


def lock_file(run: Run, folder: str = locking.FOLDER) -> Path:
    (path,) = (run.journal.path.parent / folder).iterdir()
    return path


def finding(run: Run) -> tuple[Verdict, str, dict[str, object]]:
    (found,) = (one for one in run.record.findings if one.id == "PLAN-LOCK")
    return (
        found.verdict,
        found.observed.text if isinstance(found.observed, Phrase) else found.observed,
        dict(found.values),
    )


@EACH
def test_a_run_that_applies_holds_the_lock_until_it_closes(stage: Stage, kind: str) -> None:
    profile(kind)
    run = stage.begin(mode="apply")
    assert run.lock is not None
    assert run.lock.ours()
    stage.play(run)
    assert (run.record.outcome, stage.puts()) == (Outcome.SWITCHED, 1)
    assert not run.lock.ours()
    assert finding(run)[:2] == (Verdict.PASS, "held: {place}, token {token}")
    again = stage.begin(mode="apply")
    assert (again.record.lock.state, again.record.lock.token, again.record.lock.holder) == (State.HELD, 2, None)


def test_of_several_that_begin_at_once_one_writes(stage: Stage) -> None:
    profile("s3")
    first, *others = [stage.begin(mode="apply") for _ in range(4)]
    for run in others:
        told = r"PLAN-LOCK failed.* on \S+ since .*, and a run elsewhere after 2026-\d\d-\d\d \d\d:\d\d:\d\d UTC"
        with pytest.raises(RunRefused, match=told):
            stage.play(run)
        assert run.record.outcome is Outcome.REFUSED
        verdict, said, values = finding(run)
        assert (verdict, values["run"]) == (Verdict.FAIL, first.id)
        assert said == "{operator} since {since} (run {run}; {place})"
    assert stage.puts() == 0
    stage.play(first)
    assert (first.record.outcome, stage.puts()) == (Outcome.SWITCHED, 1)


def test_another_process_of_this_machine_is_named(stage: Stage) -> None:
    before = stage.begin(mode="apply")
    path = lock_file(before)
    before.release()
    other = Other(path, "sato")
    try:
        assert other.came()["state"] == "held"
        run = stage.begin(mode="apply")
        with pytest.raises(
            RunRefused, match=r"PLAN-LOCK failed.*arn:sato on \S+ since 2026-11-24 00:00:00 UTC \(run sato; "
        ):
            stage.play(run)
        assert stage.puts() == 0
        other.kill()
        after = stage.begin(mode="apply")
        stage.play(after)
    finally:
        other.end()
    assert (after.record.outcome, stage.puts()) == (Outcome.SWITCHED, 1)
    verdict, said, values = finding(after)
    assert (verdict, values["run"], values["token"]) == (Verdict.PASS, "sato", 3)
    assert said.endswith("never released it")


def lose(run: Run, stage: Stage, kind: str) -> None:
    if kind == "local":
        path = lock_file(run)
        path.rename(path.with_name("gone"))
        path.write_text("{}")
    else:
        where = {"bucket": run.intent.key_bucket, "account": run.intent.account, "domain": run.intent.domain}
        found = run.custodian.ask("locked", **where).result()
        body = found["body"].replace(run.id, "20261124T040001Z-91c0")
        run.custodian.ask("lock", **where, body=body, etag=found["etag"]).result()
    assert stage.puts() == 0


@EACH
def test_a_lock_that_is_lost_just_before_the_write_is_noticed(stage: Stage, kind: str) -> None:
    profile(kind)
    run = stage.begin(mode="apply")
    stage.play(run, until="plan")
    lose(run, stage, kind)
    with pytest.raises(RunRefused, match="lock was taken from this run before it wrote anything"):
        stage.step(run, "apply")
    assert (run.record.outcome, run.record.switch, stage.puts()) == (Outcome.REFUSED, None, 0)


def test_a_lock_that_cannot_be_written_is_no_lock(stage: Stage) -> None:
    Path("not-a-folder").touch()
    profile("local", lock_dir="not-a-folder")
    run = stage.begin(mode="apply")
    with pytest.raises(RunRefused, match="PLAN-LOCK could not be checked"):
        stage.play(run)
    assert finding(run)[0] is Verdict.UNKNOWN
    assert stage.puts() == 0


@EACH
def test_a_run_that_plans_takes_none(stage: Stage, kind: str) -> None:
    profile(kind)
    run = stage.begin()
    stage.play(run)
    assert run.record.of(Locked) is None
    assert finding(run)[:2] == (Verdict.SKIPPED, "plan only: not asked for yet")
    assert not (run.journal.path.parent / locking.FOLDER).exists()


def test_the_profile_says_where_the_locks_of_a_machine_lie(stage: Stage) -> None:
    profile("local", lock_dir="shared/locks")
    run = stage.begin(mode="apply")
    assert lock_file(run, str(Path.cwd() / "shared/locks")).name.startswith("example.jp.123456789012.ap-northeast-1.")
    stage.play(run)
    assert Record(tuple(run.journal.events)).lock.state is State.HELD
