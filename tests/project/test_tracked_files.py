"""What is committed names nothing of the machine that made it, and holds no private key."""

import base64
import re

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from tests.project.tracked import ROOT, tracked

#: Folders below the root that hold a developer's own files.
FOLDERS = re.compile(rb"/(work|root|farm|tmp)/")
#: A package is named, never where it is downloaded from.
HOSTS = re.compile(
    rb"pypi\.org|pythonhosted\.org|conda\.anaconda\.org|npmjs\.(org|com)|crates\.io|rubygems\.org"
    rb"|proxy\.golang\.org|docker\.io|ghcr\.io|quay\.io|deb\.debian\.org"
)
#: A DER sequence that begins with version 0 or 1 and goes on with a number, octets or an algorithm:
#: PKCS#1 (RFC 8017), SEC 1 (RFC 5915) and PKCS#8 (RFC 5958). A public key or certificate does not.
PRIVATE_DER = re.compile(rb"0(\x82..|\x81.|.)\x02\x01[\x00\x01][\x02\x04\x30]", re.DOTALL)
#: A line of a PEM file has 64 characters; what is shorter is the beginning that all keys share.
BASE64 = re.compile(rb"[A-Za-z0-9+/]{64,}")
OPENSSH = b"openssh-key-v1"


def private_keys(data: bytes) -> list[bytes]:
    """Return what looks like a private key: DER or PEM in base64, and base64 of that once more."""
    keys = []
    for text in BASE64.findall(data.replace(rb"\n", b"\n")):
        decoded = base64.b64decode(text[: len(text) // 4 * 4])
        if PRIVATE_DER.match(decoded) or decoded.startswith(OPENSSH):
            keys.append(text)
        elif decoded.startswith(b"-----BEGIN"):
            keys += private_keys(decoded)
    return keys


def containing(pattern: re.Pattern[bytes]) -> list[str]:
    """Return the tracked files that contain it."""
    return [str(path) for path in tracked() if pattern.search((ROOT / path).read_bytes())]


def test_no_file_names_a_folder_of_this_machine():
    assert containing(FOLDERS) == []
    assert containing(re.compile(re.escape(str(ROOT)).encode() + rb"\b")) == []


def test_no_file_names_the_host_of_a_registry():
    assert containing(HOSTS) == []


def test_no_file_holds_a_private_key():
    holders = {str(path) for path in tracked() if private_keys((ROOT / path).read_bytes())}
    assert holders == set()


def pems() -> dict[str, bytes]:
    """Return a private key in each form that a file may hold."""
    rsa_key, raw = rsa.generate_private_key(65537, 2048), NoEncryption()
    pkcs1, pkcs8 = PrivateFormat.TraditionalOpenSSL, PrivateFormat.PKCS8
    pem = rsa_key.private_bytes(Encoding.PEM, pkcs8, raw)
    ec_key, ed_key = ec.generate_private_key(ec.SECP256R1()), ed25519.Ed25519PrivateKey.generate()
    return {
        "PKCS#8": pem,
        "PKCS#1": rsa_key.private_bytes(Encoding.PEM, pkcs1, raw),
        "SEC 1": ec_key.private_bytes(Encoding.PEM, pkcs1, raw),
        "OpenSSH": ed_key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, raw),
        "in a string": repr(pem).encode(),
        "base64 of PEM": base64.b64encode(pem),
    }


@pytest.mark.parametrize("form", pems())
def test_a_private_key_would_be_seen(form):
    assert private_keys(b"text " + pems()[form])


@pytest.mark.parametrize("lock", tracked("locks/*.lock"), ids=str)
def test_a_lock_holds_versions_and_hashes_only(lock):
    """Require a version and at least one hash in each requirement."""
    text = (ROOT / lock).read_text("utf-8")
    joined = re.sub(r"^ *#.*\n", "", text, flags=re.MULTILINE).replace("\\\n", " ")
    requirements = [line for line in joined.splitlines() if line.strip()]
    shape = re.compile(r"[a-z0-9.-]+==[0-9a-z.!+]+( ; [^:@]+?)?( +--hash=sha256:[0-9a-f]{64})+")
    assert requirements
    assert [line for line in requirements if not shape.fullmatch(line)] == []
    assert "://" not in text


def test_the_root_holds_what_a_visitor_needs():
    shown = {path.parts[0] for path in tracked() if not path.parts[0].startswith(".")}
    assert len(shown) <= 18, sorted(shown)
