"""Digests as words, against examples that others have published."""

from __future__ import annotations

import hashlib

import pytest

from byodkim.rotation import pgp_words as words
from byodkim.rotation.pgp_words import pgp_words
from tests.each import each

# The fingerprint that descriptions of the PGP word list use as their example.
FINGERPRINT = "E58294F2E9A227486E8B061B31CC528FD7FA3F19"
SAID = (
    "topmost Istanbul Pluto vagabond treadmill Pacific brackish dictator goldfish Medusa "
    "afflict bravado chatter revolver Dupont midsummer stopwatch whimsical cowbell bottomless"
)


def test_the_published_example() -> None:
    assert pgp_words(FINGERPRINT, 20) == SAID
    assert pgp_words(FINGERPRINT) == " ".join(SAID.split()[:8])


def test_what_is_no_hex_is_refused() -> None:
    with pytest.raises(ValueError, match="hex"):
        pgp_words("not hex")


LISTS = (
    "541ddf6f9cb42d5f68c504d3e73c9604e07cc9bc0c9f970ede363979f631aff8",
    "da2f42899401481ae69b71da92f1f26abd36d0c1e457fd372a0f1e48d1f3f152",
)


@each("place", [0, 1])
def test_each_byte_has_its_own_word_at_each_place(place: int) -> None:
    said = [pgp_words("00" * place + f"{byte:02x}", 2).split()[place] for byte in range(256)]
    assert len(set(said)) == 256
    assert hashlib.sha256(" ".join(said).encode()).hexdigest() == LISTS[place]


def test_the_two_lists_share_no_word() -> None:
    assert set(words._TWO_SYLLABLES.split()).isdisjoint(words._THREE_SYLLABLES.split())
