"""The request to the people who keep the zone to revoke or to remove a key record, in the forms that they take."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from typing import Final

from byodkim.dkim import character_string
from byodkim.messages import Language, say
from byodkim.rotation.publication import Aim, Wanted

_BOM: Final = "\ufeff"
_COLUMNS: Final[Mapping[Language, tuple[str, ...]]] = {
    "en": ("Action", "Name", "Type", "Value"),
    "ja": ("操作", "名前", "タイプ", "値"),
}


def texts(wanted: Wanted, language: Language) -> dict[str, bytes]:
    """The request as CSV, zone text, JSON and words, by the endings of the files' names."""
    told = {
        "csv": _csv_text(wanted, language),
        "zone": _zone_text(wanted),
        "json": _json_text(wanted),
        "txt": _message_text(wanted, language),
    }
    return {f"dns-withdrawal.{ending}": text.encode() for ending, text in told.items()}


def _csv_text(wanted: Wanted, language: Language) -> str:
    """UTF-8 with a byte order mark, CRLF: as the request to publish. No field opens with a sign of a formula."""
    out = io.StringIO()
    action = say("withdrawal", f"action.{wanted.aim.value}", language)
    csv.writer(out).writerows((_COLUMNS[language], (action, wanted.name, "TXT", wanted.value)))
    return _BOM + out.getvalue()


def _zone_text(wanted: Wanted) -> str:
    if wanted.aim is Aim.REMOVE:
        return f"; remove every TXT record at {wanted.name}.\n"
    strings = (string.encode() for string in character_string.split(wanted.value))
    return character_string.resource_record(wanted.name, wanted.ttl, strings)


def _json_text(wanted: Wanted) -> str:
    told = {
        "action": wanted.aim.value,
        "name": wanted.name,
        "type": "TXT",
        "ttl": wanted.ttl if wanted.aim is Aim.REVOKE else None,
        "value": wanted.value if wanted.aim is Aim.REVOKE else None,
        "public_key_sha256": wanted.sha256,
    }
    return json.dumps(told, indent=2) + "\n"


def _message_text(wanted: Wanted, language: Language) -> str:
    values = {"name": wanted.name, "value": wanted.value, "ttl": wanted.ttl, "sha256": wanted.sha256}
    return say("withdrawal", f"message.{wanted.aim.value}", language, **values)
