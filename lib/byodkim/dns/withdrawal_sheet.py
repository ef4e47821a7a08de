"""The request to revoke or to remove a key record, as files: CSV, zone text, JSON and words."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final

from byodkim.dkim import character_string
from byodkim.dns.request_sheet import BOM, COLUMNS, addressed, csv_line
from byodkim.messages import Language, say
from byodkim.rotation.record_set import Aim, Wanted

_ACTION: Final[Mapping[Language, str]] = {"en": "Action", "ja": "操作"}


def withdrawal_texts(wanted: Wanted, contacts: Mapping[str, str], language: Language) -> dict[str, bytes]:
    """Return the request as CSV, zone text, JSON and words, by the endings of the files' names."""
    texts = {
        "csv": _csv_text(wanted, language),
        "zone": _zone_text(wanted),
        "json": _json_text(wanted),
        "txt": addressed(_message_text(wanted, language), contacts, language),
    }
    return {f"dns-withdrawal.{ending}": text.encode() for ending, text in texts.items()}


def _csv_text(wanted: Wanted, language: Language) -> str:
    """Return the CSV as for publishing, with a column for what to do."""
    action = say("request", f"withdrawal.action.{wanted.aim.value}", language)
    columns = (_ACTION[language], *COLUMNS[language])
    return BOM + csv_line(columns) + csv_line((action, wanted.name, "TXT", wanted.value))


def _zone_text(wanted: Wanted) -> str:
    if wanted.aim is Aim.REMOVE:
        return f"; remove every TXT record at {wanted.name}.\n"
    strings = (string.encode() for string in character_string.split(wanted.value))
    return character_string.resource_record(wanted.name, wanted.ttl, strings)


def _json_text(wanted: Wanted) -> str:
    fields = {
        "action": wanted.aim.value,
        "name": wanted.name,
        "type": "TXT",
        "ttl": wanted.ttl if wanted.aim is Aim.REVOKE else None,
        "value": wanted.value if wanted.aim is Aim.REVOKE else None,
        "public_key_sha256": wanted.sha256,
    }
    return json.dumps(fields, indent=2, ensure_ascii=False) + "\n"


def _message_text(wanted: Wanted, language: Language) -> str:
    values = {"name": wanted.name, "value": wanted.value, "ttl": wanted.ttl, "sha256": wanted.sha256}
    return say("request", f"withdrawal.message.{wanted.aim.value}", language, **values)
