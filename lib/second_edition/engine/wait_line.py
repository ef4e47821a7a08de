"""A wait as it goes: what it waits for, what was seen last, how long it lasts, and when the next look is.

On a terminal and in a log it is a line; in JupyterLab a paragraph below the step's table that changes at each look. A
record that has closed has none of these: its events say how the wait went.
"""

from __future__ import annotations

from datetime import timedelta
from functools import cached_property
from types import TracebackType

from second_edition.display.words import Words
from second_edition.engine import kernel
from second_edition.engine.live_line import LiveLine
from second_edition.engine.polling import Polling
from second_edition.engine.run import Run
from second_edition.messages import say


class WaitLine:
    """Shows a wait until it is left. A context manager.

    Args:
        run: that waits.
        key: what it waits for, a key of the catalogue ``record``.
        polling: by which it waits.
    """

    def __init__(self, run: Run, key: str, polling: Polling) -> None:
        self._run, self._polling, self._seen = run, polling, "-"
        self._what = say("record", key, run.intent.language, selector=run.intent.selector)
        self._line: LiveLine | None = None

    def __enter__(self) -> WaitLine:
        if self._polling.left > 0:
            self._line, self._polling.tick = LiveLine(), self._tick
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._run.waits = ""
        if self._line is not None:
            self._line.close()

    def show(self, seen: str, *, over: bool) -> None:
        """Note what was seen just now, and whether the wait is over by it."""
        self._seen = seen
        self._run.waits = "" if over or kernel.started_by().kind != "jupyter" else self._text(self._polling.pause)

    @cached_property
    def _until(self) -> str:
        words = Words(self._run.intent.language, self._run.intent.zone)
        return words.clock(self._run.clock() + timedelta(seconds=max(self._polling.left, 0)))

    def _tick(self, next_s: float) -> None:
        if self._line is not None and self._line.due:
            self._line.show(self._text(next_s))

    def _text(self, next_s: float) -> str:
        passed, after = (str(timedelta(seconds=round(seconds))) for seconds in (self._polling.passed, next_s))
        values = {"what": self._what, "seen": self._seen, "passed": passed, "until": self._until, "after": after}
        return say("record", "wait.line", self._run.intent.language, **values)
