"""Publish: the key record that a run's record asks for is planned, written once, and seen at every server."""

from __future__ import annotations

from typing import Any, Final

from msgspec.structs import replace

from second_edition.display.notebook import Shown
from second_edition.engine import closing, lifecycle, observing, publishing, stages
from second_edition.engine.run import Run
from second_edition.engine.stages import Procedure, Work
from second_edition.events.zone import ZoneProved
from second_edition.evidence.journal import digest
from second_edition.intent.parameters import error
from second_edition.procedures.publish import proposal
from second_edition.procedures.publish.checks import AFTER, BEFORE, Publishing
from second_edition.procedures.publish.proposal import Proposal
from second_edition.rotation import publication
from second_edition.rotation.publication import NotPlanned
from second_edition.rotation.record_set import Publication, Wanted


def gather(run: Run, _: Any) -> Proposal:
    """Return who acts, and what stands at the key record's name. SES and the key store are not asked."""
    way, wanted = publishing.way_of(run), _wanted(run)
    zone: Publication | None = None
    unplanned: NotPlanned | None = None
    seen = observing.look_at_caller(run)
    try:
        zone = publishing.propose(run, way, wanted, run.intent.asked.replace)
    except NotPlanned as refused:
        unplanned = refused
    run.own = way
    return Proposal(seen, wanted, way.publisher, way.writes, zone, unplanned)


def _wanted(run: Run) -> Wanted:
    if run.of is None:  # without a record a run of publish does not begin
        raise error("no-record", run.intent.language)
    request = run.of.request
    return publication.publishing(request.name, request.value, request.ttl, request.public_key.sha256)


def _verify(run: Run) -> Shown:
    """Ask every authoritative server, and in apply mode go on until all of them serve the record, or time is over."""
    made = run.plan
    if made is not None and made.writes and not run.begun:
        return lifecycle.shown(run)
    waits = run.intent.wait_dns_minutes * 60.0 if run.intent.applies else 0.0
    publishing.prove(run, run.state.wanted, waits, lifecycle.progress(run))
    proved = run.record.of(ZoneProved)
    run.state = replace(run.state, served=proved.answers if proved else ())
    return lifecycle.checked(run, stages.prove(run))


PROCEDURE: Final = Procedure(
    name="publish",
    steps=lifecycle.STEPS | {"verify": _verify},
    gather=gather,
    outcome=closing.of_made,
    work=Work(
        observation=lambda _, found: (found.seen, {}),
        case=lambda found, expected: Publishing(found.seen, expected, found=found),
        before=BEFORE,
        after=AFTER,
        plan=lambda _, found, findings: proposal.plan(found, findings, digest),
        writes=lambda run, found, _: publishing.publish(run, run.own, found.zone),
    ),
    locks=False,  # a run that waits for this very record holds the lock
)
