"""Messages as somebody received them: signed by dkimpy with a key of the sandbox's store, and changed or not."""

from __future__ import annotations

import subprocess
from email.utils import formatdate
from pathlib import Path

import dkim
from cryptography.hazmat.primitives import serialization

from second_edition.sandbox.client import Facts
from tests.second_edition.notebooks import outside

HEADERS = (b"from", b"to", b"subject", b"date")
PERL = Path(__file__).with_name("signatures.pl")


def pkcs1(facts: Facts, selector: str) -> bytes:
    """The private key of ``selector``, in the form that dkimpy reads."""
    key = serialization.load_pem_private_key(outside.pem(facts, selector), None)
    form = serialization.PrivateFormat.TraditionalOpenSSL
    return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())


def letter(facts: Facts, *signed: tuple[str, str]) -> bytes:
    """A message with a signature for each (domain, selector), the first on top."""
    head = f"From: Taro <taro@example.jp>\r\nTo: hanako@example.com\r\nSubject: hello\r\nDate: {formatdate()}\r\n"
    message = f"{head}\r\nOne line.\r\nAnother line.\r\n".encode()
    for domain, selector in reversed(signed):
        pair = pkcs1(facts, selector)
        signature: bytes = dkim.sign(
            message, selector.encode(), domain.encode(), pair,
            canonicalize=(b"relaxed", b"simple"), include_headers=list(HEADERS),
        )  # fmt: skip
        message = signature + message
    return message


def perl(facts: Facts, message: bytes, path: Path) -> list[tuple[str, ...]]:
    """Return what Perl's Mail::DKIM makes of each signature at the first name server: domain, selector, result."""
    path.write_bytes(message)
    address, _, port = facts.nameservers.split(",")[0].rpartition(":")
    command = ["perl", str(PERL), address, port, str(path)]
    said = subprocess.run(command, capture_output=True, text=True, check=True, timeout=600).stdout
    return [tuple(line.split("\t")) for line in said.splitlines()]


def held(facts: Facts, place: str) -> bytes:
    """The message that lies at ``s3://bucket/key``."""
    bucket, _, key = place.removeprefix("s3://").partition("/")
    s3 = outside.client(facts, "s3")
    try:
        with s3.get_object(Bucket=bucket, Key=key)["Body"] as body:
            return bytes(body.read())
    finally:
        s3.close()


def drop(facts: Facts, key: str, message: bytes) -> None:
    """Puts somebody's mail into the sandbox's inbox."""
    s3 = outside.client(facts, "s3")
    try:
        s3.put_object(Bucket=facts.inbox_bucket, Key=f"inbox/{key}", Body=message)
    finally:
        s3.close()
