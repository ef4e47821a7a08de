"""Everything that is wrong with a value: a defect that ``parse`` names is mended, and the next one looked for."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from second_edition.dkim import character_string
from second_edition.dkim.defect import Finding
from second_edition.dkim.key_record import KeyRecordInvalid, PublicKey, format_value, parse
from second_edition.dns.reading.rows import NARROW, STRAIGHT, Form, Row

_MOST_ROUNDS: Final = 30
_QUOTED = re.compile(r'"((?:\\.|[^"\\])*)"', re.DOTALL)
_ESCAPE = re.compile(r"\\(\d{3}|.)", re.DOTALL)
_BREAK = re.compile(r"(?<!\s)\s*\n[>|\s]*")
_SMART = re.compile(f"[{''.join(map(chr, STRAIGHT))}]")
_WIDE = re.compile("[\uff01-\uff5e\u3000]")
_KEY = re.compile(r"(?:\A|;)\s*p\s*=([^;]*)", re.IGNORECASE)
_OWN: Final = {"V": "v", "K": "k", "P": "p"}
Values = tuple[tuple[str, str | int], ...]
FLAGS: Final = {"y": "testing", "s": "no-subdomains"}
"""Flags of ``t=``, with findings that are no defects: the record is sound, and holds what receivers act on."""


@dataclass(frozen=True)
class Mended:
    """A value's defects, the key if a sound one came out of them, and the value without what its form puts round it."""

    findings: tuple[Finding, ...]
    public_key: PublicKey | None
    value: str = field(default="", repr=False)

    @property
    def two_keys(self) -> bool:
        """Return whether two keys stand in it, of which none is chosen."""
        return any(finding.defect == "two-keys" for finding in self.findings)


def walk(value: str) -> Iterator[tuple[KeyRecordInvalid, str]]:
    """Yield each defect of a value and the value without it; the same value, and no more, where it cannot be mended."""
    for _ in range(_MOST_ROUNDS):
        try:
            parse((value.encode("utf-8", errors="replace"),))
            return
        except KeyRecordInvalid as invalid:
            mended = _REPAIRS.get(invalid.defect, str)(value)
            yield invalid, mended
            if mended == value:
                return
            value = mended


def _walked(value: str) -> str:
    """Return a value once all that can be mended is."""
    return [value, *(mended for _, mended in walk(value))][-1]


def _sound(value: str) -> PublicKey | None:
    try:
        return parse((value.encode("utf-8", errors="replace"),)).public_key
    except KeyRecordInvalid:
        return None


def mend(row: Row) -> Mended:
    """Return every defect of a row's value, and the key that is left when all that can be mended is."""
    value, wrong = _plain(row)
    if not value.strip():
        return Mended((Finding("no-value", line=row.line),), None)
    wrong |= dict.fromkeys(_seen(value), ())
    steps = list(walk(value))
    for invalid, _ in steps:
        wrong.setdefault(invalid.defect, tuple(sorted(invalid.values.items())))
    mended = steps[-1][1] if steps else value
    flags = {flag.strip() for name, held in tags(mended) if name == "t" for flag in held.split(":")}
    wrong |= dict.fromkeys((finding for flag, finding in FLAGS.items() if flag in flags), ())
    if len({"".join(key.split()) for key in _KEY.findall(value)}) > 1:
        wrong = {name: values for name, values in wrong.items() if values != (("tag", "p"),)} | {"two-keys": ()}
    findings = tuple(Finding(name, values, row.line) for name, values in wrong.items())
    return Mended(findings, None if "two-keys" in wrong else _sound(mended), value)


def _seen(value: str) -> Iterator[str]:
    """Yield the defects that ``parse`` does not know, or knows by another name."""
    key = _KEY.search(value)
    if re.match(r"\s*(k|p)\s*=", value, re.IGNORECASE):
        yield "no-version"
    if key and re.search(r"\S\s+\S", key[1]):
        yield "space-within"
    if key and re.fullmatch(r"[a-z0-9+/=\s]{40,}|[A-Z0-9+/=\s]{40,}", key[1]):
        yield "one-case-key"


def with_key(value: str, public_key: PublicKey) -> str:
    """Return a tag list with this key in its p tag: other tags stay, in their order, repaired where they are defective.

    Args:
        value: ``Mended.value``, of a row without the finding ``two-keys``.
        public_key: the key.

    Returns:
        "" where it cannot be made sound: one tag stands there with two values.
    """
    own = {"p": public_key.base64, "P": public_key.base64, "k": public_key.key_type}
    kept: dict[str, str] = {}
    for name, held in tags(_only_tags(_walked(value))):
        if kept.setdefault("p" if name == "P" else name, own.get(name, held)) != own.get(name, held):
            return ""
    kept.pop("", None)  # one semicolon may close the list
    if kept.keys() <= {"v", "p"}:
        return format_value(public_key)
    text = _walked(_join(({"v": "DKIM1"} | kept | {"p": public_key.base64}).items()))
    return text if _sound(text) else ""


def _plain(row: Row) -> tuple[str, dict[str, Values]]:
    """Return the value without what its form puts around it, and what is wrong with that."""
    value, wrong = row.value, dict[str, Values]()
    if _SMART.search(value):
        value = value.translate(STRAIGHT)
        # A chat or a word processor makes them of the quotes round a value, which are not the record's own.
        if row.form != "text" or _QUOTED.sub("", value).strip():
            wrong["smart-quote"] = ()
    if _WIDE.search(value):
        wrong["full-width"] = ()
        value = value.translate(NARROW)
    outside, strings = _QUOTED.sub("", value), _QUOTED.findall(value)
    short = strings and not outside.strip(" ") and max(map(len, strings)) <= character_string.LONGEST
    if row.form == "published" or (row.form == "csv" and not short):
        return _BREAK.sub("", value), wrong | ({"line-break": ()} if "\n" in value else {})
    around = outside.translate(dict.fromkeys(map(ord, "() \t\n"), None))
    if row.form == "zone" and (outside.count("(") != outside.count(")") or ("\n" in outside and "(" not in outside)):
        wrong["parentheses"] = ()
    if around or not strings:
        wrong |= dict.fromkeys(_unquoted(value, row.form), ())
        return _BREAK.sub("", value.strip('() \t\n"')).replace('"', ""), wrong
    plain = [_ESCAPE.sub(_unescaped, string) for string in strings]
    longest = max(map(len, plain))
    if longest > character_string.LONGEST and (row.form != "text" or len(plain) > 1):
        wrong["long-string"] = (("real", longest), ("most", character_string.LONGEST))
    return _BREAK.sub("", "".join(plain)), wrong


def _unquoted(value: str, form: Form) -> Iterator[str]:
    """Yield what is wrong with a value that is not all in character-strings (RFC 1035 section 5.1)."""
    if '"' in value:
        yield "quote"
    elif form != "text" and re.search(r"[;\s]", value.strip("() \t\n")):
        yield "unquoted" if form == "zone" else "unquoted-string"
    if form == "text" and "\n" in value.strip():
        yield "line-break"


def _unescaped(found: re.Match[str]) -> str:
    r"""Return a text without ``\X`` and ``\DDD`` (RFC 1035 section 5.1)."""
    return chr(int(found[1])) if len(found[1]) == 3 else found[1]


def tags(value: str) -> list[tuple[str, str]]:
    """Return names and values of a tag list, however damaged."""
    return [(name.strip(), held.strip()) for name, _, held in (tag.partition("=") for tag in value.split(";"))]


def _join(parts: Iterable[tuple[str, str]]) -> str:
    return "; ".join(f"{name}={held}" for name, held in parts)


def _without(*names: str) -> Callable[[str], str]:
    return lambda value: _join(tag for tag in tags(value) if tag[0] not in names)


def _versioned(value: str) -> str:
    return _join([("v", "DKIM1"), *(tag for tag in tags(value) if tag[0] != "v")])


def _each_once(value: str) -> str:
    """Leave out what is said twice. Two values of one tag stay: which is meant is not for a program to say."""
    return _join(dict.fromkeys(tags(value)))


def _only_tags(value: str) -> str:
    return ";".join(tag for tag in value.split(";") if not tag.strip() or re.match(r"\s*[A-Za-z]\w*\s*=", tag))


_REPAIRS: Final[dict[str, Callable[[str], str]]] = {
    "smart-quote": lambda value: value.translate(STRAIGHT).replace("\ufffd", ""),
    "full-width": lambda value: value.translate(NARROW),
    "non-ascii": lambda value: "".join(character for character in value if character.isascii()),
    "control-character": lambda value: "".join(mark for mark in value if mark == "\t" or mark.isprintable()),
    "backslash": lambda value: value.replace("\\", ""),
    "quote": lambda value: re.sub(r"""["'\s]*["']["'\s]*""", "", value),
    "empty-tag": lambda value: ";".join(tag for tag in value.split(";") if tag.strip()),
    "not-a-tag": _only_tags,
    "bad-value": lambda value: _join((name, re.sub(r"[^!-:<-~ ]", "", held)) for name, held in tags(value)),
    "duplicate-tag": _each_once,
    "bad-version": _versioned,
    "version-not-first": _versioned,
    "wrong-key-type": lambda value: _join((name, "rsa" if name == "k" else held) for name, held in tags(value)),
    "no-sha256": _without("h"),
    "not-for-email": _without("s"),
    "granularity": _without("g"),
    "upper-case-tag": lambda value: _join((_OWN.get(name, name), held) for name, held in tags(value)),
    "pem-header": lambda value: re.sub(r"-----[A-Z ]*-----", "", value),
}
"""How a defect is mended that leaves the key whole. What is not here, such as a key cut short, cannot be mended."""
