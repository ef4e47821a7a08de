"""One run: its task, its clock, its journal, and the child processes that end with it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeVar

from second_edition.custody.client import Custodian
from second_edition.display import notebook, sections, words
from second_edition.engine.gate import Gate
from second_edition.errors import ByodkimError
from second_edition.events import E, name_of
from second_edition.events.run import Observed, ShownOutputs
from second_edition.evidence import decided
from second_edition.evidence.cells import BEGIN, digest_of_bundle, entry
from second_edition.evidence.history import History
from second_edition.evidence.journal import Journal
from second_edition.evidence.record import Record
from second_edition.evidence.seal import Sealed
from second_edition.evidence.world import World
from second_edition.intent.intent import Intent
from second_edition.intent.profile import Keeping
from second_edition.plain import plain
from second_edition.rotation.observation import Observation
from second_edition.rotation.plan import Plan
from second_edition.rotation.resolution import Delegation, Sighting
from second_edition.sandbox.client import Sandbox

if TYPE_CHECKING:
    import pandas

    from second_edition.engine.locking import OperatorLock
    from second_edition.engine.observing import FirstReads
    from second_edition.engine.stages import Procedure
    from second_edition.intent.proving import Proving
    from second_edition.intent.request import Asked

Clock = Callable[[], datetime]
Error = TypeVar("Error", bound=ByodkimError)


class StepError(ByodkimError):
    """A step was called out of its order. Nothing was done."""


class RunRefused(ByodkimError):
    """The run was refused before anything was written to SES."""


class RunFailed(ByodkimError):
    """The run failed: the text says what is known, what is not, and what to do next."""


class WaitRanOut(ByodkimError):
    """SES was given the selector and has not verified it within the time that the run was told to wait."""


class ProofFailed(ByodkimError):
    """A message that was really sent is not signed as SES says, or signed wrongly."""


class ProofMissing(ByodkimError):
    """The message that was to prove the switch is not there, or not all of it could be looked at."""


@dataclass
class Observer:
    """Observe one identity: an exploration, which leaves nothing behind, or a run, which is one too.

    Attributes:
        clock: the time of the world that is observed.
        folder: where the journals of earlier runs lie; a run's own lies beside them.
        world: in which they were made; ``None`` for one that has no past.
        left: the selector that earlier runs left for the one asked for.
        found: delegations by key record's name; ``walking``: one walk a name at a time.
        history: what was seen of the key record before.
        archive: what earlier runs tell.
        seen: what was observed last.
        fresh_s: how old a reading made for several runs may be; 0: one's own are made.
        fresh_from: no such reading is older than that, by a clock that only goes on.
    """

    intent: Intent
    clock: Clock
    custodian: Custodian
    pool: ThreadPoolExecutor
    folder: Path
    world: World | None = None
    left: str = ""
    history: tuple[Sighting, ...] = ()
    found: dict[str, Delegation] = field(default_factory=dict)
    walking: dict[str, Lock] = field(default_factory=dict)
    archive: Future[History] | None = None
    seen: Observation | None = None
    fresh_s: float = 0.0
    fresh_from: float = 0.0

    def error(
        self, kind: type[Error], topic: str, key: str, means: str = "", todo: str = "", /, **values: object
    ) -> Error:  # fmt: skip
        """Return an error in the run's language (``ByodkimError.said``)."""
        return kind.said(topic, key, self.intent.language, means, todo, **values)


@dataclass(kw_only=True)
class Run(Observer):
    """The state that steps share. Nothing in it is evidence: the journal is."""

    id: str
    procedure: Procedure
    journal: Journal
    sandbox: Sandbox | None = None
    stage: str = "begun"
    step: str = BEGIN
    opened: Future[Any] | None = None
    caller: Future[Any] | None = None
    observing: Future[Any] | None = None
    own: Any = None  # what only the run's procedure knows of
    state: Any = None  # of the world, as it was observed last
    plan: Plan | None = None
    lock: OperatorLock | None = None
    lock_folder: Path | None = None
    gate: Gate = field(default_factory=lambda: Gate("en"))
    settings: dict[str, Any] = field(default_factory=dict)  # with which a custodian reaches AWS
    keeping: Keeping = field(default_factory=Keeping)
    sealed: Sealed | None = None
    proving: Proving | None = None
    of: Asked | None = None  # the request of another run that is published
    waits: str = ""  # for what the run waits just now, where the notebook shows that
    outputs: int = 0  # that the step's cell has shown
    noted: dict[tuple[str, int], str] = field(default_factory=dict)  # digests of outputs, by step and place
    announced: object = None  # the step's result, where it is noted already
    unsure: dict[tuple[str, int], str] = field(default_factory=dict)  # outputs noted, perhaps not shown; what was there
    first_reads: FirstReads | None = None  # as the run began
    answered: float = float("-inf")  # when SES's answer to that came, by a clock that only goes on
    since: float | None = None  # the moment that what is read next must be newer than, by a clock that only goes on

    def refused(self, topic: str, key: str, todo: str = "", /, **values: object) -> RunRefused:
        """Return the refusal of a run that has written nothing."""
        return self.error(RunRefused, topic, key, f"{self.procedure.name}/untouched", todo, **values)

    @property
    def record(self) -> Record:
        """Return what the journal tells so far."""
        return Record(tuple(self.journal.events))

    @property
    def begun(self) -> bool:
        """Return whether it has begun to write."""
        return decided.begun(self.record)

    @property
    def stands(self) -> str:
        """Return the key, in the procedure's own catalogue, of what it means where the run ends early."""
        return "written" if self.begun else "untouched"

    @property
    def frames(self) -> Mapping[str, pandas.DataFrame]:
        """Return what the journal tells so far, as DataFrames by name; they are the same in every language.

        Example:
            ``run.frames["checks"].query("stops")``
        """
        return notebook.frames(sections.all_of(self.record, words.of(self.record.begin)))

    def write(self, kind: type[E], **content: Any) -> E:
        """Write an event with the AWS calls made since the last one.

        Raises:
            LeakStopped: it holds a piece of a private key, and was not written.
            Unsearched: the custodian has ended, and it was not written.
            JournalError: the disk does not take it.
        """
        content = {**plain(content), "calls": self.custodian.drain()}
        if kind is Observed:  # keys are fetched for it
            self.gate.rely_on(self.custodian)
        self.gate.check_event(name_of(kind), content)
        return self.journal.write(kind, **content)

    def write_fixed(self, kind: type[E], **content: Any) -> E:
        """Write an event made of this program's own words, codes and digests: nothing in it comes from outside.

        It need not pass the gate, which the custodian may have left.
        """
        return self.journal.write(kind, **content, calls=[])

    def note(self, *bundles: Mapping[str, str], at: int | None = None) -> int:
        """Write the digests of what the step's cell shows next, and return the place of the first of them in the cell.

        Args:
            bundles: what is shown, by MIME type.
            at: the place of an output that is shown anew; ``None`` for further outputs.
        """
        first = self.outputs if at is None else at
        found = {(self.step, first + number): digest_of_bundle(one) for number, one in enumerate(bundles)}
        anew = {place: sha256 for place, sha256 in found.items() if self.noted.get(place) != sha256}
        if anew:
            self.unsure |= {place: self.noted.get(place, "") for place in anew}
            self.noted |= anew
            self.write_fixed(ShownOutputs, shown=[entry(*place, sha256) for place, sha256 in anew.items()])
        self.outputs = max(self.outputs, first + len(bundles))
        return first

    def perhaps(self) -> Iterator[dict[str, Any]]:
        """Yield what the journal says, when the run closes, of outputs that it was stopped from showing."""
        for place, before in self.unsure.items():
            for sha256 in filter(None, (self.noted[place], before)):
                yield entry(*place, sha256, perhaps=True)

    def enter(self, stage: str) -> None:
        """Note that the step ``stage`` begins.

        Raises:
            StepError: it is not its turn, or the run has ended.
        """
        stages = self.procedure.stages
        if self.stage == "closed":
            raise self.error(StepError, "steps", "ended", run=self.id)
        due = stages[stages.index(self.stage) + 1]
        if stage != due:
            raise self.error(StepError, "steps", "order", stage=due, called=stage)
        self.step, self.outputs = "close" if stage == "closed" else stage, 0
        self.announced = None
        self.unsure.clear()

    def unlock(self) -> None:
        """Let go of the identity's lock: another run may act. May be called twice."""
        if self.lock is not None:
            with contextlib.suppress(OSError):  # a full disk: the operating system lets go of it all the same
                self.lock.release()

    def release(self, *, custodian: bool = True) -> None:
        """Let go of the lock, end the custodian (the key is gone with it) and the sandbox. May be called twice.

        ``custodian``: whether it is ended.
        """
        self.unlock()
        if custodian:
            self.custodian.close()
        self.pool.shutdown(wait=False, cancel_futures=True)
        if self.sandbox is not None:
            self.sandbox.close()
        self.journal.close()

    def __repr__(self) -> str:
        return f"<run {self.id} of {self.intent.domain}: {self.stage}>"
