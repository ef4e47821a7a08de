"""Terraform: records of aws_route53_record, google_dns_record_set, cloudflare_record and their like.

Only literals are read, and ``join`` over them: what a variable holds is not known here.
"""

from __future__ import annotations

import re
from typing import Any, Final

from byodkim.dns.reading.rows import AUTOMATIC, COLUMNS, UNKNOWN, Row, concerns_dkim
from byodkim.dns.reading.structured import Found, in_quotes

_RESOURCE = re.compile(r'^[ \t]*resource[ \t]+"(\w+)"[ \t]+"[^"\n]*"[ \t]*\{', re.MULTILINE)
_TOKEN = re.compile(
    r"""(?P<comment>\#[^\n]*|//[^\n]*|/\*.*?\*/)
    |<<-?(?P<end>\w+)\n(?P<lines>.*?)\n[ \t]*(?P=end)(?=\s)
    |"(?P<string>(?:\\.|\$\{[^}\n]*\}|[^"\\\n])*)"
    |(?P<word>[\w.-]+)
    |(?P<mark>[{}\[\]()=,])""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|.)", re.DOTALL)
_UNESCAPED: Final = {"n": "\n", "r": "\r", "t": "\t"}
_LISTS: Final = ("records", "rrdatas")
_OPENING, _CLOSING = "{[(", "}])"


def from_terraform(text: str) -> Found:
    """The key records of a text's resources."""
    found = Found()
    while resource := _RESOURCE.search(text, found.ended):
        try:
            attributes, end = _body(text, resource.end())
        except RecursionError:
            return Found()
        rows = _rows(resource[1], attributes, text.count("\n", 0, resource.start()) + 1)
        found.rows += [row for row in rows if concerns_dkim(row)]
        found.began, found.ended = found.began if found.ended else resource.start(), end
    return found


def _rows(kind: str, attributes: dict[str, Any], line: int) -> list[Row]:
    name, record, ttl = (str(attributes.get(column, "")) for column in ("name", "type", "ttl"))
    lists = [attributes[one] for one in _LISTS if isinstance(attributes.get(one), list)]
    whole = [attributes[one] for one in COLUMNS["value"] if isinstance(attributes.get(one), str)]
    known = UNKNOWN.sub("", name)
    if "cloudflare" in kind and ttl == AUTOMATIC:
        ttl = ""
    values = [(str(value), "strings") for each in lists for value in each] + [(value, "text") for value in whole]
    return [
        Row(
            line, known, record, in_quotes(value) if kind.startswith("aws_") else value, ttl,
            "strings" if form == "strings" else "text", known != name or "cloudflare" in kind,
        )
        for value, form in values
    ]  # fmt: skip


def _body(text: str, start: int) -> tuple[dict[str, Any], int]:
    """The attributes of a block that begins at ``start``, nested blocks passed over, and where it ends."""
    tokens: list[tuple[str, str]] = []
    depth, place = 1, start
    while depth and (token := _TOKEN.search(text, place)):
        place = token.end()
        kind = "string" if token.lastgroup == "lines" or token["lines"] is not None else str(token.lastgroup)
        held = token["lines"] if token["lines"] is not None else str(token[kind])
        depth += (kind == "mark" and held in _OPENING) - (kind == "mark" and held in _CLOSING)
        if kind != "comment":
            tokens.append((kind, _unescaped(held) if kind == "string" and token["lines"] is None else held))
    attributes: dict[str, Any] = {}
    level = number = 0
    while number + 2 < len(tokens):
        (kind, held), following = tokens[number], tokens[number + 1]
        number += 1
        if level == 0 and kind == "word" and following == ("mark", "="):
            attributes[held], number = _expression(tokens, number + 1)
        elif kind == "mark":
            level += (held in _OPENING) - (held in _CLOSING)
    return attributes, place


def _expression(tokens: list[tuple[str, str]], number: int) -> tuple[Any, int]:
    """The value of an expression, and where the next token stands; "" for what is not known."""
    if number >= len(tokens):
        return "", number
    kind, held = tokens[number]
    number += 1
    if kind != "mark":
        if kind == "word" and number < len(tokens) and tokens[number] == ("mark", "("):
            given, number = _expression(tokens, number)
            return _called(held, given), number
        return held, number
    values: list[Any] = []
    while held in _OPENING and number < len(tokens) and tokens[number] not in [("mark", one) for one in _CLOSING]:
        if tokens[number] in (("mark", ","), ("mark", "=")):
            number += 1
            continue
        value, number = _expression(tokens, number)
        values.append(value)
    return values, number + 1


def _called(function: str, given: Any) -> Any:
    flat = [one for each in given for one in (each if isinstance(each, list) else [each])]
    if function == "join" and flat:
        return flat[0].join(map(str, flat[1:]))
    return given[0] if len(given) == 1 else flat


def _unescaped(string: str) -> str:
    return _ESCAPE.sub(lambda found: _character(found[1]), string)


def _character(escape: str) -> str:
    return chr(int(escape[1:], 16)) if len(escape) > 1 else _UNESCAPED.get(escape, escape)
