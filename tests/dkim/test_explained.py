"""A key record explained: each tag in its order, what is missing, what is wrong with which, and no more of a key."""

from __future__ import annotations

from byodkim.dkim.explained import ExplainedTag, explain
from tests.dkim import keys
from tests.each import each

KEY = keys.b64(keys.spki()).decode()


def told(value: str, *defects: str) -> dict[str, ExplainedTag]:
    return {tag.name: tag for tag in explain(value, defects)}


def test_tags_come_in_their_order_and_then_those_that_are_missing() -> None:
    found = explain(f"p={KEY}; k=rsa; n=by hand")
    assert [(tag.name, tag.there) for tag in found] == [
        ("p", True), ("k", True), ("n", True), ("v", False), ("h", False), ("s", False), ("t", False),
    ]  # fmt: skip
    assert [tag.meaning for tag in found] == ["p", "k", "n", "v", "h", "s", "t"]
    assert (found[1].value, found[1].length, found[2].value) == ("rsa", 0, "by hand")


def test_a_key_is_told_by_its_first_characters_and_its_length() -> None:
    tag = told(f"v=DKIM1; k=rsa; p={KEY[:200]} {KEY[200:]}")["p"]
    assert (tag.value, tag.length) == (f"{KEY[:15]}...", len(KEY))
    private = keys.b64(keys.pkcs8()).decode()
    for value in (f"p={private}", f"x={private}", f"n=see {private[400:430]}", f"P={private}", f"{private}=x"):
        shown = " ".join(tag.name + tag.value for tag in explain(value))
        assert not any(private[at : at + 16] in shown for at in range(len(private) - 15))
    assert told("p=")["p"] == ExplainedTag("p", "", 0, True, "p", (), ())


def test_a_key_that_is_damaged_is_told_by_its_length_too() -> None:
    assert (told("p=ab$c d")["p"].value, told("p=ab$c d")["p"].length) == ("ab$cd", 5)
    assert (told("P=ab$c d")["P"].value, told("P=ab$c d")["P"].length) == ("ab$cd", 5)
    assert (told("n=ab$c d")["n"].value, told("n=ab$c d")["n"].length) == ("ab$c d", 0)


def test_flags_are_those_that_rfc_6376_knows() -> None:
    assert told("t=y:s:x")["t"].flags == ("y", "s")
    assert told("t=x")["t"].flags == ()
    assert told("h=y:s")["h"].flags == ()


def test_a_tag_that_rfc_6376_does_not_know_is_unknown() -> None:
    assert told("x=1; g=*; P=abc; q")["x"].meaning == "unknown"
    assert told("x=1; g=*; P=abc; q")["g"].meaning == "g"
    assert told("x=1; g=*; P=abc; q")["P"].meaning == "unknown"
    assert told("x=1; q; ;=z;")["q"].value == ""
    assert "" in told("=z")


@each(
    ("defect", "name"),
    [
        ("bad-version", "v"), ("version-not-first", "v"), ("wrong-key-type", "k"), ("ed25519", "k"),
        ("no-sha256", "h"), ("not-for-email", "s"), ("granularity", "g"), ("upper-case-tag", "P"),
        ("revoked", "p"), ("placeholder", "p"), ("truncated-der", "p"), ("too-few-bits", "p"), ("no-key", "p"),
    ],
)  # fmt: skip
def test_a_defect_is_the_tag_s_that_has_it(defect: str, name: str) -> None:
    found = told("v=DKIM1; k=rsa; h=sha1; s=x; g=y; P=; p=", defect, "empty-tag")
    assert [(tag, one.defects) for tag, one in found.items() if one.defects] == [(name, (defect,))]


def test_a_value_that_cannot_be_seen_is_spelled() -> None:
    assert told("n=a\x1b[2Jb")["n"].value == "a\\027[2Jb"
    assert told("n=" + "long words " * 5)["n"].length == 45
