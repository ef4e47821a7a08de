"""The operations that a run's record needs: the identity's lock in S3, the seal, and the copy in the archive."""

from __future__ import annotations

import base64
from datetime import datetime
from pathlib import Path

from byodkim.aws import archive_object, key_store, lock_object
from byodkim.aws.session import WRITE, Clients
from byodkim.custody import sealing
from byodkim.custody.refusal import DutyError, reading
from byodkim.dkim.names import check_domain
from byodkim.evidence.sealing_key import KeyDefect


class RecordOperations:
    """A part of the custodian's duties. None of them needs a private key but that of the seal."""

    @property
    def clients(self) -> Clients:
        """The clients, once ``open`` was asked for."""
        raise NotImplementedError

    def leaks(self, text: str | bytes) -> bool:
        """Return whether a piece of a key that was ever in hand stands in ``text``."""
        raise NotImplementedError

    def locked(self, bucket: str, domain: str) -> dict[str, str] | None:
        """The operator lock of ``domain`` in S3: ``body`` and ``etag``, or ``None`` where there never was one."""
        key = lock_object.key_of(self.clients.region, check_domain(domain))
        return reading("GetObject", lambda: lock_object.read(self.clients.get("s3"), bucket, key))

    def lock(self, bucket: str, domain: str, body: str, etag: str) -> str:
        """Writes the operator lock if it is still the one with ``etag`` ("": if there is none).

        Answers its new ETag, "" where it is not. One attempt: a second one would be refused for the first one's sake.
        """
        key = lock_object.key_of(self.clients.region, check_domain(domain))
        return reading("PutObject", lambda: lock_object.write(self.clients.get("s3", WRITE), bucket, key, body, etag))

    def seal(self, statement: str, key: str) -> dict[str, str]:
        """Signs a statement: with this user's local key, or with the one in KMS whose ARN is ``key``.

        Answers signature and public key, in base64.
        """
        client = self.clients.get("kms", region=key.split(":")[3]) if key else None
        try:
            signed = sealing.sign(statement, client, key)
        except KeyDefect as defect:
            raise DutyError("seal", defect.code, defect.reason) from None
        return {"signature": _base64(signed.signature), "public_key": _base64(signed.public_key)}

    def keep(self, bucket: str, key: str, path: str, retain_until: str, text: str = "") -> dict[str, str]:
        """Copies the file at ``path`` to S3 unless it is there already, locked until ``retain_until`` ("": not).

        A file that holds a piece of a key in hand, or what looks like the whole of any, is not copied. Without a
        path, ``text`` is what is put there.
        """
        until = datetime.fromisoformat(retain_until) if retain_until else None
        body = Path(path).read_bytes() if path else text.encode()
        if self.leaks(body) or key_store.looks_private(body.decode("utf-8", "replace")):
            raise DutyError("PutObject", "LeakStopped", "the file holds part of a private key")
        client = self.clients.get("s3")
        return reading("PutObject", lambda: archive_object.put(client, bucket, key, body, until))

    def keepable(self, bucket: str, key: str, retain_until: str) -> None:
        """Begin an upload to S3 as ``keep`` would make it, and give it up: nothing is left there."""
        until, client = datetime.fromisoformat(retain_until) if retain_until else None, self.clients.get("s3")
        reading("CreateMultipartUpload", lambda: archive_object.try_upload(client, bucket, key, until))

    def heads(self, bucket: str, prefix: str) -> list[dict[str, str]]:
        """S3 ListObjectVersions and GetObject: each version of each head below ``prefix``."""
        client = self.clients.get("s3", kept=False)
        return reading("", lambda: archive_object.heads(client, bucket, prefix))


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()
