"""A key record explained: each tag in its order, what is missing, what is wrong with which, and no more of a key."""

from __future__ import annotations

from datetime import UTC

from second_edition.display.blocks import Table
from second_edition.display.explained import explained
from second_edition.display.words import Words
from second_edition.dkim.defect import Finding
from second_edition.dns.pasted import Pasted
from tests.second_edition.dkim import keys

KEY = keys.b64(keys.spki()).decode()
PRIVATE = keys.b64(keys.pkcs8()).decode()


def told(value: str, *defects: str) -> list[tuple[object, ...]]:
    """Name, value, length, presence, meaning and defects of each tag."""
    pasted = Pasted("", value, tuple(Finding(defect, (("value", "x"),)) for defect in defects), None)
    blocks = explained(pasted, "", Words("en", UTC))
    (found,) = (block.data for block in blocks if isinstance(block, Table) and block.data and block.data.name == "tags")
    return [*found.rows]


def test_tags_come_in_their_order_and_then_those_that_are_missing() -> None:
    found = told(f"p={KEY}; k=rsa; n=by hand; x=1")
    names = [("p", True), ("k", True), ("n", True), ("x", True), ("v", False), ("h", False), ("s", False), ("t", False)]
    assert [(row[0], row[3]) for row in found] == names
    assert [row[1:3] for row in found[1:3]] == [("rsa", None), ("by hand", None)]
    assert "Not a tag of RFC 6376" in str(found[3][4])


def test_a_key_is_told_by_its_first_characters_and_its_length() -> None:
    assert told(f"v=DKIM1; k=rsa; p={KEY[:200]} {KEY[200:]}")[2][1:3] == (f"{KEY[:15]}...", len(KEY))
    for value in (f"p={PRIVATE}", f"x={PRIVATE}", f"n=see {PRIVATE[400:430]}", f"P={PRIVATE}", f"{PRIVATE}=x"):
        seen = " ".join(f"{row[0]}{row[1]}" for row in told(value))
        assert not any(PRIVATE[at : at + 16] in seen for at in range(len(PRIVATE) - 15))
    for value, shown in (("p=", ("", None)), ("p=ab$c d", ("ab$cd", 5)), ("P=ab$c d", ("ab$cd", 5)),
                         ("n=ab$c d", ("ab$c d", None)), ("n=a\x1b[2Jb", ("a\\027[2Jb", None))):  # fmt: skip
        assert told(value)[0][1:3] == shown
    assert told("n=" + "long words " * 5)[0][2] == 45


def test_flags_are_those_that_rfc_6376_knows() -> None:
    for value, known in (("t=y:s:x", 2), ("t=x", 0), ("h=y:s", 0)):
        assert sum(sentence in str(told(value)[0][4]) for sentence in ("y: the domain", "s: i= of")) == known


def test_a_defect_is_the_tag_s_that_has_it() -> None:
    value = "v=DKIM1; k=rsa; h=sha1; s=x; g=y; P=; p="
    owners = {"bad-version": "v", "ed25519": "k", "no-sha256": "h", "not-for-email": "s", "granularity": "g",
              "upper-case-tag": "P", "revoked": "p", "not-der": "p", "no-key": "p"}  # fmt: skip
    for defect, name in owners.items():
        found = told(value, defect, "empty-tag")
        assert [(row[0], row[5]) for row in found if row[5]] == [(name, defect)]
