"""A file's copy in S3: put if nothing is there, with the checksum that S3 computes too, and an Object Lock if asked.

Source: Amazon S3 API reference, PutObject (If-None-Match, ChecksumSHA256, ObjectLockMode), HeadObject, GetObject,
ListObjectVersions, CreateMultipartUpload and AbortMultipartUpload.
"""

from __future__ import annotations

import base64
import hashlib
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final, Protocol

from botocore.exceptions import ClientError

# 412: something is there; 409: another conditional write was under way.
LARGEST: Final = 4096  # bytes of a head
THERE = frozenset({"PreconditionFailed", "ConditionalRequestConflict", "412", "409"})


class ArchiveClient(Protocol):
    """The calls of boto3's ``s3`` client that an archive takes."""

    def put_object(self, **request: Any) -> dict[str, Any]:
        """PutObject."""

    def create_multipart_upload(self, **request: Any) -> dict[str, Any]:
        """CreateMultipartUpload."""

    def abort_multipart_upload(self, **request: Any) -> dict[str, Any]:
        """AbortMultipartUpload."""

    def head_object(self, **request: Any) -> dict[str, Any]:
        """HeadObject."""

    def get_object(self, **request: Any) -> dict[str, Any]:
        """GetObject."""

    def get_paginator(self, operation: str) -> Any:
        """Return what calls an operation until it has told all."""


def put(client: ArchiveClient, bucket: str, key: str, body: bytes, retain_until: datetime | None) -> dict[str, str]:
    """Puts ``body`` under ``key`` unless it is there already.

    Args:
        client: of S3.
        bucket: where.
        key: where.
        body: the file's bytes.
        retain_until: until when nobody may delete it (Object Lock in compliance mode); ``None`` for no lock.

    Returns:
        ``place``, ``sha256`` (hex), ``version_id``, ``request_id`` and ``kept``: ``made``, ``there``, or ``another``
        where something else lies under that key.

    Raises:
        botocore.exceptions.ClientError: S3 refused.
    """
    digest = hashlib.sha256(body).digest()
    checksum = base64.b64encode(digest).decode()
    # With a lock S3 wants the algorithm named in a header of its own.
    request: dict[str, Any] = {"Bucket": bucket, "Key": key, "Body": body, "IfNoneMatch": "*"}
    request |= {"ChecksumAlgorithm": "SHA256", "ChecksumSHA256": checksum}
    request |= _lock(retain_until)
    try:
        answer = client.put_object(**request)
        kept = "made"
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") not in THERE:
            raise
        answer = client.head_object(Bucket=bucket, Key=key, ChecksumMode="ENABLED")
        kept = "there" if answer.get("ChecksumSHA256") == checksum else "another"
    return {
        "kept": kept,
        "place": f"s3://{bucket}/{key}",
        "sha256": digest.hex(),
        "version_id": answer.get("VersionId", ""),
        "request_id": answer["ResponseMetadata"].get("RequestId", ""),
    }


def try_upload(client: ArchiveClient, bucket: str, key: str, retain_until: datetime | None) -> None:
    """Begin an upload under ``key`` in parts, which takes the permissions of ``put``, and give it up without one.

    Raises:
        botocore.exceptions.ClientError: S3 refused.
    """
    where = {"Bucket": bucket, "Key": key}
    begun = client.create_multipart_upload(**where, ChecksumAlgorithm="SHA256", **_lock(retain_until))
    client.abort_multipart_upload(**where, UploadId=begun["UploadId"])


def heads(client: ArchiveClient, bucket: str, prefix: str) -> list[dict[str, str]]:
    """Return each version of each object below ``prefix``, those under a delete marker too.

    Returns:
        ``place``, ``text``, ``stored`` (when S3 got it) and ``held_until`` (of a lock in compliance mode, else "").

    Raises:
        botocore.exceptions.ClientError: S3 refused.
    """
    pages = client.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=prefix)
    versions = [version for page in pages for version in page.get("Versions", ())]
    with ThreadPoolExecutor(8, "heads") as threads:
        return list(threads.map(partial(_head, client, bucket), versions))


def _head(client: ArchiveClient, bucket: str, version: dict[str, Any]) -> dict[str, str]:
    found = client.get_object(Bucket=bucket, Key=version["Key"], VersionId=version["VersionId"])
    with found["Body"] as body:
        text = body.read(LARGEST).decode("utf-8", "replace")
    held = found["ObjectLockRetainUntilDate"] if found.get("ObjectLockMode") == "COMPLIANCE" else None
    return {
        "place": f"s3://{bucket}/{version['Key']}",
        "text": text,
        "stored": version["LastModified"].astimezone(UTC).isoformat(),
        "held_until": held.astimezone(UTC).isoformat() if held else "",
    }


def _lock(retain_until: datetime | None) -> dict[str, Any]:
    if retain_until is None:
        return {}
    return {"ObjectLockMode": "COMPLIANCE", "ObjectLockRetainUntilDate": retain_until}
