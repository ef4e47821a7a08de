"""The AWS calls that only read: all that clients make which are there to look."""

from __future__ import annotations

from typing import Final

READING: Final = frozenset(
    {
        *("GetCallerIdentity", "GetEmailIdentity", "ListEmailIdentities", "GetIdentityDkimAttributes"),
        *("GetSecretValue", "GetObject", "HeadObject", "ListObjectsV2", "ListObjectVersions"),
    }
)
