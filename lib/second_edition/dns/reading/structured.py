r"""Objects: JSON, YAML and Terraform, of Route 53, octoDNS, the APIs of DNS services and the tools that call them.

octoDNS writes each semicolon of a value as ``\;`` and takes owners relative to the zone, which its file is named for.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Final

import yaml
from msgspec.structs import replace

from second_edition.dns.reading.rows import AUTOMATIC, DELETION, Form, Row, column, concerns_dkim, is_known, joined
from second_edition.dns.reading.terraform import objects

_BEGINS = re.compile(r"(?:^[ \t]*|['=])([\[{])", re.MULTILINE)
_MOST_VALUES: Final = 50
_MOST_NODES: Final = 20_000
_IS_YAML = re.compile(
    r"""^[ \t-]*["']?(?:record)?type["']?[ \t]*:[ \t]*["']?(?:TXT|CNAME)\b""", re.MULTILINE | re.IGNORECASE
)
_UNKNOWN = re.compile(r"\.?\$\{[^}]*\}")  # what a template puts in when it is used, such as the name of the zone
_FILE = re.compile(r"(?<![\w.-])((?:[\w-]+\.)?_domainkey\.[\w.-]+)\.yaml")
_DELETIONS: Final = ("deletes", "deletions")  # Cloudflare, Google
# Lists of values; in some, each character-string stands in quotes.
_LISTS: Final[dict[str, Form]] = {
    **dict.fromkeys(("resourcerecords", "rrdatas", "records", "txtrecords"), "strings"),
    **dict.fromkeys(("value", "values", "targets"), "text"),
}


class Members(tuple[tuple[str, Any], ...]):
    """An object's names with their values, in order: one name may stand there twice."""

    __slots__ = ()


Piece = tuple[int, int, list[Row]]
"""Where an object or a text begins and ends, and its key records."""


def from_terraform(text: str) -> Iterator[Piece]:
    """Yield the key records of Terraform's blocks, whose names may lack the end that the zone gives them."""
    for attributes, idle, began, ended in objects(text):
        yield began, ended, list(_rows(Members(attributes.items()), text, idle=idle, relative=True))


def from_json(text: str) -> Iterator[Piece]:
    """Yield the key records of the JSON values in a text, whatever stands before, between and after them."""
    decoder, place = json.JSONDecoder(object_pairs_hook=Members), 0
    for _ in range(_MOST_VALUES):
        if not (begin := _BEGINS.search(text, place)):
            return
        try:
            value, place = decoder.raw_decode(text, begin.start(1))
            yield begin.start(1), place, list(_rows(value, text))
        except (ValueError, RecursionError):
            place = begin.end()


def from_yaml(text: str) -> Iterator[Piece]:
    """Yield the key records of a text that is YAML from beginning to end."""
    left = [_MOST_NODES]
    try:
        nodes = yaml.compose_all(text, Loader=yaml.SafeLoader) if _IS_YAML.search(text) else ()
        yield 0, len(text), [row for node in nodes for row in _rows(_plain(node, left), text)]
    except (yaml.YAMLError, RecursionError, ValueError):
        return


def _rows(
    value: Any, text: str, key: str = "", *, idle: str = "", twice: tuple[str, ...] = (), relative: bool = False
) -> Iterator[Row]:
    """Yield the key records of nested objects and lists, ``key`` being the name of the member that the value is."""
    if isinstance(value, list):
        for one in value:
            yield from _rows(one, text, key, idle=idle, twice=twice, relative=relative)
    if not isinstance(value, Members):
        return
    twice += tuple(name for name, times in Counter(name for name, _ in value).items() if times > 1)
    members = dict(value)
    idle = idle or _idle(members)
    unjudged = tuple(_unjudged(members))
    found = (replace(row, idle=idle, twice=twice, unjudged=unjudged) for row in _record(members, text, key, relative))
    yield from filter(concerns_dkim, found)
    for name, one in members.items():
        why = "deletes" if name.lower() in _DELETIONS else idle
        yield from _rows(one, text, name, idle=why, twice=twice, relative=relative)


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


def _unjudged(members: dict[str, Any]) -> Iterator[str]:
    """Yield the members of a record's object, and of its values, that no reader knows or can read."""
    for name, value in members.items():
        if isinstance(value, list) and name.lower() in (*_LISTS, "strings"):
            for one in value:
                yield from _unjudged(dict(one)) if isinstance(one, Members) else ()
        elif not is_known(name) or not isinstance(value, str | int | None):
            yield name


def _record(members: dict[str, Any], text: str, key: str, relative: bool) -> Iterator[Row]:
    """Yield a row for each value of an object with a name; octoDNS names the object itself."""
    written, kind, ttl = (_member(members, one) for one in ("name", "kind", "ttl"))
    kind = kind.rpartition("/")[2]  # Azure writes Microsoft.Network/dnszones/TXT
    whole = key if "domainkey" in key.lower() else f"{key}.{_zone(text)}".strip(".")
    octodns = not written and bool(kind) and "domainkey" in whole.lower()
    name = whole if octodns else _UNKNOWN.sub("", written)
    line = text.count("\n", 0, max(text.find(key if octodns else name), 0)) + 1
    relative = relative or octodns or name != written
    ttl = "" if "content" in members and ttl == AUTOMATIC else ttl
    seen = set()
    for value, form in _values(members) if name else ():
        unescaped = value.replace("\\;", ";") if octodns else value
        if (bare := re.sub(r'["\s]', "", unescaped)) not in seen:
            yield Row(line, name, "TXT" if kind == "16" else kind, unescaped, ttl, form, relative)
        seen.add(bare)


@lru_cache(1)
def _zone(text: str) -> str:
    """Return the zone at or beneath _domainkey whose file an entry for octoDNS names; "" where it names none."""
    found = _FILE.search(text)
    return found[1] if found else ""


def _member(members: dict[str, Any], wanted: str) -> str:
    """Return the text or number of a column; "" where there is none."""
    found = (value for name, value in members.items() if column(name) == wanted and isinstance(value, str | int))
    return str(next(found, ""))


def _content(members: dict[str, Any]) -> str:
    """Return the value of a list's member; Azure writes it as a list of character-strings."""
    strings = next((one for name, one in members.items() if name.lower() == "value" and isinstance(one, list)), ())
    return joined(str(one).encode() for one in strings) or _member(members, "value")


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
            content = _content(dict(one)) if isinstance(one, Members) else one
            if lower == "records" and isinstance(one, str) and not one.startswith('"'):
                content = f'"{one}"'  # Terraform's aws_route53_record puts the outer quotes there itself
            yield str(content), _LISTS[lower]
