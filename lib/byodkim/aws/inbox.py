"""An inbox in S3, as a receipt rule of SES fills it: which objects are there, and what one holds.

Source: Amazon SES Developer Guide, "Deliver to S3 bucket action"; Amazon S3 API reference, ListObjectsV2 and GetObject.
"""

from __future__ import annotations

from typing import Any, Final, Protocol

from botocore.exceptions import ClientError

PAGES: Final = 20  # of 1000 keys each
LARGEST: Final = 256 * 1024  # bytes of a message that is looked at: the ones meant have a few thousand
GONE: Final = frozenset({"NoSuchKey", "404"})


class InboxClient(Protocol):
    """The calls of boto3's ``s3`` client that an inbox takes."""

    def list_objects_v2(self, **request: Any) -> dict[str, Any]:
        """ListObjectsV2."""

    def get_object(self, **request: Any) -> dict[str, Any]:
        """GetObject."""


class TooMany(Exception):
    """The inbox holds more objects than are listed."""


def keys(client: InboxClient, bucket: str, prefix: str) -> dict[str, int]:
    """The keys below ``prefix`` with their sizes in bytes.

    Raises:
        TooMany: there are more than ``PAGES`` thousand.
        botocore.exceptions.ClientError: S3 refused.
    """
    found: dict[str, int] = {}
    more: dict[str, str] = {}
    for _ in range(PAGES):
        answer = client.list_objects_v2(Bucket=bucket, Prefix=prefix, **more)
        found.update({item["Key"]: int(item.get("Size", 0)) for item in answer.get("Contents", ())})
        if not answer.get("IsTruncated"):
            return found
        more = {"ContinuationToken": answer["NextContinuationToken"]}
    raise TooMany


def fetch(client: InboxClient, bucket: str, key: str) -> bytes | None:
    """The message in an object; ``None`` where it is gone.

    Raises:
        botocore.exceptions.ClientError: S3 refused for another reason.
    """
    try:
        answer = client.get_object(Bucket=bucket, Key=key)
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") in GONE:
            return None
        raise
    with answer["Body"] as body:
        return bytes(body.read(LARGEST))
