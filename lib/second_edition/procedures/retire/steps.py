"""Retire: a selector that was left is proved unused, then its record and its key go; the key record first."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from second_edition.display.notebook import Shown
from second_edition.dkim.names import record_name
from second_edition.dns.request_sheet import withdrawal_texts
from second_edition.engine import closing, dns_request, lifecycle, publishing
from second_edition.engine.run import Run, RunFailed
from second_edition.engine.stages import Procedure, Work
from second_edition.engine.write_ahead import Write
from second_edition.events.writes import Requested
from second_edition.events.zone import ZoneRead
from second_edition.evidence.journal import digest
from second_edition.plain import plain
from second_edition.procedures.retire import retirement, store_writes, survey
from second_edition.procedures.retire.checks import AFTER, BEFORE, Retiring
from second_edition.procedures.retire.retirement import Retirement
from second_edition.rotation import publication
from second_edition.rotation.facts import REMOVE
from second_edition.rotation.findings import Finding
from second_edition.rotation.plan import Plan
from second_edition.rotation.record_set import Wanted

_OF_RECORD: Final = (retirement.Operation.REVOKE, retirement.Operation.REMOVE)


def _plan(run: Run, found: Retirement, findings: tuple[Finding, ...]) -> Plan:
    """Return the plan.

    Raises:
        AccessError: what stands at the key record's name could not be read.
        RunRefused: something stands there that is not touched.
    """
    run.own.zone = None
    if run.own.way.writes or not found.withdrawn:
        run.own.zone = publishing.plan(run, run.own.way, wanted(run, found))
    zone = run.own.zone
    change = zone.digest if zone is not None and zone.change is not None else ""
    return retirement.plan(found, findings, _name(run), change, digest)


def wanted(run: Run, found: Retirement) -> Wanted:
    """Return what is to stand at the key record's name. No key is the record of a selector that is known by none."""
    sha256 = found.sha256 or "-"
    if found.facts.policy.by == REMOVE:
        return publication.removing(_name(run), sha256)
    return publication.revoking(_name(run), found.ttl or run.intent.section.ttl, sha256)


def _name(run: Run) -> str:
    return record_name(run.intent.selector, run.intent.domain).lower()


def _writes(run: Run, found: Retirement, made: Plan) -> Iterator[Write]:
    """Yield the writes: the key record's first, then the private key's, when no server serves the record any more."""
    if made.requested:
        return
    yield from _withdraw(run, found)
    for write in made.writes:
        if write.operation not in _OF_RECORD:
            yield store_writes.erasing(run, found, write)


def _withdraw(run: Run, found: Retirement) -> Iterator[Write]:
    """Yield the write of the key record, and prove it at every server before anything else is touched."""
    zone = run.own.zone
    if zone is not None and zone.change is not None:
        yield from publishing.publish(run, run.own.way, zone)
    elif found.withdrawn:
        return
    aim = wanted(run, found)
    read = run.record.of(ZoneRead)
    if zone is not None and zone.change is None and read is not None and read.standing.found is None:
        aim = publication.removing(aim.name, aim.sha256)  # a record that is gone need not be revoked
    if publishing.prove(run, aim, run.intent.wait_dns_minutes * 60.0):
        return
    values = {"name": aim.name, "selector": run.intent.selector}
    raise run.error(RunFailed, "retire", "slow", "", "steps/again", **values)


def _hand_over(run: Run) -> Shown:
    """Hand over the request to the DNS team, beside the record, where the zone is in its hands."""
    if run.plan is not None and run.plan.requested:
        aim = wanted(run, run.state)
        contacts = run.record.begin.contacts
        files = dns_request.write_beside(run, withdrawal_texts(aim, contacts, run.intent.language))
        run.write(Requested, **plain(aim), **files)
    return lifecycle.shown(run)


PROCEDURE: Final = Procedure(
    name="retire",
    steps=lifecycle.STEPS | {"verify": lifecycle.prove, "hand_over": _hand_over},
    gather=survey.gather,
    outcome=closing.of_made,
    last_word=closing.unproved,
    work=Work(
        observation=lambda _, found: (found.seen, {"retirement": found.facts}),
        case=lambda found, expected: Retiring(found.seen, expected, facts=found.facts),
        before=BEFORE,
        after=AFTER,
        plan=_plan,
        writes=_writes,
    ),
    scenario="overlap",
    of_left=True,
)
