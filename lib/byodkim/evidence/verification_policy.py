"""Define what a policy requires of an archive: approvals, timestamps, notebooks, age, waivers.

Each requirement that a run does not satisfy is a fault. A run that was stopped has no seal, so it needs no timestamp.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from byodkim.evidence.cells import code_digest
from byodkim.evidence.journal import Account
from byodkim.evidence.record import ROTATE

if TYPE_CHECKING:
    from byodkim.evidence.verification_case import Finding, Speaker, Verified

WAIVED: Final = "WAIVED"


@dataclass(frozen=True)
class Policy:
    """Hold what a verifier requires. The defaults require nothing, but that no check was waived.

    Attributes:
        approvals: how many people must have approved the plan of each rotation that wrote.
        timestamps: whether each closed run must have a timestamp by an authority that is trusted.
        templates: digests of the code of notebooks from which runs may be made; empty for any.
        newest_run_days: how old the newest run of each identity may be; 0 for any age.
        waivers: IDs of the checks that may be waived by runs that apply.
        witness: whether a witness must name each run that closed since there is one.
        pages: whether each page beside a journal must be signed.
        committed: whether a run's code must be that of a commit.
    """

    approvals: int = 0
    timestamps: bool = False
    templates: frozenset[str] = frozenset()
    newest_run_days: int = 0
    waivers: frozenset[str] = frozenset()
    witness: bool = False
    pages: bool = False
    committed: bool = False


def waived(events: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """Return the IDs of the checks that a run waived."""
    found = (one for event in events for one in event.get("findings") or () if event["event"] == "checked")
    return tuple(sorted({str(one["id"]) for one in found if one["verdict"] == WAIVED}))


def unsatisfied(
    policy: Policy | None, account: Account, approved: int, stamped: datetime | None, tell: Speaker
) -> Iterator[Finding]:
    """Yield what a run lacks of what a policy requires.

    Args:
        policy: the verifier's; ``None`` requires nothing.
        account: the run's journal, its chain checked.
        approved: how many approvals of the plan carried out hold.
        stamped: when a timestamp authority that is trusted saw the seal.
        tell: of the findings.
    """
    if policy is None:
        return
    begin = account.events[0]
    if account.last("intent") and begin.get("procedure", ROTATE) == ROTATE and approved < policy.approvals:
        yield tell("policy-approvals", count=approved, required=policy.approvals)
    if policy.timestamps and stamped is None and account.last("closed"):
        yield tell("policy-timestamp")
    code = str(begin.get("template_code_sha256", ""))
    if policy.templates and code not in policy.templates:
        yield tell("policy-template", name=begin.get("template") or "-", sha256=code or "-")
    if policy.committed and (begin["code"]["dirty"] or not begin["code"]["commit"]):
        yield tell("policy-commit", commit=begin["code"]["commit"] or "-")
    others = [one for one in waived(account.events) if one not in policy.waivers]
    if others and (begin.get("mode") != "plan" or account.last("intent")):
        yield tell("policy-waiver", names=", ".join(others))


def unsigned(policy: Policy | None, page: Sequence[Finding], tell: Speaker) -> Iterator[Finding]:
    """Yield that the page beside a run has no signature, where a policy wants one. ``page``: what was found of it."""
    if policy and policy.pages and any(one.code == "page-uncovered" for one in page):
        yield tell("policy-page")


def other_code(policy: Policy | None, account: Account, sources: Sequence[str], tell: Speaker) -> Iterator[Finding]:
    """Yield that a notebook's code is not that of the template which the run names, where a policy knows templates."""
    code = str(account.events[0].get("template_code_sha256", ""))
    if policy and policy.templates and code_digest(sources) != code:
        yield tell("policy-code", sha256=code or "-")


def aged(runs: Sequence[Verified], policy: Policy | None, now: datetime, tell: Speaker) -> list[Verified]:
    """Return the runs, with a fault at the newest one of each identity where that is older than the policy allows."""
    if policy is None or not policy.newest_run_days:
        return list(runs)
    newest: dict[object, Verified] = {}
    for one in sorted(runs, key=lambda one: one.run):
        if one.link is not None and one.link.world is not None:
            newest[one.link.world] = one
    oldest, old = now - timedelta(days=policy.newest_run_days), set()
    for one in newest.values():
        if one.link and datetime.fromisoformat(one.link.began) < oldest:
            old.add(one.run)
    return [
        replace(one, findings=(*one.findings, tell("policy-old", at=one.link.began[:10], days=policy.newest_run_days)))
        if one.link and one.run in old
        else one
        for one in runs
    ]
