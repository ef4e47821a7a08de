"""Events of a journal for tests that care for some of their fields only."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar

import msgspec

from byodkim.events import name_of
from byodkim.events.parts import Event
from byodkim.plain import plain

S = TypeVar("S", bound=msgspec.Struct)
_EMPTY = {"datetime": datetime(2026, 11, 24, 4, 9, tzinfo=UTC), "int": 0, "float": 0.0, "bool": False, "str": ""}


def filled(kind: type[msgspec.Struct], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the given fields of an event, or of a part of one, and the others that it must have, empty."""
    fields = (one for one in msgspec.structs.fields(kind) if one.required and one.name not in given)
    return {one.name: _empty(one.type) for one in fields} | dict(given)


def noted(kind: type[S], **given: Any) -> S:
    """Return an event, or a part of one, with the given fields; the others that it must have are empty."""
    return kind(**filled(kind, {"previous_line": "0" * 64, **given} if issubclass(kind, Event) else given))


def as_read(event: Event) -> dict[str, Any]:
    """Return an event as a journal that was read has it."""
    told = {name: value for name, value in plain(event).items() if value is not msgspec.UNSET}
    return {**told, "at": event.at.isoformat(timespec="milliseconds"), "event": name_of(type(event))}


def _empty(kind: Any) -> Any:
    info = msgspec.inspect.type_info(kind)
    if isinstance(info, msgspec.inspect.StructType):
        return noted(info.cls)
    if isinstance(info, msgspec.inspect.UnionType):
        return None
    name = type(info).__name__.removesuffix("Type").lower()
    return _EMPTY.get(name, {} if name == "dict" else ())
