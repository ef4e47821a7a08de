"""Terraform's blocks as objects: the literals of each attribute, whatever expression they stand in.

What a variable holds is not known here; ``join`` and ``format`` are, over literals.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

_BLOCK = re.compile(r"^([ \t]*)(?:resource|module|locals|variable)\b[^{}\n]*\{\n(.*?)^\1\}", re.MULTILINE | re.DOTALL)
_TOKEN = re.compile(
    r"""(?P<comment>\#[^\n]*|//[^\n]*|/\*.*?\*/)
    |(?P<label>[^\W\d]\w*|"\w+")[ \t]*[=:](?!=)
    |<<-?(?P<end>\w+)\n(?P<lines>.*?)\n[ \t]*(?P=end)(?=\s)
    |"(?P<string>(?:\\.|\$\{[^}\n]*\}|[^"\\\n])*)"
    |(?P<number>(?<![\w.])\d+(?![\w.]))
    |(?P<empty>\[\s*\]|\{\s*\})
    |[\w.-]+""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|.)", re.DOTALL)
_UNESCAPED: Final = {"n": "\n", "r": "\r", "t": "\t"}

_LISTS: Final = ("records", "rrdatas")
_IDLE: Final = {"count": ("0", "count-zero"), "for_each": ("[]", "count-zero"), "weight": ("0", "weight-zero")}


def objects(text: str) -> Iterator[tuple[dict[str, str | list[str]], str, int, int]]:
    """Yield the attributes of each object, why it makes no record, and where its block begins and ends."""
    comments = [token.span() for token in _TOKEN.finditer(text) if token["comment"]] if "/*" in text else []
    for block in _BLOCK.finditer(text):
        commented = any(began <= block.start() < ended for began, ended in comments)
        for literals in _literals(block[2]):
            why = [finding for label, (none, finding) in _IDLE.items() if literals.get(label) == [none]]
            rest = {label: found for label, found in literals.items() if label not in _IDLE or len(found) != 1}
            held = {label: found if label in _LISTS else "".join(found) for label, found in rest.items()}
            yield held, "commented-out" if commented else "".join(why[:1]), block.start(), block.end()


def _literals(body: str) -> list[dict[str, list[str]]]:
    """Return the attributes of a block with their literals; where several names stand in it, an object for each."""
    found: list[dict[str, list[str]]] = [{}]
    held: list[str] = []
    for token in _TOKEN.finditer(body):
        if token["label"]:
            label, held = token["label"].strip('"'), []
            if label == "name" and "name" in found[-1]:
                found.append({})
            found[-1][label] = held
        elif token["string"] is not None:
            held.append(_ESCAPE.sub(_unescaped, token["string"]))
        elif literal := token["lines"] or token["number"] or token["empty"]:
            held.append("[]" if token["empty"] else literal)
    return [{label: _evaluated(literals) for label, literals in one.items()} for one in found]


def _evaluated(literals: list[str]) -> list[str]:
    """Return the literals of an expression, those of ``join`` and ``format`` as the one text that they make."""
    first, *others = literals or [""]
    if others and not first.strip('" '):
        return [first.join(others)]
    if others and first.count("%s") == len(others):
        return ["".join(part + value for part, value in zip(first.split("%s"), [*others, ""], strict=True))]
    return literals


def _unescaped(found: re.Match[str]) -> str:
    return chr(int(found[1][1:], 16)) if len(found[1]) > 1 else _UNESCAPED.get(found[1], found[1])
