"""Define what retire needs of IAM. A profile that keeps what a selector leaves behind needs no right to erase it."""

from __future__ import annotations

from typing import Final

from second_edition.access.needs import APPLY, LOCK, LOCK_ENCRYPTION, LOOK, PUBLISHING, READING, TRIED, WHO, Need

NEEDS: Final = (
    WHO,
    LOOK,
    Need("ses:GetEmailIdentity", "identity-elsewhere", "look-elsewhere", when="regions"),
    *READING,
    Need("s3:ListBucketVersions", "key-bucket", "versions", when="erasing", only="of-keys"),
    Need("s3:GetObjectVersion", "keys", "version", when="erasing"),
    Need("s3:DeleteObjectVersion", "keys", "delete", (APPLY,), "deleting"),
    Need("s3:DeleteObject", "keys", "expire", (APPLY,), "expiring"),
    *PUBLISHING,
    *LOCK,
    LOCK_ENCRYPTION,
    *TRIED,
)
