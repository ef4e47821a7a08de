"""Runs of prepare on a stage, and what others see of the key store afterwards: boto3 and OpenSSL."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.second_edition.notebooks import outside
from tests.second_edition.notebooks.runs import Ran
from tests.second_edition.notebooks.stage import Stage
from tests.second_edition.sandbox.generator import key_path, key_versions, labels, secret

NOTEBOOK = "notebooks/prepare.ipynb"
WRITES = frozenset({"PutObject", "PutSecretValue", "UpdateSecretVersionStage"})


def prepare(stage: Stage, *words: str, endpoint_url: str = "", name: str = "") -> Ran:
    """``papermill notebooks/prepare.ipynb`` on the standing sandbox."""
    target = ("-p", "target", "sandbox", "-p", "endpoint_url", endpoint_url or stage.sandbox.facts.endpoint_url)
    return stage.runner.papermill(*target, *words, notebook=NOTEBOOK, name=name)


def writes(stage: Stage) -> list[str]:
    """The writes that the sandbox's AWS answered since its last reset, by their operations."""
    return [call["operation"] for call in stage.sandbox.calls() if call["operation"].startswith(("Put", "Update"))]


@dataclass(frozen=True)
class Stored:
    """The key store as boto3 shows it. ``versions``: of the key object; ``sha256``: of its public key."""

    versions: int
    sha256: str
    bits: int
    secret: dict[str, Any]
    labels: dict[str, str]
    previous: dict[str, Any] | None


def stored(stage: Stage, selector: str) -> Stored:
    """Return what stands for a selector."""
    found, listed = labels(stage.sandbox), key_versions(stage.sandbox, key_path(stage.sandbox.facts, selector))
    sha256, bits = public(outside.pem(stage.sandbox.facts, selector)) if listed else ("", 0)
    previous = secret(stage.sandbox, "AWSPREVIOUS") if "AWSPREVIOUS" in found else None
    return Stored(len(listed), sha256, bits, secret(stage.sandbox), found, previous)


def public(pem: bytes) -> tuple[str, int]:
    """SHA-256 of the SubjectPublicKeyInfo of a private key, and its bits, by OpenSSL."""
    der = subprocess.run(
        ["openssl", "pkey", "-pubout", "-outform", "DER"], input=pem, capture_output=True, check=True
    ).stdout
    said = subprocess.run(
        ["openssl", "pkey", "-pubin", "-inform", "DER", "-noout", "-text"], input=der, capture_output=True, check=True
    ).stdout.decode()
    return hashlib.sha256(der).hexdigest(), int(said.split("(", 1)[1].split(" ", 1)[0])


def sha256_of(record: str) -> str:
    """The same of a key record's value."""
    return hashlib.sha256(base64.b64decode(record.rpartition("p=")[2])).hexdigest()


def request(ran: Ran) -> dict[str, Path]:
    """The files of the DNS request, by their endings."""
    return {Path(name).suffix: ran.folder / name for name in ran.files if ".dns-request." in name}


def sheet(ran: Ran) -> list[list[str]]:
    """The rows of the request sheet."""
    return list(csv.reader(io.StringIO(request(ran)[".csv"].read_text("utf-8-sig"))))
