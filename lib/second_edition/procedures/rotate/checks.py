"""The checks of rotate: all that procedures share, before its write and of what it has written."""

from __future__ import annotations

from second_edition.rotation.checks import CHECKS

__all__ = ["AFTER", "BEFORE"]

BEFORE = AFTER = CHECKS
