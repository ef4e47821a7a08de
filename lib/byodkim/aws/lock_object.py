"""The operator lock as an S3 object, written only under a condition: two operators never both succeed.

The object is never deleted, so that its token never starts anew.
Source: Amazon S3 User Guide, "Add preconditions to S3 operations with conditional requests" (If-None-Match, If-Match).
"""

from __future__ import annotations

from typing import Any, Protocol

from botocore.exceptions import ClientError

PREFIX = "byodkim-locks"
LARGEST = 4096  # bytes
# 412: the condition does not hold; 409: another conditional write was under way; 404: it is gone (If-Match only).
LOST = frozenset({"PreconditionFailed", "ConditionalRequestConflict", "NoSuchKey", "412", "409", "404"})


class LockClient(Protocol):
    """The calls of boto3's ``s3`` client that a lock takes."""

    def get_object(self, **request: Any) -> dict[str, Any]:
        """GetObject."""

    def put_object(self, **request: Any) -> dict[str, Any]:
        """PutObject."""


def key_of(region: str, domain: str) -> str:
    """The object's key: one a Region and identity."""
    return f"{PREFIX}/{region}/{domain}.json"


def read(client: LockClient, bucket: str, key: str) -> dict[str, str] | None:
    """``body`` and ``etag`` of the lock; ``None`` where there never was one.

    Raises:
        botocore.exceptions.ClientError: it could not be read.
    """
    try:
        answer = client.get_object(Bucket=bucket, Key=key)
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") == "NoSuchKey":
            return None
        raise
    with answer["Body"] as body:
        return {"body": body.read(LARGEST).decode("utf-8", "replace"), "etag": answer["ETag"]}


def write(client: LockClient, bucket: str, key: str, body: str, etag: str) -> str:
    """Writes the lock if it is still the one with ``etag`` ("": if there is none). Its new ETag, or "" where it is not.

    Raises:
        botocore.exceptions.ClientError: S3 refused for another reason.
    """
    condition = {"IfMatch": etag} if etag else {"IfNoneMatch": "*"}
    try:
        answer = client.put_object(Bucket=bucket, Key=key, Body=body.encode(), **condition)
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") in LOST:
            return ""
        raise
    return str(answer["ETag"])
