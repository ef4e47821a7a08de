"""Terraform: blocks and objects with the records of aws_route53_record, google_dns_record_set and their like.

Only literals are read, and ``join`` over them: what a variable holds is not known here.
"""

from __future__ import annotations

import re
from typing import Any, Final

from msgspec.structs import replace

from byodkim.dns.reading.structured import Found, rows_of

_BLOCK = re.compile(r"^[ \t]*(?:resource|module|locals|variable)\b[^{}\n]*\{", re.MULTILINE)
_TOKEN = re.compile(
    r"""(?P<comment>\#[^\n]*|//[^\n]*|/\*.*?\*/)
    |<<-?(?P<end>\w+)\n(?P<lines>.*?)\n[ \t]*(?P=end)(?=\s)
    |"(?P<string>(?:\\.|\$\{[^}\n]*\}|[^"\\\n])*)"
    |(?P<word>[\w.-]+)
    |(?P<mark>[{}\[\]()=:,])""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|.)", re.DOTALL)
_UNESCAPED: Final = {"n": "\n", "r": "\r", "t": "\t"}
_CLOSING: Final = {"{": "}", "[": "]", "(": ")"}

Tokens = list[tuple[str, str]]
"""Kind (``string``, ``word`` or ``mark``) and text of each, the last one first."""


def from_terraform(text: str) -> Found:
    """Return the key records of a text's blocks."""
    found, place = Found(), 0
    comments = [token.span() for token in _TOKEN.finditer(text) if token["comment"]] if "/*" in text else []
    while block := _BLOCK.search(text, place):
        tokens, place = _tokens(text, block.end())
        try:
            rows = list(rows_of(_body(tokens[::-1], "}"), text, relative=True))
        except RecursionError:
            continue
        if any(began <= block.start() < ended for began, ended in comments):
            rows = [replace(row, idle="commented-out") for row in rows]
        if rows:
            found.began = found.began if found.rows else block.start()
            found.rows, found.ended = found.rows + rows, place
    return found


def _tokens(text: str, place: int) -> tuple[Tokens, int]:
    """Return the tokens of a block's body, and where the block ends."""
    tokens: Tokens = []
    depth = 1
    while depth and (token := _TOKEN.search(text, place)):
        place = token.end()
        if token["lines"] is not None:
            tokens.append(("string", token["lines"]))
        elif token["string"] is not None:
            tokens.append(("string", _ESCAPE.sub(_unescaped, token["string"])))
        elif token["word"] or token["mark"]:
            tokens.append(("word" if token["word"] else "mark", token["word"] or token["mark"]))
            depth += (token["mark"] in _CLOSING) - (token["mark"] in _CLOSING.values())
    return tokens, place


def _body(tokens: Tokens, closing: str) -> dict[str, Any]:
    """Return the attributes of a block or an object, each nested block under a name of its own."""
    members: dict[str, Any] = {}
    name = ""
    while tokens:
        kind, held = tokens.pop()
        if (kind, held) == ("mark", closing):
            break
        if kind != "mark":
            name = held
        elif held == "{":
            members[f"{name} {len(members)}"] = _body(tokens, "}")
        elif held in "=:" and (value := _expression(tokens)) is not None:
            members[name] = value
    return members


def _expression(tokens: Tokens) -> Any:
    """Return the value of an expression; None for what is not known."""
    kind, held = tokens.pop() if tokens else ("mark", "")
    if kind == "string":
        return held
    if kind == "word":
        if tokens and tokens[-1] == ("mark", "("):
            tokens.pop()
            return _called(held, _list(tokens, ")"))
        return held if held.isdigit() else None
    return _body(tokens, "}") if held == "{" else _list(tokens, "]") if held == "[" else None


def _list(tokens: Tokens, closing: str) -> list[Any]:
    values = []
    while tokens and tokens[-1] != ("mark", closing):
        if tokens[-1] in (("mark", ","), ("mark", ":")):
            tokens.pop()
        else:
            values.append(_expression(tokens))
    if tokens:
        tokens.pop()
    return [value for value in values if value is not None]


def _called(function: str, given: list[Any]) -> Any:
    if function == "join" and len(given) == 2 and isinstance(given[1], list):
        return str(given[0]).join(map(str, given[1]))
    if function == "format" and given and str(given[0]).count("%s") == len(given) - 1:
        first, *others = str(given[0]).split("%s")
        return first + "".join(f"{value}{after}" for value, after in zip(given[1:], others, strict=True))
    return given[0] if len(given) == 1 else None


def _unescaped(found: re.Match[str]) -> str:
    return chr(int(found[1][1:], 16)) if len(found[1]) > 1 else _UNESCAPED.get(found[1], found[1])
