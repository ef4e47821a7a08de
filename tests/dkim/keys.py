"""Key pairs made anew for each test run: none is ever stored."""

import base64
import functools
import hashlib
import secrets

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from tests.aws.keys import openssl


@functools.cache
def private_key(bits: int) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, bits)


def private_der(bits: int = 2048, form: PrivateFormat = PrivateFormat.PKCS8) -> bytes:
    return private_key(bits).private_bytes(Encoding.DER, form, NoEncryption())


def pem(bits: int = 2048) -> bytes:
    form = PrivateFormat.TraditionalOpenSSL
    return private_key(bits).private_bytes(Encoding.PEM, form, NoEncryption())


def spki(bits: int = 2048) -> bytes:
    return _public(private_key(bits).public_key())


def pkcs1_public() -> bytes:
    return private_key(2048).public_key().public_bytes(Encoding.DER, PublicFormat.PKCS1)


def spki_of(bits: int, exponent: int = 65537) -> bytes:
    """Return a key of an odd number of exactly so many bits, which need not be a modulus."""
    modulus = secrets.randbits(bits) | 1 | 1 << (bits - 1)
    return _public(rsa.RSAPublicNumbers(exponent, modulus).public_key())


@functools.cache
def small_spki() -> bytes:
    """Return an RSA key of 512 bits: cryptography makes none, OpenSSL still does."""
    made = openssl("genrsa", "512")
    return openssl("rsa", "-pubout", "-outform", "DER", data=made)


@functools.cache
def ec_spki() -> bytes:
    return _public(ec.generate_private_key(ec.SECP256R1()).public_key())


@functools.cache
def ed25519_spki() -> bytes:
    return _public(ed25519.Ed25519PrivateKey.generate().public_key())


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def sha256(bits: int = 2048) -> str:
    return hashlib.sha256(spki(bits)).hexdigest()


def record(bits: int = 2048) -> str:
    return f"v=DKIM1; k=rsa; p={b64(spki(bits))}"


def _public(key: rsa.RSAPublicKey | ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey) -> bytes:
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
