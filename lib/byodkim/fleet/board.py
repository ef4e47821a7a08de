"""What a reader knows and is asked, and which call of SES it makes next: no socket, no thread, no clock of its own.

Moments are seconds of a clock that never goes back. What an answer's moment is, is when its call was handed on: SES was
asked then or later.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from byodkim.rotation.inventory import BATCH
from byodkim.rotation.observation import SUCCESS
from byodkim.rotation.reading import BATCH_CALL, FRESH_S, FULL_CALL, Reading

#: Seconds that a call waits for others who ask at about the same time.
GATHER_S: Final = 0.2
#: The part of the time between two polls that SES is given with a new selector before it is asked about it.
SETTLE: Final = 0.1
#: Seconds between two polls at most, where every run that is under way waits for SES.
IDLE_S: Final = 5.0
#: What was read for a run that is to come is good for this long before it is read anew.
STOCK_S: Final = FRESH_S / 2
#: Seconds until a call is made again that was refused, or got no answer.
AGAIN_S: Final = 2.0
MOST_FAILURES: Final = 3
#: Seconds between two answers by which a run comes to its end: fifty that end in the same moment would keep those from
#: writing in time that are about to.
APART_S: Final = 0.5


@dataclass(frozen=True, eq=False)
class Question:
    """A run's question: how ``name`` stands, by a call made after the moment ``since``.

    ``until`` is when it is told that there is no such answer, ``wrote`` the selector that SES was given by it; a
    ``patient`` one waits for the next poll.
    """

    name: str
    since: float
    until: float
    asked: float
    wrote: str = ""
    patient: bool = False


@dataclass(frozen=True)
class Call:
    """A call to be made: about one identity in full, or about up to 100."""

    names: tuple[str, ...]
    full: bool = False


@dataclass(frozen=True)
class _Known:
    """The newest answer about an identity. ``told``: ``None`` where SES knew none of that name."""

    moment: float
    at: str
    by: str
    request_id: str
    others: int
    told: Mapping[str, Any] | None
    body: str = ""


@dataclass(frozen=True)
class _Full:
    identity: Mapping[str, Any]
    at: str


@dataclass
class Board:
    """One account and Region.

    Attributes:
        every_s: seconds between two polls for those who wait for SES.
        under_way: runs that have begun and not ended, where that is known.
    """

    every_s: float
    under_way: int = 0
    _full: dict[str, _Full] = field(default_factory=dict)
    _known: dict[str, _Known] = field(default_factory=dict)
    _ahead: dict[str, None] = field(default_factory=dict)  # in their order
    _to_come: dict[str, None] = field(default_factory=dict)  # all that no run has asked about
    _waiting: dict[Question, None] = field(default_factory=dict)
    _held: set[Question] = field(default_factory=set)  # that have an answer, one after another
    _given: float = float("-inf")
    _unclear: dict[str, None] = field(default_factory=dict)  # to be read in full
    _under_way: tuple[Call, float] | None = None
    _polled: float = float("-inf")
    _not_before: float = 0.0
    _failures: int = 0

    def seed(self, identity: Mapping[str, Any], at: str) -> None:
        """Takes a full read of an identity, which a run is to come for, in the order of these reads."""
        name = str(identity["name"])
        self._full[name] = _Full(identity, at)
        self._to_come[name] = None

    def ahead(self, names: Sequence[str]) -> None:
        """Takes the names that come before all others: they go along with a call that is made anyway."""
        self._ahead.update(dict.fromkeys(names))

    def ask(self, question: Question) -> None:
        """Takes a question; ``answers`` answers it."""
        self._waiting[question] = None
        self._ahead.pop(question.name, None)
        self._to_come.pop(question.name, None)

    def withdraw(self, question: Question) -> None:
        """Nobody waits for the answer any more."""
        self._waiting.pop(question, None)
        self._held.discard(question)

    def answers(self, now: float) -> Iterator[tuple[Question, Reading | str]]:
        """Questions that have an answer now, each once: a reading, ``late``, or ``gone`` where SES knows no such."""
        for question in list(self._waiting):
            found = self._answer(question)
            if found is None and question.until > now:
                continue
            if question.patient and _verified(found):
                if now < self._given + APART_S:
                    self._held.add(question)
                    continue
                self._given = now
            self.withdraw(question)
            yield question, found or "late"

    def _answer(self, question: Question) -> Reading | str | None:
        known = self._known.get(question.name)
        if known is None or known.moment < question.since:
            return None
        if known.told is None:
            return "gone"
        full = self._full.get(question.name)
        if full is not None:
            found = Reading(
                known.at, known.by, known.request_id, known.others, full.identity, full.at,
                known.told, question.wrote, known.body,
            )  # fmt: skip
            if found.identity is not None:
                return found
        self._unclear[question.name] = None
        return None

    def next_call(self, now: float) -> Call | None:
        """The call that is to be made now, which is under way then; one at a time."""
        if self._under_way or now < self._not_before:
            return None
        call = self._next(now)
        if call is not None:
            self._under_way = call, now
            if not call.full and {one.name for one in self._patient()} & set(call.names):
                self._polled = now
        return call

    def _next(self, now: float) -> Call | None:
        asked = {question.name for question in self._waiting}
        self._unclear = {name: None for name in self._unclear if name in asked}
        if self._unclear:
            return Call((next(iter(self._unclear)),), full=True)
        urgent, patient = self._urgent(), self._patient()
        at_once = bool(urgent) and min(one.asked for one in urgent) + GATHER_S <= now
        poll = bool(patient) and self._poll_at(patient) <= now
        if not at_once and not poll:
            return None
        coming = itertools.chain(self._ahead, self._to_come)
        stock = list(itertools.islice((name for name in coming if self._moment(name) < now - STOCK_S), BATCH))
        polled = sorted((one.name for one in patient), key=self._moment)
        names = [one.name for one in urgent] + (stock + polled if at_once else polled + stock)
        return Call(tuple(itertools.islice(dict.fromkeys(names), BATCH)))

    def _urgent(self) -> list[Question]:
        return [one for one in self._waiting if not one.patient]

    def _patient(self) -> list[Question]:
        return [one for one in self._waiting if one.patient and one not in self._held]

    def _poll_at(self, patient: Sequence[Question]) -> float:
        # Where every run waits for SES, nobody writes, and a call takes no moment from anyone.
        every = min(self.every_s, IDLE_S) if len(patient) >= self.under_way > 0 else self.every_s
        return max(self._polled + every, min(one.asked for one in patient) + every * SETTLE)

    def _moment(self, name: str) -> float:
        known = self._known.get(name)
        return known.moment if known else float("-inf")

    def came(self, answer: Mapping[str, Any]) -> None:
        """Takes the answer to the call under way, as the custodian's ``hundred`` or ``full`` gives it."""
        assert self._under_way is not None  # noqa: S101 - who asks has a call under way
        (call, moment), self._under_way, self._failures = self._under_way, None, 0
        at, request_id = str(answer["call"]["at"]), str(answer["call"]["request_id"])
        if not call.full:
            others = len(call.names) - 1
            for name in call.names:
                told = answer["told"].get(name)
                self._known[name] = _Known(moment, at, BATCH_CALL, request_id, others, told)
            return
        (name,), identity = call.names, answer["identity"]
        self._unclear.pop(name, None)
        body = str(answer["call"].get("raw", {}).get("body", ""))
        self._known[name] = _Known(moment, at, FULL_CALL, request_id, 0, None if identity is None else {}, body)
        if identity is not None:
            self._full[name] = _Full(identity, at)

    def failed(self, now: float, *, refused: bool) -> list[Question]:
        """The call under way came to nothing. Gives the questions that wait for it no longer.

        Who waits for SES anyway waits for the next call, and no longer when ``MOST_FAILURES`` have failed in turn.

        Args:
            now: moment.
            refused: as one call too many: it is made again, as nobody else may make one either.
        """
        assert self._under_way is not None  # noqa: S101 - who asks has a call under way
        (call, _), self._under_way = self._under_way, None
        self._not_before, self._polled = now + AGAIN_S, float("-inf")
        if refused:
            return []
        self._failures += 1
        lost = self._failures >= MOST_FAILURES
        left = [one for one in self._waiting if one.name in call.names and (lost or not one.patient)]
        for question in left:
            self.withdraw(question)
            self._unclear.pop(question.name, None)
        return left

    def due(self, now: float) -> float | None:
        """Seconds until there is something to do, without another question or answer; ``None`` where nothing waits."""
        if not self._waiting:
            return None
        moments = [min(one.until for one in self._waiting), *([self._given + APART_S] if self._held else [])]
        if self._under_way is None:
            urgent, patient = self._urgent(), self._patient()
            calls = [min(one.asked for one in urgent) + GATHER_S] if urgent else []
            calls += [self._poll_at(patient)] if patient else []
            calls += [now] if self._unclear else []
            moments += [max(min(calls), self._not_before)] if calls else []
        return max(min(moments) - now, 0.0)


def _verified(found: Reading | str | None) -> bool:
    identity = found.identity if isinstance(found, Reading) else None
    return identity is not None and identity.status == SUCCESS


def moment_of(at: str) -> datetime:
    """A time as it is told.

    Raises:
        ValueError: it is none, or of no time zone.
    """
    found = datetime.fromisoformat(at)
    if found.tzinfo is None:
        raise ValueError("a time without a time zone")
    return found
