"""A Merkle tree hash over entries in their order, and the proof that one of them is in it. Pure.

One digest stands for all entries, and about ``log2`` of their number of hashes prove that an entry is among them.
Source: RFC 9162 section 2.1 (the same hashes as in RFC 6962 section 2.1), with SHA-256.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Final

#: What a leaf and a node are hashed behind, so that neither can be taken for the other.
LEAF: Final = b"\x00"
NODE: Final = b"\x01"
#: The longest path in a tree of 2**64 entries; a proof that claims more is none.
LONGEST: Final = 64


def leaf(entry: bytes) -> bytes:
    """Return the hash of an entry (32 bytes)."""
    return hashlib.sha256(LEAF + entry).digest()


def node(left: bytes, right: bytes) -> bytes:
    """Return the hash of a node (32 bytes), by those of its two parts."""
    return hashlib.sha256(NODE + left + right).digest()


def root(entries: Sequence[bytes]) -> bytes:
    """Return the tree hash of all entries (32 bytes); of none, the hash of nothing."""
    if not entries:
        return hashlib.sha256(b"").digest()
    return _levels(entries)[-1][0]


def proofs(entries: Sequence[bytes]) -> list[tuple[bytes, ...]]:
    """Return the inclusion proof of each entry, in their order: its path's siblings, from the leaf up."""
    levels = _levels(entries) if entries else []
    found = []
    for index in range(len(entries)):
        path, place = [], index
        for level in levels[:-1]:
            sibling = place ^ 1
            if sibling < len(level):  # the last of an odd number goes up as it is
                path.append(level[sibling])
            place //= 2
        found.append(tuple(path))
    return found


def includes(entry: bytes, index: int, size: int, proof: Sequence[bytes], tree: bytes) -> bool:
    """Return whether ``entry`` is the one at ``index`` (from 0) of the ``size`` entries whose tree hash is ``tree``.

    Source: RFC 9162 section 2.1.3.2.
    """
    if not 0 <= index < size or len(proof) > LONGEST:
        return False
    place, last, reached = index, size - 1, leaf(entry)
    for sibling in proof:
        if last == 0:
            return False
        if place % 2 or place == last:
            reached = node(sibling, reached)
            while place % 2 == 0 and place != 0:
                place, last = place // 2, last // 2
        else:
            reached = node(reached, sibling)
        place, last = place // 2, last // 2
    return last == 0 and reached == tree


def _levels(entries: Sequence[bytes]) -> list[list[bytes]]:
    """Return the hashes level by level, the leaves first.

    Pairing from the left, with an odd last one carried up, is the RFC's split at the largest power of two.
    """
    levels = [[leaf(entry) for entry in entries]]
    while len(levels[-1]) > 1:
        below = levels[-1]
        above = [node(below[place], below[place + 1]) for place in range(0, len(below) - 1, 2)]
        levels.append([*above, below[-1]] if len(below) % 2 else above)
    return levels
