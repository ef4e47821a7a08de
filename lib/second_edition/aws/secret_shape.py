"""The shape of a secret: names of fields and how they nest, with the public parts of entries and no other value."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any, Final

from second_edition.aws.key_store import dns_values, domain_of, load
from second_edition.aws.secret_fields import may_be_shown
from second_edition.dkim.secrecy import may_be_piece

Json = dict[str, Any]

#: A name that no field has: what stands under it is public.
PUBLIC: Final = "$public"
#: In place of a text; the value of an entry's key record is told by the entry.
TEXT, TIME, RECORD = "text", "time", "record"
#: Of an entry; of any part.
_OF_ENTRY: Final = ("selector", "s3_key_path")
_BUCKET: Final = re.compile(r"[a-z0-9][a-z0-9.-]{1,62}")


def shape_of(text: str | bytes) -> Any:
    """Return a secret's shape.

    In place of a value stands one of its type: ``text``, ``time`` (ISO 8601), 0, false or null; or ``record``, of an
    entry's key record.

    Raises:
        ValueError: the text is no JSON.
    """
    return _shape(load(text))


def _shape(part: Any) -> Any:
    if isinstance(part, list):
        return [_shape(one) for one in part]
    if isinstance(part, dict):
        entry, around = bool(dns_values(part)), _holds_entry(part)
        return {
            name if _is_public(name, value) else f"field-{number}": _field(name, value, entry=entry, around=around)
            for number, (name, value) in enumerate(part.items(), 1)
        }
    if isinstance(part, str):
        return _word(part)
    return part and type(part)()


def _is_public(name: str, value: Any) -> bool:
    """Return whether a field's name is shown: one that may be no value, or the domain or selector of what is below."""
    if may_be_shown(name):
        return True
    own = isinstance(value, dict) and value.get("selector") == name
    return _holds_entry(value) and (own or bool(domain_of(name))) and not may_be_piece(name)


def _holds_entry(part: Any) -> bool:
    """Return whether an entry stands there, or anywhere within."""
    if isinstance(part, dict) and dns_values(part):
        return True
    within = part.values() if isinstance(part, dict) else part if isinstance(part, list) else ()
    return any(_holds_entry(one) for one in within)


def _word(value: str) -> str:
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return TEXT
    return TIME


def _field(name: str, value: Any, *, entry: bool, around: bool) -> Any:
    """Return what stands for a field. ``around``: an entry stands beside it or below: it may tell bucket or domain."""
    if not isinstance(value, str):
        record = value.get("value") if entry and name == "dns_record" and isinstance(value, dict) else None
        shape = _shape(value)
        return {**shape, "value": RECORD} if isinstance(record, str) else shape
    if entry and name == "dns_record.value":
        return RECORD
    place = (name == "s3_bucket" and _BUCKET.fullmatch(value)) or (name == "domain" and domain_of(value))
    public = (entry and name in _OF_ENTRY) or (around and place)
    return {PUBLIC: value} if public else _word(value)
