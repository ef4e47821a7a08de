"""A key record explained: each tag, what is wrong and how it is corrected, and the key.

It is read as leniently as it takes to explain a damaged one too; what is wrong with it is said by ``lint``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from msgspec.structs import replace

from second_edition.display.blocks import Block, Code, Column, Data, Heading, Headline, Kind, Paragraph, Table, facts, table
from second_edition.display.words import Words
from second_edition.dkim.character_string import escaped, split
from second_edition.dkim.defect import Finding
from second_edition.dkim.key_record import PublicKey, format_value
from second_edition.dkim.tag_list import shown
from second_edition.dns.pasted import Pasted
from second_edition.dns.value_repair import FLAGS, tags, with_key
from second_edition.errors import paragraph
from second_edition.messages import Language, say

RECOMMENDED_BITS: Final = 2048  # RFC 8301 section 3.2
#: The tags of a key record (RFC 6376 section 3.6.1), and ``g`` of the one before it (RFC 4871).
TAGS: Final = ("v", "k", "p", "h", "s", "t", "n", "g")
#: What is missing and means something all the same.
DEFAULTS: Final = ("v", "k", "p", "h", "s", "t")
_LONGEST: Final = 40  # characters of a value that is shown whole
_KEY_LIKE = re.compile(r"[A-Za-z0-9+/]{16,}")
_OF_KEY: Final = (
    *("no-key", "revoked", "placeholder", "pem-header", "bad-base64", "base64-length", "private-key"),
    *("truncated-der", "trailing-bytes", "not-der", "pkcs1-public-key", "not-rsa", "not-rsa-numbers", "wide-exponent"),
    *("too-few-bits", "too-many-bits", "space-within", "one-case-key"),
)
_OWNERS: Final = (
    dict.fromkeys(_OF_KEY, "p")
    | dict.fromkeys(("bad-version", "version-not-first", "no-version"), "v")
    | {"wrong-key-type": "k", "ed25519": "k", "no-sha256": "h", "not-for-email": "s", "granularity": "g"}
    | {"upper-case-tag": "P"}
)
"""Whose defect it is, where it is a tag's."""


def explained(pasted: Pasted, origin: str, words: Words) -> list[Block]:
    """Render a key record tag by tag, what is wrong with it, and its key.

    ``origin`` says where it was taken from.
    """
    wrong = [finding.defect for finding in pasted.findings]
    sound = pasted.public_key is not None and not wrong
    key = "sound" if sound else "mendable" if pasted.public_key else "unsound"
    tone = "good" if sound else "wait" if key == "mendable" else "bad"
    means = say("explained", f"explained.{key}.means", words.language, count=len(wrong))
    blocks: list[Block] = [Headline(words("SOUND" if sound else "DEFECTIVE"), means, tone), Paragraph(origin)]
    if pasted.value:
        blocks.append(_tags(pasted.value, wrong, words))
    if wrong:
        blocks += [Heading(words("What is wrong with it")), _defects(pasted.findings, words)]
    if pasted.public_key is None:
        return blocks
    return blocks + _key(pasted.public_key, with_key(pasted.value, pasted.public_key) if wrong else "", words)


def _tags(value: str, wrong: Sequence[str], words: Words) -> Table:
    """Render the tags: what each says, and what is wrong with it by its number in the table of defects."""
    found: list[tuple[str, str | None]] = [tag for tag in tags(value) if tag != ("", "")]
    found += [(name, None) for name in DEFAULTS if name not in dict(found)]
    columns = (
        Column("tag", Kind.TEXT, words("tag")),
        Column("value", Kind.TEXT),
        Column("length", Kind.COUNT),
        Column("there", Kind.TRUTH),
        Column("says", Kind.TEXT),
        Column("defects", Kind.TEXT),
        Column("", Kind.TEXT, words("value")),
        Column("", Kind.TEXT, words("what it says")),
        Column("", Kind.TEXT, words("defect")),
    )
    rows = [tuple(_tag(name, held, wrong, words)) for name, held in found]
    return table("tags", columns, rows, frozenset(place for place, row in enumerate(rows) if row[-1]))


def _tag(name: str, held: str | None, wrong: Sequence[str], words: Words) -> Iterator[object]:
    """Yield the cells of a tag; ``held``: its value, or None where it is not there."""
    value, length = _short(name, held or "")
    own = [defect for defect in wrong if _OWNERS.get(defect) == name]
    yield from (shown(name), value, length or None, held is not None, _says(name, held, "en"), " ".join(own))
    if length:
        yield words("{value} ({length} characters)", value=value, length=length)
    else:
        yield words("(not there)") if held is None else value
    yield _says(name, held, words.language)
    yield ", ".join(str(wrong.index(defect) + 1) for defect in own)


def _short(name: str, held: str) -> tuple[str, int]:
    """Return no more of what may be a key than sets it apart, and its length; of anything else all of it, and 0."""
    bare = "".join(held.split())
    if (name in ("p", "P") and bare) or len(held) > _LONGEST or _KEY_LIKE.search(bare):
        return shown(bare), len(bare)
    return escaped(held.encode()), 0


def _says(name: str, held: str | None, language: Language) -> str:
    flags = [flag for flag in (held or "").split(":") if name == "t" and flag in FLAGS]
    meaning = f"absent.{name}" if held is None else f"tag.{name if name in TAGS else 'unknown'}"
    return paragraph(*(say("explained", key, language) for key in (meaning, *(f"flag.{flag}" for flag in flags))))


def _defects(found: Sequence[Finding], words: Words) -> Table:
    columns = (
        Column("number", Kind.COUNT, ""),
        Column("defect", Kind.TEXT),
        Column("explanation", Kind.TEXT),
        Column("correction", Kind.TEXT),
        Column("", Kind.TEXT, words("what is wrong")),
        Column("", Kind.TEXT, words("correction")),
    )
    own = words.language
    rows = [
        (number, one.defect, one.explain("en"), one.correction("en"), one.explain(own), one.correction(own))
        for number, one in enumerate(found, 1)
    ]
    return table("defects", columns, rows)


def _key(key: PublicKey, corrected: str, words: Words) -> list[Block]:
    strings = " + ".join(str(len(string)) for string in split(corrected or format_value(key)))
    strength = "bits.weak" if key.bits < RECOMMENDED_BITS else "bits.good"
    rows = [
        (words("bits"), say("explained", strength, words.language, bits=key.bits)),
        (words("SHA-256 of the SubjectPublicKeyInfo"), key.sha256),
        (
            words("character-strings"),
            words("{strings} bytes; at most 255 each (RFC 1035 section 3.3)", strings=strings),
        ),
    ]
    data = Data("key", {"bits": Kind.COUNT, "sha256": Kind.TEXT}, ((key.bits, key.sha256),))
    blocks: list[Block] = [Heading(words("The key")), replace(facts(rows), data=data)]
    return [*blocks, Paragraph(words("The corrected value:")), Code(corrected)] if corrected else blocks
