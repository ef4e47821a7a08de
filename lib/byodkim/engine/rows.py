"""The table of a campaign: a CSV file with one identity a line."""

import csv
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final, NamedTuple

from msgspec.structs import replace

from byodkim import settings as table
from byodkim.checks.facts import SELECTOR
from byodkim.errors import InputError
from byodkim.launch import Settings
from byodkim.settings_table import REGION, in_ascii
from byodkim.words import Sentence, _, n_

COLUMNS: Final = ("domain", "selector", "section", "region")
#: How many bad rows an error lists.
LISTED: Final = 10


class Row(NamedTuple):
    """One row of the table.

    Attributes:
        line: of the file; the header is line 1.
        domain, selector: what is to be switched to what; the domain in ASCII.
        section: of the profile.
        settings: of the section, for this row.
    """

    line: int
    domain: str
    selector: str
    section: str
    settings: Settings

    @property
    def region(self) -> str:
        """Return the Region of the identity; "" where a sandbox says it."""
        return self.settings.text("region")


def read_rows(settings: Settings) -> list[Row]:
    """Return the rows of a campaign's table.

    Args:
        settings: of the campaign. Each row takes those of its section, ``default`` where it names
            none; what was passed in as a parameter holds for every row.

    Raises:
        InputError: the file cannot be read, a column is not known, or rows cannot be. It names
            their lines. Nothing was read or written.
    """
    path = settings.folder / settings.text("table")
    sections: dict[str, Settings | Sentence] = {}
    rows: list[Row] = []
    taken: dict[tuple[str, ...], int] = {}
    problems: list[str] = []
    for line, cells in _lines(path):
        try:
            row = _row(line, cells, settings, sections)
            owner = row.settings.text("account") or row.settings.text("aws_profile")
            identity = (owner, row.region, row.domain)
            if identity in taken:
                raise InputError(
                    _("{domain} stands in line {line} already.",
                      domain=row.domain, line=taken[identity])
                )  # fmt: skip
        except InputError as error:
            problems.append(str(_("line {line}: {reason}", line=line, reason=error.what)))
            continue
        taken[identity] = line
        rows.append(row)
    if problems or not rows:
        raise InputError(
            n_("{count} row of {table} cannot be used. {rows}",
               "{count} rows of {table} cannot be used. {rows}",
               len(problems), table=path.name, rows=" ".join(problems[:LISTED]))
            if problems else _("{table} has no rows.", table=path.name),
            todo=_("Correct the table. Nothing was read or written."),
        )  # fmt: skip
    return rows


def _lines(path: Path) -> list[tuple[int, dict[str, str]]]:
    """Return the number and the cells of each line that is not empty."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            header = [cell.strip().lower() for cell in next(reader, [])]
            known = [name for name in COLUMNS if name in header]
            if sorted(header) != sorted(known) or not {*COLUMNS[:2]} <= {*known}:
                raise InputError(
                    _("{table} has the columns {names}.", table=path.name, names=header or ["-"]),
                    todo=_("It needs domain and selector, and can have section and region."),
                )
            numbered = ((reader.line_num, cells) for cells in reader if any(cells))
            return [
                (line, dict(zip(header, map(str.strip, cells), strict=False)))
                for line, cells in numbered
            ]
    except (OSError, ValueError, csv.Error) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError(
            _("The table {table} cannot be read: {reason}", table=path.name, reason=reason),
            todo=_("Write it as CSV in UTF-8. Nothing was read or written."),
        ) from None


def _row(
    line: int,
    cells: Mapping[str, str],
    settings: Settings,
    sections: dict[str, Settings | Sentence],
) -> Row:
    """Return a row.

    Raises:
        InputError: one of its cells, or its section, cannot be.
    """
    section = cells.get("section") or settings.text("profile")
    selector, region = cells.get("selector", ""), cells.get("region", "")
    domain = in_ascii(cells.get("domain", ""))
    if not domain:
        raise InputError(_("The domain is missing."))
    if not re.fullmatch(SELECTOR, selector):
        raise InputError(_("“{selector}” is not a selector.", selector=selector[:80]))
    if region and not re.fullmatch(REGION, region):
        raise InputError(_("“{region}” is not a Region.", region=region[:80]))
    if section not in sections:
        sections[section] = _section(settings, section)
    base = sections[section]
    if isinstance(base, Sentence):
        raise InputError(base)
    given = {"domain": domain, "selector": selector}
    given |= {"region": region} if region else {}
    own = replace(base, values={**base.values, **given}, passed={**base.passed, **given})
    table.require(replace(own, passed={}), "rotate")
    return Row(line, domain, selector, section, own)


def _section(settings: Settings, name: str) -> Settings | Sentence:
    """Return the settings of a section, or why they cannot be read."""
    given = {**settings.passed, "profile": name}
    try:
        return table.read(given, given, settings.folder)
    except InputError as error:
        return error.what
