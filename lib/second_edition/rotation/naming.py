"""The next selector's name, by a pattern such as ``mail-{date}-{number}``: dates and numbers compared as such.

As text ``-10`` sorts before ``-2``, so that names are never sorted as text.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final

from msgspec import Struct

DATE: Final = "{date}"
NUMBER: Final = "{number}"

Place = tuple[str, int]


class Pattern(Struct, frozen=True):
    """Hold what a selector's name looks like.

    ``{date}`` stands for YYYYMMDD, ``{number}`` for a number from 1 without zeros before it.

    Raises:
        ValueError: one of the two is not there exactly once, or something else stands in braces.
    """

    text: str

    def __post_init__(self) -> None:
        rest = self.text.replace(DATE, "", 1).replace(NUMBER, "", 1)
        if len(rest) != len(self.text) - len(DATE) - len(NUMBER) or set("{}") & set(rest):
            raise ValueError("no pattern of a selector")

    def place(self, selector: str) -> Place | None:
        """Return the date and number of a selector's name, in the order of names; ``None`` for another form."""
        form = re.escape(self.text).replace(re.escape(DATE), r"(?P<date>\d{8})")
        form = form.replace(re.escape(NUMBER), r"(?P<number>[1-9]\d{0,8})")
        found = re.fullmatch(form, selector, re.ASCII)
        return (found["date"], int(found["number"])) if found else None

    def name(self, date: str, number: int) -> str:
        """Return the name of a date (YYYYMMDD) and a number."""
        return self.text.replace(DATE, date).replace(NUMBER, str(number))


class Named(Struct, frozen=True, forbid_unknown_fields=True):
    """The selector that a run prepares.

    Attributes:
        selector: its name; "" where none could be found.
        how: ``given``; ``standing``, it stands in the key store already and is not in use yet; ``new``; or ``unknown``,
            SES does not say which selector it signs with.
        pattern: by which it was named.
        known: every selector of that form that was found, in the order of date and number.
    """

    selector: str
    how: str
    pattern: str = ""
    known: tuple[str, ...] = ()


def name(pattern: Pattern, today: str, current: str, stored: Collection[str], used: Collection[str]) -> Named:
    """Return the next selector: the first one that follows the current one and stands already, else a new name.

    A new name comes after every known one: it is of today, or of the newest known date if that is later.

    Args:
        pattern: what names look like.
        today: YYYYMMDD.
        current: the selector that SES signs with, "" where it does not say.
        stored: the selectors in the secret and in the bucket.
        used: selectors that SES was given before.
    """
    places = {selector: place for selector in {*stored, *used, current} if (place := pattern.place(selector))}
    known = tuple(sorted(places, key=lambda selector: places[selector]))
    if not current:
        return Named("", "unknown", pattern.text, known)
    since = places.get(current, ("", 0))
    standing = [one for one in known if one in stored and places[one] > since and one not in {*used, current}]
    if standing:
        return Named(standing[0], "standing", pattern.text, known)
    date = max([today, *(place[0] for place in places.values())])
    number = max((place[1] for place in places.values() if place[0] == date), default=0) + 1
    return Named(pattern.name(date, number), "new", pattern.text, known)
