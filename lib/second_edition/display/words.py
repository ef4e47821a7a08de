"""Phrases and times in the reader's language."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from math import inf
from typing import Final

from msgspec import Struct

from second_edition.errors import BREAK
from second_edition.events.run import Begin, Zone
from second_edition.messages import Language, say, translated
from second_edition.rotation.findings import Phrase, Said

_MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)")
_PLACE: Final = re.compile(r"\{(\w+)\}")


class Words(Struct, frozen=True):
    """Hold how one reader is spoken to: language, and the time zone in which they look at a clock."""

    language: Language
    zone: tzinfo

    def __call__(self, english: str, /, **values: object) -> str:
        """Return an English sentence in the reader's language, with its values filled in where there are any."""
        text = translated(english, self.language)
        return text.format(**values) if values else text

    def record(self, key: str, /, **values: object) -> str:
        """Return the sentence ``key`` of the catalogue ``record``."""
        return say("record", key, self.language, **values)

    def outcome(self, code: str) -> str:
        """Return an outcome as its reader names it, with its code where that is another word."""
        return translated(code, self.language, f"outcomes.{code}")

    def phrase(self, said: Said) -> str:
        """Return what a check expects, sees or advises. Text stands for itself; a sentence is translated and filled in.

        Phrases among the values are translated too, and times in ISO 8601 are shown in the reader's zone. Nothing else
        in a value or in a sentence is interpreted, and line breaks are spelled: a journal may come from anywhere.
        """
        if isinstance(said, str):
            return said.replace("\n", BREAK)
        values = {name: self.value(value) for name, value in said.values.items()}
        return _PLACE.sub(lambda found: values.get(found[1], found[0]), self(said.text))

    def value(self, value: str | int | Phrase) -> str:
        """Return a value as a sentence shows it: a time in ISO 8601 in the reader's zone, line breaks spelled."""
        if isinstance(value, str) and _MOMENT.fullmatch(value):
            with suppress(ValueError):  # the 31st of February
                return self.time(value)
        return str(value) if isinstance(value, int) else self.phrase(value)

    def time(self, at: str | datetime) -> str:
        """Return a moment as date and time in the reader's zone, with UTC beside it."""
        moment = (datetime.fromisoformat(at) if isinstance(at, str) else at).astimezone(self.zone)
        utc = moment.astimezone(UTC)
        text = utc.isoformat(" ", "seconds")[:19]
        if moment.utcoffset() == utc.utcoffset():
            return f"{text} UTC"
        return f"{moment.isoformat(' ', 'seconds')[:19]} {moment.tzname()} ({text} UTC)"

    def second(self, at: str | datetime) -> str:
        """Return a moment as date and time in the reader's zone, without UTC."""
        moment = (datetime.fromisoformat(at) if isinstance(at, str) else at).astimezone(self.zone)
        return f"{moment:%Y-%m-%d %H:%M:%S %Z}"

    def clock(self, at: str | datetime) -> str:
        """Return a moment's time of day in the reader's zone."""
        moment = (datetime.fromisoformat(at) if isinstance(at, str) else at).astimezone(self.zone)
        return f"{moment:%H:%M:%S %Z}"

    def date(self, at: str | datetime) -> str:
        """Return a moment's date in the reader's zone."""
        return f"{(datetime.fromisoformat(at) if isinstance(at, str) else at).astimezone(self.zone):%Y-%m-%d}"


#: How what is the same for every reader is said.
ENGLISH: Final = Words("en", UTC)


def identity_name(domain: str) -> str:
    """Return an identity's name; behind one in Punycode, as people write it: ``xn--… (日本語.jp)``."""
    try:
        written = domain.encode("ascii").decode("idna") if "xn--" in domain else ""
    except UnicodeError:
        return domain
    return f"{domain} ({written})" if written.isprintable() and written not in ("", domain) else domain


def of(begin: Begin) -> Words:
    """Return the words of a run, by its first event."""
    return reader(begin.language, begin.zone)


def reader(language: Language, zone: Zone) -> Words:
    """Return the words in which a run was told."""
    return Words(language, timezone(timedelta(seconds=zone.offset_s), zone.name))


#: Up to so many seconds a duration is told in a unit of so many, with so many decimal places.
_UNITS: Final = ((10, "s", 1, 1), (120, "s", 1, 0), (7200, "min", 60, 0), (172800, "h", 3600, 1), (inf, "d", 86400, 1))


def duration(span: float | timedelta, language: Language, bound: Callable[[float], int] = round) -> str:
    """Return a duration, or so many seconds, as a person says it; ``bound``: how it is rounded.

    ``ceil`` where the sentence says "at most", ``floor`` where it says "at least".
    """
    seconds = span.total_seconds() if isinstance(span, timedelta) else span
    _, unit, size, places = next(one for one in _UNITS if seconds < one[0])
    number = bound(round(seconds * 1e6) * 10**places / (size * 10**6)) / 10**places  # of whole numbers: exact
    return say("record", f"unit.{unit}", language, number=f"{number:.{places}f}")
