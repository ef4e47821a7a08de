"""The steps of rotate as they are carried out: each does its part, writes it down, and shows what the journal tells."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from byodkim.custody.client import Custodian
from byodkim.display.dns import waiting
from byodkim.display.notebook import Shown
from byodkim.display.picture import matrix_picture
from byodkim.errors import ByodkimError
from byodkim.messages import say
from byodkim.procedure import (
    awaiting,
    closing,
    conduct,
    handing,
    kernel,
    landing,
    observing,
    rolling,
    verifying,
    writing,
)
from byodkim.procedure import proving_message as proving
from byodkim.procedure.conduct import shown, step
from byodkim.procedure.procedure import Procedure
from byodkim.procedure.run import Run

ROTATE: Final = Procedure(
    name="rotate",
    stages=(
        "begun", "observe", "prove", "check", "plan", "apply", "verify", "compare", "hand_over", "closed",
    ),
    gather=observing.gather,
    outcome=closing.outcome_of,
    begun=lambda record: record.intent is not None,
    untouched="untouched",
    written="written.means",
    last_word=closing.failed,
)  # fmt: skip


def begin(given: Mapping[str, Any], custodian: Custodian) -> Run:
    """Starts the run, or ends the custodian and says in the headline why there is none."""
    return conduct.begin(given, custodian, ROTATE)


def observe(run: Run) -> Shown:
    """The world as it stands: what ``begin`` set under way, now written down; after a wait for DNS, all of it anew."""
    with step(run, "observe"):
        assert run.observing is not None  # noqa: S101 - begin set it
        found = run.observing.result()
        run.gate.rely_on(run.custodian)
        run.gate.check_past(run.record.events, kernel.cells())
        writing.observe(run, found)
        landing.refuse(run)
        if awaiting.due(run):
            awaiting.wait(run, conduct.progress(run, waiting))
            writing.observe(run)
        assert run.seen is not None  # noqa: S101 - observed just now
        told = shown(run, "observe")
        caption = say("record", "dns.picture", run.intent.language)
        if (picture := matrix_picture(run.seen, caption)) is not None:
            conduct.show_picture(run, picture, caption, told)
    return told


def prove(run: Run) -> Shown:
    """The key pair, link by link."""
    with step(run, "prove"):
        return shown(run, "prove")


def check(run: Run) -> Shown | None:
    """Every check. Where the run is refused, the table is shown before the error is raised."""
    with step(run, "check"):
        assert run.seen is not None  # noqa: S101 - observe set it
        findings = writing.check(run, run.seen)
        if not any(finding.stops for finding in findings):
            return shown(run, "check")
        # What the DNS team needs is needed most where DNS is what is missing, and no later cell will run.
        handing.hand_over(run)
        conduct.show(run, Shown((*shown(run, "check").blocks, *shown(run, "hand_over").blocks)))
        writing.refuse_if_unsafe(run, findings)
    return None


def plan(run: Run) -> Shown:
    """Return what would change."""
    with step(run, "plan"):
        assert run.seen is not None  # noqa: S101 - observe set it
        run.plan = writing.plan(run, run.seen, run.record.findings)
    return shown(run, "plan")


def apply(run: Run) -> Shown:
    """The write, in apply mode and where there is one to make."""
    with step(run, "apply"):
        if run.proving is not None:
            proving.prepare(run)
        if run.intent.applies and run.plan is not None and run.plan.writes:
            writing.apply(run, run.plan)
        run.custodian.ask("forget")
    return shown(run, "apply")


def verify(run: Run) -> Shown | None:
    """What SES shows, again and again in the same place until it is final; then what a message proves, if one is to."""
    with step(run, "verify"):
        if not run.intent.applies and run.proving is None:
            return shown(run, "verify")
        progress = conduct.progress(run, "verify")
        if run.intent.applies:
            verifying.wait(run, progress if run.proving is None else proving.during(run, progress))
        if run.proving is not None:
            proving.prove(run, progress)
            progress()
    return None


def compare(run: Run) -> Shown:
    """Before and after."""
    with step(run, "compare"):
        return shown(run, "compare")


def hand_over(run: Run) -> Shown:
    """Return what the DNS team needs."""
    with step(run, "hand_over"):
        handing.hand_over(run)
    return shown(run, "hand_over")


def close(run: Run) -> Shown | None:
    """The end: the verdict here and at the top; then the error, where there is one, for the exit code."""
    error: ByodkimError | None = rolling.error(run)
    if run.proving is None:
        error = error or closing.ran_out(run)
    else:
        error = error or proving.failed(run) or closing.ran_out(run) or proving.missing(run)
    return conduct.close(run, error or closing.still_open(run))
