"""A key record explained: each tag, what is wrong and how it is corrected, and the key."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from byodkim.display.blocks import Block, Code, Heading, Headline, Paragraph, Table, facts
from byodkim.display.words import Words
from byodkim.dkim.character_string import split
from byodkim.dkim.explained import ExplainedTag, explain
from byodkim.dkim.key_record import PublicKey, format_value
from byodkim.dns.pasted import Pasted
from byodkim.dns.value_repair import with_key
from byodkim.messages import say

NONE: Final = "-"
RECOMMENDED_BITS: Final = 2048  # RFC 8301 section 3.2


def explained(pasted: Pasted, origin: str, words: Words) -> list[Block]:
    """A key record tag by tag, what is wrong with it, and its key.

    ``origin`` says where it was taken from.
    """
    language = words.language
    wrong = [finding.defect for finding in pasted.findings]
    sound = pasted.public_key is not None and not wrong
    key = "sound" if sound else "mendable" if pasted.public_key else "unsound"
    tone = "good" if sound else "wait" if key == "mendable" else "bad"
    headline = Headline(_say(f"explained.{key}", words), _say(f"explained.{key}.means", words, count=len(wrong)), tone)
    blocks: list[Block] = [headline, Paragraph(origin)]
    if pasted.value:
        columns = tuple(_say(f"tag.{name}", words) for name in ("name", "value", "says", "wrong"))
        rows = tuple(_tag(tag, wrong, words) for tag in explain(pasted.value, wrong))
        blocks.append(Table(columns, rows, frozenset(place for place, row in enumerate(rows) if row[3] != NONE)))
    if wrong:
        columns = ("", _say("wrong", words), _say("correction", words))
        told = tuple(
            (str(number), one.explain(language), one.correction(language))
            for number, one in enumerate(pasted.findings, 1)
        )
        blocks += [Heading(_say("defects", words)), Table(columns, told)]
    if pasted.public_key is None:
        return blocks
    return blocks + _key(pasted.public_key, with_key(pasted.value, pasted.public_key) if wrong else "", words)


def _tag(tag: ExplainedTag, wrong: Sequence[str], words: Words) -> tuple[str, ...]:
    """A tag's row; what is wrong with it by its number in the table of defects."""
    says = _say(f"tag.{tag.meaning}" if tag.there else f"absent.{tag.meaning}", words)
    says = " ".join((says, *(_say(f"flag.{flag}", words) for flag in tag.flags)))
    numbers = ", ".join(str(wrong.index(name) + 1) for name in tag.defects)
    value = _say("tag.length", words, value=tag.value, length=tag.length) if tag.length else tag.value
    return tag.name, value or (NONE if tag.there else _say("absent", words)), says, numbers or NONE


def _key(key: PublicKey, corrected: str, words: Words) -> list[Block]:
    strings = " + ".join(str(len(string)) for string in split(corrected or format_value(key)))
    strength = _say("bits.weak" if key.bits < RECOMMENDED_BITS else "bits.good", words, bits=key.bits)
    rows = [
        (_say("bits", words), strength),
        (_say("sha256", words), key.sha256),
        (_say("strings", words), _say("strings.lengths", words, strings=strings)),
    ]
    blocks: list[Block] = [Heading(_say("key", words)), facts(rows)]
    return [*blocks, Paragraph(_say("corrected", words)), Code(corrected)] if corrected else blocks


def _say(key: str, words: Words, **values: object) -> str:
    return say("explained", key, words.language, **values)
