"""What a notebook shows held against what its run's events tell: every output told anew and compared byte by byte."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

from byodkim.display import opening, telling, words
from byodkim.display.blocks import Block
from byodkim.display.dns import waiting
from byodkim.display.failure import failure
from byodkim.display.notebook import Shown
from byodkim.display.picture import matrix_picture
from byodkim.display.placeholder import placeholder
from byodkim.display.procedures import begun_until, own
from byodkim.display.retold_seal import alternatives, faults_in
from byodkim.display.verified import verified
from byodkim.errors import ByodkimError
from byodkim.evidence.archived import RUN, Cell, text_of
from byodkim.evidence.journal import Account
from byodkim.evidence.record import Record
from byodkim.evidence.seal import Seal
from byodkim.messages import say
from byodkim.rotation.outcome import Outcome

STEP: Final = re.compile(r'\bsteps\.(\w+)\((?:run|(?:"\w+", )?\*\*steps\.parameters\(\))?\)\s*\Z')
#: The events before which a step has ended: what its cell shows was told from those before the earliest of them.
ENDS: Final[Mapping[str, frozenset[str]]] = {
    "begin": frozenset({"observed", "polled"}),
    "observe": frozenset({"checked", "approvals", "ready"}),
    "check": frozenset({"planned"}),
    "plan": frozenset(),
    "late": frozenset({"waited", "handed"}),
    "verify": frozenset({"handed"}),
    "end": frozenset(),
}
#: What a step's cell tells, and up to the end of which step.
TELLING: Final[Mapping[str, tuple[Callable[[Record, words.Words], list[Block]], str]]] = {
    "prove": (telling.proof, "observe"),
    "plan": (telling.plan, "plan"),
    "apply": (telling.writing, "late"),
    "verify": (verified, "verify"),
    "compare": (telling.comparison, "verify"),
    "hand_over": (telling.handing, "end"),
}
FAILED: Final = "RunFailed"
#: Events that a stopped run has written at most since a cell was shown last.
LATE: Final = 2000

Data = Mapping[str, Any]


def differing(
    cells: Sequence[Cell],
    account: Account,
    seal: Seal | None,
    stamped: datetime | None = None,
    *,
    whole: bool = False,
) -> list[str]:
    """The cells that do not show what the journal tells, each as ``place (step: what differs)``.

    A run that was stopped may show less than it wrote down, never anything else.

    Args:
        cells: of the executed notebook, without its copy of the journal.
        account: the run's journal.
        seal: the run's seal, ``None`` where there is none that can be relied on.
        stamped: when a timestamp authority saw the seal.
        whole: whether each cell shows all of it, but for the last one that was executed.
    """
    told = _Told(account, seal, stamped)
    found = []
    last = max((place for place, cell in enumerate(cells, 1) if cell.get("execution_count") is not None), default=0)
    for place, cell in enumerate(cells, 1):
        told.whole = whole and place < last
        step = step_of(text_of(cell.get("source", ""))) if cell.get("cell_type") == "code" else ""
        why = told.differs(step, cell.get("outputs") or ())
        if why:
            found.append(f"{place} ({step}: {why})" if step else f"{place}")
    found += ["headline (text/plain)"] if told.keeps_quiet else []
    return [*found, "error"] if told.lacks_error else found


@lru_cache(256)
def step_of(source: str) -> str:
    """The step that a code cell takes; "" where it takes none."""
    found = STEP.search(source)
    return found[1] if found else ""


class _Told:
    """A run told anew, cell by cell in their order."""

    def __init__(self, account: Account, seal: Seal | None, stamped: datetime | None) -> None:
        self._account, self._seal, self._stamped, self._full = account, seal, stamped, Record(account.events)
        self._closed = self._full.closed
        self._words = words.of(self._full.begin)
        self._complete = self._closed is not None
        self._name = {"run": self._full.begin["run"], "journal": account.path.name}
        self._failed = self._warned = self._unkept = self.whole = False
        self._parts = opening.parts(self._full, self._words)
        self._own = own(self._full)
        self._made: dict[int, Record] = {}

    @property
    def lacks_error(self) -> bool:
        """Return whether the run ended with an error that no cell shows, though its notebook was there to the end."""
        return self._complete and not self._failed and self._error() is not None

    @property
    def keeps_quiet(self) -> bool:
        """Whether the headline says otherwise than the seal's own place that something of the record is missing."""
        return self._complete and self._warned != self._unkept

    def differs(self, step: str, outputs: Sequence[Data]) -> str:
        """Return what first differs in a cell: a MIME type, ``error`` or ``outputs``; "" where nothing does."""
        if self._failed:
            return "outputs" if outputs else ""
        shown = [output for output in outputs if output.get("output_type") != "error"]
        self._failed = len(shown) < len(outputs)
        if self._failed and not self._as_told(outputs[-1]):
            return "error"
        expected = list(self._headline(shown) if step == "headline" else self._expected(step))
        if self._failed and step != "close":
            # A cell that failed shows what it showed before, and then the seal.
            before = len(shown) - 1 if self._closed else len(shown)
            expected = [*expected[:before], *self._sealed()]
        why = self._compare(shown, expected)
        # Killed while it waited, a run has perhaps not shown any more what it had written down last.
        return "" if why and step in ("verify", "observe", "apply") and self._shows_less(step, shown) else why

    def _shows_less(self, step: str, shown: Sequence[Data]) -> bool:
        """Return whether the cell of a stopped run shows what its journal told a while before its end.

        Of a campaign while it looks around or goes from wave to wave.
        """
        tell = self._own.TELLING.get(step) if self._own and self._full.procedure == "fleet" else None
        if self._complete or tell is None or len(shown) != 1:
            return False
        ends = range(len(self._account.events), max(len(self._account.events) - LATE, 0), -1)
        told = (self._shown(tell(self._full.until(end), self._words)) for end in ends)
        return any(not _differs(shown[0], one) for one in told)

    def _compare(self, shown: Sequence[Data], expected: Sequence[Data | None]) -> str:
        if len(shown) > len(expected) or ((self._complete or self.whole) and len(shown) < len(expected)):
            return "outputs"
        for output, data in zip(shown, expected, strict=False):
            if why := _differs(output, data) if data is not None else self._seal_differs(output):
                return why
        return ""

    def _seal_differs(self, output: Data) -> str:
        """Return what a notebook shows of a seal; of one that cannot be relied on, nothing can be said."""
        data = output.get("data")
        shown = data if isinstance(data, dict) else {}
        self._unkept = bool(faults_in(text_of(shown.get("text/plain", "")), self._words.language))
        if self._seal is None:
            return ""
        may_stand = alternatives(self._account, self._seal, self._stamped, shown, self._words)
        found = (_differs(output, one) for one in may_stand)
        first = next(found)
        return "" if not first or "" in found else first

    def _expected(self, step: str) -> Iterator[Data | None]:
        """Yield what the cell of a step shows; ``None`` where the seal is shown."""
        if self._own and step in self._own.TELLING:
            yield self._shown(self._own.TELLING[step](self._until(step), self._words))
        elif step in TELLING:
            tell, until = TELLING[step]
            yield self._shown(tell(self._until(until), self._words))
        elif step == "begin":
            yield {**self._shown(telling.who_and_where(self._until("begin"), self._words)), RUN: self._name}
        elif step == "observe":
            yield from self._observed(self._until("observe"))
        elif step == "check":
            yield self._checked(self._until("check"))
        elif step == "close":
            yield from self._sealed()
            yield self._shown([*self._parts[0], *self._parts[1], *telling.timeline(self._full, self._words)])

    def _checked(self, record: Record) -> Data:
        stops = any(finding.stops for finding in record.findings)
        handed = telling.handing(record, self._words) if stops else []
        return self._shown([*telling.checks(record, self._words), *handed])

    def _observed(self, record: Record) -> Iterator[Data]:
        if record.last("polled"):
            yield self._shown(waiting(record, self._words))
        if record.seen is not None and (png := matrix_picture(record.seen)) is not None:
            caption = say("record", "dns.picture", self._words.language)
            yield {"image/png": base64.b64encode(png).decode(), "text/plain": caption}
        yield self._shown(telling.current_state(record, self._words))

    def _sealed(self) -> list[None]:
        return [None] if self._closed else []

    def _headline(self, shown: Sequence[Data]) -> Iterator[Data]:
        """The headline: filled in by the run at its end, or by who looked after it when it had been stopped."""
        told_after = any(RUN in (output.get("data") or {}) for output in shown)
        self._complete = self._complete and not told_after
        if self._closed is None and not told_after:
            yield placeholder()
            return
        unkept = say("seal", "unkept", self._words.language)
        self._warned = any(unkept in text_of((one.get("data") or {}).get("text/plain", "")) for one in shown)
        told = self._shown(opening.opening(self._full, self._words, self._parts, kept=not self._warned))
        yield {**told, **({RUN: self._name} if told_after else {})}

    def _until(self, step: str) -> Record:
        """The run as it stood at the end of a step."""
        if self._own:
            return begun_until(self._full, step, self._own.STAGES)
        ends, begun = ENDS[step] | {"closed"}, step in ("begin", "observe")
        checked = False
        for place, event in enumerate(self._account.events):
            if step == "plan" and event["event"] == "planned":
                return self._before(place + 1)
            if event["event"] in ends and (begun or checked):
                return self._before(place)
            checked = checked or event["event"] in ("checked", "closed")
        return self._full

    def _before(self, end: int) -> Record:
        """The run before an event; once made, as several steps have ended there."""
        if end not in self._made:
            self._made[end] = self._full.until(end)
        return self._made[end]

    def _shown(self, blocks: Sequence[Block]) -> Data:
        return Shown(blocks).bundle()

    def _as_told(self, output: Data) -> bool:
        """Return whether an error is the one that the run ended with."""
        name, text = output.get("ename"), output.get("evalue")
        if output.get("traceback") != [f"{name}: {text}"] or output.keys() - _ERROR:
            return False
        expected = self._error()
        if expected is None:  # a run that was stopped, or whose record is not sealed, or not kept as it should be
            return self._seal is None or faults_in(str(text), self._words.language) == [text]
        return name in (expected[0], FAILED) and text == expected[1]

    def _error(self) -> tuple[str, str] | None:
        """Type and text of the error that the run ended with, where it tells."""
        if self._closed is None:
            return None
        error = self._closed["error"]
        if error is not None:
            return error["type"], ByodkimError(error["what"], error["means"], error["todo"]).diagnostics()
        if self._full.outcome is not Outcome.FAILED:
            return None
        return FAILED, ByodkimError(*failure(self._full, self._words.language)).diagnostics()


_ERROR: Final = {"output_type", "ename", "evalue", "traceback"}
_KINDS: Final = {
    "display_data": {"output_type", "data", "metadata"},
    "execute_result": {"output_type", "data", "metadata", "execution_count"},
}


def _differs(output: Data, expected: Data) -> str:
    data = output.get("data")
    kind = _KINDS.get(str(output.get("output_type")))
    if kind is None or output.keys() != kind or output["metadata"] or not isinstance(data, dict):
        return "outputs"
    for mime in sorted(data.keys() | expected.keys()):
        if mime not in data or mime not in expected:
            return mime
        told = expected[mime]
        shown = text_of(data[mime]) if isinstance(told, str) else data[mime]
        if shown != told and not (mime == "image/png" and shown == f"{told}\n"):
            return mime
    return ""
