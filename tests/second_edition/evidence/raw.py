"""The raw answers of a journal compared with its facts, for tests that hold its events as JSON does."""

from __future__ import annotations

from collections.abc import Iterable

from second_edition.events.parts import Event
from second_edition.evidence import raw_answers
from tests.second_edition.events.noted import Line, record_of


def contradictions(events: Iterable[Line | Event]) -> list[tuple[int, str]]:
    """Return where facts and raw answers differ."""
    return [(one.n, one.what) for one in _differences(events) if one.differs]


def incomparable(events: Iterable[Line | Event]) -> list[tuple[int, str]]:
    """Return where facts cannot be compared with raw answers."""
    return [(one.n, one.what) for one in _differences(events) if not one.differs]


def _differences(events: Iterable[Line | Event]) -> Iterable[raw_answers.Difference]:
    return raw_answers.differences(record_of(*events).events)
