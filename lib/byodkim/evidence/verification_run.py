"""Check a journal: seal, timestamp, copies, raw answers, approvals and policy, one check each."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from byodkim.evidence import journal, upload
from byodkim.evidence import raw_answers as raw
from byodkim.evidence import seal as seals
from byodkim.evidence import timestamp as timestamps
from byodkim.evidence.folders import contents, is_plain
from byodkim.evidence.journal import SUFFIX, Account
from byodkim.evidence.notebook import Executed
from byodkim.evidence.record import Record
from byodkim.evidence.seal import Seal, SealError
from byodkim.evidence.sealing_key import SealingKey
from byodkim.evidence.verification_case import Files, Finding, Speaker, Trust
from byodkim.evidence.verification_policy import unsatisfied
from byodkim.messages import say
from byodkim.plain import plain
from byodkim.rotation.approval import Terms

if TYPE_CHECKING:
    from byodkim.rotation.approval import Presented

#: What a file that was presented can be: an approval of a plan, or a place in a campaign's plan.
KINDS: Final = ("approval", "member")


@dataclass(frozen=True)
class Case:
    """A run's files as they were read, and what its seal, timestamp, approvals and notebook come to.

    Attributes:
        files: of the run.
        account: its journal, the chain checked; ``data``: the bytes of that file.
        trust: whose word counts; ``tell``: makes the findings.
    """

    files: Files
    account: Account
    data: bytes
    trust: Trust
    tell: Speaker

    @property
    def begin(self) -> Mapping[str, Any]:
        """Return the run's first event."""
        return self.account.events[0]

    @cached_property
    def closed(self) -> Mapping[str, Any] | None:
        """Return the run's last event, ``None`` where it never closed."""
        return self.account.last("closed")

    @property
    def wrote(self) -> bool:
        """Return whether the run began a write."""
        return self.account.last("intent") is not None

    @cached_property
    def record(self) -> Record:
        """Return what the journal tells."""
        return Record(self.account.events)

    @cached_property
    def sealed(self) -> tuple[Seal | None, tuple[Finding, ...]]:
        """Return the seal where it holds, and what is off with it."""
        return _sealed(self)

    @cached_property
    def stamped(self) -> tuple[datetime | None, tuple[Finding, ...]]:
        """Return when an authority that is trusted saw the seal, and what is off with that."""
        return _stamped(self)

    @cached_property
    def approved(self) -> Approved:
        """Return what the approvals come to."""
        return _approved(self)

    @cached_property
    def executed(self) -> Executed | Exception | None:
        """Return the notebook, why it cannot be read, or ``None`` where there is none."""
        if self.files.notebook is None:
            return None
        try:
            return Executed.read(self.files.notebook, self.account)
        except (OSError, ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
            return error


def seal(case: Case) -> Sequence[Finding]:
    """Return what is off with the seal."""
    return case.sealed[1]


def _sealed(case: Case) -> tuple[Seal | None, tuple[Finding, ...]]:
    account, tell = case.account, case.tell
    path = seals.seal_path(account.path)
    if not is_plain(path):
        # A run that never closed has none: it is told as such.
        return None, (tell("unsealed"),) if case.closed else ()
    try:
        found = seals.read_seal(path, tell.language)
        sha256 = hashlib.sha256(case.data).hexdigest()
        seals.check_seal(found, account, case.trust.keys, tell.language, sha256=sha256)
    except SealError as error:
        return None, (of_seal(error, case.trust.keys),)
    name = found.stated["subject"][0]["name"]
    return found, () if name == account.path.name else (tell("renamed", name=name),)


def of_seal(error: SealError, keys: Mapping[str, SealingKey]) -> Finding:
    """Return what is said of a seal that does not hold. Where no key is trusted, none is the wrong one."""
    code = error.code if keys or error.code != "unknown-key" else "untrusted"
    return Finding(f"seal-{code}", error.what.rstrip(".。"))


def timestamp(case: Case) -> Sequence[Finding]:
    """Return what is off with the timestamp over the seal."""
    return case.stamped[1]


def _stamped(case: Case) -> tuple[datetime | None, tuple[Finding, ...]]:
    (found, _), tell, roots = case.sealed, case.tell, case.trust.roots
    path = timestamps.path_of(seals.seal_path(case.account.path))
    expected = (case.begin.get("keeping") or {}).get("timestamp_url")
    if found is None:
        return None, ()
    if not is_plain(path):
        return None, (tell("unstamped"),) if expected else ()
    if roots is None:
        return None, (tell("stamp-unchecked", name=path.name),)
    try:
        return timestamps.check(contents(path), found.signature, roots, path.name, tell.language), ()
    except OSError as error:
        return None, (tell("stamp-unread", name=path.name, reason=error.strerror or error),)
    except SealError as error:
        return None, (of_seal(error, case.trust.keys),)


def copies(case: Case) -> Iterator[Finding]:
    """Note a run that was to be copied and has no list of its copies beside it: it is in none of them."""
    archive = (case.begin.get("keeping") or {}).get("archive_s3")
    if archive and case.closed and not upload.path_of(case.account.path).exists():
        yield case.tell("copies-untold", archive=archive)


def named(path: Path) -> str:
    """Return the run that a journal's file is named for."""
    return path.name.removesuffix(SUFFIX).removesuffix(journal.ACCOUNT).rpartition(".")[2]


def ending(case: Case) -> Iterator[Finding]:
    """Yield that the journal is another run's, or does not end where the run does."""
    account, run = case.account, str(case.begin["run"])
    if named(account.path) != run:
        yield case.tell("misnamed", run=run)
    if account.torn:
        yield case.tell("torn-closed" if case.closed else "torn")
    if case.closed and account.events[-1]["event"] != "closed":
        yield case.tell("after-the-end")


def raw_answers(case: Case) -> Iterator[Finding]:
    """Yield which events say otherwise than AWS or DNS answered."""
    if conflicts := [f"{number} ({what})" for number, what in raw.contradictions(case.account.events)]:
        yield case.tell("raw", events=", ".join(conflicts))


def requirements(case: Case) -> Iterator[Finding]:
    """Yield what a run lacks of what the policy requires."""
    return unsatisfied(case.trust.policy, case.account, case.approved.count, case.stamped[0], case.tell)


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


def approvals(case: Case) -> Sequence[Finding]:
    """Return what is off with the approvals."""
    return case.approved.findings


def _approved(case: Case) -> Approved:
    """Return what a run's approvals come to, each weighed again."""
    account, trust, tell = case.account, case.trust, case.tell
    event, intent = account.last("approvals"), account.last("intent")  # of whichever place
    required = int(account.events[0].get("approvals", 0)) if intent else 0
    if event is None:
        return Approved(0, required, (tell("approvals-few", count=0, required=required),) if required else ())
    from byodkim.evidence.approval import weigh  # only where there are any: it loads what verifies signatures

    approvers = event["approvers"] if trust.approvers is None else trust.approvers
    found, signed, weighed = (
        [],
        set(),
        [weigh(entry["file"], entry["envelope"] or {}, approvers) for entry in event["presented"]],
    )
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
