"""Public keys: read strictly, and named by the SHA-256 that OpenSSL computes too."""

from __future__ import annotations

import subprocess

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import load_der_public_key
from hypothesis import given
from hypothesis import strategies as st

from second_edition.dkim.key_record import KeyRecordInvalid, PublicKey
from tests.second_edition.dkim.keys import pem, spki
from tests.second_edition.each import each


def openssl(*arguments: str, given: bytes) -> bytes:
    return subprocess.run(["openssl", *arguments], input=given, capture_output=True, check=True).stdout


@each("bits", [1024, 2048])
def test_sha256_is_what_openssl_computes_from_the_private_key(bits: int):
    der = openssl("pkey", "-pubout", "-outform", "DER", given=pem(bits))
    digest = openssl("dgst", "-sha256", "-r", given=der).split()[0].decode()
    key = PublicKey.from_der(spki(bits))
    assert key.sha256 == digest
    assert key.der == der
    assert (key.bits, key.key_type) == (bits, "rsa")


@given(st.binary(max_size=400))
def test_arbitrary_bytes_raise_nothing_else(der: bytes):
    with pytest.raises(KeyRecordInvalid):
        PublicKey.from_der(der)


@given(st.data())
def test_a_damaged_key_is_refused_or_read_as_cryptography_reads_it(data: st.DataObject):
    """Header octets are damaged more often than the modulus, of which any odd one will do."""
    der = spki(1024)
    place = data.draw(st.one_of(st.integers(0, 32), st.integers(len(der) - 8, len(der) - 1)))
    damaged = der[:place] + data.draw(st.binary(max_size=2)) + der[place + data.draw(st.integers(0, 1)) :]
    try:
        key = PublicKey.from_der(damaged)
    except KeyRecordInvalid:
        return
    read = load_der_public_key(damaged)
    assert isinstance(read, rsa.RSAPublicKey)
    assert key.bits == read.key_size


RSA = bytes.fromhex("300d06092a864886f70d0101010500")


def der(kind: int, content: bytes) -> bytes:
    """An element in DER."""
    size = len(content)
    if size < 0x80:
        return bytes([kind, size]) + content
    octets = size.to_bytes((size.bit_length() + 7) // 8)
    return bytes([kind, 0x80 | len(octets)]) + octets + content


def public_key(
    modulus: bytes, exponent: bytes = b"\x03", *, spare: bytes = b"", unused: bytes = b"\0", between: bytes = b""
) -> bytes:
    numbers = der(0x30, der(0x02, modulus) + der(0x02, exponent) + between)
    return der(0x30, RSA + der(0x03, unused + numbers + spare))


def refused(data: bytes) -> tuple[str, dict[str, str | int]]:
    with pytest.raises(KeyRecordInvalid) as caught:
        PublicKey.from_der(data)
    return caught.value.defect, caught.value.values


@each(
    ("modulus", "exponent", "defect"),
    [
        (b"", b"\x03", "not-der"),
        (b"\x80\x01", b"\x03", "not-der"),  # negative
        (b"\0\x7f", b"\x03", "not-der"),  # a zero too many
        (b"\x03", b"", "not-der"),
        (b"\x03", b"\x83", "not-der"),
        (b"\x03", b"\0\x03", "not-der"),
        (b"\0", b"\x03", "not-rsa-numbers"),
        (b"\x04", b"\x03", "not-rsa-numbers"),
        (b"\x05", b"\x01", "not-rsa-numbers"),
        (b"\x05", b"\x04", "not-rsa-numbers"),
        (b"\x05", b"\x01" + b"\0" * 3 + b"\x01", "wide-exponent"),  # 33 bits
        (b"\x05", b"\0\x80\0\0\x01", "wide-exponent"),  # 32 bits, the least that Go's crypto/rsa rejects
    ],
)
def test_numbers_that_are_none(modulus: bytes, exponent: bytes, defect: str):
    found, values = refused(public_key(modulus, exponent))
    assert found == defect
    assert values == ({"bits": int.from_bytes(exponent).bit_length(), "most": 31} if defect == "wide-exponent" else {})


SOUND = public_key(b"\x03")


@each(
    ("data", "defect"),
    [
        (public_key(b"\x03", spare=b"\0"), "not-der"),
        (public_key(b"\x03", between=b"\0"), "not-der"),
        (public_key(b"\x03", unused=b"\x01"), "not-der"),
        (public_key(b"\x03", unused=b""), "not-der"),
        (der(0x30, RSA + der(0x03, b"")), "not-der"),
        (der(0x30, RSA), "not-der"),
        (der(0x30, RSA + der(0x04, SOUND[19:])), "not-der"),
        (der(0x30, SOUND[2:] + b"\0"), "not-der"),
        (der(0x30, RSA + der(0x03, b"\0" + der(0x31, SOUND[22:]))), "not-der"),
        (der(0x30, RSA + b"\x03\x7f\0"), "not-der"),  # longer than what holds it
        (SOUND[:18] + bytes([SOUND[18] + 1]) + SOUND[19:], "not-der"),  # by one byte
        # Lengths in more octets than they take: BER.
        (der(0x30, RSA + b"\x03\x81" + SOUND[18:]), "not-der"),
        (der(0x30, RSA + b"\x03\x83\0\0" + SOUND[18:]), "not-der"),
        (der(0x30, RSA + b"\x03\x80" + SOUND[19:] + b"\0\0"), "not-der"),  # of indefinite length
        (der(0x30, RSA + b"\x03\x80\0" + der(0x30, der(2, b"\x01" * 120) + der(2, b"\x03"))), "not-der"),
        (b"\x30\x84\x01\0\0\0", "not-der"),  # of 16 MiB
        (der(0x30, RSA + b"\x03\x82\0\xff" + bytes(0xFF)), "not-der"),
        (b"", "not-der"),
        (b"\x30", "not-der"),
        (b"\x30\0", "not-der"),
        (b"\x31" + SOUND[1:], "not-der"),
        (b"\x30\x03\x02\x01\0", "private-key"),
        (b"\x30\x82\xff\xff\x02\x01\0", "private-key"),
        (der(0x30, b"\x02\x01\x03" * 2), "pkcs1-public-key"),
        (der(0x30, bytes.fromhex("300506032b6570") + bytes(9)), "ed25519"),
        (der(0x30, bytes.fromhex("300506032b6571") + bytes(9)), "not-rsa"),
    ],
)
def test_what_is_no_public_key(data: bytes, defect: str):
    assert refused(data) == (defect, {})


@each(("data", "stated"), [(b"\x30\x05", 7), (b"\x30\x83\x01\0\0", 65541), (SOUND[:-1], len(SOUND))])
def test_a_key_that_was_cut_short_tells_how_short(data: bytes, stated: int):
    assert refused(data) == ("truncated-der", {"real": len(data), "stated": stated})
