"""Test keys, made by openssl when they are first needed."""

import base64
import subprocess
from functools import cache


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
