"""Names of objects and buckets in S3, as far as a text that is meant to be one can be told from anything else."""

from __future__ import annotations

import re
from typing import Final

from second_edition.dkim.secrecy import may_be_piece

LONGEST_KEY: Final = 1024  # Amazon S3 User Guide, "Naming Amazon S3 objects"
_BUCKET: Final = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_ACCESS_POINT: Final = re.compile(
    r"arn:aws[a-z-]*:s3[a-z-]*:[a-z0-9-]+:[0-9]{12}:(outpost[:/][a-z0-9-]{1,63}[:/])?accesspoint([:/][a-z0-9-]{1,63})?"
)
#: What stands in an address that lets whoever has it in; ``s3://`` is taken off before.
_OF_URL: Final = re.compile(r"://|[?][^/?]*=|x-amz-|signature=|awsaccesskeyid=|%3a%2f%2f", re.IGNORECASE)


def is_bucket(name: str) -> bool:
    """Return whether a text is the name of a bucket, or the ARN of an access point.

    Source: Amazon S3 User Guide, "General purpose bucket naming rules" and "Referencing access points".
    """
    return bool(_BUCKET.fullmatch(name) or _ACCESS_POINT.fullmatch(name))


def is_path(path: str) -> bool:
    """Return whether ``s3_key_path`` looks like an object's key or address: no URL, no query, no piece of a key."""
    address = re.fullmatch(r"s3://([^/]+)/(.+)", path, re.DOTALL)
    bucket, key = (address[1], address[2]) if address else ("", path)
    if (bucket and not is_bucket(bucket)) or len(key) > LONGEST_KEY:
        return False
    return not (_OF_URL.search(key) or may_be_piece(key))
