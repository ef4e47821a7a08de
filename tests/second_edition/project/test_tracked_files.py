"""No tracked file names a package registry or a folder of the machine it was written on, or holds a private key."""

from __future__ import annotations

import base64
import binascii
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from tests.second_edition.project.tracked import ROOT, tracked_files

REGISTRY = re.compile(r"\b(?:pypi|pythonhosted|npmjs|anaconda|prefix)\.(?:org|com|dev)\b", re.IGNORECASE)
# A folder of somebody's own, at the start of a path; a URL's path follows a host, so a word stands before it.
OWN_FOLDER = re.compile(r"(?<![\w.*}\])>-])/(?:home/|Users/|root\b|work\b|tmp/dev\b)")
PEM = re.compile(rb"-----BEGIN [A-Z ]*PRIVATE KEY-----\W+(?:[\w+/]{16})", re.ASCII)
BASE64 = re.compile(rb"[A-Za-z0-9+/]{64,}")
# A private key's DER opens with its version: a sequence (of up to 64 KiB) whose first member is the integer 0 or 1.
# A public key's or a certificate's first member is a sequence, or an integer that is longer than one byte.
PRIVATE_DER = re.compile(rb"\x30(?:[\x00-\x7f]|\x81.|\x82..)\x02\x01[\x00\x01][\x02\x04\x30]", re.DOTALL)

FILES = tracked_files()


def configured_hosts() -> set[str]:
    """The registries that pip and uv of this machine are told to use, beside those that everybody knows."""
    config = subprocess.run([sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True).stdout
    settings = [config, *(value for name, value in os.environ.items() if name.startswith(("PIP_", "UV_")))]
    addresses = re.findall(r"https?://[^\s'\"]+", " ".join(settings))
    return {host for address in addresses if (host := urlsplit(address).hostname)}


def machine_paths() -> set[str]:
    """Return where this checkout, this person's home and this Python are, as far as that says anything."""
    return {str(path) for path in (ROOT, Path.home(), Path(sys.prefix)) if len(path.parts) > 2}


def private_keys(content: bytes) -> Iterator[str]:
    """Yield what in a file looks like a private key: PEM, or the base64 of a key's DER or PEM."""
    if PEM.search(content):
        yield "PEM"
    for run in BASE64.finditer(content):
        for shift in range(4):
            whole = run.group()[shift:]
            try:
                decoded = base64.b64decode(whole[: len(whole) // 4 * 4])
            except binascii.Error:
                continue
            if PRIVATE_DER.match(decoded):
                yield "DER in base64"
            if b"PRIVATE KEY-----" in decoded:
                yield "PEM in base64"


def test_no_registry_is_named() -> None:
    hosts = configured_hosts()
    texts = {path: path.read_text(errors="replace") for path in FILES}
    found = [str(path) for path, text in texts.items() if REGISTRY.search(text) or any(host in text for host in hosts)]
    assert found == []


def test_no_folder_of_this_or_any_persons_machine_is_named() -> None:
    own = machine_paths()
    found = [
        f"{path}: {line}"
        for path in FILES
        for line in path.read_text(errors="replace").splitlines()
        if OWN_FOLDER.search(line) or any(name in line for name in own)
    ]
    assert found == []


def test_no_private_key_is_held() -> None:
    assert [f"{path}: {form}" for path in FILES for form in private_keys(path.read_bytes())] == []


def planted_keys() -> Iterator[bytes]:
    """Private keys, made here, in the forms in which they get about."""
    secret = rsa.generate_private_key(public_exponent=65537, key_size=1024)
    forms = serialization.PrivateFormat
    plain = serialization.NoEncryption()
    for form in (forms.PKCS8, forms.TraditionalOpenSSL):
        pem = secret.private_bytes(serialization.Encoding.PEM, form, plain)
        der = secret.private_bytes(serialization.Encoding.DER, form, plain)
        yield from (
            pem,
            base64.b64encode(der),
            base64.b64encode(pem),
            base64.encodebytes(der),
            b'{"k": "' + pem + b'"}',
        )
    for other in (ec.generate_private_key(ec.SECP256R1()), ed25519.Ed25519PrivateKey.generate()):
        yield other.private_bytes(serialization.Encoding.PEM, forms.PKCS8, plain)


def test_a_private_key_is_seen_in_every_form() -> None:
    assert [key for key in planted_keys() if not list(private_keys(b"x = " + key + b"\n"))] == []


def test_a_public_key_is_let_be() -> None:
    public = rsa.generate_private_key(public_exponent=65537, key_size=2048).public_key()
    for encoding in (serialization.Encoding.PEM, serialization.Encoding.DER):
        for form in (serialization.PublicFormat.SubjectPublicKeyInfo, serialization.PublicFormat.PKCS1):
            written = public.public_bytes(encoding, form)
            text = written if encoding is serialization.Encoding.PEM else base64.b64encode(written)
            assert list(private_keys(text)) == []
