"""Everything that is wrong with a value: a defect that ``parse`` names is mended, and the next one looked for."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from msgspec import Struct

from byodkim.dkim import character_string
from byodkim.dkim.key_record import KeyRecord, KeyRecordInvalid, PublicKey, format_value, parse
from byodkim.dns.reading.rows import NARROW, STRAIGHT, Row
from byodkim.messages import Language, say

_TOPIC: Final = "request_lint"
_MOST_ROUNDS: Final = 30
_QUOTED = re.compile(r'"((?:\\.|[^"\\])*)"', re.DOTALL)
_ESCAPE = re.compile(r"\\(\d{3}|.)", re.DOTALL)
_SMART: Final = "".join(map(chr, STRAIGHT))
_WIDE = re.compile("[\uff01-\uff5e\u3000]")
_KEY = re.compile(r"(?:\A|;)\s*p\s*=([^;]*)", re.IGNORECASE)
FLAGS: Final = {"t=y": "testing", "t=s": "no-subdomains"}
"""Findings that are no defects: the record is sound, and holds what receivers act on."""


class Finding(Struct, frozen=True):
    """One defect of a sheet: the key of a catalogue of words, what its sentences name, and where it stands.

    Attributes:
        topic: the catalogue, ``request_lint`` or ``key_record``.
        defect: the key in it.
        values: sizes, names and a few escaped characters. Never a key.
        line: of the file, from 1; 0 for the file as a whole.
    """

    defect: str
    values: tuple[tuple[str, str | int], ...] = ()
    line: int = 0
    topic: str = _TOPIC

    def explain(self, language: Language) -> str:
        """Return one sentence that says what is wrong."""
        return say(self.topic, self.defect, language, **dict(self.values))

    def correction(self, language: Language) -> str:
        """Return one sentence that says what to do about it."""
        return say(self.topic, f"{self.defect}.todo", language, **dict(self.values))


@dataclass(frozen=True)
class Mended:
    """A value's defects, the key if a sound one came out of them, and the value without what its form puts round it."""

    findings: tuple[Finding, ...]
    public_key: PublicKey | None
    value: str = field(default="", repr=False)


def mend(row: Row) -> Mended:
    """Return every defect of a row's value, and the key that is left when all that can be mended is."""
    value, findings = _plain(row)
    if not value.strip():
        return Mended((Finding("no-value", line=row.line),), None)
    if re.match(r"\s*(k|p)\s*=", value, re.IGNORECASE):
        findings.append(Finding("no-version", line=row.line))
    key = _KEY.search(value)
    if key and re.search(r"\S\s+\S", key[1]):
        findings.append(Finding("space-within", line=row.line))
    if key and re.fullmatch(r"\s*[a-z0-9+/=\s]{40,}", key[1]):
        findings.append(Finding("lower-case-key", line=row.line))
    more, text, record = _until_sound(value, row.line)
    findings += more + [Finding(FLAGS[flag], line=row.line) for flag in _flags(text)]
    if len({"".join(held.split()) for held in _KEY.findall(value)}) > 1:
        same = Finding("duplicate-tag", (("tag", "p"),), row.line, "key_record")
        findings = [*(finding for finding in findings if finding != same), Finding("two-keys", line=row.line)]
        record = None
    return Mended(tuple(findings), record.public_key if record else None, value)


def _flags(value: str) -> list[str]:
    """Return the flags that a tag list holds, also one that is not sound."""
    held = {f"t={flag.strip()}" for name, flags in _tags(value) if name == "t" for flag in flags.split(":")}
    return [flag for flag in FLAGS if flag in held]


def with_key(value: str, public_key: PublicKey) -> str:
    """Return a tag list with this key in its p tag: other tags stay, in their order, repaired where they are defective.

    Args:
        value: ``Mended.value``, of a row without the finding ``two-keys``.
        public_key: the key.

    Returns:
        "" where it cannot be made sound: one tag stands there with two values.
    """
    value = _until_sound(value, 0)[1]
    placed = _KEY.sub(lambda found: found[0].removesuffix(found[1]) + public_key.base64, value)
    placed += "" if _KEY.search(value) else f"; p={public_key.base64}"
    _, text, record = _until_sound(placed, 0)
    if record is None:
        _, text, record = _until_sound(_rsa(text), 0)  # a key's type goes with the key
    tags = [tag for tag in _tags(text) if tag != ("", "")]  # one semicolon may close the list
    names = {name for name, _ in tags}
    if record is None:
        return ""
    if names <= {"v", "p"}:
        return format_value(public_key)
    return _join(tags if "v" in names else [("v", "DKIM1"), *tags])


def _plain(row: Row) -> tuple[str, list[Finding]]:
    """Return the value without what its form puts around it, and what is wrong with that."""
    value, findings = row.value, []
    if any(mark in value for mark in _SMART):
        value = value.translate(STRAIGHT)
        # A chat or a word processor makes them of the quotes round a value, which are not the record's own.
        if row.form != "text" or _QUOTED.sub("", value).strip():
            findings.append(Finding("smart-quote", line=row.line, topic="key_record"))
    if _WIDE.search(value):
        findings.append(Finding("full-width", line=row.line, topic="key_record"))
        value = value.translate(NARROW)
    if row.form == "csv":
        if "\n" in value:
            findings.append(Finding("line-break", line=row.line))
        return re.sub(r"(?<!\s)\s*\n\s*", "", value), findings
    joined, wrong = _strings(value, row)
    return joined, findings + wrong


def _strings(value: str, row: Row) -> tuple[str, list[Finding]]:
    """Return the character-strings of a zone file's or a ticket's value, joined (RFC 1035 section 5.1)."""
    strings = _QUOTED.findall(value)
    around = _QUOTED.sub("", value).translate(dict.fromkeys(map(ord, "() \t\n"), None))
    if not strings or around:
        findings = [Finding("quote", line=row.line, topic="key_record")] if '"' in value else []
        if not findings and row.form in ("zone", "strings") and re.search(r"[;\s]", value.strip("() \t\n")):
            findings.append(Finding("unquoted" if row.form == "zone" else "unquoted-string", line=row.line))
        if row.form == "text" and "\n" in value.strip():
            findings.append(Finding("line-break", line=row.line))
        return re.sub(r"(?<!\s)\s*\n[>|\s]*", "", value.strip('() \t\n"')).replace('"', ""), findings
    plain = [_ESCAPE.sub(_unescaped, string) for string in strings]
    longest = max(len(string) for string in plain)
    findings = []
    if longest > character_string.LONGEST and (row.form in ("zone", "strings") or len(plain) > 1):
        real = (("real", longest), ("most", character_string.LONGEST))
        findings.append(Finding("long-string", real, row.line))
    return re.sub(r"(?<!\s)\s*\n\s*", "", "".join(plain)), findings


def _unescaped(found: re.Match[str]) -> str:
    r"""Return a text without ``\X`` and ``\DDD`` (RFC 1035 section 5.1)."""
    return chr(int(found[1])) if len(found[1]) == 3 else found[1]


def _until_sound(value: str, line: int) -> tuple[list[Finding], str, KeyRecord | None]:
    """Return every defect, and the value and what it says once all that can be mended is; None if it is not sound."""
    findings: list[Finding] = []
    for _ in range(_MOST_ROUNDS):
        try:
            return findings, value, parse((value.encode("utf-8", errors="replace"),))
        except KeyRecordInvalid as invalid:
            finding = Finding(invalid.defect, tuple(sorted(invalid.values.items())), line, "key_record")
            findings += [finding] * (finding.defect not in {known.defect for known in findings})
            repair = _REPAIRS.get(invalid.defect)
            mended = repair(value) if repair else value
        if mended == value:
            break
        value = mended
    return findings, value, None


def _tags(value: str) -> list[tuple[str, str]]:
    return [(name.strip(), held.strip()) for name, _, held in (tag.partition("=") for tag in value.split(";"))]


def _join(tags: list[tuple[str, str]]) -> str:
    return "; ".join(f"{name}={held}" for name, held in tags)


def _without(*names: str) -> Callable[[str], str]:
    return lambda value: _join([tag for tag in _tags(value) if tag[0] not in names])


def _versioned(value: str) -> str:
    return _join([("v", "DKIM1"), *(tag for tag in _tags(value) if tag[0] != "v")])


def _each_once(value: str) -> str:
    """Leave out what is said twice. Two values of one tag stay: which is meant is not for a program to say."""
    return _join(list(dict.fromkeys(_tags(value))))


def _only_tags(value: str) -> str:
    return ";".join(tag for tag in value.split(";") if not tag.strip() or re.match(r"\s*[A-Za-z]\w*\s*=", tag))


def _rsa(value: str) -> str:
    return _join([(name, "rsa" if name == "k" else held) for name, held in _tags(value)])


def _bare_pem(value: str) -> str:
    return re.sub(r"-----[A-Z ]*-----", "", value)


_REPAIRS: Final[dict[str, Callable[[str], str]]] = {
    "smart-quote": lambda value: value.translate(STRAIGHT).replace("\ufffd", ""),
    "full-width": lambda value: value.translate(NARROW),
    "non-ascii": lambda value: "".join(character for character in value if character.isascii()),
    "control-character": lambda value: "".join(mark for mark in value if mark == "\t" or mark.isprintable()),
    "backslash": lambda value: value.replace("\\", ""),
    "quote": lambda value: re.sub(r"""["'\s]*["']["'\s]*""", "", value),
    "empty-tag": lambda value: ";".join(tag for tag in value.split(";") if tag.strip()),
    "not-a-tag": _only_tags,
    "bad-value": lambda value: _join([(name, re.sub(r"[^!-:<-~ ]", "", held)) for name, held in _tags(value)]),
    "duplicate-tag": _each_once,
    "bad-version": _versioned,
    "version-not-first": _versioned,
    "wrong-key-type": _rsa,
    "no-sha256": _without("h"),
    "not-for-email": _without("s"),
    "granularity": _without("g"),
    "upper-case-tag": lambda value: _join([("p" if name == "P" else name, held) for name, held in _tags(value)]),
    "pem-header": _bare_pem,
}
"""How a defect is mended that leaves the key whole. What is not here, such as a key cut short, cannot be mended."""
