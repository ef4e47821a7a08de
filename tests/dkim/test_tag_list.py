"""Tag-lists, character by character (RFC 6376 section 3.2)."""

from __future__ import annotations

import pytest

from byodkim.dkim.defect import KeyRecordInvalid
from byodkim.dkim.tag_list import read, shown, without_white_space
from tests.each import each


@each(
    ("text", "tags"),
    [
        (b"a=", [("a", "")]),
        (b"a=b;", [("a", "b")]),
        (b" a \t=\r\n b c\t\td \r\n\t; B_2 = !:<~ ", [("a", "b c\t\td"), ("B_2", "!:<~")]),
        (b"a=1 \r\n \r\n 2", [("a", "1 \r\n \r\n 2")]),
        (b"a==;b=/", [("a", "="), ("b", "/")]),
        (b"a=1;A=2", [("a", "1"), ("A", "2")]),
    ],
)
def test_names_and_values_without_the_white_space_around_them(text: bytes, tags: list[tuple[str, str]]):
    assert [(tag.name, tag.value) for tag in read(text)] == tags


@each(
    ("text", "defect", "values"),
    [
        (b"", "empty-tag", {}),
        (b";", "empty-tag", {}),
        (b"a=1;;", "empty-tag", {}),
        (b"a=1; \t\r\n ;b=2", "empty-tag", {}),
        (b"=1", "not-a-tag", {"text": ""}),
        (b"X", "not-a-tag", {"text": "X"}),
        (b'X"=1', "not-a-tag", {"text": 'X\\"'}),
        (b"X!=1", "not-a-tag", {"text": "X!"}),
        (b"a=1; \tb c=2", "not-a-tag", {"text": "b c"}),
        (b"a_very_long_name! = x", "not-a-tag", {"text": "a_very_long_nam..."}),
        (b"a=1;b=2;a=1;b=2", "duplicate-tag", {"tag": "a"}),
        (b"b=2;a=1\r\n \r\n ", "bad-value", {"tag": "a"}),
        (b' \t"a=1"', "quote", {}),
        (b'\v"a=1"', "control-character", {"code": "0x0b", "place": 0}),
        (b"a=1\\;", "backslash", {}),
        (b"a=\r\nb", "control-character", {"code": "0x0d", "place": 2}),
        (b"a=\r\n b\n", "control-character", {"code": "0x0a", "place": 6}),
        (b"a=\x1f", "control-character", {"code": "0x1f", "place": 2}),
        (b"a=\x7f", "control-character", {"code": "0x7f", "place": 2}),
        (b"a=\xff", "non-ascii", {}),
        (b"a=\x91b\x92", "smart-quote", {}),
        (b"a=\x90", "non-ascii", {}),
        ("a=“".encode(), "smart-quote", {}),
        ("a；".encode(), "full-width", {}),
        ("a=é".encode(), "non-ascii", {}),
        ("a=\u00d1".encode(), "non-ascii", {}),  # in UTF-8 0xC3 0x91: sound text, and no code page's quote
    ],
)
def test_what_is_no_tag_list(text: bytes, defect: str, values: dict[str, str | int]):
    with pytest.raises(KeyRecordInvalid) as caught:
        read(text)
    assert (caught.value.defect, caught.value.values) == (defect, values)


def test_white_space_within_a_key():
    assert without_white_space(" a\tb\r\n c \r\n\td") == "abcd"


@each(
    ("text", "said"),
    [("x" * 15, "x" * 15), ("x" * 16, "x" * 15 + "..."), (b"\n;", r"\010;"), ("é", r"\195\169"), ("", "")],
)
def test_foreign_text_is_shown_escaped_and_short(text: bytes | str, said: str):
    assert shown(text) == said
