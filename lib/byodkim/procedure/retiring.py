"""The steps of retire as they are carried out: a selector that was left proved unused, its record and its key gone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from byodkim.custody.client import Custodian
from byodkim.display import retire as telling
from byodkim.display.notebook import Shown
from byodkim.errors import ByodkimError
from byodkim.evidence.record import Record
from byodkim.messages import say
from byodkim.plain import from_plain
from byodkim.procedure import conduct, kernel, retirement_survey, withdrawing
from byodkim.procedure.conduct import shown, step
from byodkim.procedure.procedure import Procedure
from byodkim.procedure.run import Run, RunFailed, RunRefused
from byodkim.rotation.outcome import Outcome, decide_retired
from byodkim.rotation.plan import Plan


def outcome_of(record: Record, error: BaseException | None) -> Outcome:
    """Return what the run came to, by its events and the error that ended it."""
    wrote, planned = telling.begun(record), record.last("planned")
    if error is not None or planned is None:
        early = isinstance(error, ByodkimError) and planned is None
        return Outcome.REFUSED if not wrote and (early or isinstance(error, RunRefused)) else Outcome.FAILED
    plan = from_plain(Plan, planned["plan"])
    return decide_retired(
        applies=record.begin["mode"] == "apply",
        changes=bool(plan.writes) or wrote,
        asked=bool(plan.asked),
        proved=telling.proved(record),
    )


def _no_more(run: Run, outcome: Outcome) -> ByodkimError | None:
    """Every run of retire that fails does so in a step, which says why; a proof that is lacking is what is left."""
    language = run.intent.language
    keys = ("unproved", "unproved.means", "unproved.todo")
    return RunFailed(*(say("retire", key, language) for key in keys)) if outcome is Outcome.FAILED else None


RETIRE: Final = Procedure(
    name="retire",
    stages=("begun", "observe", "check", "plan", "apply", "verify", "hand_over", "closed"),
    gather=retirement_survey.gather,
    outcome=outcome_of,
    begun=telling.begun,
    untouched="untouched.retire",
    written="written.retire",
    last_word=_no_more,
    scenario="overlap",
    of_left=True,
)


def begin(given: Mapping[str, Any], custodian: Custodian) -> Run:
    """Starts the run, or ends the custodian and says in the headline why there is none."""
    return conduct.begin(given, custodian, RETIRE)


def observe(run: Run) -> Shown:
    """The selector's traces everywhere: SES in each Region, DNS, the key store, the archive, reports."""
    with step(run, "observe"):
        assert run.observing is not None  # noqa: S101 - begin set it
        found = run.observing.result()
        run.gate.rely_on(run.custodian)
        run.gate.check_past(run.record.events, kernel.cells())
        withdrawing.observe(run, found)
    return shown(run, "observe")


def check(run: Run) -> Shown:
    """Every check that stands before a write. Where one refuses the run, the table is shown before the error."""
    with step(run, "check"):
        return conduct.checked(run, withdrawing.check(run, run.own.found), "check")


def plan(run: Run) -> Shown:
    """The verdict, and what would be written."""
    with step(run, "plan"):
        run.own.plan = withdrawing.plan(run, run.own.found, run.record.findings)
    return shown(run, "plan")


def apply(run: Run) -> Shown:
    """The writes, in apply mode and where there are any to make. Where one fails, they are shown before the error."""
    with step(run, "apply"):
        try:
            if run.intent.applies and run.own.plan.writes:
                withdrawing.apply(run, run.own.plan)
        except ByodkimError:
            if telling.begun(run.record):
                conduct.show(run, shown(run, "apply"))
            raise
    return shown(run, "apply")


def verify(run: Run) -> Shown:
    """What is left, read back where this run has written; where something is still to be done, nothing is proved."""
    with step(run, "verify"):
        wrote, made = telling.begun(run.record), run.own.plan
        if not wrote and (made.writes or made.asked):
            return shown(run, "verify")
        findings = withdrawing.prove(run, withdrawing.observe(run) if wrote else run.own.found)
        run.custodian.ask("forget")
        return conduct.checked(run, findings, "verify")


def hand_over(run: Run) -> Shown:
    """Return what the DNS team is asked for, where the zone is in its hands."""
    with step(run, "hand_over"):
        if run.own.plan.asked:
            withdrawing.hand_over(run, run.own.found)
    return shown(run, "hand_over")


def close(run: Run) -> Shown | None:
    """The end: the verdict here and at the top; then the error, where there is one, for the exit code."""
    return conduct.close(run)
