r"""JSON and YAML: Route 53's change batches, the bodies of DNS services' APIs, and octoDNS's zones.

octoDNS writes each semicolon of a value as ``\;`` and takes owners relative to the zone, which its file is named for.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Final

import yaml
from msgspec.structs import replace

from byodkim.dns.reading.rows import AUTOMATIC, COLUMNS, DELETION, UNKNOWN, Form, Row, concerns_dkim, joined, line_of

_DELETIONS: Final = ("deletes", "deletions")  # Cloudflare, Google
_BEGINS = re.compile(r"(?:^[ \t]*|['=])([\[{])", re.MULTILINE)
_MOST_VALUES: Final = 50
_MOST_NODES: Final = 20_000
_IS_YAML = re.compile(
    r"""^[ \t-]*["']?(?:record)?type["']?[ \t]*:[ \t]*["']?(?:TXT|CNAME)\b""", re.MULTILINE | re.IGNORECASE
)
_MEMBERS: Final = {"name": {"record", "dnsname"}, "kind": {"recordtype"}, "ttl": {"recordttl"}}
# Lists of values; in some, each character-string stands in quotes.
_LISTS: Final[dict[str, Form]] = {
    **dict.fromkeys(("resourcerecords", "rrdatas", "records"), "strings"),
    **dict.fromkeys(("value", "values", "targets"), "text"),
}


class Found:
    """Hold what a reader found: ``rows``, member names that stand ``twice`` in one object, and where it ``ended``.

    The text from ``began`` to ``ended`` is the format's, what is round it is not.
    """

    def __init__(self, began: int = 0, ended: int = 0) -> None:
        self.rows: list[Row] = []
        self.twice: list[str] = []
        self.began, self.ended = began, ended


def from_json(text: str) -> Found:
    """Return the key records of the JSON values in a text, whatever stands before, between and after them."""
    found = Found()

    def pairs(members: list[tuple[str, Any]]) -> dict[str, Any]:
        found.twice += _twice([name for name, _ in members])
        return dict(members)

    decoder, place = json.JSONDecoder(object_pairs_hook=pairs), 0
    for _ in range(_MOST_VALUES):
        if not (begin := _BEGINS.search(text, place)):
            break
        try:
            value, place = decoder.raw_decode(text, begin.start(1))
        except (ValueError, RecursionError):
            place = begin.end()
            continue
        if rows := list(rows_of(value, text)):
            found.began = found.began if found.rows else begin.start(1)
            found.rows, found.ended = found.rows + rows, place
    return found


def from_yaml(text: str) -> Found:
    """Return the key records of a text that is YAML from beginning to end."""
    found = Found(0, len(text))
    if not _IS_YAML.search(text):
        return found
    try:
        for node in yaml.compose_all(text, Loader=yaml.SafeLoader):
            found.rows += rows_of(_plain(node, found, [_MOST_NODES]), text)
    except (yaml.YAMLError, RecursionError, ValueError):
        return Found()
    return found


def _plain(node: Any, found: Found, left: list[int]) -> Any:
    """Return a node's scalars as they are written. Aliases count each time: few lines cannot stand for millions."""
    left[0] -= 1
    if left[0] < 0:
        raise ValueError
    if isinstance(node, yaml.SequenceNode):
        return [_plain(one, found, left) for one in node.value]
    if isinstance(node, yaml.MappingNode):
        members = [(str(_plain(name, found, left)), _plain(value, found, left)) for name, value in node.value]
        found.twice += _twice([name for name, _ in members])
        return dict(members)
    return node.value


def _twice(names: list[str]) -> list[str]:
    return [name for name in dict.fromkeys(names) if names.count(name) > 1]


def rows_of(value: Any, text: str, *, relative: bool = False, idle: str = "") -> Iterator[Row]:
    """Yield the key records of nested objects and lists.

    Args:
        value: of strings, lists and dicts.
        text: that it was read from.
        relative: names may lack the end that the zone gives them: Terraform's.
        idle: why they publish nothing, if what they stand in says so.
    """
    if isinstance(value, list):
        for one in value:
            yield from rows_of(one, text, relative=relative, idle=idle)
    if not isinstance(value, dict):
        return
    idle = idle or _idle(value, terraform=relative)
    found = (replace(row, idle=idle) for row in _record(value, text, relative=relative))
    yield from filter(concerns_dkim, found)
    for name, one in value.items():
        for entry in one if isinstance(one, list) else [one]:
            owned = isinstance(entry, dict) and "type" in entry and not _member(entry, "name")
            if owned and "domainkey" in str(name).lower():
                yield from _record({**entry, "name": str(name)}, text, relative=True, octodns=True)
        taken = "deletes" if str(name).lower() in _DELETIONS else ""
        yield from rows_of(one, text, relative=relative, idle=taken or idle)


def _idle(members: dict[str, Any], *, terraform: bool) -> str:
    """Return why an object deletes the records in it, or publishes none; "" where it does."""
    if DELETION.match(str(_member(members, "action"))):
        return "deletes"
    if terraform and (members.get("count") == "0" or members.get("for_each") in ({}, [])):
        return "count-zero"
    route53 = [members.get("Weight")] if "SetIdentifier" in members else []  # Linode says weight 0 of every record
    policies = [one for name, one in members.items() if name.startswith("weighted_routing_policy")]
    weights = [*route53, *(one.get("weight") for one in policies if isinstance(one, dict))]
    return "weight-zero" if "0" in map(str, weights) else ""


def _record(members: dict[str, Any], text: str, *, relative: bool, octodns: bool = False) -> Iterator[Row]:
    written, kind, ttl = (str(_member(members, column)) for column in ("name", "kind", "ttl"))
    name = UNKNOWN.sub("", written)
    line = line_of(text, name)
    unset = "content" in members and ttl == AUTOMATIC
    seen = set()
    for value, form in _values(members) if name else ():
        unescaped = value.replace("\\;", ";") if octodns else value
        if (bare := re.sub(r'["\s]', "", unescaped)) not in seen:
            yield Row(
                line, name, "TXT" if kind == "16" else kind, unescaped, "" if unset else ttl, form,
                relative or name != written,
            )  # fmt: skip
        seen.add(bare)


def _member(members: dict[str, Any], column: str) -> Any:
    names = COLUMNS[column] | _MEMBERS.get(column, set())
    return next(
        (value for name, value in members.items() if name.lower() in names and isinstance(value, str | int)), ""
    )


def _values(members: dict[str, Any]) -> Iterator[tuple[str, Form]]:
    """Yield every value of a record's object, with its quotes."""
    if value := _member(members, "value"):
        yield str(value), "text"
    for name, values in members.items():
        lower = name.lower()
        if not isinstance(values, list):
            continue
        if lower == "strings":
            yield joined(str(one).encode() for one in values), "strings"
        for one in values if lower in _LISTS else ():
            content = _member(one, "value") if isinstance(one, dict) else one
            if lower == "records" and isinstance(one, str) and not one.startswith('"'):
                content = f'"{one}"'  # Terraform's aws_route53_record puts the outer quotes there itself
            yield str(content), _LISTS[lower]
