"""Run ids: they sort as the runs began, and no two are the same."""

from __future__ import annotations

import re
import secrets
from datetime import datetime
from typing import Final

_PARTS: Final = 16**3  # of a second, in three hexadecimal digits
_DRAWN: Final = 20  # bits
RUN_ID: Final = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]+")


def run_id(began: datetime) -> str:
    """The id of a run that begins at ``began`` (UTC), such as ``20261125T233510Z-3c7a91d2``.

    The first three digits behind the second are its part that has passed, so that runs of one second sort too: each is
    chained to the newest before it. The other five are drawn by chance, as runs of ten thousand identities may begin
    at once, on several machines.
    """
    part = began.microsecond * _PARTS // 1_000_000
    return f"{began:%Y%m%dT%H%M%SZ}-{part:03x}{secrets.randbits(_DRAWN):05x}"


def named(text: str) -> str:
    """Return the first run id among words with commas between; "" where there is none."""
    return next((part for part in map(str.strip, text.split(",")) if RUN_ID.fullmatch(part)), "")
