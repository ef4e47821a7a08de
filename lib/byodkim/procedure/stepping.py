"""Rotate: SES is given the selector, and the run waits until SES has verified it."""

from __future__ import annotations

from typing import Final

from byodkim.display.dns import waiting
from byodkim.display.notebook import Shown
from byodkim.display.picture import matrix_picture
from byodkim.errors import ByodkimError
from byodkim.messages import say
from byodkim.procedure import awaiting, closing, conduct, handover, observing, rolling, stages, verifying, writing
from byodkim.procedure import proving_message as proving
from byodkim.procedure.conduct import shown
from byodkim.procedure.procedure import Procedure
from byodkim.procedure.run import Run


def _observe(run: Run) -> Shown:
    """The world as it stands; after a wait for DNS, all of it anew."""
    conduct.observed(run)
    if awaiting.due(run):
        awaiting.wait(run, conduct.progress(run, waiting))
        stages.observe(run)
    assert run.seen is not None  # noqa: S101 - observed just now
    told = shown(run)
    caption = say("record", "dns.picture", run.intent.language)
    if (picture := matrix_picture(run.seen, caption)) is not None:
        conduct.show_picture(run, picture, caption, told)
    return told


def _check(run: Run) -> Shown:
    """Every check. Where the run is refused, the table is shown before the error is raised."""
    findings = stages.check(run)
    if any(finding.stops for finding in findings):
        # What the DNS team needs is needed most where DNS is what is missing, and no later cell will run.
        handover.hand_over(run)
        conduct.show(run, Shown((*shown(run).blocks, *shown(run, "hand_over").blocks)))
        stages.refuse_if_unsafe(run, findings)
    return shown(run)


def _apply(run: Run) -> Shown | None:
    """The write, in apply mode and where there is one to make."""
    if run.proving is not None:
        proving.prepare(run)
    told = conduct.apply(run)
    run.custodian.ask("forget")
    return told


def _verify(run: Run) -> Shown | None:
    """What SES shows, again and again in the same place until it is final; then what a message proves, if one is to."""
    if not run.intent.applies and run.proving is None:
        return shown(run)
    progress = conduct.progress(run)
    if run.intent.applies:
        verifying.wait(run, progress if run.proving is None else proving.during(run, progress))
    if run.proving is not None:
        proving.prove(run, progress)
        progress()
    return None


def _hand_over(run: Run) -> Shown:
    """Return what the DNS team needs."""
    handover.hand_over(run)
    return shown(run)


def _error(run: Run) -> ByodkimError | None:
    """Return with what a run ends whose steps all came to their ends."""
    error: ByodkimError | None = rolling.error(run)
    if run.proving is None:
        error = error or closing.ran_out(run)
    else:
        error = error or proving.failed(run) or closing.ran_out(run) or proving.missing(run)
    return error or closing.still_open(run)


ROTATE: Final = Procedure(
    name="rotate",
    steps={
        "observe": _observe,
        "prove": shown,
        "check": _check,
        "plan": conduct.plan,
        "apply": _apply,
        "verify": _verify,
        "compare": shown,
        "hand_over": _hand_over,
    },
    gather=observing.gather,
    outcome=closing.outcome_of,
    begun=lambda record: record.intent is not None,
    untouched="untouched",
    written="written.means",
    last_word=closing.failed,
    error=_error,
    work=writing.WORK,
)
