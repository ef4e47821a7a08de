"""A key record explained: each tag, what is wrong and how it is corrected, and the key."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from msgspec.structs import replace

from byodkim.display.blocks import Block, Code, Column, Data, Heading, Headline, Kind, Paragraph, Table, facts, table
from byodkim.display.words import ENGLISH, Words
from byodkim.dkim.character_string import split
from byodkim.dkim.explained import ExplainedTag, explain
from byodkim.dkim.key_record import PublicKey, format_value
from byodkim.dns.pasted import Pasted
from byodkim.dns.value_repair import Finding, with_key
from byodkim.errors import paragraph
from byodkim.messages import say

RECOMMENDED_BITS: Final = 2048  # RFC 8301 section 3.2


def explained(pasted: Pasted, origin: str, words: Words) -> list[Block]:
    """Render a key record tag by tag, what is wrong with it, and its key.

    ``origin`` says where it was taken from.
    """
    wrong = [finding.defect for finding in pasted.findings]
    sound = pasted.public_key is not None and not wrong
    key = "sound" if sound else "mendable" if pasted.public_key else "unsound"
    tone = "good" if sound else "wait" if key == "mendable" else "bad"
    headline = Headline(
        words("SOUND" if sound else "DEFECTIVE"), _say(f"explained.{key}.means", words, count=len(wrong)), tone
    )
    blocks: list[Block] = [headline, Paragraph(origin)]
    if pasted.value:
        blocks.append(_tags(pasted.value, wrong, words))
    if wrong:
        blocks += [Heading(words("What is wrong with it")), _defects(pasted.findings, words)]
    if pasted.public_key is None:
        return blocks
    return blocks + _key(pasted.public_key, with_key(pasted.value, pasted.public_key) if wrong else "", words)


def _tags(value: str, wrong: Sequence[str], words: Words) -> Table:
    """Render the tags: what each says, and what is wrong with it by its number in the table of defects."""
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
    rows = [
        (tag.name, tag.value, tag.length or None, tag.there, _says(tag, ENGLISH), " ".join(tag.defects),
         _value(tag, words), _says(tag, words), ", ".join(str(wrong.index(name) + 1) for name in tag.defects))
        for tag in explain(value, wrong)
    ]  # fmt: skip
    return table("tags", columns, rows, frozenset(place for place, row in enumerate(rows) if row[-1]))


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
        (number, str(one.defect), one.explain("en"), one.correction("en"), one.explain(own), one.correction(own))
        for number, one in enumerate(found, 1)
    ]
    return table("defects", columns, rows)


def _value(tag: ExplainedTag, words: Words) -> str:
    if tag.length:
        return words("{value} ({length} characters)", value=tag.value, length=tag.length)
    return tag.value or ("" if tag.there else words("(not there)"))


def _says(tag: ExplainedTag, words: Words) -> str:
    says = _say(f"tag.{tag.meaning}" if tag.there else f"absent.{tag.meaning}", words)
    return paragraph(says, *(_say(f"flag.{flag}", words) for flag in tag.flags))


def _key(key: PublicKey, corrected: str, words: Words) -> list[Block]:
    strings = " + ".join(str(len(string)) for string in split(corrected or format_value(key)))
    strength = _say("bits.weak" if key.bits < RECOMMENDED_BITS else "bits.good", words, bits=key.bits)
    rows = [
        (words("bits"), strength),
        (words("SHA-256 of the SubjectPublicKeyInfo"), key.sha256),
        (
            words("character-strings"),
            words("{strings} bytes; at most 255 each (RFC 1035 section 3.3)", strings=strings),
        ),
    ]
    data = Data("key", {"bits": Kind.COUNT, "sha256": Kind.TEXT}, ((key.bits, key.sha256),))
    blocks: list[Block] = [Heading(words("The key")), replace(facts(rows), data=data)]
    return [*blocks, Paragraph(words("The corrected value:")), Code(corrected)] if corrected else blocks


def _say(key: str, words: Words, **values: object) -> str:
    return say("explained", key, words.language, **values)
