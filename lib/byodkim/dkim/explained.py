"""A key record explained tag by tag, read as leniently as it takes to explain a damaged one too.

What is wrong with it is said by ``key_record.parse``; here each tag is found, and told which defect is its own.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final

from msgspec import Struct

from byodkim.dkim.character_string import escaped
from byodkim.dkim.tag_list import shown

#: The tags of a key record (RFC 6376 section 3.6.1), and ``g`` of the one before it (RFC 4871), as they are written.
TAGS: Final = ("v", "k", "p", "h", "s", "t", "n", "g")
#: What is missing and means something all the same.
DEFAULTS: Final = ("v", "k", "p", "h", "s", "t")
FLAGS: Final = ("y", "s")
_LONGEST: Final = 40  # characters of a value that is shown whole
_KEY_LIKE = re.compile(r"[A-Za-z0-9+/]{16,}")
_DEFECTS: Final = {
    "v": ("bad-version", "version-not-first", "no-version"),
    "k": ("wrong-key-type", "ed25519"),
    "h": ("no-sha256",),
    "s": ("not-for-email",),
    "g": ("granularity",),
    "P": ("upper-case-tag",),
    "p": (
        *("no-key", "revoked", "placeholder", "pem-header", "bad-base64", "base64-length", "private-key"),
        *("truncated-der", "trailing-bytes", "not-der", "pkcs1-public-key", "not-rsa", "not-rsa-numbers"),
        "wide-exponent",
        *("too-few-bits", "too-many-bits", "space-within", "lower-case-key"),
    ),
}


class ExplainedTag(Struct, frozen=True):
    """One tag.

    Attributes:
        name: as it is written.
        value: to be shown: a key, or what may be one, by its first characters alone.
        length: of the whole value in characters, where it is not shown whole; else 0.
        there: it is in the record; else what its absence means is what is to be said.
        meaning: the tag's name where RFC 6376 knows it, else ``unknown``: receivers ignore it.
        flags: of ``t``, those that are known.
        defects: what is wrong with the record and is this tag's, by name.
    """

    name: str
    value: str = ""
    length: int = 0
    there: bool = True
    meaning: str = "unknown"
    flags: tuple[str, ...] = ()
    defects: tuple[str, ...] = ()


def explain(value: str, defects: Collection[str] = ()) -> tuple[ExplainedTag, ...]:
    """Return each tag of a key record's value in its order, then those that are missing and have a meaning.

    Args:
        value: the character-strings joined, without quotes. Any text will do.
        defects: what is known to be wrong with it.
    """
    found = []
    for piece in value.split(";"):
        name, equals, held = (part.strip() for part in piece.partition("="))
        if name or equals:
            found.append(_tag(name, held, defects))
    missing = [name for name in DEFAULTS if name not in {tag.name for tag in found}]
    return (*found, *(ExplainedTag(name, "", 0, False, name, (), _own(name, defects)) for name in missing))


def _tag(name: str, held: str, defects: Collection[str]) -> ExplainedTag:
    flags = tuple(flag for flag in held.split(":") if flag in FLAGS) if name == "t" else ()
    known = name if name in TAGS else "unknown"
    value, length = _short(held, key=name in ("p", "P"))
    return ExplainedTag(shown(name), value, length, True, known, flags, _own(name, defects))


def _own(name: str, defects: Collection[str]) -> tuple[str, ...]:
    return tuple(defect for defect in _DEFECTS.get(name, ()) if defect in defects)


def _short(held: str, *, key: bool) -> tuple[str, int]:
    """Return no more of what may be a key than sets it apart."""
    bare = "".join(held.split())
    if (key and bare) or len(held) > _LONGEST or _KEY_LIKE.search(bare):
        return shown(bare), len(bare)
    return escaped(held.encode()), 0
