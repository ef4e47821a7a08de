"""The operations by which a key pair is made and stored."""

from __future__ import annotations

from typing import Any

from byodkim.aws import key_store
from byodkim.aws.session import WRITE, Clients
from byodkim.custody import private_key, storing
from byodkim.custody.refusal import DutyError, reading
from byodkim.custody.windows import Windows
from byodkim.dkim.names import check_domain, check_selector


class StoreOperations:
    """A part of the custodian's duties. Keys that were made are kept until they are forgotten."""

    def __init__(self) -> None:
        super().__init__()
        self._made: dict[str, tuple[private_key.PrivateKey, bytes]] = {}

    @property
    def clients(self) -> Clients:
        """The clients, once ``open`` was asked for."""
        raise NotImplementedError

    def learn(self, windows: Windows) -> None:
        """Searches texts for this secret too from now on."""
        raise NotImplementedError

    def listed(self, bucket: str, domain: str, layout: str) -> list[str]:
        """The selectors for which a key object lies in the bucket."""
        client = self.clients.get("s3")
        return reading("ListObjectsV2", lambda: storing.listed(client, bucket, check_domain(domain), layout))

    def make(self, selector: str) -> dict[str, Any]:
        """Makes a key pair for ``selector`` and keeps it until it is forgotten. Answers what is public of it."""
        key, pem = private_key.make()
        self.learn(key.windows)
        self._made[check_selector(selector)] = key, pem
        return {"form": key.form, "bits": key.bits, "public_key": key.public_key, "sha256": key.sha256}

    def store(self, selector: str, sha256: str, bucket: str, key: str, kms_key: str) -> dict[str, Any]:
        """S3 gets the private key that was made for ``selector``, if it is the one with fingerprint ``sha256``."""
        made, pem = self._made.get(selector, (None, b""))
        if made is None or made.sha256 != sha256:
            raise DutyError("store", "NoSuchKey", "the key that was made is not in the custodian's hands")
        return storing.store(self.clients.get("s3", WRITE), bucket, key, pem, kms_key)

    def enter(self, secret_id: str, selector: str, value: str, path: str, base: str, version: str) -> dict[str, Any]:
        """A new version of the secret, pending: ``base`` with one more entry."""
        entry = key_store.Entry(check_selector(selector), value, path)
        return storing.enter(self.clients.get("secretsmanager", WRITE), secret_id, entry, base, version)

    def promote(self, secret_id: str, base: str, version: str) -> dict[str, Any]:
        """Puts a pending version in force in the place of ``base``."""
        return storing.promote(self.clients.get("secretsmanager", WRITE), secret_id, base, version)

    def release(self, secret_id: str, version: str) -> dict[str, Any]:
        """Takes AWSPENDING off a version that is in force."""
        return storing.release(self.clients.get("secretsmanager", WRITE), secret_id, version)
