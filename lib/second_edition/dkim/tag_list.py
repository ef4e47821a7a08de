"""Tag-lists, exactly as RFC 6376 section 3.2 has them: ``name=value`` with semicolons between.

Folding white space (section 2.8) is a space or tab, or CRLF followed by one: a bare CR or LF is none, although
several verifiers take it for one.
"""

from __future__ import annotations

import re

from msgspec import Struct

from second_edition.dkim.character_string import escaped
from second_edition.dkim.defect import KeyRecordInvalid

_FWS = rb"(?:(?:[ \t]*\r\n)?[ \t]+)"
_TAG = re.compile(rb"%b?([A-Za-z][A-Za-z0-9_]*)%b?=%b?(.*?)%b?\Z" % ((_FWS,) * 4), re.DOTALL)
# As most tags are, read without a step a character: spaces in front, and a value without any white space.
_PLAIN = re.compile(rb"[ \t]*([A-Za-z][A-Za-z0-9_]*)=([!-:<-~]*)\Z")
# Folds one after another, spelled so that a run of them can be read in one way only: else its time doubles by the byte.
_FOLDS = rb"(?:[ \t]|\r\n[ \t])+"
_VALUE = re.compile(rb"(?:[!-:<-~]+(?:%b[!-:<-~]+)*)?\Z" % _FOLDS)
_WHITE_SPACE = re.compile(_FWS)
_CONTROL = re.compile(rb"[^ -~]")
# What word processors and Japanese input methods put in place of ASCII, in UTF-8 and in Windows code pages.
_SMART_QUOTES = re.compile("[‘’‚“”„′″＂＇]")
_FULL_WIDTH = re.compile("[！-～　]")
_LONGEST_SHOWN = 15  # characters: fewer than a scan for fragments of a private key looks for


class Tag(Struct, frozen=True):
    """One tag of a tag-list: its name and its value, without the white space around them."""

    name: str
    value: str


def read(text: bytes) -> tuple[Tag, ...]:
    """Return the tags of a tag-list, in order.

    Raises:
        KeyRecordInvalid: characters or a form that RFC 6376 section 3.2 does not know, or a tag that stands twice.
    """
    _check_characters(text)
    specifications = text.split(b";")
    if len(specifications) > 1 and not specifications[-1]:
        specifications.pop()  # one semicolon may close the list
    tags = tuple(_read_tag(specification) for specification in specifications)
    names = [tag.name for tag in tags]
    for name in names:
        if names.count(name) > 1:
            raise KeyRecordInvalid("duplicate-tag", tag=name)
    return tags


def without_white_space(value: str) -> str:
    """Return a value with its folding white space taken out, as base64 allows it inside (RFC 6376 section 3.6.1)."""
    if value.isprintable() and " " not in value:
        return value
    return _WHITE_SPACE.sub(b"", value.encode("ascii")).decode("ascii")


def shown(text: bytes | str) -> str:
    """Return the beginning of a foreign piece of text, escaped, for a sentence."""
    data = text.encode() if isinstance(text, str) else text
    return escaped(data[:_LONGEST_SHOWN]) + ("..." if len(data) > _LONGEST_SHOWN else "")


def _check_characters(text: bytes) -> None:
    if not text.isascii():
        words = text.decode("utf-8", errors="replace")
        if _SMART_QUOTES.search(words) or ("\ufffd" in words and re.search(rb"[\x91-\x94]", text)):
            raise KeyRecordInvalid("smart-quote")
        raise KeyRecordInvalid("full-width" if _FULL_WIDTH.search(words) else "non-ascii")
    if b"\\;" in text:
        raise KeyRecordInvalid("backslash")
    if text.lstrip(b" \t")[:1] == b'"':
        raise KeyRecordInvalid("quote")
    # What is printable needs no second look: most records have no fold and no tab.
    if _CONTROL.search(text) and (found := _CONTROL.search(_WHITE_SPACE.sub(lambda fold: b" " * len(fold[0]), text))):
        raise KeyRecordInvalid("control-character", code=f"0x{found[0][0]:02x}", place=found.start())


def _read_tag(specification: bytes) -> Tag:
    if plain := _PLAIN.match(specification):
        return Tag(plain[1].decode("ascii"), plain[2].decode("ascii"))
    if not specification.strip(b" \t\r\n"):
        raise KeyRecordInvalid("empty-tag")
    found = _TAG.match(specification)
    if not found:
        raise KeyRecordInvalid("not-a-tag", text=shown(specification.strip(b" \t\r\n").partition(b"=")[0]))
    name, value = found[1].decode("ascii"), found[2]
    if not _VALUE.match(value):
        raise KeyRecordInvalid("bad-value", tag=name)
    return Tag(name, value.decode("ascii"))
