"""How far a campaign is, on standard error: a line that changes on a terminal, elsewhere one every half a minute."""

from __future__ import annotations

import contextlib
import json
import sys
import threading
import time
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Final, TextIO

from byodkim.display.blocks import within_line
from byodkim.display.campaign_count import Count
from byodkim.launch.unfinished import Watch
from byodkim.messages import Language

TURN_S: Final = 1.0
APART_S: Final = 30.0
ANEW: Final = "\r\x1b[K"


class Progress:
    """Shows it until it is left. A context manager.

    Args:
        watch: of the campaign's run, by whose journal it is told.
        language: of the lines.
        stream: where they go.
    """

    def __init__(self, watch: Watch, language: Language, stream: TextIO | None = None) -> None:
        self._watch, self._stream, self._count = watch, stream or sys.stderr, Count(language)
        self._terminal, self._read, self._shown = self._stream.isatty(), 0, time.monotonic()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._show, name="progress", daemon=True)

    def __enter__(self) -> Progress:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._over.set()
        self._thread.join()

    def _show(self) -> None:
        with contextlib.suppress(OSError, ValueError, LookupError, TypeError):  # it is the record that counts
            while not self._over.wait(TURN_S):
                self._turn()
            self._turn(last=True)

    def _turn(self, *, last: bool = False) -> None:
        for failure in filter(None, map(self._count.take, self._events())):
            self._print(failure, "\n")
        line = self._count.line()
        if line and (self._terminal or last or time.monotonic() - self._shown >= APART_S):
            self._shown = time.monotonic()
            self._print(line, "\n" if last or not self._terminal else "")

    def _events(self) -> list[Mapping[str, Any]]:
        path = self._watch.journal
        if path is None:
            return []
        with path.open("rb") as file:
            file.seek(self._read)
            whole = file.read().rpartition(b"\n")[0]
        self._read += len(whole) + 1 if whole else 0
        return [json.loads(line) for line in whole.splitlines()]

    def _print(self, line: str, end: str) -> None:
        print(f"{ANEW if self._terminal else ''}{within_line(line)}", end=end, file=self._stream, flush=True)
