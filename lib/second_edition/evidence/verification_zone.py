"""Check what a run says of DNS: its write against its plan, and its proof against what the servers answered."""

from __future__ import annotations

from collections.abc import Iterator

from second_edition.dkim.matrix import judge_together
from second_edition.dkim.published import Verdict
from second_edition.events.zone import ZoneAnswer, ZoneIntent, ZonePlanned, ZoneProved, ZoneResolved
from second_edition.evidence.journal import Account
from second_edition.evidence.record import Record
from second_edition.rotation.publication import AS_WANTED
from second_edition.rotation.record_set import Aim, Publication


def wrote(account: Record) -> bool:
    """Return whether the run wrote to DNS, or may have: it was not clearly refused, nor read back as it was."""
    answer, resolved = account.of(ZoneAnswer), account.of(ZoneResolved)
    if account.of(ZoneIntent) is None:
        return False
    refused = answer is not None and answer.error and not answer.error.unclear
    return not refused if resolved is None else resolved.applied


def unplanned(account: Account) -> Iterator[int]:
    """Yield the numbers of events with another write than the plan's, or with a proof that the answers are not."""
    plan: Publication | None = None
    for event in account.events:
        if isinstance(event, ZonePlanned):
            plan = event.plan
        elif isinstance(event, ZoneIntent | ZoneProved) and (plan is None or not _fits(event, plan)):
            yield event.n


def _fits(event: ZoneIntent | ZoneProved, plan: Publication) -> bool:
    if isinstance(event, ZoneIntent):
        return (event.change, event.digest) == (plan.change, plan.digest)
    return _is_proof(event, plan.wanted.sha256)


def _is_proof(event: ZoneProved, sha256: str) -> bool:
    judged = [one.verdict for one in judge_together(event.answers, sha256)]
    counted = [one for one in judged if one is not Verdict.NO_IPV6]
    good = sum(one is AS_WANTED[Aim(event.aim)] for one in counted)
    told = (event.sha256, event.good, event.counted, event.proved)
    return told == (sha256, good, len(counted), good == len(counted) > 0)
