"""One line that says how far something is, on the terminal or in the log of whoever has papermill or a command run.

On a terminal it changes in its place, by tqdm; in a log there is one after ten seconds, then one every half a minute.
The record counts, not the line: where it cannot be written, nothing is said.
"""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING, Final, TextIO

from second_edition.display.blocks import within_line
from second_edition.engine import kernel

if TYPE_CHECKING:
    from tqdm import tqdm

TURN_S: Final = 1.0  # between two lines on a terminal
FIRST_S: Final = 10.0  # before the first line in a log
APART_S: Final = 30.0  # and between two there
CLEARED: Final = "\r\x1b[K"  # a terminal's line, emptied


class LiveLine:
    """A line on standard error; in JupyterLab, where the step itself is shown anew, there is none.

    ``stream``: where it is shown, in the place of what a run's kernel knows; it is closed with the line.
    """

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream: TextIO | None = stream or kernel.standard_error()
        self._bar: tqdm[None] | None = None
        self._added = ""
        self._next = time.monotonic()
        if self._stream is None:
            return
        if self._stream.isatty():
            from tqdm import tqdm

            self._bar = tqdm(file=self._stream, leave=False, bar_format="{desc}{bar}", dynamic_ncols=True)
        else:
            self._next += FIRST_S

    @property
    def due(self) -> bool:
        """Return whether the line is to be shown again."""
        return self._stream is not None and time.monotonic() >= self._next

    def show(self, text: str) -> None:
        """Show a text in the place of the one before it; in a log, below it."""
        self._next = time.monotonic() + (APART_S if self._bar is None else TURN_S)
        if self._bar is None:
            self.add(text)
        else:
            self._bar.set_description_str(within_line(text))

    def add(self, text: str) -> None:
        """Print a line that stays."""
        if self._stream is not None and text:
            self._added = text
            with contextlib.suppress(OSError):
                if self._bar is not None:
                    self._bar.clear()
                # papermill's own bar may stand in this line: it draws itself anew below.
                alone = CLEARED if self._stream.isatty() else ""
                print(f"{alone}{within_line(text)}", file=self._stream, flush=True)
                if self._bar is not None:
                    self._bar.refresh()

    def close(self, last: str = "") -> None:
        """Take the line away; ``last`` stays in its place, once."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None
        if last != self._added:
            self.add(last)
        if self._stream is not None:
            with contextlib.suppress(OSError):
                self._stream.close()
            self._stream = None
