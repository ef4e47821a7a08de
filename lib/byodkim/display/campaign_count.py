"""Render how far a campaign is, by its events: ended by outcome, wave, rate and time left."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from byodkim.display.blocks import Block, Paragraph
from byodkim.display.words import Words, duration
from byodkim.evidence.record import Record
from byodkim.messages import Language, say
from byodkim.rotation.waves import Came, came

#: Failures that are told as they happen, and runs of which the rate is that of the last.
FIRST: Final = 5
LATELY: Final = 20


def under_way(record: Record, words: Words) -> list[Block]:
    """Return how far a campaign is that goes on: wave, runs under way, rate, and time left."""
    if record.last("halted") or record.closed:
        return []
    count = Count(words.language)
    for event in record.events:
        count.take(event)
    return [Paragraph(line)] if (line := count.line()) else []


class Count:
    """Hold what a campaign's events come to so far."""

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
            self._ended.append(datetime.fromisoformat(event["ended_at"]))
            if came(event["outcome"]) is Came.FAILED:
                self._failures += 1
                return (
                    f"{event['domain']}: {event['outcome'] or '-'}: {event['why']}" if self._failures <= FIRST else ""
                )
        return ""

    def line(self) -> str:
        """Return how far it is; "" before anything is known."""
        if not self._lanes:
            remaining = {"left": self._left(self._looked.get("left_s"))}
            named = {name: self._looked[name] for name in ("known", "all") if name in self._looked}
            return say("fleet", "progress.plan", self._language, **named, **remaining) if len(named) > 1 else ""
        numbers = {number for lane in self._lanes for wave in lane for number in wave}
        done = numbers & self._outcomes.keys()
        counts = Counter(self._outcomes[number] or "-" for number in done)
        spent = (self._ended[-1] - self._ended[0]).total_seconds() if len(self._ended) > 1 else 0.0
        rate = (len(self._ended) - 1) / spent if spent else 0.0
        return say(
            "fleet", "progress", self._language, wave=" ".join(map(self._wave, self._lanes)), done=len(done),
            all=len(numbers), counts=", ".join(f"{name} {count}" for name, count in sorted(counts.items())) or "-",
            running=len(self._under_way),
            rate=say("fleet", "progress.rate", self._language, rate=f"{rate:.2f}") if rate else "",
            left=self._left((len(numbers) - len(done)) / rate if rate else None),
        )  # fmt: skip

    def _left(self, seconds: float | None) -> str:
        """Return the time left; "" where it is not known, or nothing is left."""
        return say("fleet", "progress.left", self._language, left=duration(seconds, self._language)) if seconds else ""

    def _wave(self, lane: list[set[int]]) -> str:
        current = next((place for place, wave in enumerate(lane, 1) if wave - self._outcomes.keys()), len(lane))
        return f"{current}/{len(lane)}"
