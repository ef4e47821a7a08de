"""What AWS says in words and numbers of its own, without what may be part of a key.

The gate knows the keys that were handled. An endpoint may quote one that never came to be: when reading it failed.
"""

from __future__ import annotations

import re
from typing import Final

_RUN: Final = re.compile(r"[A-Za-z0-9+/]{24,}={0,2}")


def discreet(text: str) -> str:
    """``text`` with "…" for each run of 24 or more characters that is mixed as base64 is, and names are not."""
    return _RUN.sub(lambda run: "…" if _mixed(run[0]) else run[0], text)


def _mixed(run: str) -> bool:
    return len(re.findall(r"\d+", run)) > 1 and run.upper() != run != run.lower()
