"""Judges from outside: dig, dkimpy, the AWS CLI, OpenSSL. Nothing here is byodkim's."""

import base64
import hashlib
import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import dkim
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

SCRIPT = Path(__file__).parents[1] / "record/verify_without_us.sh"


def digged(server: str, name: str) -> str:
    """Return the value of the TXT record that a server publishes; "" for none."""
    address, _colon, port = server.rpartition(":")
    command = ["dig", "+short", "+tries=1", "+time=5", f"@{address}", "-p", port, name, "TXT"]
    shown = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return "".join(shown.split('"')[1::2])


def signed_message(pem: bytes, selector: str, domain: str) -> bytes:
    """Return a message with a DKIM signature (RFC 6376 section 3.5), simple/simple."""
    key = load_pem_private_key(pem, None)
    assert isinstance(key, RSAPrivateKey)
    body = b"The next selector is in use.\r\n"
    headers = f"From: rotation@{domain}\r\nSubject: rotation\r\n".encode()
    field = (
        f"DKIM-Signature: v=1; a=rsa-sha256; c=simple/simple; d={domain}; s={selector};"
        f" h=From:Subject; bh={base64.b64encode(hashlib.sha256(body).digest()).decode()}; b="
    ).encode()
    signature = base64.b64encode(key.sign(headers + field, PKCS1v15(), SHA256()))
    return field + signature + b"\r\n" + headers + b"\r\n" + body


def verifies(message: bytes, server: str) -> bool:
    """Return whether dkimpy verifies a message with the record that a server publishes."""

    def record(name: bytes, **_: object) -> bytes:
        return digged(server, name.decode()).encode()

    return bool(dkim.verify(message, dnsfunc=record))


def aws(environment: Mapping[str, str], *words: str) -> Any:
    """Return what the AWS CLI prints."""
    command = ["aws", *words, "--output", "json"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout or "{}")


def require_seal(folder: Path, name: str, public_key: str) -> None:
    """Require what docs/en/records.md says: OpenSSL and sha256sum find the record unchanged."""
    command = ["sh", str(SCRIPT), str(folder), name, public_key]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Signature Verified Successfully" in done.stdout
    for file in ("journal.jsonl", "ipynb"):
        assert f"{name}.{file}: OK" in done.stdout


def head(folder: Path, name: str) -> str:
    """Return the SHA-256 of a record's journal."""
    return hashlib.sha256((folder / f"{name}.journal.jsonl").read_bytes()).hexdigest()


def previous(folder: Path, name: str) -> tuple[str, str]:
    """Return the record before this one in the chain, and its head."""
    envelope = json.loads((folder / f"{name}.seal.json").read_text())
    predicate = json.loads(base64.b64decode(envelope["payload"]))["predicate"]
    return predicate["previous_record"], predicate["previous_head"]
