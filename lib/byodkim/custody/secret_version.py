"""The id of the secret's version that prepare makes. A later run knows it by that."""

from __future__ import annotations

import uuid


def version_for(base: str, selector: str, key_sha256: str) -> str:
    """Return the VersionId of the version with a selector's key that is made from ``base``."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"byodkim:{base}:{selector}:{key_sha256}"))
