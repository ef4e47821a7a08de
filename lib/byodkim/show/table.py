"""A DataFrame as people see it: everything is text, with titles in the language of this process."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final, NamedTuple

import pandas as pd

from byodkim.show.text import NOTHING
from byodkim.words import _

CHANGED: Final = "◀"


class Table(NamedTuple):
    """A DataFrame as people see it: everything is text.

    Attributes:
        titles: of the columns, in the language of this process.
        rows: the cells.
        marked: by row, whether it is marked as changed or as not passed.
    """

    titles: list[str]
    rows: list[list[str]]
    marked: list[bool]


def table_of(frame: pd.DataFrame) -> Table:
    """Return a DataFrame as people see it: nothing is cut off; columns without a value go."""
    names = [name for name in frame.columns if frame[name].notna().any() or name in _KEPT]
    rows = frame[names].astype(object).to_dict("records")
    titles = [str(TITLES.get(name, name)) for name in names]
    cells = [[_cell(name, row[name]) for name in names] for row in rows]
    return Table(titles, cells, [_is_marked(row) for row in rows])


def _cell(name: str, value: Any) -> str:
    if pd.isna(value):
        return "" if name in _BLANK else NOTHING
    if isinstance(value, bool):
        if name == "changed":
            return CHANGED if value else ""
        return "✔" if value else "✘"
    if name == "field":
        return str(FIELDS.get(value, value))
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S %Z}"
    return str(value)


def _is_marked(row: dict[Any, Any]) -> bool:
    values = (row.get("changed"), row.get("published"), row.get("same"))
    changed, published, same = (None if pd.isna(value) else bool(value) for value in values)
    return changed is True or published is False or same is False


#: The run sheet's rows in the language of this process.
FIELDS: Final = {
    "selector": _("selector"), "DKIM status": _("DKIM status"),
    "signing enabled": _("signing enabled"), "signing origin": _("signing origin"),
}  # fmt: skip
#: Columns that stay without a value: an empty "after" says that SES was not read again.
_KEPT: Final = frozenset({"before", "after", "required", "value", "saw", "sha256", "same"})
_BLANK: Final = frozenset({"required", "changed", "request_id", "code"})
TITLES: Final = {
    "field": _("field"), "before": _("before"), "after": _("after"), "required": _("required"),
    "changed": _("changed"), "check": _("check"), "verdict": _("verdict"), "level": _("level"),
    "claim": _("claim"), "saw": _("what was seen"), "todo": _("what to do"),
    "waived": _("waived because"), "selector": _("selector"), "server": _("server"),
    "serves": _("what it serves"), "published": _("published"), "rcode": _("rcode"),
    "ttl": _("TTL (s)"), "serial": _("serial"), "ms": _("ms"), "place": _("place"),
    "sha256": _("SHA-256 of the public key"), "same": _("same key"), "at": _("time"),
    "event": _("event"), "request_id": _("AWS request id"), "service": _("service"),
    "operation": _("operation"), "region": _("Region"), "status": _("HTTP"), "code": _("code"),
    "retries": _("retries"), "fact": _("fact"), "value": _("value"), "name": _("name"),
}  # fmt: skip
