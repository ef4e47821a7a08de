"""How a run's record is kept once it has closed: who seals it, who says when, and where a copy goes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from byodkim.intent.parameters import error
from byodkim.messages import Language
from byodkim.settings import Profile


@dataclass(frozen=True)
class Keeping:
    """What the profile says of it.

    Attributes:
        seal_key: ARN of the key in KMS; "" for the user's local key.
        timestamp_url: of the RFC 3161 authority, "" for none.
        timestamp_roots: file with the certificates (PEM) that an authority's own must lead to.
        bucket: S3 bucket of the archive, "" for none.
        prefix: of the keys there, "" or ending in a slash.
        retention_days: how long S3 Object Lock holds a copy, in days; 0 for no lock.
        heads_file: file to which each run's head is added; ``None`` for none.
    """

    seal_key: str = ""
    timestamp_url: str = ""
    timestamp_roots: Path | None = None
    bucket: str = ""
    prefix: str = ""
    retention_days: int = 0
    heads_file: Path | None = None

    def plain(self) -> dict[str, Any]:
        """Return what the run's first event says of it."""
        return {
            "seal_key": self.seal_key,
            "timestamp_url": self.timestamp_url,
            "archive_s3": f"s3://{self.bucket}/{self.prefix}" if self.bucket else "",
            "archive_retention_days": self.retention_days,
        }


def of(section: Profile, language: Language) -> Keeping:
    """Return how the profile wants it.

    Raises:
        ParameterError: an authority without the certificates by which to judge it, or a lock without an archive.
    """
    if bool(section.timestamp_url) != bool(section.timestamp_roots):
        raise error("profile.timestamp", language)
    found = re.fullmatch(r"s3://([^/]+)/?(.*?)/*", section.archive_s3)
    if section.archive_retention_days and not found:
        raise error("profile.retention", language)
    folder = section.folder
    return Keeping(
        seal_key=section.seal_key,
        timestamp_url=section.timestamp_url,
        timestamp_roots=folder / section.timestamp_roots if section.timestamp_roots else None,
        bucket=found[1] if found else "",
        prefix=f"{found[2]}/" if found and found[2] else "",
        retention_days=section.archive_retention_days,
        heads_file=folder / section.heads_file if section.heads_file else None,
    )
