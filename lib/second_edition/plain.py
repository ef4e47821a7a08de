"""Convert frozen data to what JSON holds, and back: journal, approvals and files hold every type of this program so."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from typing import Any, TypeVar

import msgspec

from second_edition.dkim.character_string import CharacterString

T = TypeVar("T")
#: msgspec 0.22 learns a class when it first meets it, in many steps: a thread that meets it meanwhile ends the process.
LEARNING = threading.RLock()


def plain(value: Any) -> Any:
    """Return a value as JSON takes it."""
    if isinstance(value, bytes):
        return value.decode("latin-1")  # byte 0xNN is U+00NN, so that a key stays readable
    if isinstance(value, Mapping):
        return {name: plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    if isinstance(value, msgspec.Struct):
        return {name: plain(getattr(value, name)) for name in value.__struct_fields__}
    if is_dataclass(value):
        return {one.name: plain(getattr(value, one.name)) for one in fields(value)}
    return value


def whole(value: Any) -> Any:
    """Return the same, of what JSON holds, with 14 for 14.0 (RFC 8785 section 3.2.2.3)."""
    match value:
        case float() if value.is_integer():
            return int(value)
        case Mapping():
            return {name: whole(one) for name, one in value.items()}
        case list() | tuple():
            return [whole(one) for one in value]
    return value


def from_plain(kind: type[T], value: object) -> T:
    """Return the value of a type that ``plain`` gave.

    Raises:
        ValueError: it is something else.
    """
    with LEARNING:
        return msgspec.convert(value, kind, dec_hook=decode)


def moment(text: str) -> datetime:
    """Return a time with its offset (ISO 8601), such that days may be added and it has a date in every time zone.

    Raises:
        ValueError: it is none.
    """
    found = datetime.fromisoformat(text)
    if found.tzinfo is None or not 1000 <= found.year < 9000:
        raise ValueError("no time with its offset")
    return found


def decode(kind: type[Any], value: object) -> object:
    """Return a value of a type that msgspec does not know (its ``dec_hook``)."""
    if kind is CharacterString and isinstance(value, str):
        return CharacterString(value.encode("latin-1"))
    raise TypeError(f"no {kind.__name__}")  # which msgspec passes on as its ValidationError, a ValueError
