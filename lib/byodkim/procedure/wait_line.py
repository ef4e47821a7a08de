"""A wait as it goes: what it waits for, what was seen last, how long it lasts, and when the next look is.

On a terminal it is a line that changes each second, by tqdm; in a log one every half a minute; in JupyterLab a
paragraph below the step's table that changes at each look. A record that has closed has none of these: its events say
how the wait went.
"""

from __future__ import annotations

import contextlib
import time
from datetime import timedelta
from functools import cached_property
from types import TracebackType
from typing import TYPE_CHECKING, Final, TextIO

from byodkim.display.blocks import within_line
from byodkim.display.words import Words
from byodkim.intent.campaign import NO_CAMPAIGN
from byodkim.messages import say
from byodkim.procedure import kernel
from byodkim.procedure.polling import Polling
from byodkim.procedure.run import Run

if TYPE_CHECKING:
    from tqdm import tqdm


APART_S: Final = 30.0


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
        self._bar: tqdm[None] | None = None
        self._log: TextIO | None = None
        self._logged = time.monotonic()

    def __enter__(self) -> WaitLine:
        stream = kernel.standard_error() if self._polling.left > 0 else None
        if stream is None:
            return self
        if stream.isatty():
            from tqdm import tqdm

            self._bar = tqdm(file=stream, leave=False, bar_format="{desc}", dynamic_ncols=True)
            self._polling.tick = self._tick
        elif self._run.intent.campaign != NO_CAMPAIGN:  # whose own lines say how far it is
            stream.close()
        else:
            self._log, self._polling.tick = stream, self._tick_log
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._run.waits = ""
        if self._bar is not None:
            self._bar.close()
            self._bar.fp.close()
        if self._log is not None:
            with contextlib.suppress(OSError):
                self._log.close()

    def show(self, seen: str, *, over: bool) -> None:
        """Note what was seen just now, and whether the wait is over by it."""
        self._seen = seen
        self._run.waits = "" if over or kernel.started_by().kind != "jupyter" else self._text(self._polling.pause)

    @cached_property
    def _until(self) -> str:
        words = Words(self._run.intent.language, self._run.intent.zone)
        return words.clock(self._run.clock() + timedelta(seconds=max(self._polling.left, 0)))

    def _tick(self, next_s: float) -> None:
        if self._bar is not None:
            self._bar.set_description_str(within_line(self._text(next_s)))

    def _tick_log(self, next_s: float) -> None:
        if time.monotonic() - self._logged < APART_S or self._log is None:
            return
        self._logged = time.monotonic()
        with contextlib.suppress(OSError):  # whoever reads it has gone: the record counts
            print(within_line(self._text(next_s)), file=self._log, flush=True)

    def _text(self, next_s: float) -> str:
        passed, after = (str(timedelta(seconds=round(seconds))) for seconds in (self._polling.passed, next_s))
        values = {"what": self._what, "seen": self._seen, "passed": passed, "until": self._until, "after": after}
        return say("record", "wait.line", self._run.intent.language, **values)
