"""Events of a journal for tests that care for some of their fields only."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec
from msgspec import inspect

from second_edition.dkim.character_string import CharacterString
from second_edition.events import EVENTS
from second_edition.events.parts import Event
from second_edition.evidence.record import Record
from second_edition.plain import from_plain

S = TypeVar("S", bound=msgspec.Struct)
Line = Mapping[str, Any]
_EMPTY: Mapping[type[inspect.Type], object] = {
    inspect.DateTimeType: "2026-11-24T04:09:00+00:00",
    inspect.IntType: 0,
    inspect.FloatType: 0.0,
    inspect.BoolType: False,
    inspect.DictType: {},
}


def noted(kind: type[S], **given: Any) -> S:
    """Return an event, or a part of one, with the given fields; the others that it must have are empty."""
    required = [one for one in msgspec.structs.fields(kind) if one.required and one.name not in given]
    return kind(**{one.name: from_plain(one.type, _empty(_type(one.type))) for one in required}, **given)


def event_of(line: Line) -> Event:
    """Return the event of a line of a journal, given as JSON; what it must have and does not is empty."""
    return from_plain(EVENTS[line["event"]], filled(line))


def filled(line: Line) -> dict[str, Any]:
    """Return the line with all that its event must have."""
    found: dict[str, Any] = _whole(_type(EVENTS[line["event"]]), line)
    return found


def record_of(*lines: Line | Event) -> Record:
    """Return a run's record, of events and of lines as of ``event_of``."""
    told = (one if isinstance(one, Event) else {"n": n, **one} for n, one in enumerate(lines))
    return Record(tuple(one if isinstance(one, Event) else event_of(one) for one in told))


@functools.cache
def _type(kind: Any) -> inspect.Type:
    return inspect.type_info(kind)


def as_read(event: Event) -> dict[str, Any]:
    """Return an event as JSON, as a journal that was read has it."""
    told: dict[str, Any] = msgspec.to_builtins(event, enc_hook=_text)
    return {**told, "at": event.at.isoformat(timespec="milliseconds")}


def _text(value: object) -> str:
    assert isinstance(value, CharacterString)
    return value.decode("latin-1")


def _whole(kind: inspect.Type, value: Any) -> Any:
    """Return a value with all that it must have."""
    if isinstance(kind, inspect.Metadata):
        return _whole(kind.type, value)
    if isinstance(kind, inspect.UnionType):
        fits = (inspect.StructType, inspect.VarTupleType, inspect.DictType)
        return next((_whole(one, value) for one in map(_bare, kind.types) if isinstance(one, fits)), value)
    if isinstance(kind, inspect.StructType) and isinstance(value, Mapping):
        filled = dict(value)
        for field in kind.fields:
            if field.encode_name in value:
                filled[field.encode_name] = _whole(field.type, value[field.encode_name])
            elif field.required:
                filled[field.encode_name] = _empty(field.type)
        return filled
    if isinstance(kind, inspect.VarTupleType) and isinstance(value, list | tuple):
        return [_whole(kind.item_type, one) for one in value]
    if isinstance(kind, inspect.DictType) and isinstance(value, Mapping):
        return {name: _whole(kind.value_type, one) for name, one in value.items()}
    return value


def _bare(kind: inspect.Type) -> inspect.Type:
    return kind.type if isinstance(kind, inspect.Metadata) else kind


def _empty(kind: inspect.Type) -> Any:
    kind = _bare(kind)
    match kind:
        case inspect.UnionType():
            return None if kind.includes_none else _empty(kind.types[0])
        case inspect.LiteralType():
            return kind.values[0]
        case inspect.EnumType():
            return next(iter(kind.cls)).value
        case inspect.StructType():
            return _whole(kind, {})
        case inspect.StrType():
            return "0" * 64 if kind.pattern else ""
        case inspect.CustomType():
            return ""
        case _:
            return _EMPTY.get(type(kind), [])
