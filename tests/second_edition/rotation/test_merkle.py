"""The tree hash of a campaign's plans, against the RFC's own recursive definition and published test vectors."""

from __future__ import annotations

import hashlib

from hypothesis import example, given
from hypothesis import strategies as st

from second_edition.rotation import merkle

# The test vectors of Certificate Transparency's reference implementation (merkletree tests): entries, and the tree
# hashes of the first one, two, ... eight of them.
ENTRIES = [bytes.fromhex(text) for text in (
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
)]  # fmt: skip
ROOTS = (
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)
entries = st.lists(st.binary(max_size=40), min_size=1, max_size=70)


def defined(parts: list[bytes]) -> bytes:
    """RFC 9162 section 2.1.1, as it stands there: split at the largest power of two below the number of entries."""
    if not parts:
        return hashlib.sha256(b"").digest()
    if len(parts) == 1:
        return hashlib.sha256(b"\x00" + parts[0]).digest()
    split = 1
    while split * 2 < len(parts):
        split *= 2
    return hashlib.sha256(b"\x01" + defined(parts[:split]) + defined(parts[split:])).digest()


def path(index: int, parts: list[bytes]) -> list[bytes]:
    """RFC 9162 section 2.1.3.1, as it stands there."""
    if len(parts) == 1:
        return []
    split = 1
    while split * 2 < len(parts):
        split *= 2
    if index < split:
        return [*path(index, parts[:split]), defined(parts[split:])]
    return [*path(index - split, parts[split:]), defined(parts[:split])]


def test_published_vectors() -> None:
    assert merkle.root([]).hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert [merkle.root(ENTRIES[: count + 1]).hex() for count in range(8)] == list(ROOTS)


@example([b""] * 13)  # the last one goes up twice as it is, and is then a right-hand one
@given(entries)
def test_tree_and_proofs_are_those_that_the_rfc_defines(parts: list[bytes]) -> None:
    tree = merkle.root(parts)
    assert tree == defined(parts)
    for index, proof in enumerate(merkle.proofs(parts)):
        assert list(proof) == path(index, parts)
        assert merkle.includes(parts[index], index, len(parts), proof, tree)


@given(entries, st.data())
def test_nothing_else_is_proved(parts: list[bytes], data: st.DataObject) -> None:
    tree, index = merkle.root(parts), data.draw(st.integers(0, len(parts) - 1))
    proof = merkle.proofs(parts)[index]
    other = data.draw(st.binary(max_size=40).filter(lambda one: one != parts[index]))
    assert not merkle.includes(other, index, len(parts), proof, tree)
    assert not merkle.includes(parts[index], index, len(parts), (*proof, tree), tree)
    assert not merkle.includes(parts[index], len(parts), len(parts), proof, tree)
    assert not merkle.includes(parts[index], -1, len(parts), proof, tree)
    if proof:
        place = data.draw(st.integers(0, len(proof) - 1))
        altered = [*proof[:place], hashlib.sha256(proof[place]).digest(), *proof[place + 1 :]]
        assert not merkle.includes(parts[index], index, len(parts), altered, tree)
        assert not merkle.includes(parts[index], index, len(parts), proof[:-1], tree)
