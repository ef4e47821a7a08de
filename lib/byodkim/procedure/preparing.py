"""The steps of prepare as they are carried out: a selector named, its key pair made and stored, the request written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from byodkim.custody.client import Custodian
from byodkim.display import prepare as telling
from byodkim.display.notebook import Shown
from byodkim.errors import ByodkimError
from byodkim.evidence.record import Record
from byodkim.messages import say
from byodkim.plain import from_plain
from byodkim.procedure import conduct, handing, kernel, store_survey, storing
from byodkim.procedure.conduct import shown, step
from byodkim.procedure.procedure import Procedure
from byodkim.procedure.run import Run, RunFailed, RunRefused
from byodkim.rotation.outcome import Outcome, decide_prepared
from byodkim.rotation.plan import Plan


def outcome_of(record: Record, error: BaseException | None) -> Outcome:
    """Return what the run came to, by its events and the error that ended it."""
    wrote, planned = telling.begun(record), record.last("planned")
    if error is not None or planned is None:
        early = isinstance(error, ByodkimError) and planned is None
        return Outcome.REFUSED if not wrote and (early or isinstance(error, RunRefused)) else Outcome.FAILED
    return decide_prepared(
        applies=record.begin["mode"] == "apply",
        changes=bool(from_plain(Plan, planned["plan"]).writes),
        wrote=wrote,
        proved=telling.proved(record),
    )


def _no_more(run: Run, outcome: Outcome) -> ByodkimError | None:
    """Every run of prepare that fails does so in a step, which says why; a proof that is lacking is what is left."""
    language = run.intent.language
    keys = ("unproved", "unproved.means", "unproved.todo")
    return RunFailed(*(say("prepare", key, language) for key in keys)) if outcome is Outcome.FAILED else None


PREPARE: Final = Procedure(
    name="prepare",
    stages=("begun", "observe", "check", "plan", "apply", "prove", "hand_over", "closed"),
    gather=store_survey.gather,
    outcome=outcome_of,
    begun=telling.begun,
    untouched="untouched.store",
    written="written.store",
    last_word=_no_more,
    scenario="unprepared",
)


def begin(given: Mapping[str, Any], custodian: Custodian) -> Run:
    """Starts the run, or ends the custodian and says in the headline why there is none."""
    return conduct.begin(given, custodian, PREPARE)


def observe(run: Run) -> Shown:
    """The key store, the identity and DNS as they stand, and which selector is next."""
    with step(run, "observe"):
        assert run.observing is not None  # noqa: S101 - begin set it
        prepared = run.observing.result()
        run.gate.rely_on(run.custodian)
        run.gate.check_past(run.record.events, kernel.cells())
        storing.observe(run, prepared)
    return shown(run, "observe")


def check(run: Run) -> Shown:
    """Every check that stands before a write. Where one refuses the run, the table is shown before the error."""
    with step(run, "check"):
        return conduct.checked(run, storing.check(run, run.own.prepared), "check")


def plan(run: Run) -> Shown:
    """Return what would be written."""
    with step(run, "plan"):
        run.own.plan = storing.plan(run, run.own.prepared, run.record.findings)
    return shown(run, "plan")


def apply(run: Run) -> Shown:
    """The writes, in apply mode and where there are any to make. Where one fails, they are shown before the error."""
    with step(run, "apply"):
        try:
            if run.intent.applies and run.own.plan.writes:
                storing.apply(run, run.own.plan)
        except ByodkimError:
            if telling.begun(run.record):
                conduct.show(run, shown(run, "apply"))
            raise
    return shown(run, "apply")


def prove(run: Run) -> Shown:
    """The key pair as it stands, read back where this run has written; where none stands yet, nothing is proved."""
    with step(run, "prove"):
        wrote = telling.begun(run.record)
        if not wrote and run.own.plan.writes:
            return shown(run, "prove")
        findings = storing.prove(run, storing.observe(run) if wrote else run.own.prepared)
        run.custodian.ask("forget")
        return conduct.checked(run, findings, "prove")


def hand_over(run: Run) -> Shown:
    """Return what the DNS team needs."""
    with step(run, "hand_over"):
        handing.hand_over(run, as_json=True)
    return shown(run, "hand_over")


def close(run: Run) -> Shown | None:
    """The end: the verdict here and at the top; then the error, where there is one, for the exit code."""
    return conduct.close(run)
