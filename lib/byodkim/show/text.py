"""Text that people read: invisible characters spelled out, times with their zone."""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

from byodkim.words import Sentence, _

#: Controls, formatting (bidirectional overrides, zero widths), surrogates, line separators.
UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
NOTHING: Final = "–"


def visible(text: object) -> str:
    """Return text on one line; a character that cannot be seen is spelled, e.g. ``‹U+202E›``."""
    shown = str(text)
    return shown if shown.isprintable() else "".join(map(_spelled, shown))


def clock(at: datetime, zone: ZoneInfo) -> str:
    """Return a time of day, with UTC where the zone is another: ``13:09:41 JST (04:09:41 UTC)``."""
    return _with_utc(at, zone, "%H:%M:%S")


def moment(at: datetime, zone: ZoneInfo) -> str:
    """Return date and time in a zone, and in UTC where that is another one."""
    return _with_utc(at, zone, "%Y-%m-%d %H:%M:%S")


def seconds(count: float) -> Sentence:
    """Return a duration: tenths of a second below ten seconds, minutes from two minutes on."""
    if count < 10:
        return _("{count} s", count=f"{count:.1f}")
    if count < 120:
        return _("{count} s", count=f"{count:.0f}")
    return _("{minutes} min {rest} s", minutes=int(count // 60), rest=int(count % 60))


def _spelled(character: str) -> str:
    is_unseen = unicodedata.category(character) in UNSEEN
    return f"‹U+{ord(character):04X}›" if is_unseen else character


def _with_utc(at: datetime, zone: ZoneInfo, form: str) -> str:
    local, utc = at.astimezone(zone), at.astimezone(UTC)
    if local.utcoffset() == utc.utcoffset():
        return f"{utc:{form}} UTC"
    utc_form = form if local.date() != utc.date() else "%H:%M:%S"
    return f"{local:{form} %Z} ({utc:{utc_form}} UTC)"
