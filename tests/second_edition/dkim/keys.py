"""Key pairs made anew for each test run: none is ever stored."""

from __future__ import annotations

import base64
import functools
import secrets
import subprocess

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat


@functools.cache
def private_key(bits: int) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, bits)


def pem(bits: int = 2048) -> bytes:
    return private_key(bits).private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())


def pkcs8(bits: int = 2048) -> bytes:
    return private_key(bits).private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())


def pkcs1(bits: int = 2048) -> bytes:
    return private_key(bits).private_bytes(Encoding.DER, PrivateFormat.TraditionalOpenSSL, NoEncryption())


def spki(bits: int = 2048) -> bytes:
    return private_key(bits).public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def spki_of(modulus: int, exponent: int = 65537) -> bytes:
    """A SubjectPublicKeyInfo by cryptography, of numbers that need not be a working key."""
    numbers = rsa.RSAPublicNumbers(exponent, modulus)
    return numbers.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def modulus(bits: int) -> int:
    """An odd number of exactly so many bits."""
    return secrets.randbits(bits) | 1 | 1 << (bits - 1)


@functools.cache
def small_spki() -> bytes:
    """An RSA key of 512 bits: cryptography makes none, OpenSSL still does."""
    made = subprocess.run(["openssl", "genrsa", "512"], capture_output=True, check=True)
    read = subprocess.run(
        ["openssl", "rsa", "-pubout", "-outform", "DER"], input=made.stdout, capture_output=True, check=True
    )
    return read.stdout


def pkcs1_public() -> bytes:
    return private_key(2048).public_key().public_bytes(Encoding.DER, PublicFormat.PKCS1)


@functools.cache
def ec_spki() -> bytes:
    key = ec.generate_private_key(ec.SECP256R1()).public_key()
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


@functools.cache
def ed25519_keys() -> tuple[bytes, bytes]:
    """The raw public key, as RFC 8463 publishes it, and its SubjectPublicKeyInfo."""
    key = ed25519.Ed25519PrivateKey.generate().public_key()
    return key.public_bytes_raw(), key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def b64(data: bytes) -> bytes:
    return base64.b64encode(data)
