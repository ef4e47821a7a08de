"""Timestamps over seals: a real authority's on loopback, verified by OpenSSL too, and nothing else for one."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from second_edition.evidence import timestamp
from second_edition.evidence.seal import SealError, write
from tests.second_edition.custody import loopback
from tests.second_edition.each import each
from tests.second_edition.evidence.authority import Authority

SIGNATURE = bytes(range(64))


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Authority]:
    with Authority(tmp_path_factory.mktemp("tsa") / "own") as made:
        yield made


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Authority]:
    with Authority(tmp_path / "other") as made:
        yield made


@pytest.fixture(scope="module")
def response(authority: Authority) -> bytes:
    return timestamp.fetch(authority.url, SIGNATURE, authority.root)


def refused(response: bytes, roots: Path, signature: bytes = SIGNATURE) -> str:
    with pytest.raises(SealError) as raised:
        timestamp.check(response, signature, roots, "a.seal.tsr")
    return raised.value.code


def test_an_authoritys_word_says_when(authority: Authority, response: bytes, tmp_path: Path) -> None:
    at = timestamp.check(response, SIGNATURE, authority.root)
    assert abs(at - datetime.now(UTC)) < timedelta(minutes=5)
    (tmp_path / "signature").write_bytes(SIGNATURE)
    write(tmp_path / "a.seal.tsr", response, "en")
    assert authority.verifies(tmp_path / "a.seal.tsr", tmp_path / "signature")
    (tmp_path / "signature").write_bytes(SIGNATURE[::-1])
    assert not authority.verifies(tmp_path / "a.seal.tsr", tmp_path / "signature")


def test_a_timestamp_over_something_else_is_none(authority: Authority, response: bytes) -> None:
    assert refused(response, authority.root, SIGNATURE[::-1]) == "timestamp.false"


def test_an_authority_that_nobody_trusts_says_nothing(other: Authority, response: bytes) -> None:
    assert refused(response, other.root) == "timestamp.false"


def test_no_byte_of_a_timestamp_that_says_anything_can_be_changed(authority: Authority, response: bytes) -> None:
    # CMS signs neither its own version numbers nor the name of the signature's algorithm (RFC 5652 section 5.4).
    ecdsa = bytes.fromhex("2a8648ce3d040302")
    name = response.rindex(ecdsa)
    versions = {response.index(b"\x02\x01\x03") + 2, response.rindex(b"\x02\x01\x01\x30") + 2}
    unsigned, held = versions | set(range(name, name + len(ecdsa))), []
    for place in range(len(response)):
        changed = response[:place] + bytes([response[place] ^ 1]) + response[place + 1 :]
        try:
            timestamp.check(changed, SIGNATURE, authority.root)
            held.append(place)
        except SealError as error:
            if error.code != "timestamp.false":
                raise
    assert set(held) <= unsigned


@each("data", [b"", b"\x30\x00", b"\x30\x03\x02\x01\x00", b"<html>", bytes(4000)])
def test_what_is_no_timestamp_is_false(authority: Authority, data: bytes) -> None:
    assert refused(data, authority.root) == "timestamp.false"


def test_what_follows_a_timestamp_is_seen(authority: Authority, response: bytes) -> None:
    assert refused(response + b"\x00", authority.root) == "timestamp.false"


def test_an_answer_is_verified_before_it_counts(authority: Authority, other: Authority, response: bytes) -> None:
    other.answer = response  # a good answer to another question: its nonce is not the one that was sent
    with pytest.raises(SealError, match="Nonce mismatch") as raised:
        timestamp.fetch(other.url, SIGNATURE, authority.root)
    assert raised.value.code == "stamp.refused"
    other.answer = b"<html>Welcome</html>"
    with pytest.raises(SealError) as raised:
        timestamp.fetch(other.url, SIGNATURE, authority.root)
    assert raised.value.code == "stamp.refused"
    other.answer = bytes(timestamp.LARGEST + 1)
    with pytest.raises(SealError, match="too long"):
        timestamp.fetch(other.url, SIGNATURE, authority.root)


@each("host", ["127.0.0.1", "localhost"])
def test_an_authority_on_this_machine_is_not_reached_through_a_proxy(
    authority: Authority, monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    with loopback.serving(POST=[loopback.status(500)]) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        assert timestamp.fetch(authority.url.replace("127.0.0.1", host), SIGNATURE, authority.root)
        assert not proxy.asked
        with pytest.raises(SealError, match="HTTP 500"):  # any other is
            timestamp.fetch("http://tsa.example.jp/", SIGNATURE, authority.root)
        assert proxy.asked


def test_certificates_that_cannot_be_read_are_said(authority: Authority, tmp_path: Path) -> None:
    (tmp_path / "empty.pem").write_bytes(b"")
    for name in ("empty.pem", "absent.pem"):
        with pytest.raises(SealError) as raised:
            timestamp.fetch(authority.url, SIGNATURE, tmp_path / name)
        assert raised.value.code == "stamp.roots"


def test_an_authority_that_is_not_there_is_said(authority: Authority) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    for url, reason in (
        (f"http://127.0.0.1:{port}/", "Connection refused"),
        (authority.url.replace("/tsa", "/nowhere"), "HTTP 415"),
        ("http://absent.invalid/", "Name or service not known|nodename nor servname|Temporary failure"),
    ):
        with pytest.raises(SealError, match=reason) as raised:
            timestamp.fetch(url, SIGNATURE, authority.root)
        assert raised.value.code == "stamp.unreachable"
