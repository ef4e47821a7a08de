"""The journal's schema, format 1: one class an event. What is written is checked by it, and what is read back.

``byodkim schema`` prints it as JSON Schema. A journal begins with ``begin`` and ends with ``closed``.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, reduce
from operator import or_
from types import ModuleType
from typing import Any, Final, TypeVar

import msgspec

from second_edition import plain
from second_edition.dkim.character_string import CharacterString
from second_edition.events import campaign, run, writes, zone
from second_edition.events.parts import Durable, Event

E = TypeVar("E", bound=Event)

#: The format of a journal, which its first event names.
FORMAT: Final = 1


def _classes(*modules: ModuleType) -> Iterator[type[Event]]:
    found = (one for module in modules for one in vars(module).values() if isinstance(one, type))
    return (one for one in found if issubclass(one, Event) and one not in (Event, Durable))


def name_of(kind: type[Event]) -> str:
    """Return what the journal calls an event."""
    return str(kind.__struct_config__.tag)


#: Every event, by its name in the journal.
EVENTS: Final = {name_of(one): one for one in _classes(run, writes, zone, campaign)}


@cache
def _decoder(kind: type[Event]) -> msgspec.json.Decoder[Any]:
    kinds = reduce(or_, EVENTS.values()) if kind is Event else kind
    with plain.LEARNING:
        return msgspec.json.Decoder(kinds, dec_hook=plain.decode)


def decode(line: bytes, kind: type[E]) -> E:
    """Return the event that a line of a journal is. ``kind``: the only one that it may be; ``Event`` for any.

    Raises:
        ValueError, RecursionError: the line is no such event.
    """
    found: E = _decoder(kind).decode(line)
    return found


def schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of one line of a journal."""
    (found,), components = msgspec.json.schema_components(
        [reduce(or_, EVENTS.values())], schema_hook=_described, ref_template="#/$defs/{name}"
    )
    title = f"One line of a byodkim journal, format {FORMAT}"
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": title, **found, "$defs": components}


def _described(kind: type[Any]) -> dict[str, Any]:
    if kind is CharacterString:
        return {"type": "string", "description": "A character-string of a TXT record; byte 0xNN is U+00NN."}
    raise NotImplementedError(kind)
