"""Phrases and times in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from math import inf
from typing import Any, Final

from byodkim.messages import Language, say
from byodkim.rotation.findings import Phrase
from byodkim.rotation.spoken import spoken

REFERRING = frozenset({"word", "explained"})
MOMENTS = frozenset({"until", "since", "dated"})
SPECIAL = REFERRING | MOMENTS


@dataclass(frozen=True)
class Words:
    """How one reader is spoken to: language, and the time zone in which they look at a clock."""

    language: Language
    zone: tzinfo

    def __call__(self, key: str, /, **values: object) -> str:
        """The sentence ``key`` of the catalogue ``record``."""
        return say("record", key, self.language, **values)

    def phrase(self, phrase: Phrase) -> str:
        """A phrase of the catalogue ``phrases``.

        Where the value named in ``REFERRING`` is ``@key`` it names another phrase, ``@topic:key`` a sentence of another
        catalogue; values named in ``MOMENTS`` are times in ISO 8601. All other values come from outside, and stand for
        themselves whatever they begin with.
        """
        if phrase.values.keys().isdisjoint(SPECIAL):
            return say("phrases", phrase.key, self.language, **phrase.values)
        values: dict[str, object] = dict(phrase.values)
        for name in MOMENTS & phrase.values.keys():
            values[name] = self.time(str(phrase.values[name]))
        for name in REFERRING & phrase.values.keys():
            value = phrase.values[name]
            if isinstance(value, str) and value.startswith("@"):
                topic, _, key = value[1:].rpartition(":")
                values[name] = say(topic or "phrases", key, self.language, **phrase.values)
        return say("phrases", phrase.key, self.language, **values)

    def check(self, key: str, domain: str = "") -> str:
        """A sentence of the catalogue ``checks``; ``domain``: that of the run, for the commands in what to do."""
        return say("checks", key, self.language, domain=domain)

    def time(self, at: str | datetime) -> str:
        """A moment as date and time in the reader's zone, with UTC beside it: both, so that nobody has to reckon."""
        moment = (datetime.fromisoformat(at) if isinstance(at, str) else at).astimezone(self.zone)
        utc = moment.astimezone(UTC)
        told = utc.isoformat(" ", "seconds")[:19]
        if moment.utcoffset() == utc.utcoffset():
            return f"{told} UTC"
        return f"{moment.isoformat(' ', 'seconds')[:19]} {moment.tzname()} ({told} UTC)"

    def clock(self, at: str | datetime) -> str:
        """A moment's time of day in the reader's zone, to the millisecond."""
        moment = (datetime.fromisoformat(at) if isinstance(at, str) else at).astimezone(self.zone)
        return f"{moment.isoformat(' ', 'milliseconds')[11:23]} {moment.tzname()}"

    def date(self, at: str | datetime) -> str:
        """A moment's date in the reader's zone."""
        return f"{(datetime.fromisoformat(at) if isinstance(at, str) else at).astimezone(self.zone):%Y-%m-%d}"


#: How what is the same for every reader is said.
ENGLISH: Final = Words("en", UTC)


def aloud(digest: str) -> str:
    """A digest's first bytes as words for reading aloud; "-" for what is none (a journal that was tampered with)."""
    try:
        return spoken(digest)
    except ValueError:
        return "-"


def of(begin: Mapping[str, Any]) -> Words:
    """The words of a run, by its first event."""
    zone = begin["zone"]
    return Words(begin["language"], timezone(timedelta(seconds=zone["offset_s"]), zone["name"]))


#: Up to so many seconds a duration is told in a unit of so many, with so many decimal places.
_UNITS: Final = ((10, "s", 1, 1), (120, "s", 1, 0), (7200, "min", 60, 0), (172800, "h", 3600, 1), (inf, "d", 86400, 1))


def duration(span: float | timedelta, language: Language) -> str:
    """A duration, or so many seconds, as a person says it."""
    seconds = span.total_seconds() if isinstance(span, timedelta) else span
    _, unit, size, places = next(one for one in _UNITS if seconds < one[0])
    return say("record", f"unit.{unit}", language, number=f"{seconds / size:.{places}f}")
