"""The operations by which the private key of a selector that was left is removed, and nothing else."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from byodkim.aws import key_store
from byodkim.aws.session import WRITE, Clients
from byodkim.custody import private_key, storing
from byodkim.custody.refusal import DutyError, reading
from byodkim.custody.windows import Windows

MOST: Final = 50  # versions of one object that are looked at

Json = dict[str, Any]


class ErasingOperations:
    """A part of the custodian's duties: only what it has looked into itself is removed."""

    def __init__(self) -> None:
        super().__init__()
        self._seen: dict[tuple[str, str, str], str] = {}

    @property
    def clients(self) -> Clients:
        """The clients, once ``open`` was asked for."""
        raise NotImplementedError

    def learn(self, windows: Windows) -> None:
        """Searches texts for this secret too from now on."""
        raise NotImplementedError

    def versions(self, bucket: str, key: str) -> list[Json]:
        """The versions of one object, newest first, each with the SHA-256 of the public key inside.

        ``latest`` is said of none where a delete marker stands before them all. A bucket that keeps no
        versions has one, ``null``.
        """
        client = self.clients.get("s3")
        answer = reading("ListObjectVersions", lambda: client.list_object_versions(Bucket=bucket, Prefix=key))
        found = [one for one in answer.get("Versions", ()) if one["Key"] == key]
        if len(found) > MOST or answer.get("IsTruncated"):
            raise DutyError("ListObjectVersions", "TooMany", "")
        return [self._looked_into(client, bucket, key, one) for one in found]

    def _looked_into(self, client: Any, bucket: str, key: str, one: Json) -> Json:
        modified, version = one.get("LastModified"), str(one.get("VersionId", ""))
        sha256, defect = "", "too-large"
        if int(one.get("Size", 0)) <= key_store.MAX_OBJECT:
            answer = reading("GetObject", lambda: client.get_object(Bucket=bucket, Key=key, VersionId=version))
            try:
                held = private_key.load(answer["Body"].read())
                self.learn(held.windows)
                sha256, defect = held.sha256, ""
            except private_key.KeyDefect as unfit:
                defect = unfit.code
        self._seen[bucket, key, version] = sha256
        if one.get("IsLatest"):
            self._seen[bucket, key, ""] = sha256
        return {
            "version_id": version,
            "modified": modified.isoformat(timespec="seconds") if isinstance(modified, datetime) else "",
            "latest": bool(one.get("IsLatest")),
            "sha256": sha256,
            "defect": defect,
        }

    def erase(self, bucket: str, key: str, version: str, sha256: str) -> Json:
        """Deletes one version of a key object for good; with ``version`` "" a delete marker is put before them all.

        Only one that was looked into, and holds the key with fingerprint ``sha256``. One attempt; answers
        ``{"answer": ...}`` or ``{"error": ...}``.
        """
        if not sha256 or self._seen.get((bucket, key, version)) != sha256:
            raise DutyError("erase", "NoSuchKey", "no such key was looked into")
        request = {"Bucket": bucket, "Key": key, **({"VersionId": version} if version else {})}
        try:
            answer = self.clients.get("s3", WRITE).delete_object(**request)
        except (ClientError, BotoCoreError) as error:
            return {"error": storing.described("DeleteObject", error)}
        metadata = answer["ResponseMetadata"]
        return {"answer": {"request_id": metadata.get("RequestId", ""), "status": metadata["HTTPStatusCode"]}}
