"""Check one run, one check each: its journal, seal, timestamp, raw answers, approvals, the policy, what lies beside."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import takewhile
from typing import TYPE_CHECKING

from msgspec import Struct

from second_edition.contributions import procedures
from second_edition.events import E
from second_edition.events.parts import Event
from second_edition.events.run import Approvals, Checked, Closed, Observed, Planned
from second_edition.events.writes import Answer, Erasing, Intent, Rollback, Stored
from second_edition.events.zone import ZoneAnswer, ZoneIntent
from second_edition.evidence import decided, upload
from second_edition.evidence import raw_answers as raw
from second_edition.evidence import seal as seals
from second_edition.evidence import timestamp as timestamps
from second_edition.evidence import verification_zone as zone
from second_edition.evidence.folders import contents, is_plain
from second_edition.evidence.journal import APART, Account, digest, run_of
from second_edition.evidence.notebook import UNREADABLE, Executed
from second_edition.evidence.record import ROTATE
from second_edition.evidence.seal import Seal, SealError
from second_edition.evidence.verification_case import Files, Finding, Speaker, Trust, of_seal, waived
from second_edition.evidence.verification_fleet import begin_of
from second_edition.messages import say
from second_edition.rotation.approval import Terms
from second_edition.rotation.observation import UNREADABLE_ANSWER, Observation
from second_edition.rotation.outcome import Outcome, possible
from second_edition.rotation.plan import Write, carries_out

if TYPE_CHECKING:
    from second_edition.rotation.approval import Presented


class Approved(Struct, frozen=True):
    """The approvals of a run.

    Attributes:
        count: how many of the plan that was carried out hold.
        required: how many there had to be; 0 where nothing was carried out.
        findings: what is off; a note where the run's own word is all that says who the approvers are.
    """

    count: int
    required: int
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class Case:
    """A run's files as they were read, and what its seal, timestamp, approvals and notebook come to.

    Attributes:
        files: of the run.
        account: its journal, the chain checked.
        trust: whose word counts; ``tell``: makes the findings.
        under_way: whether a process of this machine still had the journal when it was read.
    """

    files: Files
    account: Account
    trust: Trust
    tell: Speaker
    under_way: bool = False

    @property
    def wrote(self) -> bool:
        """Return whether the run began a write."""
        return self.account.switch is not None

    def before_write(self, kind: type[E]) -> E | None:
        """Return the newest event of a kind up to where the run began a write, if it began one."""
        before = takewhile(lambda event: not isinstance(event, Intent), self.account.events)
        return next((event for event in reversed([*before]) if isinstance(event, kind)), None)

    @cached_property
    def sealed(self) -> tuple[Seal | None, tuple[Finding, ...]]:
        """Return the seal where it holds, and what is off with it."""
        account, tell = self.account, self.tell
        path = seals.seal_path(account.path)
        if not is_plain(path):
            # A run that never closed has none: it is told as such.
            return None, (tell("unsealed"),) if account.closed else ()
        try:
            found = seals.read_seal(path, tell.language)
            seals.check_seal(found, account, self.trust.keys, tell.language)
        except SealError as error:
            return None, (of_seal(error, self.trust.keys),)
        name = found.stated["subject"][0]["name"]
        return found, () if name == account.path.name else (tell("renamed", name=name),)

    @cached_property
    def stamped(self) -> tuple[datetime | None, tuple[Finding, ...]]:
        """Return when an authority that is trusted saw the seal, and what is off with that."""
        (found, _), tell, roots = self.sealed, self.tell, self.trust.roots
        path = timestamps.path_of(seals.seal_path(self.account.path))
        if found is None:
            return None, ()
        if not is_plain(path):
            return None, (tell("unstamped"),) if self.account.begin.keeping.timestamp_url else ()
        if roots is None:
            return None, (tell("stamp-unchecked", name=path.name),)
        try:
            return timestamps.check(contents(path), found.signature, roots, path.name, tell.language), ()
        except OSError as error:
            return None, (tell("stamp-unread", name=path.name, reason=error.strerror or error),)
        except SealError as error:
            return None, (of_seal(error, self.trust.keys),)

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
        except UNREADABLE as error:
            return error


def seal(case: Case) -> Sequence[Finding]:
    """Return what is off with the seal."""
    return case.sealed[1]


def timestamp(case: Case) -> Iterator[Finding]:
    """Yield what is off with the timestamp over the seal, or that it is of another time than the run's end."""
    (stamped, found), closed = case.stamped, case.account.closed
    yield from found
    if stamped and closed and abs(stamped - closed.at) > APART:
        code = "stamp-early" if stamped < closed.at else "stamp-late"
        yield case.tell(code, at=f"{stamped:%Y-%m-%d %H:%M}", closed=f"{closed.at:%Y-%m-%d %H:%M}")


def copies(case: Case) -> Iterator[Finding]:
    """Note a run that was to be copied and has no list of its copies beside it: it is in none of them."""
    archive = case.account.begin.keeping.archive_s3
    if archive and case.account.closed and not upload.path_of(case.account.path).exists():
        yield case.tell("copies-untold", archive=archive)


def ending(case: Case) -> Iterator[Finding]:
    """Yield that the journal is another run's, or does not end where the run does."""
    account, run = case.account, case.account.begin.run
    if run_of(account.path) != run:
        yield case.tell("misnamed", run=run, name=account.path.name)
    if account.torn:
        yield case.tell("torn-closed" if case.account.closed else "torn")
    if case.account.closed and not isinstance(account.events[-1], Closed):
        yield case.tell("after-the-end")


def times(case: Case) -> Iterator[Finding]:
    """Yield which events are not of the run's time, or of an earlier time than those before, beyond what clocks allow.

    The first one is of the time that the run's id says.
    """
    events, off = case.account.events, []
    latest = began = datetime.fromisoformat(case.account.begin.run.partition("-")[0])
    for event in events:
        own = [datetime.fromisoformat(event.observation.at)] if isinstance(event, Observed) else []
        within = all(began - at <= APART >= at - event.at for at in (event.at, *own, *(one.at for one in event.calls)))
        if within and latest - event.at <= APART >= event.at - (events[-1].at if event.n else began):
            latest = max(latest, event.at)
        else:
            off.append(str(event.n))
    if off:
        yield case.tell("times", events=", ".join(off))


def endpoint(case: Case) -> Iterator[Finding]:
    """Note a run on AWS that asked SES without TLS: AWS's certificate alone tells AWS from another who answers."""
    asked = case.account.caller.endpoint
    if case.account.begin.target == "aws" and asked and not asked.lower().startswith("https://"):
        yield case.tell("endpoint-plain", endpoint=asked)


def outcome(case: Case) -> Iterator[Finding]:
    """Yield that the run ends with an outcome that no such run comes to, or that its events do not come to."""
    account, mode, closed = case.account, case.account.begin.mode, case.account.closed
    if closed is None:
        return
    wrote = zone.wrote(account) or any(one.accepted or one.unclear for one in account.writes)
    known = account.procedure in procedures()  # a forged record may name any
    if not known or not possible(decided.own(account.procedure).APPLIED, mode, closed.outcome, wrote=wrote):
        yield case.tell("outcome", procedure=account.procedure, mode=mode, outcome=closed.outcome)
    elif (came := _comes_to(account, closed)) != closed.outcome:
        yield case.tell("outcome-other", outcome=closed.outcome, came=came)


def _comes_to(account: Account, closed: Closed) -> str:
    """Return what the events of a run come to, where no error ended it; else the outcome itself."""
    if closed.error and closed.outcome in (Outcome.REFUSED, Outcome.FAILED):
        return closed.outcome
    return decided.own(account.procedure).outcome_of(account)


def writes(case: Case) -> Iterator[Finding]:
    """Yield which writes are none of the plan's or follow no checks that let a run go on, and which go elsewhere.

    A write gives SES the selector that was asked for and the key that was seen for it; a rollback gives back those that
    were left, whatever the checks say by then.
    """
    planned, shown, stopped = None, None, True
    off = [*map(str, zone.unplanned(case.account)), *_unasked(case.account.events)]
    off += [str(one.n) for one in case.account.all_of(Intent)[1:]]  # there is one attempt
    for event in case.account.events:
        match event:
            case Planned():
                planned = event.plan
            case Observed():
                shown = event.observation
            case Checked():
                stopped = not event.findings or any(one.stops for one in event.findings)
            case Intent() | Erasing() | ZoneIntent() if stopped:
                off.append(str(event.n))
            case Intent() if planned is None or event.change not in planned.writes or not _gives(event.change, shown):
                off.append(str(event.n))
            case Erasing() if planned is None or event.write not in planned.writes:
                off.append(str(event.n))
            case Rollback() if not _gives(event.change, shown, back=True):
                off.append(str(event.n))
    if off:
        yield case.tell("unplanned", events=", ".join(off))


def _unasked(events: Iterable[Event]) -> Iterator[str]:
    """Yield the number of each answer to a write that no event before it begins."""
    begun = False
    for event in events:
        if isinstance(event, Answer | Stored | ZoneAnswer):
            if not begun:
                yield str(event.n)
            begun = False
        begun = begun or isinstance(event, Intent | Rollback | Erasing | ZoneIntent)


def _gives(change: Write, shown: Observation | None, *, back: bool = False) -> bool:
    """Return whether a write is of the selector asked for, or of the one that was left, and of the key seen for it."""
    if shown is None:
        return False
    stored, selector = (shown.current_key, shown.back_selector) if back else (shown.next_key, shown.selector)
    sha256 = stored.key.sha256 if stored and stored.key else ""
    return (change.target, change.next_selector, change.key_sha256) == (shown.domain, selector, sha256)


def raw_answers(case: Case) -> Iterator[Finding]:
    """Yield which events say otherwise than AWS or DNS answered, and which cannot be compared with that."""
    found = [*raw.differences(case.account.events)]
    for code, differs in (("raw", True), ("raw-unreadable", False)):
        if events := [f"{one.n} ({one.what})" for one in found if one.differs is differs]:
            yield case.tell(code, events=", ".join(events))
    for one in case.account.events:
        if isinstance(one, Answer) and one.error and one.error.code == UNREADABLE_ANSWER:
            yield case.tell("answer-unread", event=one.n)


def requirements(case: Case) -> Iterator[Finding]:
    """Yield what a run lacks of what the policy requires."""
    policy, begin, tell = case.trust.policy, case.account.begin, case.tell
    if policy is None:
        return
    if case.wrote and case.account.procedure == ROTATE and case.approved.count < policy.approvals:
        yield tell("policy-approvals", count=case.approved.count, required=policy.approvals)
    if policy.timestamps and case.stamped[0] is None and case.account.closed:
        yield tell("policy-timestamp")
    code = begin.template_code_sha256
    if policy.templates and code not in policy.templates:
        yield tell("policy-template", name=begin.template or "-", sha256=code or "-")
    if policy.code and (begin.code.dirty or not begin.code.commit):
        yield tell("policy-commit", commit=begin.code.commit or "-")
    others = [one for one in waived(case.account) if one not in policy.waivers]
    if others and (begin.mode != "plan" or case.wrote):
        yield tell("policy-waiver", names=", ".join(others))


def approvals(case: Case) -> Iterator[Finding]:
    """Yield what is off with the approvals, and where a run needed none for the write that it made by itself."""
    yield from case.approved.findings
    required = max(case.account.begin.approvals, case.trust.policy.approvals if case.trust.policy else 0)
    if required and not case.wrote and case.account.rollback is not None:
        yield case.tell("rollback-alone")


def _approved(case: Case) -> Approved:
    """Return what a run's approvals come to, each weighed again."""
    trust, tell, event = case.trust, case.tell, case.account.of(Approvals)
    required = case.account.begin.approvals if case.wrote else 0
    if event is None:
        return Approved(0, required, (tell("approvals-few", count=0, required=required),) if required else ())
    from second_edition.evidence.approval import weigh  # only where there are any: it loads what verifies signatures

    approvers = event.approvers if trust.approvers is None else trust.approvers
    weighed = [weigh(entry.file, entry.envelope or {}, approvers) for entry in event.presented]
    planned = case.before_write(Planned)
    made = planned.plan if planned and digest(planned.plan.content()) == planned.plan.digest else None
    # Of a campaign: which plan each of its digests stands for here, by the proof that came with it.
    members = [one.member for one in weighed if one.member and one.member.holds]
    stood = {(one.fleet.digest, one.planned): one.plan for one in members}
    found, signed = [], set[tuple[str, bool]]()
    for entry, one in zip(event.presented, weighed, strict=True):
        stated = (entry.approval, entry.member)
        if not any(stated):
            continue  # it did not count in the run, and counts for nothing here
        if (one.approval, one.member) != stated or (one.member and not one.member.holds):
            why = say("verify", f"approval.{one.defect or 'other'}", tell.language)
            found.append(tell("approval-off", name=entry.file, why=why))
        elif one.approval:
            agreed = one.approval.plan
            shown = stood.get((agreed.digest, one.approval.run)) if one.approval.of_campaign else agreed
            signed.add((one.approval.approver, carries_out(made, shown)))
        elif one.member and case.wrote and not carries_out(made, one.member.plan):
            found.append(tell("member-off", campaign=one.member.campaign))
    count = sum(agrees for _, agrees in signed)
    if count < required:
        found.append(tell("approvals-few", count=count, required=required))
    found += _late(case, weighed)
    if trust.approvers is None and not found and signed:
        found.append(tell("approvers-own", names=", ".join(sorted({name for name, _ in signed}))))
    return Approved(count if case.wrote else 0, required, tuple(found))


def _late(case: Case, weighed: Sequence[Presented]) -> Iterator[Finding]:
    """Yield which approvals had expired, or were given later, when the run made its plan or the campaign began."""
    account, of_campaign = case.account, case.account.procedure == "fleet"
    observed = case.before_write(Observed) if case.wrote else None
    since = begin_of(account) if of_campaign else observed.at if observed else None
    if since is None:
        return
    terms = Terms(since, case.account.begin.approvals_valid_days)
    for approval in (one.approval for one in weighed if one.approval):
        if late := terms.late(approval, begins=of_campaign):
            expires = terms.expires(approval.at).isoformat(timespec="seconds")
            yield case.tell(f"approval-{late}", name=approval.approver, at=approval.at, expires=expires)
