"""The approvals of a run verified again: each signature, that enough people signed the plan carried out, and when."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from byodkim.evidence.journal import Account
from byodkim.evidence.record import Record
from byodkim.evidence.served import serving
from byodkim.evidence.world import World
from byodkim.messages import say
from byodkim.plain import plain
from byodkim.rotation.approval import Terms

if TYPE_CHECKING:
    from byodkim.evidence.verification import Trust, Verified
    from byodkim.evidence.verification_finding import Finding, Speaker
    from byodkim.rotation.approval import Presented

#: What a file that was presented can be: an approval of a plan, or a place in a campaign's plan.
KINDS: Final = ("approval", "member")


@dataclass(frozen=True)
class Approved:
    """The approvals of a run.

    Attributes:
        count: how many of the plan that was carried out hold.
        required: how many there had to be; 0 where nothing was carried out.
        findings: what is off; a note where the run's own word is all that says who the approvers are.
    """

    count: int
    required: int
    findings: tuple[Finding, ...]


def approvals(account: Account, trust: Trust, tell: Speaker) -> Approved:
    """Return what a run's approvals come to, each weighed again."""
    event, intent = account.last("approvals"), account.last("intent")  # of whichever place
    required = int(account.events[0].get("approvals", 0)) if intent else 0
    if event is None:
        return Approved(0, required, (tell("approvals-few", count=0, required=required),) if required else ())
    from byodkim.evidence.approval import weigh  # only where there are any: it loads what verifies signatures

    approvers = event["approvers"] if trust.approvers is None else trust.approvers
    found, signed, weighed = [], set(), [_weighed(entry, weigh, approvers) for entry in event["presented"]]
    # Of a campaign: which plan each of its digests stands for here, by the proof that came with it.
    members = [one.member for one in weighed if one.member and one.member.holds]
    stood = {(one.fleet.digest, one.planned): one.plan.digest for one in members}
    for entry, one in zip(event["presented"], weighed, strict=True):
        counted = [entry.get(name) for name in KINDS]
        if not any(counted):
            continue  # it did not count in the run, and counts for nothing here
        if _counted(one) != counted or (one.member and not one.member.holds):
            why = say("verify", f"approval.{one.defect or 'other'}", tell.language)
            found.append(tell("approval-off", name=entry["file"], why=why))
        elif one.approval:
            agreed = one.approval.plan.digest
            covered = stood.get((agreed, one.approval.run), "") if one.approval.of_campaign else agreed
            signed.add((one.approval.approver, covered))
        elif one.member and intent is not None and one.member.plan.digest != _carried_out(account):
            found.append(tell("member-off", campaign=one.member.campaign))
    count = sum(digest != "" and digest == _carried_out(account) for _, digest in signed)
    if count < required:
        found.append(tell("approvals-few", count=count, required=required))
    found += _late(account, weighed, tell)
    if trust.approvers is None and not found and signed:
        found.append(tell("approvers-own", names=", ".join(sorted(name for name, _ in signed))))
    return Approved(count if intent else 0, required, tuple(found))


def _late(account: Account, weighed: Sequence[Presented], tell: Speaker) -> Iterator[Finding]:
    """Yield which approvals had expired, or were given later, when the run made its plan or the campaign began."""
    terms = _terms(account)
    for one in weighed if terms else ():
        approval = one.approval
        if terms and approval and (late := terms.late(approval, begins=_of_campaign(account))):
            yield tell(f"approval-{late}", name=approval.approver, at=approval.at,
                       expires=terms.expires(approval.at).isoformat(timespec="seconds"))  # fmt: skip


def _of_campaign(account: Account) -> bool:
    return bool(account.events[0].get("procedure") == "fleet")


def _terms(account: Account) -> Terms | None:
    """Return how approvals were to be in force; ``None`` for a run that wrote nothing and began no campaign."""
    days, record = account.events[0].get("approvals_valid_days"), Record(account.events)
    if _of_campaign(account):
        recalled = record.last("recalled") if record.last("laid") else None
        return Terms(datetime.fromisoformat(recalled["began"]), int(days or 0)) if recalled else None
    intent = next((place for place, event in enumerate(account.events) if event["event"] == "intent"), None)
    if intent is None:
        return None
    seen = [event for event in account.events[:intent] if event["event"] == "observed"]
    return Terms(datetime.fromisoformat(seen[-1]["at"]), int(days or 0)) if seen else None


def reused(runs: Sequence[Verified], tell: Speaker) -> Iterator[tuple[str, Finding]]:
    """Yield the approvals that had served another run of the identity: the later run's id, and what is off.

    Args:
        runs: each verified by itself.
        tell: of the findings.
    """
    of_one: dict[World | None, list[Verified]] = {}
    for one in runs:
        if one.served is not None and one.link is not None:
            of_one.setdefault(one.link.world, []).append(one)
    for world, several in of_one.items():
        if world is None:
            continue
        first: dict[str, str] = {}
        by_run = {one.run: one.served for one in several if one.served is not None}
        for served in serving(by_run[run] for run in sorted(by_run)):
            for statement, (name, at, _) in served.approvals.items():
                earlier = first.setdefault(statement, served.run)
                if earlier != served.run:
                    yield served.run, tell("approval-reused", name=name, at=at, run=earlier)


def brought(runs: Sequence[Verified], tell: Speaker) -> Iterator[tuple[str, Finding]]:
    """Yield the runs that wrote with an approval of a plan run that is not among ``runs``, and what is said of each.

    What an approval served is known by the runs that lie beside it: in another folder, it may have served once more.
    """
    known = {one.run for one in runs}
    for one in runs:
        for name, at, run in one.served.approvals.values() if one.served and one.served.at and one.files.whole else ():
            if run not in known:
                yield one.run, tell("approval-brought", name=name, at=at, run=run)


def _weighed(
    entry: Mapping[str, Any], weigh: Callable[[str, Mapping[str, Any], Mapping[str, str]], Presented],
    approvers: Mapping[str, str],
) -> Presented:  # fmt: skip
    return weigh(entry["file"], entry["envelope"] or {}, approvers)


def _counted(presented: Presented) -> list[Any]:
    """Return what a file is worth, as a run writes it down."""
    fields: Mapping[str, Any] = plain(presented)
    return [fields[name] for name in KINDS]


def _carried_out(account: Account) -> str:
    """Return the digest of the plan that was made last before the write."""
    made = ""
    for event in account.events:
        if event["event"] == "planned":
            made = str(event["plan"]["digest"])
        elif event["event"] == "intent":
            break
    return made
