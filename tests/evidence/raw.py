"""The raw answers of a journal compared with its facts, for tests that hold its events as JSON does."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from byodkim import events as schema
from byodkim.evidence import raw_answers


def contradictions(events: Iterable[Mapping[str, Any]]) -> list[tuple[int, str]]:
    """Return where facts and raw answers differ."""
    return [(one.n, one.what) for one in _differences(events) if one.differs]


def incomparable(events: Iterable[Mapping[str, Any]]) -> list[tuple[int, str]]:
    """Return where facts cannot be compared with raw answers."""
    return [(one.n, one.what) for one in _differences(events) if not one.differs]


def _differences(events: Iterable[Mapping[str, Any]]) -> Iterable[raw_answers.Difference]:
    return raw_answers.differences([schema.typed(one, schema.EVENTS[one["event"]]) for one in events])
