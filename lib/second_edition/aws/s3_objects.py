"""Objects in S3: copies of files, the operator lock, and an inbox that a receipt rule of SES fills.

A copy is put if nothing is there, with the checksum that S3 computes too, and an Object Lock if asked. The lock is
written only under a condition: two operators never both succeed. It is never deleted, so that its token never starts
anew.
Source: Amazon S3 API reference; Amazon S3 User Guide, "Add preconditions to S3 operations with conditional requests";
Amazon SES Developer Guide, "Deliver to S3 bucket action".
"""

from __future__ import annotations

import base64
import hashlib
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final

from botocore.exceptions import ClientError

#: What heads are called, and how one is spelled (``second_edition.evidence.heads``): seven short texts by their names.
HEAD: Final = re.compile(r"(^|/)heads/[^/]+/[^/]+\.json$")
SPELLED: Final = re.compile(
    r'\{("(account|closed|domain|head|published|region|run)":"[^"\\]{0,256}"(,(?=")|(?=\}))){7}\}\n?'
)
SMALL: Final = 4096  # bytes of a head, or of a lock
# 412: the condition does not hold, something is there; 409: another conditional write was under way.
THERE: Final = frozenset({"PreconditionFailed", "ConditionalRequestConflict", "412", "409"})
GONE: Final = frozenset({"NoSuchKey", "404"})
LOCKS: Final = "byodkim-locks"
PAGES: Final = 20  # of 1000 keys each
LARGEST: Final = 256 * 1024  # bytes of a message that is looked at: the ones meant have a few thousand


class TooMany(Exception):
    """The inbox holds more objects than are listed."""


def keys(client: Any, bucket: str, prefix: str) -> dict[str, int]:
    """Return the keys below ``prefix`` with their sizes in bytes.

    Raises:
        TooMany: there are more than ``PAGES`` thousand.
        botocore.exceptions.ClientError: S3 refused.
    """
    found: dict[str, int] = {}
    for number, page in enumerate(client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)):
        if number == PAGES:
            raise TooMany
        found.update({item["Key"]: int(item.get("Size", 0)) for item in page.get("Contents", ())})
    return found


def fetch(client: Any, bucket: str, key: str) -> bytes | None:
    """Return the message in an object; ``None`` where it is gone.

    Raises:
        botocore.exceptions.ClientError: S3 refused for another reason.
    """
    answer = _found(client, bucket, key)
    return _read(answer, LARGEST) if answer else None


def lock_key(account: str, region: str, domain: str) -> str:
    """Return the object's key: one an account, Region and identity."""
    return f"{LOCKS}/{account}/{region}/{domain}.json"


def read_lock(client: Any, bucket: str, key: str) -> dict[str, str] | None:
    """Return ``body`` and ``etag`` of the lock; ``None`` where there never was one.

    Raises:
        botocore.exceptions.ClientError: it could not be read.
    """
    answer = _found(client, bucket, key)
    return {"body": _read(answer, SMALL).decode("utf-8", "replace"), "etag": answer["ETag"]} if answer else None


def write_lock(client: Any, bucket: str, key: str, body: str, etag: str) -> str:
    """Write the lock if it is still the one with ``etag`` ("": none). Return its new ETag, or "" where it is not.

    Raises:
        botocore.exceptions.ClientError: S3 refused for another reason.
    """
    condition = {"IfMatch": etag} if etag else {"IfNoneMatch": "*"}
    try:
        answer = client.put_object(Bucket=bucket, Key=key, Body=body.encode(), **condition)
    except ClientError as error:
        if _code(error) in THERE | GONE:
            return ""
        raise
    return str(answer["ETag"])


def put(client: Any, bucket: str, key: str, body: bytes, retain_until: datetime | None) -> dict[str, str]:
    """Put ``body`` under ``key`` unless it is there already.

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
        LookupError, ValueError: what answered does not say that it has these bytes, as a proxy in front of S3 may not.
    """
    digest = hashlib.sha256(body).digest()
    checksum = base64.b64encode(digest).decode()
    # With a lock S3 wants the algorithm named in a header of its own.
    request: dict[str, Any] = {"Bucket": bucket, "Key": key, "Body": body, "IfNoneMatch": "*"}
    request |= {"ChecksumAlgorithm": "SHA256", "ChecksumSHA256": checksum}
    request |= _lock(retain_until)
    try:
        answer = client.put_object(**request)
        if answer["ChecksumSHA256"] != checksum:
            raise ValueError("S3 has other bytes")
        kept = "made"
    except ClientError as error:
        if _code(error) not in THERE:
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


def try_upload(client: Any, bucket: str, key: str, retain_until: datetime | None) -> None:
    """Begin an upload under ``key`` in parts, which takes the permissions of ``put``, and give it up without one.

    Raises:
        botocore.exceptions.ClientError: S3 refused.
    """
    where = {"Bucket": bucket, "Key": key}
    begun = client.create_multipart_upload(**where, ChecksumAlgorithm="SHA256", **_lock(retain_until))
    client.abort_multipart_upload(**where, UploadId=begun["UploadId"])


def heads(client: Any, bucket: str, prefix: str) -> list[dict[str, str]]:
    """Return each version of each head below ``prefix``, those under a delete marker too.

    Only heads are read, by their names, and only what is spelled as one is returned: nothing else that lies there.

    Returns:
        ``place``, ``text``, ``stored`` (when S3 got it) and ``held_until`` (of a lock in compliance mode, else "").

    Raises:
        botocore.exceptions.ClientError: S3 refused.
    """
    pages = client.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=prefix)
    versions = [one for page in pages for one in page.get("Versions", ()) if HEAD.search(one["Key"])]
    with ThreadPoolExecutor(8, "heads") as threads:
        return list(threads.map(partial(_head, client, bucket), versions))


def _head(client: Any, bucket: str, version: dict[str, Any]) -> dict[str, str]:
    found = client.get_object(Bucket=bucket, Key=version["Key"], VersionId=version["VersionId"])
    text = _read(found, SMALL).decode("utf-8", "replace")
    text = text if SPELLED.fullmatch(text) else ""  # told as a head that cannot be read
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


def _found(client: Any, bucket: str, key: str) -> Any:
    """Return S3's answer; ``None`` where there is no such object."""
    try:
        return client.get_object(Bucket=bucket, Key=key)
    except ClientError as error:
        if _code(error) in GONE:
            return None
        raise


def _read(answer: Any, most: int) -> bytes:
    with answer["Body"] as body:
        return bytes(body.read(most))


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code"))
