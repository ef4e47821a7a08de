"""Define whether a run's record can be kept, as it was found out before the write. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from msgspec import Struct, field


class Readiness(Struct, frozen=True):
    """Hold what was tried, and what failed.

    Attributes:
        tried: of ``key``, ``folder``, ``timestamp``, ``archive`` and ``heads``; none where nothing is to be written.
        faults: why it failed, by what failed; ``unknown``: of what could not be tried, the type of the error.
    """

    tried: tuple[str, ...] = ()
    faults: Mapping[str, str] = field(default_factory=dict)
    unknown: Mapping[str, str] = field(default_factory=dict)


NOTHING_TRIED: Final = Readiness()
