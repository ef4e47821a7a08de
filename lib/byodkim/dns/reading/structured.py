r"""Objects: JSON, YAML and Terraform, of Route 53, octoDNS, the APIs of DNS services and the tools that call them.

octoDNS writes each semicolon of a value as ``\;`` and takes owners relative to the zone, which its file is named for.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

import yaml
from msgspec.structs import replace

from byodkim.dns.reading.rows import AUTOMATIC, DELETION, Form, Row, column, concerns_dkim, joined
from byodkim.dns.reading.terraform import objects

_BEGINS = re.compile(r"(?:^[ \t]*|['=])([\[{])", re.MULTILINE)
_MOST_VALUES: Final = 50
_MOST_NODES: Final = 20_000
_IS_YAML = re.compile(
    r"""^[ \t-]*["']?(?:record)?type["']?[ \t]*:[ \t]*["']?(?:TXT|CNAME)\b""", re.MULTILINE | re.IGNORECASE
)
_UNKNOWN = re.compile(r"\.?\$\{[^}]*\}")  # what a template puts in when it is used, such as the name of the zone
_DELETIONS: Final = ("deletes", "deletions")  # Cloudflare, Google
# Lists of values; in some, each character-string stands in quotes.
_LISTS: Final[dict[str, Form]] = {
    **dict.fromkeys(("resourcerecords", "rrdatas", "records"), "strings"),
    **dict.fromkeys(("value", "values", "targets"), "text"),
}


class Members(tuple[tuple[str, Any], ...]):
    """An object's names with their values, in order: one name may stand there twice."""

    __slots__ = ()


class Found:
    """Hold the ``rows`` of objects, the member names that stand ``twice`` in one, and where the objects stand."""

    def __init__(self, text: str, began: int = 0, ended: int = 0) -> None:
        self.text, self.began, self.ended = text, began, ended
        self.rows: list[Row] = []
        self.twice: list[str] = []

    def add(self, value: Any, began: int, ended: int, idle: str = "", *, relative: bool = False) -> None:
        """Take the key records of a value that stands from ``began`` to ``ended``.

        ``idle``: why they publish nothing; ``relative``: names may lack the end that the zone gives them.
        """
        rows = list(filter(concerns_dkim, self._rows_of(value, "", idle, relative)))
        if rows:
            self.began, self.ended = self.began if self.rows else began, ended
        self.rows += rows

    def _rows_of(self, value: Any, key: str, idle: str, relative: bool) -> Iterator[Row]:
        """Yield the records of nested objects and lists; ``key`` names the member that the value is."""
        if isinstance(value, list):
            for one in value:
                yield from self._rows_of(one, key, idle, relative)
        if not isinstance(value, Members):
            return
        self.twice += [name for name, times in Counter(name for name, _ in value).items() if times > 1]
        members = dict(value)
        idle = idle or _idle(members)
        yield from (replace(row, idle=idle) for row in _record(members, self.text, key, relative))
        for name, one in members.items():
            yield from self._rows_of(one, name, "deletes" if name.lower() in _DELETIONS else idle, relative)


def from_terraform(text: str) -> Found:
    """Return the key records of Terraform's blocks."""
    found = Found(text)
    for attributes, idle, began, ended in objects(text):
        found.add(Members(attributes.items()), began, ended, idle, relative=True)
    return found


def from_json(text: str) -> Found:
    """Return the key records of the JSON values in a text, whatever stands before, between and after them."""
    found, decoder, place = Found(text), json.JSONDecoder(object_pairs_hook=Members), 0
    for _ in range(_MOST_VALUES):
        if not (begin := _BEGINS.search(text, place)):
            break
        try:
            value, place = decoder.raw_decode(text, begin.start(1))
            found.add(value, begin.start(1), place)
        except (ValueError, RecursionError):
            place = begin.end()
    return found


def from_yaml(text: str) -> Found:
    """Return the key records of a text that is YAML from beginning to end."""
    found, left = Found(text), [_MOST_NODES]
    try:
        for node in yaml.compose_all(text, Loader=yaml.SafeLoader) if _IS_YAML.search(text) else ():
            found.add(_plain(node, left), 0, len(text))
    except (yaml.YAMLError, RecursionError, ValueError):
        return Found(text)
    return found


def _plain(node: Any, left: list[int]) -> Any:
    """Return a node's scalars as they are written. Aliases count each time: few lines cannot stand for millions."""
    left[0] -= 1
    if left[0] < 0:
        raise ValueError
    if isinstance(node, yaml.SequenceNode):
        return [_plain(one, left) for one in node.value]
    if isinstance(node, yaml.MappingNode):
        return Members((str(_plain(name, left)), _plain(value, left)) for name, value in node.value)
    return node.value


def _idle(members: dict[str, Any]) -> str:
    """Return why an object deletes the records in it, or publishes none; "" where it does."""
    if DELETION.match(_member(members, "action")):
        return "deletes"
    # Linode says weight 0 of every record
    weightless = "SetIdentifier" in members and str(members.get("Weight")) == "0"
    return "weight-zero" if weightless else ""


def _record(members: dict[str, Any], text: str, key: str, relative: bool) -> Iterator[Row]:
    """Yield a row for each value of an object with a name; octoDNS names the object itself."""
    written, kind, ttl = (_member(members, one) for one in ("name", "kind", "ttl"))
    octodns = not written and bool(kind) and "domainkey" in key.lower()
    name = key if octodns else _UNKNOWN.sub("", written)
    line = text.count("\n", 0, max(text.find(name), 0)) + 1
    relative = relative or octodns or name != written
    ttl = "" if "content" in members and ttl == AUTOMATIC else ttl
    seen = set()
    for value, form in _values(members) if name else ():
        unescaped = value.replace("\\;", ";") if octodns else value
        if (bare := re.sub(r'["\s]', "", unescaped)) not in seen:
            yield Row(line, name, "TXT" if kind == "16" else kind, unescaped, ttl, form, relative)
        seen.add(bare)


def _member(members: dict[str, Any], wanted: str) -> str:
    """Return the text or number of a column; "" where there is none."""
    found = (value for name, value in members.items() if column(name) == wanted and isinstance(value, str | int))
    return str(next(found, ""))


def _values(members: dict[str, Any]) -> Iterator[tuple[str, Form]]:
    """Yield every value of a record's object, with its quotes."""
    if value := _member(members, "value"):
        yield value, "text"
    for name, values in members.items():
        lower = name.lower()
        if not isinstance(values, list):
            continue
        if lower == "strings":
            yield joined(str(one).encode() for one in values), "strings"
        for one in values if lower in _LISTS else ():
            content = _member(dict(one), "value") if isinstance(one, Members) else one
            if lower == "records" and isinstance(one, str) and not one.startswith('"'):
                content = f'"{one}"'  # Terraform's aws_route53_record puts the outer quotes there itself
            yield str(content), _LISTS[lower]
