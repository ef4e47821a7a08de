"""The operations by which a key pair is made and stored."""

from __future__ import annotations

import base64
from datetime import datetime
from typing import Any

from byodkim.aws import key_store, secret_text
from byodkim.aws.key_store import Entry
from byodkim.aws.secret_fields import NewKey
from byodkim.aws.session import WRITE, Clients
from byodkim.custody import private_key, storing
from byodkim.custody.refusal import DutyError, reading
from byodkim.custody.storing import CURRENT
from byodkim.custody.windows import Windows
from byodkim.dkim.names import check_domain, check_selector
from byodkim.rotation.observation import KeyObject


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

    def described(self, selector: str) -> KeyObject:
        """Return what is public of the key object of ``selector`` that was fetched; an empty one where none was."""
        raise NotImplementedError

    def enterable(self, secret_id: str, selector: str, path: str, domain: str, bucket: str) -> str:
        """Why the version in force cannot have an entry for ``selector``: a code of ``SecretUnfit``, "" where it can.

        The names of fields that stand in the way follow the code, after a space. It is tried with a key that is none.
        """
        client = self.clients.get("secretsmanager")
        found = reading("GetSecretValue", lambda: client.get_secret_value(SecretId=secret_id, VersionStage=CURRENT))
        value = f"v=DKIM1; k=rsa; p={base64.b64encode(bytes(294)).decode()}"  # as long as one of 2048 bits
        entry = Entry(check_selector(selector), value, path, check_domain(domain), bucket)
        try:
            secret_text.with_entry(key_store.text_of(found), NewKey(entry, private_key.BITS, self.clients.log.now()))
        except secret_text.SecretUnfit as unfit:
            return f"{unfit.code} {unfit.field}".strip()
        return ""

    def enter(
        self, secret_id: str, selector: str, value: str, path: str, domain: str, bucket: str, base: str, version: str
    ) -> dict[str, Any]:
        """A new version of the secret, pending: ``base`` with one more entry.

        Its time of making is S3's of the key object, so that a second attempt makes the same version.
        """
        entry, key = (
            Entry(check_selector(selector), value, path, check_domain(domain), bucket),
            self.described(selector),
        )
        created = datetime.fromisoformat(key.last_modified) if key.last_modified else self.clients.log.now()
        new = NewKey(entry, key.bits or private_key.BITS, created)
        return storing.enter(self.clients.get("secretsmanager", WRITE), secret_id, new, base, version)

    def promote(self, secret_id: str, base: str, version: str) -> dict[str, Any]:
        """Puts a pending version in force in the place of ``base``."""
        return storing.promote(self.clients.get("secretsmanager", WRITE), secret_id, base, version)

    def release(self, secret_id: str, version: str) -> dict[str, Any]:
        """Takes AWSPENDING off a version that is in force."""
        return storing.release(self.clients.get("secretsmanager", WRITE), secret_id, version)
