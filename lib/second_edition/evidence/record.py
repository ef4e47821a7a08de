"""The record: what a run's events tell. Every table is computed from here, in the run and a year later alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Final, cast

from second_edition.events import E, run, writes
from second_edition.events.parts import NO_RUN, Call, Event, Previous
from second_edition.events.run import Begin, Closed
from second_edition.evidence import ses_write
from second_edition.evidence.ses_write import SesWrite, Sight
from second_edition.rotation.approval import Presented
from second_edition.rotation.comparison import Row, compare
from second_edition.rotation.findings import Finding
from second_edition.rotation.lock import Lock, State
from second_edition.rotation.observation import NOBODY, SUCCESS, TEMPORARY, Caller, Identity, Observation
from second_edition.rotation.outcome import Outcome
from second_edition.rotation.plan import GIVEN_UP, Plan, Write
from second_edition.rotation.reading import GONE
from second_edition.rotation.timing import LATE_WRITE, MAX_CLOCK_SKEW, deadline, overlap_ends

ROTATE: Final = "rotate"
FLEET: Final = "fleet"
#: Events of messages that prove a switch.
BY_MESSAGE: Final = (writes.Sent, writes.Received, writes.Weighed)
#: What a run of rotate comes to only where it saw the identity.
SAW: Final = frozenset({"PLANNED", "UNCHANGED", "SWITCHED", "SWITCHED-PENDING", "ROLLED-BACK"})


def left_before(previous: Previous, selector: str) -> str:
    """Return the selector that was left for ``selector`` by the runs that ``previous`` tells of; "" if not known."""
    left = previous.left_selector if previous.selector == selector else ""
    return "" if left == selector else left


@dataclass(frozen=True)
class Record:
    """A run as its events tell it: complete, or up to where it was stopped."""

    events: Sequence[Event]

    @property
    def begin(self) -> Begin:
        """Return the first event: what was asked, by whom, with which code."""
        return cast("Begin", self.events[0])

    @property
    def previous(self) -> Previous:
        """Return what the run knew of those before it as it began."""
        return self.begin.previous or NO_RUN

    @property
    def by_message(self) -> bool:
        """Return whether a message was sent or received in this run."""
        return any(isinstance(event, BY_MESSAGE) for event in self.events)

    @property
    def rehearsal(self) -> bool:
        """Return whether the run was not on AWS: nobody may publish what it asks for."""
        return self.begin.target != "aws"

    @property
    def procedure(self) -> str:
        """Return the name of the procedure that was run; only another one than rotate says so."""
        return self.begin.procedure

    @property
    def selector(self) -> str:
        """Return the selector that the run is about: the one asked for, or the one that the run named itself."""
        return (self.of(writes.Named) or self.begin).selector

    @property
    def folder(self) -> str:
        """Return the folder of the record as commands name it, and so the archive that a further run looks into."""
        return self.begin.folder or "outputs"

    @property
    def below(self) -> str:
        """Return the folder of the project in which its commands work; "" for the project's own."""
        return self.begin.below

    @property
    def caller(self) -> Caller:
        """Return who acted, as STS said; ``NOBODY`` where it could not be asked."""
        found = self.of(run.Caller)
        return (found.caller if found else None) or NOBODY

    @cached_property
    def clock_off(self) -> timedelta:
        """Return how far ahead of AWS's clock the run's was, where that is more than TIME-CLOCK allows; else zero."""
        off = timedelta(seconds=self.caller.clock_skew_s or 0)
        return off if abs(off) > MAX_CLOCK_SKEW else timedelta()

    def by_aws(self, at: datetime) -> datetime:
        """Return a time of the run, by AWS's clock where the run's own was off: other runs reckon with it."""
        return at - self.clock_off

    @property
    def closed(self) -> Closed | None:
        """Return the last event of a run that came to an end; ``None`` where it was stopped before."""
        return self.of(Closed)

    @property
    def outcome(self) -> Outcome | None:
        """Return what the run came to; ``None`` where it never closed."""
        return self.closed.outcome if self.closed else None

    @property
    def ended(self) -> datetime:
        """Return when the run wrote its last event."""
        return self.events[-1].at

    def of(self, kind: type[E]) -> E | None:
        """Return the newest event of a kind."""
        return next((event for event in reversed(self.events) if type(event) is kind), None)

    def all_of(self, kind: type[E]) -> tuple[E, ...]:
        """Return the events of a kind, oldest first."""
        return tuple(event for event in self.events if type(event) is kind)

    @cached_property
    def before(self) -> Observation | None:
        """Return the world as the run found it: as it was looked at last before the first checks."""
        found: Observation | None = None
        for event in self.events:
            if found is not None and isinstance(event, run.Checked):
                break
            found = event.observation if isinstance(event, run.Observed) else found
        return found

    @cached_property
    def seen(self) -> Observation | None:
        """Return the world as it was observed last: before the write, if there was one."""
        found = self.of(run.Observed)
        return found.observation if found else None

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """Return the checks as they were made last."""
        found = self.of(run.Checked)
        return found.findings if found else ()

    @property
    def table(self) -> str:
        """Return the name of a campaign's table; "" where the run has none."""
        return Path(self.begin.value("identities")).name

    @cached_property
    def made(self) -> Plan | None:
        """Return the plan as the run made it last, of whatever procedure."""
        found = self.of(run.Planned)
        return found.plan if found else None

    @property
    def plan(self) -> Plan | None:
        """Return the plan as rotate made it last; other procedures have plans of their own."""
        return self.made if self.procedure == ROTATE else None

    @property
    def approvals(self) -> tuple[Presented, ...]:
        """Return what was given as approvals of the plan."""
        found = self.of(run.Approvals)
        return found.presented if found else ()

    @property
    def placed(self) -> bool:
        """Return whether it was given a place in a campaign's plan, which counts where the campaign began it."""
        return any(one.member for one in self.approvals)

    @property
    def lock(self) -> Lock:
        """Return what came of taking the identity's lock."""
        found = self.of(run.Locked)
        return found.lock if found else Lock(State.UNREAD, why="-")

    @cached_property
    def writes(self) -> list[SesWrite]:
        """Return the writes to SES that the run began, oldest first."""
        return ses_write.writes(self.events)

    @cached_property
    def reads(self) -> tuple[Sight, ...]:
        """Return what SES showed each time that the run read the identity by itself, oldest first."""
        return tuple(one for one in ses_write.sights(self.events) if one.read)

    @property
    def last_write(self) -> SesWrite | None:
        """Return the run's last write to SES, and what came of it; ``None`` where it began none."""
        return self.writes[-1] if self.writes else None

    @property
    def rollback(self) -> SesWrite | None:
        """Return the rollback that the run made by itself; ``None`` where it began none. No other write follows it."""
        last = self.last_write
        return last if last is not None and last.rollback else None

    @property
    def rolled_back(self) -> Write | None:
        """Return the write by which the selector that was left stands again in SES; ``None`` where there was none."""
        if self.gone_at or self.rollback is None or self.after is None or self.after.selector != self.rollback.selector:
            return None
        return self.rollback.change

    @property
    def gone_at(self) -> datetime | None:
        """Return when SES was found to have no such identity any more (``after`` is the last of it)."""
        found, read, looked = self.of(run.Unread), self.of(run.Read), self.of(run.Observed)
        if found is not None and found.code == GONE and (read is None or read.n < found.n):
            return found.at
        if read is not None or looked is None or not looked.observation.identity_absent:
            return None
        # It had the identity before: this run saw it, or the run of rotate that it follows did.
        saw = bool(self.previous.left_selector) or self.previous.came in SAW
        return looked.at if saw or ses_write.sights(self.events) else None

    @cached_property
    def overruled(self) -> Sight | None:
        """Return the reading that first showed another selector in place of the one this run wrote; ``None``: none did.

        SES may show for a while what stood before a write: only once it has shown the new selector, or shows one that
        is neither, did somebody else write.
        """
        write = self.last_write
        if write is None or not write.accepted:
            return None
        first, known = None, False
        for one in self.reads:
            if one.n >= write.n:
                ours = one.identity.selector == write.selector
                known, first = known or ours, None if ours else first or one
        shown = first.identity.selector if first else ""
        other = shown and (known or shown != write.change.current_selector)
        return first if other and self.after is not None and self.after.selector == shown else None

    @cached_property
    def after(self) -> Identity | None:
        """Return the identity as SES showed it last."""
        if self.reads:
            return self.reads[-1].identity
        return self.seen.identity if self.seen else None

    @property
    def given_up(self) -> bool:
        """Return whether SES has given up on what it has now: FAILED, and not what stood before the run's write."""
        if self.after is None or self.after.status != GIVEN_UP:
            return False
        stood = self.seen.identity.status if self.seen and self.seen.identity else ""
        known = {stood, *(one.identity.status for one in self.reads)}
        return self.switch is None or known != {GIVEN_UP}

    @property
    def current_selector(self) -> str:
        """Return the selector that SES signed with when the run began, "" where it did not say."""
        return self.before.current_selector if self.before else ""

    @property
    def left(self) -> str:
        """Return the selector that this run or an earlier one left for the one asked for; "" where it is not known."""
        requested = self.begin.selector
        if self.current_selector != requested:
            return self.current_selector
        # What an earlier run left for another selector is not what was left for this one.
        return left_before(self.previous, requested)

    @cached_property
    def comparison(self) -> tuple[Row, ...]:
        """Return before and after, field by field; nothing where the identity could not be read."""
        if self.before is None or self.before.identity is None or self.after is None:
            return ()
        read = self.of(run.Read)
        unknown = read.reading.unknown if read and read.reading else frozenset()
        return compare(self.before.identity, self.after, self.begin.selector, unknown)

    @property
    def unread_since_write(self) -> bool:
        """Return whether a write to SES was begun and SES was not read since: ``after`` is what stood before it."""
        kinds = (writes.Intent, writes.Rollback, run.Read)
        newest = next((event for event in reversed(self.events) if isinstance(event, kinds)), None)
        return newest is not None and not isinstance(newest, run.Read)

    @property
    def written_at(self) -> datetime | None:
        """Return when SES was given the selector: in this run, or in an earlier one that the run knows of."""
        if self.rolled_back is not None:
            return None
        switch = self.switch
        return switch.at if switch is not None and switch.accepted else self.written_before

    @property
    def switch(self) -> SesWrite | None:
        """Return the write of the selector asked for, and what came of it; ``None`` where the run began none."""
        return next((one for one in reversed(self.writes) if not one.rollback), None)

    @property
    def written_before(self) -> datetime | None:
        """Return when an earlier run gave SES the selector asked for, where no run has seen that verified yet.

        ``None`` where SES still looks for the record when its time was over: it was given the selector again since.
        """
        at = self.previous.written_at if self.previous.selector == self.begin.selector else ""
        written, shown = datetime.fromisoformat(at) if at else None, self.seen.identity if self.seen else None
        looks = shown is not None and shown.status not in (SUCCESS, GIVEN_UP, TEMPORARY)
        return None if written and looks and self.begin.at > deadline(written) + MAX_CLOCK_SKEW else written

    @property
    def perhaps_written_at(self) -> datetime | None:
        """Return when SES was perhaps given the selector: the write was begun, and no clear answer came."""
        if self.rolled_back is not None:
            return None
        switch = self.switch
        return switch.at if switch is not None and switch.unclear else None

    @property
    def open_write(self) -> dict[str, str]:
        """Return what an earlier run's write without a clear answer may still set, and until when; {}: none may.

        One that SES was seen to have taken has landed; none is open for longer than a write may be late.
        """
        until, selector = self.previous.open_until, self.previous.open_selector
        if not until or not self.ended < datetime.fromisoformat(until) <= self.begin.at + LATE_WRITE + MAX_CLOCK_SKEW:
            return {}
        found = (self.before.identity if self.before else None, self.after)
        landed = any(one is not None and list(one.selectors) == [selector] for one in found)
        return {} if landed else {"selector": selector, "until": until}

    @property
    def verified_at(self) -> datetime | None:
        """Return when SES was first seen to have verified the selector, if this run saw it happen."""
        found = ses_write.verified(self.reads, self.begin.selector)
        return found.at if found else None

    @property
    def overlap_until(self) -> datetime | None:
        """Return until when the old key record must stay published, as retire computes it; ``None``: not verified."""
        found = ses_write.verified(self.reads, self.begin.selector)
        if found is None:
            return None
        served = self.before.current_records if self.before else ()
        ttl = max((one.ttl for one in served if one.ttl is not None and one.records), default=0)
        return overlap_ends(found.steady, self.begin.overlap_days, ttl)

    @property
    def calls(self) -> list[Call]:
        """Return every AWS call of the run, in order of its time."""
        return sorted((call for event in self.events for call in event.calls), key=lambda call: call.at)
