"""Switch the rows of a wave side by side, and wait until SES has verified them."""

import signal
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Final, Self, TypeAlias

from byodkim.checks.world import Identity, PastRun
from byodkim.engine.campaign import Custodians, head_of, row_to_apply
from byodkim.engine.kernel import ignore_interrupts
from byodkim.engine.observe import own_seals
from byodkim.engine.rows import Row
from byodkim.engine.run import Run
from byodkim.errors import CustodyError
from byodkim.procedures import rotate
from byodkim.procedures.row import (
    Begun,
    finish,
    guarded,
    is_decided,
    note_state,
    shown_campaign,
    signs,
    switch_row,
)
from byodkim.record.events import (
    Called,
    Closed,
    RowEnded,
    RowPlanned,
    Waiting,
    WriteIntended,
)
from byodkim.words import Sentence, _

#: Rows between the first look and the answer to their write. So few keep SES's pace in use, and
#: the last look at an identity close to its write.
AT_ONCE: Final = 6
#: Seconds between two questions for the state of all rows that wait: while others are written, and
#: afterwards.
BUSY_S: Final = 60.0
IDLE_S: Final = 12.0
#: Seconds for which the loop sleeps at most.
TICK_S: Final = 0.5
#: A row that ends like this counts as failed: a campaign does not go on over it.
NOT_SWITCHED: Final = ("FAILED", "REFUSED", "SWITCHED-PENDING")

Pair: TypeAlias = tuple[Row, RowPlanned]


class Switching:
    """The switches of a campaign: counts, custodians, and what ended so far.

    Attributes:
        has_begun_rows: whether the last wave had rows that were not switched before.
    """

    def __init__(self, run: Run) -> None:
        self._run = run
        self._custodians = Custodians(run, [row for row, _planned in run.rows])
        self._began = time.monotonic()
        self._failures = 0
        self.has_begun_rows = False
        self._ended = 0

    def __enter__(self) -> Self:
        """Return it."""
        return self

    def __exit__(self, *_error: object) -> None:
        """End the custodians."""
        self._custodians.close()

    def switch(self, pairs: Sequence[Pair], label: Sentence) -> bool:
        """Switch the rows of a wave and wait for SES.

        Interrupted, it begins no more rows, and closes those that are under way.

        Returns:
            Whether the next wave may begin.
        """
        states = self._custodians.states([row for row, _planned in pairs])
        done = self._switched_before()
        todo: deque[Pair] = deque()
        for row, planned in pairs:
            told = planned.facts
            before = done.get((told["account"], row.domain, row.selector, told["region"]))
            if before is not None and signs(states.get(row.line), row.selector):
                self._note_done(row, planned, before)
            else:
                todo.append((row, planned))
        self.has_begun_rows = bool(todo)
        with ThreadPoolExecutor(AT_ONCE) as pool, _interrupts_noted() as interrupts:
            wave = _Wave(self, pool, todo, states, label, interrupts)
            try:
                wave.run_to_end()
            except BaseException:
                ignore_interrupts()
                wave.give_up()
                raise
        return self.may_go_on

    @property
    def may_go_on(self) -> bool:
        """Return whether more rows may begin."""
        return self._failures < self._run.settings.number("max_failures")

    def begin(self, pair: Pair) -> Begun:
        """Return a row's run with its journal begun."""
        row, planned = pair
        shown = shown_campaign(self._run, planned)
        run = row_to_apply(self._run, row, self._custodians.of(row), rotate.CHECKS, shown)
        return Begun(row, planned, run)

    def states(self, begun: Sequence[Begun]) -> dict[int, Identity]:
        """Return the DKIM states of rows that wait."""
        states = self._custodians.states([each.row for each in begun])
        if calls := self._custodians.drain_calls():
            self._run.write(Called(calls=calls))
        return states

    def note_ended(self, begun: Begun, label: Sentence) -> None:
        """Note how a row ended, and show how far the campaign is."""
        events = begun.run.journal.events
        closed = events[-1]
        outcome = closed.outcome if isinstance(closed, Closed) else "FAILED"
        headline = (
            closed.headline
            if isinstance(closed, Closed)
            else _("The record of this row could not be closed.")
        )
        self._failures += outcome in NOT_SWITCHED
        self._write(
            begun.row, begun.planned, outcome, headline, begun.run.name,
            wrote=any(isinstance(event, WriteIntended) for event in events),
        )  # fmt: skip
        self.show_progress(label)

    def say_stopping(self) -> None:
        """Say that the campaign stops, which takes a while."""
        self._run.kernel.show_progress(_("Stopping. Rows being written are finished first."))

    def show_progress(self, label: Sentence) -> None:
        """Show count, failures, rate and the time that the rest will take."""
        elapsed = time.monotonic() - self._began
        left = len(self._run.rows) - self._ended
        rate = self._ended / elapsed if elapsed else 0.0
        self._run.kernel.show_progress(
            _("{label}: {ended} of {all} rows ended, {failed} of them not switched; {rate} a "
              "minute, {minutes} min to go without the pauses",
              label=label, ended=self._ended, all=len(self._run.rows), failed=self._failures,
              rate=f"{60 * rate:.0f}", minutes=f"{left / rate / 60:.0f}" if rate else "–")
        )  # fmt: skip

    def _note_done(self, row: Row, planned: RowPlanned, before: PastRun) -> None:
        headline = _("{domain} was switched to {selector} before",
                     domain=row.domain, selector=row.selector)  # fmt: skip
        wrote = before.wrote or before.outcome == "SWITCHED"  # it completed what a killed run wrote
        self._write(row, planned, "UNCHANGED", headline, before.name, wrote=wrote)

    def _write(
        self,
        row: Row,
        planned: RowPlanned,
        outcome: str,
        headline: Sentence,
        record: str,
        *,
        wrote: bool,
    ) -> None:
        self._ended += 1
        self._run.write(
            RowEnded(
                line=row.line,
                domain=row.domain,
                selector=row.selector,
                section=row.section,
                region=row.settings.text("region"),
                previous=planned.facts["rollback selector"],
                outcome=outcome,
                headline=headline,
                record=record,
                head=head_of(self._run.folder, record),
                wrote=wrote,
            )
        )

    def _switched_before(self) -> dict[tuple[str, str, str, str], PastRun]:
        """Return the newest signed run of each identity, where it left it switched."""
        newest = {
            (seal.run.account, seal.run.domain, seal.run.region): seal.run
            for seal in own_seals(self._run)
        }
        return {
            (past.account, past.domain, past.selector, past.region): past
            for past in newest.values()
            if past.outcome in ("SWITCHED", "UNCHANGED") and past.verified_at
        }


@contextmanager
def _interrupts_noted() -> Iterator[list[int]]:
    """Note SIGINT and SIGTERM for the block instead of raising in the middle of a statement.

    A row whose write was sent, but whose future was not kept yet, would be lost.

    Raises:
        KeyboardInterrupt: at the end of the block, if one arrived.
    """
    noted: list[int] = []
    before = {
        each: signal.signal(each, lambda number, _frame: noted.append(number))
        for each in (signal.SIGINT, signal.SIGTERM)
    }
    yield noted
    # After an exception they are ignored already, and stay so.
    for number, handler in before.items():
        signal.signal(number, handler)
    if noted:
        raise KeyboardInterrupt


class _Wave:
    """A wave on its way."""

    def __init__(
        self,
        switching: Switching,
        pool: ThreadPoolExecutor,
        todo: deque[Pair],
        states: dict[int, Identity],
        label: Sentence,
        interrupts: Sequence[int],
    ) -> None:
        self._switching, self._pool, self._todo = switching, pool, todo
        self._states, self._label, self._interrupts = states, label, interrupts
        self._busy: dict[Future[None], Begun] = {}
        self._waiting: list[Begun] = []
        self._asked = time.monotonic()

    def run_to_end(self) -> None:
        """Begin rows as long as that may be, and close each once SES has decided.

        Raises:
            KeyboardInterrupt: the run was interrupted; `give_up` has to follow.
        """
        while self._busy or self._waiting or (self._todo and self._switching.may_go_on):
            while self._todo and self._switching.may_go_on and len(self._busy) < AT_ONCE:
                self._heed_interrupts()
                begun = self._switching.begin(self._todo.popleft())
                self._submit(begun, self._switch)
            self._collect(TICK_S)
            self._heed_interrupts()
            if self._waiting and time.monotonic() - self._asked > self._pause():
                self._ask()

    def give_up(self) -> None:
        """Let rows that are being written end, look at SES once more, and close all."""
        self._switching.say_stopping()
        while any(begun.until is None for begun in self._busy.values()):
            self._collect(None)
        states: dict[int, Identity] = {}
        with suppress(CustodyError):
            states = self._switching.states(self._waiting)
        for begun in self._waiting:
            if identity := states.get(begun.row.line):
                note_state(begun, identity)
            self._submit(begun, finish)
        self._waiting = []
        while self._busy:
            self._collect(None)

    def _heed_interrupts(self) -> None:
        if self._interrupts:
            raise KeyboardInterrupt

    def _pause(self) -> float:
        return BUSY_S if self._todo and self._switching.may_go_on else IDLE_S

    def _submit(self, begun: Begun, step: Callable[[Begun], None]) -> None:
        self._busy[self._pool.submit(guarded, step, begun)] = begun

    def _switch(self, begun: Begun) -> None:
        switch_row(begun.run, begun.planned, self._states.get(begun.row.line))

    def _collect(self, timeout_s: float | None) -> None:
        """Take what came to its end."""
        if not self._busy:
            time.sleep(timeout_s or 0)
            return
        done, _busy = wait(self._busy, timeout_s, FIRST_COMPLETED)
        for future in done:
            begun = self._busy.pop(future)
            future.result()
            if begun.run.closed or begun.until is not None:
                self._switching.note_ended(begun, self._label)
            else:
                minutes = begun.run.settings.number("wait_minutes")
                begun.until = begun.run.now() + timedelta(minutes=minutes)
                self._waiting.append(begun)

    def _ask(self) -> None:
        """Ask SES for the state of every row that waits, and close those that it decided."""
        states = self._switching.states(self._waiting)
        self._asked = time.monotonic()
        still: list[Begun] = []
        for begun in self._waiting:
            if identity := states.get(begun.row.line):
                note_state(begun, identity)
            if is_decided(begun):
                self._submit(begun, finish)
            else:
                still.append(begun)
        self._waiting = still


def pause(run: Run) -> None:
    """Wait between two waves, with a visible line."""
    until = run.now() + timedelta(minutes=run.settings.number("pause_minutes"))
    if until <= run.now():
        return
    run.write(Waiting(what="pause", state="", until=until))
    local = f"{until.astimezone(run.settings.zone):%Y-%m-%d %H:%M:%S %Z}"
    run.kernel.show_progress(_("Pause until {until}, then the next wave", until=local))
    while (rest := (until - run.now()).total_seconds()) > 0:
        time.sleep(min(rest, TICK_S))
