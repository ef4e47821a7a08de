"""How far a campaign is, on standard error: a line that changes on a terminal, elsewhere one every half a minute."""

from __future__ import annotations

import contextlib
import json
import sys
import threading
import time
from collections import Counter, deque
from collections.abc import Mapping
from datetime import datetime
from types import TracebackType
from typing import Any, Final, TextIO

from byodkim.display.blocks import visible
from byodkim.display.words import duration
from byodkim.launch.unfinished import Watch
from byodkim.messages import Language, say
from byodkim.rotation.waves import Came, came

TURN_S: Final = 1.0
APART_S: Final = 30.0
#: Failures that are told as they happen, and runs of which the rate is that of the last.
FIRST: Final = 5
LATELY: Final = 20
ANEW: Final = "\r\x1b[K"


class Count:
    """What a campaign's events come to so far."""

    def __init__(self, language: Language) -> None:
        self._language = language
        self._looked: Mapping[str, Any] = {}
        self._lanes: list[list[set[int]]] = []
        self._outcomes: dict[int, str] = {}
        self._under_way: set[int] = set()
        self._ended: deque[datetime] = deque(maxlen=LATELY)
        self._failures = 0

    def take(self, event: Mapping[str, Any]) -> str:
        """Take one event; return the line of a failure, "" where it tells of none or there were enough."""
        kind = event["event"]
        if kind in ("looked", "continued"):
            self._looked = {**self._looked, **event}
        elif kind == "laid":
            self._lanes = [[set(wave) for wave in lane["waves"]] for lane in event["lanes"]]
        elif kind == "resumed":
            self._outcomes |= {one["number"]: one["outcome"] for one in event["ended"]}
        elif kind == "started":
            self._under_way.add(event["number"])
        elif kind == "ended":
            self._under_way.discard(event["number"])
            self._outcomes[event["number"]] = event["outcome"]
            self._ended.append(datetime.fromisoformat(event["at"]))
            if came(event["outcome"]) is Came.FAILED:
                self._failures += 1
                return (
                    f"{event['domain']}: {event['outcome'] or '-'}: {event['why']}" if self._failures <= FIRST else ""
                )
        return ""

    def line(self) -> str:
        """Return how far it is; "" before anything is known."""
        if not self._lanes:
            left = self._looked.get("left_s")
            told = {"left": duration(float(left), self._language) if left is not None else "-"}
            named = {name: self._looked[name] for name in ("known", "all") if name in self._looked}
            return say("fleet", "progress.plan", self._language, **named, **told) if len(named) > 1 else ""
        numbers = {number for lane in self._lanes for wave in lane for number in wave}
        done = numbers & self._outcomes.keys()
        counts = Counter(self._outcomes[number] or "-" for number in done)
        spent = (self._ended[-1] - self._ended[0]).total_seconds() if len(self._ended) > 1 else 0.0
        rate = (len(self._ended) - 1) / spent if spent else 0.0
        return say(
            "fleet", "progress", self._language, wave=" ".join(map(self._wave, self._lanes)), done=len(done),
            all=len(numbers), counts=", ".join(f"{name} {count}" for name, count in sorted(counts.items())) or "-",
            running=len(self._under_way), rate=f"{rate:.2f}" if rate else "-",
            left=duration((len(numbers) - len(done)) / rate, self._language) if rate else "-",
        )  # fmt: skip

    def _wave(self, lane: list[set[int]]) -> str:
        current = next((place for place, wave in enumerate(lane, 1) if wave - self._outcomes.keys()), len(lane))
        return f"{current}/{len(lane)}"


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
        print(f"{ANEW if self._terminal else ''}{visible(line)}", end=end, file=self._stream, flush=True)
