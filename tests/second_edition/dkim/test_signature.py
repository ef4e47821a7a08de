"""What a message's header says of signatures and sender; dkimpy and Python's email read the same."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import dkim
import pytest
from hypothesis import given
from hypothesis import strategies as st

from second_edition.dkim.signature import MessageInvalid, Signature, aligned, read
from tests.second_edition.dkim.judges import DOMAIN, signed
from tests.second_edition.each import each

PLAIN = b"From: Taro <taro@example.jp>\r\nSubject: hello\r\n\r\nbody\r\n"


def test_it_reads_the_tags_that_dkimpy_wrote() -> None:
    message = signed(3, 2048)
    (header,) = [value for name, value in dkim.rfc822_parse(message)[0] if name == b"DKIM-Signature"]
    tags = dkim.util.parse_tag_value(header)
    assert (tags[b"d"].decode(), tags[b"s"].decode()) == (DOMAIN, "s3")
    at = datetime.fromtimestamp(int(tags[b"t"]), UTC).isoformat()
    (found,) = read(message).signatures
    assert found == Signature(DOMAIN, "s3", "rsa-sha256", True, DOMAIN, "", "relaxed/simple", at)


@each(
    ("fields", "signed", "dated"),
    [
        (
            b"DKIM-Signature: t=0\r\nDate: Mon, 01 Jan 2024 09:00:00 +0900\r\n",
            "1970-01-01",
            "2024-01-01T00:00:00+00:00",
        ),
        (b"DKIM-Signature: t=999999999999\r\nDate: 1 Jan 2024 00:00 -0000\r\n", "", "2024-01-01T00:00:00+00:00"),
        (b"DKIM-Signature: t=1; t=2\r\nDate: 1 Jan 2024 00:00 +0000\r\nDate: 1 Jan 2025 00:00 +0000\r\n", "", ""),
        (b"DKIM-Signature: t=-1\r\nDate: Fri, 31 Dec 9999 23:59:59 -2359\r\n", "", ""),
    ],
)
def test_it_reads_when_it_was_signed_and_written(fields: bytes, signed: str, dated: str) -> None:
    head = read(fields + PLAIN)
    assert (head.signatures[0].at[:10], head.dated) == (signed, dated)


def test_the_date_is_of_utc_wherever_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        assert read(b"Date: 1 Jan 2024 09:00 +0900\r\n" + PLAIN).dated == "2024-01-01T00:00:00+00:00"
    finally:
        monkeypatch.undo()
        time.tzset()


@each(("field", "subject"), [(b"", ""), (b"Subject: hello\r\n there \xff\r\n", "hello there \ufffd")])
def test_the_subject_is_one_line_of_text(field: bytes, subject: str) -> None:
    assert read(field + b"From: taro@example.jp\r\n\r\n").subject == subject


def test_signatures_stand_in_the_messages_order() -> None:
    fields = (
        b'DKIM-Signature: v=1; d=B.example; s=tw\xff; l=12; i="a@b"@Mail.B.example.\r\nX: y\r\n'
        b"dkim-signature :a=rsa-sha256;d=a.example.;s=on\r\n\te\r\n"
    )
    assert read(fields + PLAIN).signatures == (
        Signature("b.example", "tw\ufffd", "", identity="mail.b.example", length="12"),
        Signature("a.example", "one", "rsa-sha256", identity="a.example"),
    )


@each("value", [b"", b"d=", b"nonsense", b"d=a.example; d=b.example", b"=a.example", b"d d=a.example", b"\xff=\xff"])
def test_a_tag_that_does_not_stand_once_is_none(value: bytes) -> None:
    assert read(b"DKIM-Signature: " + value + b"\r\n" + PLAIN).signatures[0].domain == ""


@each(
    ("sender", "expected"),
    [
        ("taro@example.jp", "example.jp"),
        ("Taro <taro@Mail.Example.JP>", "mail.example.jp"),
        ('"a@example.com" <taro@example.jp>', "example.jp"),
        ("=?utf-8?b?5aSq6YOO?= <taro@example.jp>", "example.jp"),
        ("Taro\r\n <taro@example.jp>", "example.jp"),
        ("taro@日本.example", "xn--wgv71a.example"),
        ("taro@example.jp。", "example.jp"),
        ("taro@example.jp, jiro@example.jp", ""),
        *(("", ""), ("Taro <taro>", ""), ("taro<", "")),
    ],
)
def test_the_domain_in_from(sender: str, expected: str) -> None:
    head = read(f"From: {sender}\r\n\r\n".encode())
    assert (head.from_domain, head.from_unread) == (expected, False)


@each(
    "sender",
    [b"bob.@example.jp", b"taro@", b"taro@example.com <taro@example.jp>", "山田 <taro@example.jp>".encode("cp932")],
)
def test_a_from_that_pythons_parser_rejects_is_not_read(sender: bytes) -> None:
    head = read(b"From: " + sender + b"\r\n\r\n")
    assert (head.from_domain, head.from_unread) == ("", True)


def test_two_from_fields_are_none() -> None:
    assert read(b"From: a@example.jp\r\n" + PLAIN).from_domain == ""


@each("message", [PLAIN, PLAIN.replace(b"\r\n", b"\n"), b"From taro now\n" + PLAIN])
def test_line_ends_and_an_mbox_line_make_no_difference(message: bytes) -> None:
    head = read(message)
    assert (head.from_domain, head.subject) == ("example.jp", "hello")


@each(
    "data",
    [b"", b"\r\n" + PLAIN, b"<html>", b"Subject: x\r\n\r\n", b"PK\x03\x04 From: a@b.c\r\n", b" x\r\n" + PLAIN,
     b'{"From": "a@example.jp"}', b"To: a\r\n\r\nFrom: a@example.jp\r\n"],
)  # fmt: skip
def test_what_has_no_header_with_from_is_no_message(data: bytes) -> None:
    with pytest.raises(MessageInvalid):
        read(data)


@given(st.binary(max_size=200))
def test_any_bytes_are_a_message_or_none(data: bytes) -> None:
    for text in (data, b"From: " + data, b"DKIM-Signature: " + data + b"\r\n" + PLAIN):
        try:
            read(text)
        except MessageInvalid:
            continue


@each(
    ("sender", "domain", "expected"),
    [
        ("example.jp", "example.jp", True),
        ("example.jp", "mail.example.jp", True),
        ("example.com", "example.jp", False),
        ("notexample.jp", "example.jp", False),
        ("a.example.jp", "b.example.jp", None),
        ("", "example.jp", False),
    ],
)
def test_relaxed_alignment(sender: str, domain: str, expected: bool | None) -> None:
    assert aligned(sender, domain) is expected
