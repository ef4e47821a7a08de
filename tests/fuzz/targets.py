"""What is fuzzed: each takes bytes from anywhere and asserts what must hold of the answer; no error may come out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from byodkim.dkim.key_record import FEWEST_BITS, MOST_BITS, KeyRecordInvalid, format_value, parse
from byodkim.messages import LANGUAGES
from tests.dkim.shapes import SHAPES


def key_record(data: bytes) -> None:
    """A TXT record: refused in one line a language, or its key stands written anew and reads the same."""
    strings = tuple(data[start : start + 255] for start in range(0, len(data), 255))
    try:
        found = parse(strings)
    except KeyRecordInvalid as invalid:
        for language in LANGUAGES:
            said = invalid.explain(language) + invalid.correction(language)
            assert said.isprintable(), said
        return
    assert FEWEST_BITS <= found.public_key.bits <= MOST_BITS
    assert parse((format_value(found.public_key).encode(),)).public_key == found.public_key


TARGETS: Final[Mapping[str, Callable[[bytes], None]]] = {"key-record": key_record}

WORDS: Final = (
    *("v=DKIM1", "k=rsa", "p=", "h=sha256", "s=email", "t=y:s", "g=*", "; ", ";", "\r\n ", "==", "-----BEGIN "),
    *("customerProvidedPublicKey", "“", "”", "；", "　", "\\;", '" "'),
)


def seeds(target: str) -> Iterator[bytes]:
    """Where the fuzzer starts from: the shapes of key records, with keys made anew."""
    del target
    yield from (b"".join(shape.strings) for shape in SHAPES)
