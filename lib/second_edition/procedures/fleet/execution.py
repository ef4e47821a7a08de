"""Execution of a campaign's plan: what is to be begun is written down before it is, and what became of it after.

Killed anywhere, the next run of the campaign finds each identity begun or not, and each that was begun with a record
that closed or not: nothing is lost, and nothing done twice.
"""

from __future__ import annotations

import math
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from msgspec.structs import asdict, replace

from second_edition.engine import archiving, kernel, twin
from second_edition.engine.run import Run
from second_edition.events.campaign import Ended, EndedRun, Halted, Laid, ReadFor, Started
from second_edition.evidence import fleet_record, folders
from second_edition.evidence.journal import Account
from second_edition.messages import Language, say
from second_edition.procedures.fleet import runner as runners
from second_edition.procedures.fleet.member_run import below, came_of, own_account
from second_edition.procedures.fleet.reader import EVERY_S, Readers
from second_edition.procedures.fleet.runner import Runner, account_of
from second_edition.rotation import fleet, waves
from second_edition.rotation.fleet_plan import FleetPlan
from second_edition.rotation.outcome import Outcome
from second_edition.rotation.waves import Halt
from second_edition.settings import UNSET_MINUTES

TURN_S: Final = 0.5
#: Runs that are begun in a lane at once, and within a second after that. SES takes one write a second: more at a time
#: would wait for it, and keep those from writing in time that are about to.
FEW: Final = 3
BEGUN_A_SECOND: Final = 1.25
#: Runs at once in a lane at most, where SES's pace says how many: each takes about 70 MB.
MOST: Final = 64
#: Seconds that a run is assumed to take at least, as SES is read for all runs at that interval; how many of the last
#: runs count for the average, and by how much it is raised.
LASTS_S: Final = EVERY_S
LATELY: Final = 20
MORE: Final = 1.2
#: Runs of one identity whose write SES refused as one call too many; each refusal slows all calls down.
MOST_TRIES: Final = 5
STOP_REQUESTED: Final = "asked"  # why a campaign ended that was told to
LONGEST: Final = 500  # characters of what a run said
#: What an apply run says for the records, in place of what was said for the plan.
WORDS: Final = ("reason", "ticket", "requested_by")
Lane = tuple[str, str, str]


@dataclass
class Campaign:
    """A campaign under way.

    Attributes:
        planned: the plan's file, and ``run``, the id of the run that wrote it.
        plan: what was approved.
        ended: by number, what has ended by now.
        left: by number, what an earlier run of the campaign had begun and not written the end of.
        approvals: files with approvals of the plan.
        last_wave: no later wave is begun by this run; 0: all are.
        touched: by number, what identities came to whose write SES took from its runs before this one, or may have.
        runs: ids of its runs before this one, oldest first.
        signed: numbers of those in ``touched`` of which a run tells that a trusted key signed.
        began: when the first run before this one began that a trusted key signed (ISO 8601); "" where there is none.
    """

    planned: fleet_record.Planned
    run: str
    plan: FleetPlan
    ended: dict[int, Ended] = field(default_factory=dict)
    left: dict[int, Started] = field(default_factory=dict)
    approvals: tuple[Path, ...] = ()
    proofs: list[tuple[bytes, ...]] = field(default_factory=list)
    last_wave: int = 0
    touched: dict[int, Ended] = field(default_factory=dict)
    runs: list[str] = field(default_factory=list)
    signed: set[int] = field(default_factory=set)
    began: str = ""

    @property
    def at_once(self) -> int:
        """Return how many runs go side by side in each lane; 0: as many as SES's pace needs."""
        return int(self.plan.settings["at_once"])

    def lanes(self) -> dict[Lane, tuple[tuple[int, ...], ...]]:
        """Return the waves of each account and Region that this run is for, by the identities' numbers."""
        return {lane: of[: self.last_wave or None] for lane, of in self.all_lanes().items()}

    def all_lanes(self) -> dict[Lane, tuple[tuple[int, ...], ...]]:
        """Return the waves of each account and Region of the plan."""
        found: dict[Lane, list[int]] = {}
        for number, member in enumerate(self.planned.ready):
            found.setdefault(member.lane, []).append(number)
        canary, wave = self.plan.settings["canary"], int(self.plan.settings["wave"])
        return {lane: waves.cut(of, waves.canary_of(canary, len(of)), wave) for lane, of in found.items()}

    def folders(self) -> dict[int, str]:
        """Return where the record of each identity lies, below the campaign's folder."""
        lanes = self.all_lanes()
        return {
            number: folders.of_wave(place, _spelled(lane) if len(lanes) > 1 else "")
            for lane, laid in lanes.items()
            for place, wave in enumerate(laid, 1)
            for number in wave
        }


class Execution:
    """One run of a campaign.

    Args:
        run: its run, whose journal is the campaign's.
        campaign: what is left to do.
        progress: is called now and then.
        runner: who runs the identities.
        readers: who reads for them.
    """

    def __init__(
        self, run: Run, campaign: Campaign, progress: Callable[[], None], runner: Runner, readers: Readers
    ) -> None:
        self._run, self._campaign, self._progress, self._runner = run, campaign, progress, runner
        self._readers = readers
        self._futures: dict[Future[runners.Ended], tuple[int, Path]] = {}
        self._stopping, self._tries = threading.Event(), Counter[int]()
        self._unwritten: OSError | None = None
        self._begun: dict[Lane, tuple[float, float]] = {}  # by lane: how many may be begun, and when that was so
        self._since: dict[int, float] = {}  # when each run under way was begun
        self._lasted: deque[float] = deque(maxlen=LATELY)  # how long the last ones took
        self._folders, self._keeper = campaign.folders(), archiving.keeper(run, run.custodian)

    def carry_out(self) -> Halt:
        """Go from wave to wave until all is done or nothing more is to begin; return why it ended.

        Raises:
            OSError: what a run needs cannot be written. What was under way is finished.
        """
        campaign = self._campaign
        lanes = campaign.lanes()
        laid = [{"name": " ".join(filter(None, lane)), "waves": found} for lane, found in lanes.items()]
        self._run.write(Laid, lanes=laid)
        try:
            with kernel.interrupts(self._stopping.set):
                self._take_over()
                halt = self._go(lanes)
        finally:
            self._runner.close()
        if read := self._readers.counts():
            self._run.write(ReadFor, lanes=read)
        self._run.write(Halted, why=STOP_REQUESTED if self._stopping.is_set() else halt.value)
        return halt

    def _go(self, lanes: Mapping[Lane, tuple[tuple[int, ...], ...]]) -> Halt:
        ended = {number: one.for_waves for number, one in self._campaign.ended.items()}
        after = fleet.after(self._campaign.planned.ready)
        while True:
            running = {number for number, _ in self._futures.values()}
            step = waves.step(list(lanes.values()), self._pace(), ended, running, self._run.clock(), after)
            begin = () if self._stopping.is_set() else self._paced(step.begin)
            self._readers.expect(ended, {*running, *begin}, lanes)
            self._begin_all(begin)
            if not self._futures and (step.halt is not Halt.NOT or self._stopping.is_set()):
                if self._unwritten is not None:
                    raise self._unwritten
                return step.halt
            if not self._futures:
                self._rest(step.wait_until)
            done, _ = wait(self._futures, timeout=TURN_S, return_when=FIRST_COMPLETED)
            for future in done:
                number, record = self._futures.pop(future)
                found = self._end(number, record, *_how(future, self._run.intent.language))
                if not found.again or self._tries[number] >= MOST_TRIES:
                    ended[number] = found.for_waves
            self._progress()

    def _rest(self, until: datetime | None) -> None:
        """Wait a little; on a twin, move its clock to the end of the pause between two waves."""
        move = twin.skip(self._run)
        left = (until - self._run.clock()).total_seconds() if until else 0.0
        if move and left > 0:
            move(left)
        else:
            self._stopping.wait(TURN_S)

    def _pace(self) -> waves.Pace:
        """Return the pace, with as many runs at once as SES's pace needs where the plan names no number.

        By Little's law: as many as are begun while one lasts, SES's verification included, and a few more.
        """
        wave, minutes, stop_after, at_once = (
            int(self._campaign.plan.settings[name]) for name in ("wave", "pause_minutes", "stop_after", "at_once")
        )
        rate = self._run.intent.requests_per_second or 1.0
        lasts = max(LASTS_S, sum(self._lasted) / len(self._lasted) if self._lasted else 0.0)
        needed = min(MOST, FEW + math.ceil(rate * lasts * MORE))
        # The canary is reckoned for each lane.
        return waves.Pace(1, wave, timedelta(minutes=minutes), stop_after, at_once or needed)

    def _paced(self, begin: Sequence[int]) -> tuple[int, ...]:
        """Return those that begin now, of the ones that may begin."""
        now, found = time.monotonic(), list[int]()
        for number in begin:
            lane = self._campaign.planned.ready[number].lane
            may, since = self._begun.get(lane, (float(FEW), now))
            may = min(float(FEW), may + (now - since) * BEGUN_A_SECOND)
            if may >= 1:
                found.append(number)
                may -= 1
            self._begun[lane] = may, now
        return tuple(found)

    def _begin_all(self, numbers: Sequence[int]) -> None:
        """Begin runs; where the disk has no room for it, none any more: what is under way is finished."""
        try:
            for number in numbers:
                self._begin(number)
        except OSError as error:
            self._unwritten = error
            self._stopping.set()

    def _begin(self, number: int) -> None:
        """Write down that an identity's run begins, and begin it."""
        run, campaign = self._run, self._campaign
        member = campaign.planned.ready[number]
        folder = fleet_record.beside(run.journal.path, fleet_record.FOLDER)
        place, sha256 = fleet_record.place(
            folder, number, member, campaign.plan, campaign.proofs[number], (run.id, campaign.run)
        )  # fmt: skip
        self._tries[number] += 1
        inside = folders.below(run.folder, campaign.run) / self._folders[number]
        record = runners.unused(inside, f"{number:05}-{member.domain}-{member.selector}")
        approved = ",".join(map(str, (place, *campaign.approvals)))
        own = {name: value for name in WORDS if (value := getattr(run.intent.asked, name))}
        own["language"] = run.intent.language
        if run.intent.asked.wait_minutes != UNSET_MINUTES:
            own["wait_minutes"] = str(run.intent.asked.wait_minutes)
        given = {**member.parameters, **own, "mode": "apply", "approved": approved}
        digest = member.plan.digest if member.plan else ""
        facts = {"domain": member.domain, "selector": member.selector, "plan": digest}
        run.write(Started, number=number, record=below(run.folder, record), place_sha256=sha256, **facts)
        self._since[number] = time.monotonic()
        environment = self._readers.environment(member)
        self._futures[self._runner.start(given, record, environment=environment)] = (number, record)

    def _end(self, number: int, record: Path, code: int, complained: str = "") -> Ended:
        """Write down how an identity's run ended, by its journal, or by its output where that does not say."""
        run = self._run
        member = self._campaign.planned.ready[number]
        found = came_of(number, member, record, run.folder, run.clock().isoformat())
        if found.came is waves.Came.SWITCHED and self._own(number, record) is None:
            found = replace(found, outcome="", touched=True)  # nobody signed that: it is as one without an end
        if (since := self._since.pop(number, None)) is not None and found.written:
            self._lasted.append(time.monotonic() - since)
        before = self._campaign.touched.get(number) or self._killed(number)
        if found.came is waves.Came.FAILED and not found.why:
            found = replace(found, why=complained)
        if before is not None and not found.touched:
            shown = _shown(record)
            # What an earlier run wrote has come about meanwhile; or SES still has to verify it, or never will.
            waits = before.came is waves.Came.PENDING or before.earlier
            waits |= not before.outcome and shown in ("", member.selector)
            found = replace(found, earlier=waits or found.outcome == Outcome.UNCHANGED, stays=before.stays)
            if shown is None and before.came is not waves.Came.SWITCHED:  # nobody looked: it stands as it did before
                found = replace(before, by=before.by or self._campaign.runs[-1], why=found.why)
        self._campaign.ended[number] = found
        run.write(EndedRun, code=code, **asdict(found))
        return found

    def _killed(self, number: int) -> Ended | None:
        """Return what an identity's run that was killed had come to, where it had written; a campaign's was, too."""
        event, member = self._campaign.left.get(number), self._campaign.planned.ready[number]
        if event is None:
            return None
        record, at = self._run.folder / event.record, self._run.clock().isoformat()
        came = came_of(number, member, record, self._run.folder, at)
        return replace(came, outcome="") if came.touched else None

    def _own(self, number: int, record: Path) -> Account | None:
        campaign = self._campaign
        return own_account(campaign.plan, number, campaign.planned.ready[number], record, self._run, self._keeper)

    def _take_over(self) -> None:
        """Take over what an interrupted run of the campaign had begun: its record if it closed, else begin it again."""
        lanes = self._campaign.lanes()
        mine = {number for lane in lanes.values() for wave in lane for number in wave}
        # A run that outlived a killed campaign finds this one's reader in the place of its own.
        self._readers.expect(self._campaign.ended, mine & self._campaign.left.keys(), lanes)
        for number, event in self._campaign.left.items():
            if number not in mine:  # another run of the campaign may be at it now
                continue
            record = self._run.folder / event.record
            while runners.under_way(record) and not self._stopping.wait(TURN_S):
                self._progress()
            if runners.under_way(record):  # who is told to stop does not wait for it
                return
            runners.forget(record)
            account = self._own(number, record)
            closed = account.closed if account else None
            # One that SES had yet to verify is looked at once more, too.
            if closed is not None and waves.came(closed.outcome) is not waves.Came.PENDING:
                self._end(number, record, 0)


def _shown(record: Path) -> str | None:
    """Return the selector that an identity's run saw at SES, "" for none; ``None`` where it did not come to see that.

    Nobody signs a run that was killed, so its word alone does not tell what SES has.
    """
    seen = account.seen if (account := account_of(record)) else None
    return seen.current_selector if seen and (seen.identity or seen.identity_absent) else None


def _spelled(lane: Lane) -> str:
    """Return a lane as a folder's name: of a sandbox's endpoint its port is enough."""
    account, region, endpoint = lane
    return "-".join(filter(None, (account, region, endpoint.rpartition(":")[2].strip("/"))))


def _how(future: Future[runners.Ended], language: Language) -> tuple[int, str]:
    """Return the exit code of a run, and the last line that it said on standard error."""
    try:
        ended = future.result()
    except Exception:  # noqa: BLE001 - whatever keeps a process from being begun, the others go on
        ended = runners.Ended(-1, "", "")
    return ended.code, (ended.complained.strip().splitlines() or [say("fleet", "no-process", language)])[-1][:LONGEST]
