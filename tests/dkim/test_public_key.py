"""Public keys: read strictly, and named by the SHA-256 that OpenSSL computes too."""

from __future__ import annotations

import subprocess

import pytest
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import load_der_public_key
from hypothesis import given
from hypothesis import strategies as st

from byodkim.dkim.key_record import KeyRecordInvalid, PublicKey
from tests.dkim.keys import pem, spki


def openssl(*arguments: str, given: bytes) -> bytes:
    return subprocess.run(["openssl", *arguments], input=given, capture_output=True, check=True).stdout


@pytest.mark.parametrize("bits", [1024, 2048])
def test_sha256_is_what_openssl_computes_from_the_private_key(bits: int):
    der = openssl("pkey", "-pubout", "-outform", "DER", given=pem(bits))
    digest = openssl("dgst", "-sha256", "-r", given=der).split()[0].decode()
    key = PublicKey.from_der(spki(bits))
    assert key.sha256 == digest
    assert key.der == der
    assert (key.bits, key.key_type) == (bits, "rsa")


def test_representation_shows_no_key_material():
    assert repr(PublicKey.from_der(spki())) == "PublicKey(bits=2048, key_type='rsa')"


@pytest.mark.parametrize("size", [*range(20), 100, 161])
def test_a_key_cut_anywhere_is_refused(size: int):
    with pytest.raises(KeyRecordInvalid):
        PublicKey.from_der(spki(1024)[:size])


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


@given(st.integers(0, 33), st.integers(0, 255))
def test_what_cryptography_refuses_is_refused(place: int, octet: int):
    damaged = bytearray(spki(1024))
    damaged[place] = octet
    try:
        load_der_public_key(bytes(damaged))
    except (ValueError, UnsupportedAlgorithm):
        with pytest.raises(KeyRecordInvalid):
            PublicKey.from_der(bytes(damaged))
