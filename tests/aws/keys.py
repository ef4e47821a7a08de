"""Test keys, made by openssl when they are first needed."""

import base64
import subprocess
from functools import cache

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key


def openssl(*arguments: str, data: bytes = b"") -> bytes:
    """Return what openssl writes."""
    return subprocess.run(
        ["openssl", *arguments], input=data, capture_output=True, check=True
    ).stdout


@cache
def pem(bits: int = 2048, exponent: int = 65537) -> bytes:
    """Return a private key in PEM (PKCS#8)."""
    options = ("-pkeyopt", f"rsa_keygen_bits:{bits}", "-pkeyopt", f"rsa_keygen_pubexp:{exponent}")
    return openssl("genpkey", "-algorithm", "RSA", *options)


def elliptic() -> bytes:
    """Return a private key of an elliptic curve."""
    return openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256")


def traditional(key: bytes) -> bytes:
    """Return a key in PEM (PKCS#1)."""
    return openssl("rsa", "-traditional", data=key)


def bare(key: bytes) -> str:
    """Return the base64 between the lines of PEM."""
    return "".join(key.decode().splitlines()[1:-1])


def public(key: bytes) -> str:
    """Return SubjectPublicKeyInfo, DER in base64."""
    return base64.b64encode(openssl("pkey", "-pubout", "-outform", "DER", data=key)).decode()


def record(key: bytes) -> str:
    """Return a key record's value."""
    return f"v=DKIM1; k=rsa; p={public(key)}"


@cache
def fragments(key: bytes) -> set[bytes]:
    """Return every run of 10 characters of base64, of 16 hexadecimal and of 24 decimal digits that
    the primes make.
    """
    private = load_pem_private_key(key, None)
    assert isinstance(private, RSAPrivateKey)
    found = set()
    for prime in (private.private_numbers().p, private.private_numbers().q):
        data = prime.to_bytes(128)
        texts = [(base64.b64encode(data[start:])[:-4], 10) for start in range(3)]
        texts += [(data.hex().encode(), 16), (str(prime).encode(), 24)]
        for text, size in texts:
            found |= {text[at : at + size] for at in range(len(text) - size + 1)}
    return found


def holds_fragment(data: bytes, key: bytes = b"") -> bool:
    """Return whether a part of a private key is in something; by default of ``pem()``."""
    return any(fragment in data for fragment in fragments(key or pem()))
