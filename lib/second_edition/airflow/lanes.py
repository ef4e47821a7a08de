"""Lanes: the accounts and Regions of ``byodkim.toml``, their pools, and their parts of a table."""

from __future__ import annotations

import csv
import io
import math
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from second_edition.errors import ParameterError
from second_edition.messages import Language, say

FILE: Final = "byodkim.toml"


@dataclass
class Lane:
    """An account and Region.

    Attributes:
        profiles: sections of ``byodkim.toml`` that name it.
        archived: whether one of them has its records copied to S3.
        language: of the first one.
    """

    account: str
    region: str
    profiles: list[str] = field(default_factory=list)
    archived: bool = False
    language: Language = "en"

    @property
    def name(self) -> str:
        """Return what its tasks are named after."""
        return f"{self.account}_{self.region}"

    @property
    def pool(self) -> str:
        """Return the name of its pool, which has one slot."""
        return f"byodkim_{self.name}"

    @property
    def connection(self) -> str:
        """Return the name of the Airflow Connection by which its account is reached, where there is one."""
        return f"byodkim_{self.account}"

    @property
    def profile(self) -> str:
        """Return the section that counts for rows that name none, and for the campaign itself."""
        return "default" if "default" in self.profiles else self.profiles[0]


def read(text: str) -> list[Lane]:
    """Return the lanes that the profile file names, in its order.

    Raises:
        ParameterError: it is no TOML, or no section names an account and a Region.
    """
    try:
        sections = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ParameterError(say("airflow", "no-toml", "en", file=FILE, problem=error)) from None
    found: dict[tuple[str, str], Lane] = {}
    for name, section in sections.items():
        if isinstance(section, dict) and section.get("account") and section.get("region"):
            place = str(section["account"]), str(section["region"])
            language: Language = "ja" if section.get("language") == "ja" else "en"
            lane = found.setdefault(place, Lane(*place, language=language))
            lane.profiles.append(name)
            lane.archived |= bool(section.get("archive_s3"))
    if not found:
        raise ParameterError.said("airflow", "no-lane", "en", file=FILE)
    return list(found.values())


def pools(lanes: Iterable[Lane]) -> dict[str, dict[str, Any]]:
    """Return the pools as ``airflow pools import`` takes them: one task of a lane at a time, its pauses included."""
    return {
        lane.pool: {
            "slots": 1,
            "description": say("airflow", "pool", lane.language, account=lane.account, region=lane.region),
            "include_deferred": True,
        }
        for lane in lanes
    }


def part(text: str, lane: Lane, lanes: Sequence[Lane], language: Language) -> str:
    """Return the lines of a table that belong to a lane, under its header; "" where none does.

    ``byodkim fleet`` checks everything else.

    Raises:
        ParameterError: a line names a profile or a Region that is in no lane, or a domain that is in another lane too:
            that goes one after another. Nothing was started.
    """
    reader, found = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")), list[list[str]]()
    seen: dict[str, str] = {}
    header = [name.strip() for name in next(reader, [])]
    for row in filter(any, reader):
        own = dict(zip(header, map(str.strip, row), strict=False))
        profile, region = own.get("profile") or "default", own.get("region")
        mine = [one for one in lanes if profile in one.profiles]
        if region:
            mine = [one for one in lanes if one.region == region and one.account in {each.account for each in mine}]
        if not mine:
            raise _wrong("table.line", language, line=reader.line_num, profile=profile, region=region or "-")
        domain = own.get("domain", "").lower().rstrip(".")
        if seen.setdefault(domain, mine[0].name) != mine[0].name:
            raise _wrong("table.domain", language, line=reader.line_num, domain=repr(domain))
        found += [row] if mine[0] == lane else []
    if not found:
        return ""
    written = io.StringIO(newline="")
    csv.writer(written).writerows([header, *found])
    return written.getvalue()


def _wrong(key: str, language: Language, **values: object) -> ParameterError:
    return ParameterError.said("airflow", key, language, **values)


def waves(count: int, canary: str, wave: int) -> int:
    """Return how many waves ``byodkim fleet`` makes of so many identities."""
    first = math.ceil(count * float(canary[:-1]) / 100) if canary.endswith("%") else int(canary)
    return bool(count) + math.ceil(max(count - max(first, 1), 0) / wave)
