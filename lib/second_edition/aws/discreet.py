"""Define what AWS says in words and numbers of its own, without what may be part of a key.

The gate knows the keys that were handled. An endpoint may quote one that never came to be: when reading it failed.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Final

# How often two neighbours are of two kinds; in base64 of a key it is 0.65, in names 0.25.
OFTEN: Final = 0.4
_RUN: Final = re.compile(r"[A-Za-z0-9+/]{24,}={0,2}")


def discreet(text: str) -> str:
    """Return ``text`` with "…" for each run of 24 or more characters that is mixed as base64 is, and names are not."""
    return _RUN.sub(lambda run: "…" if _mixed(run[0]) else run[0], text)


def _mixed(run: str) -> bool:
    """Return whether capitals, small letters, digits and signs change as often as by chance; in names they do not."""
    kinds = [(char.isupper(), char.islower(), char.isdigit()) for char in run]
    changes = sum(one != next_ for one, next_ in pairwise(kinds))
    return run.upper() != run != run.lower() and changes >= OFTEN * (len(run) - 1)
