"""Define what a campaign is to do: its table of identities, and how it goes from wave to wave."""

from __future__ import annotations

import csv
import hashlib
import io
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from second_edition.dkim.names import check_domain, check_selector
from second_edition.errors import ParameterError
from second_edition.evidence import folders, inventory_file
from second_edition.intent.parameters import check_no_key, check_text, error, wrong
from second_edition.messages import Language
from second_edition.rotation.observation import EXTERNAL
from second_edition.rotation.waves import canary_of
from second_edition.settings import FIELDS, UNSET_MINUTES, Parameters

#: Parameters of rotate that a row of the table may have; each overrules what the campaign was given for all.
COLUMNS: Final = (
    "domain", "selector", "profile", "region", "secret_id", "key_bucket", "aws_profile", "store_region",
    "store_profile", "endpoint_url", "nameservers", "waive", "wait_minutes",
)  # fmt: skip
#: Parameters that are passed on to each identity's run.
PASSED: Final = (
    "selector", "profile", "region", "secret_id", "key_bucket", "aws_profile", "store_region", "store_profile",
    "target", "endpoint_url", "nameservers", "wait_minutes", "language", "reason", "ticket", "requested_by",
)  # fmt: skip
#: What stands for a row's own domain in a secret's name that is given for all.
DOMAIN: Final = "{domain}"


class Campaign(Struct, frozen=True):
    """A campaign as it was asked for.

    Attributes:
        parameters: its parameters.
        identities: path of the table; "" for the sandbox's own crowd.
        passed: what each identity's run is given where its row does not say, as text.
    """

    parameters: Parameters
    identities: str
    passed: Mapping[str, str]

    @property
    def settings(self) -> dict[str, str]:
        """Return how it goes, as text: what approvers agree to besides the plans."""
        names = ("canary", "wave", "pause_minutes", "stop_after", "at_once")
        return {name: str(getattr(self.parameters, name)) for name in names}


class Row(Struct, frozen=True):
    """One identity of the table: the line that it stands in, and the parameters of its run.

    ``turn``: how many rows before it name its domain.
    """

    line: int
    parameters: Mapping[str, str]
    turn: int = 0

    @property
    def domain(self) -> str:
        """Return the signing domain."""
        return self.parameters["domain"]


def of(requested: Parameters, language: Language) -> Campaign:
    """Return the campaign, from its parameters.

    Raises:
        ParameterError: the canary is neither a number nor a share, there is no table, or a sandbox that does not last.
    """
    try:
        canary_of(requested.canary, 1)
    except ValueError:
        raise error("canary", language, value=requested.canary[:40]) from None
    if not requested.identities and requested.target == "aws" and requested.mode == "plan":
        raise error("identities", language)
    if requested.mode == "apply" and requested.target != "aws" and not requested.endpoint_url:
        raise error("fleet-sandbox", language)
    passed = {name: str(value) for name in PASSED if (value := getattr(requested, name)) not in ("", UNSET_MINUTES)}
    return Campaign(requested, requested.identities, passed)


def read(path: Path, passed: Mapping[str, str], language: Language) -> tuple[list[Row], str]:
    """Return the rows of a table, and SHA-256 of its bytes in hex.

    Args:
        path: of a CSV with a head, in UTF-8 (a byte order mark is fine), columns of ``COLUMNS``; or of an inventory.
        passed: what a run is given where its row does not say.
        language: of an error.

    Raises:
        ParameterError: it cannot be read, has an unknown column, or a row cannot be used: all is said by its line.
    """
    data = _data(path, language)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        line = data.count(b"\n", 0, problem.start) + 1
        raise error("identities.not-utf8", language, path=path.name, line=line) from None
    reader = _inventoried if path.name.endswith(inventory_file.SUFFIX) else _rows
    rows = list(reader(path, text, passed, language))
    if not rows:
        raise error("identities.none", language, path=path.name)
    _once(path, rows, language)
    met = Counter[str]()
    for place, row in enumerate(rows):
        rows[place] = replace(row, turn=met[row.domain])
        met[row.domain] += 1
    return rows, hashlib.sha256(data).hexdigest()


def _data(path: Path, language: Language) -> bytes:
    """Return the bytes of a table."""
    try:
        return folders.whole(path)
    except OSError as problem:
        raise error("identities.unread", language, path=path.name, reason=problem.strerror or problem) from None


def _counted(path: Path, table: csv.DictReader[str], passed: Mapping[str, str], language: Language) -> Iterator[Row]:
    """Yield the same rows from the CSV that ``byodkim inventory --csv`` writes."""
    for row in table:
        if row["origin"] == EXTERNAL:
            yield made(path, table.line_num, {"domain": str(row["name"])}, passed, language)


def _inventoried(path: Path, _: str, passed: Mapping[str, str], language: Language) -> Iterator[Row]:
    """Yield the identities of an inventory that bring their own key: those on Easy DKIM have none to rotate."""
    try:
        for line, one in enumerate(inventory_file.rows(path), 1):
            if one.origin == EXTERNAL:
                yield made(path, line, {"domain": one.name}, passed, language)
    except (OSError, LookupError, TypeError, ValueError):
        raise error("identities.no-inventory", language, path=path.name) from None


def _rows(path: Path, text: str, passed: Mapping[str, str], language: Language) -> Iterator[Row]:
    table = csv.DictReader(io.StringIO(text, newline=""), strict=True)  # a quote that is open would swallow rows
    try:
        yield from _read(path, table, passed, language)
    except csv.Error:
        raise error("identities.quote", language, path=path.name, line=table.reader.line_num) from None


def _read(path: Path, table: csv.DictReader[str], passed: Mapping[str, str], language: Language) -> Iterator[Row]:
    names = [name.strip() for name in table.fieldnames or ()]
    if {"name", "origin"} <= set(names):
        yield from _counted(path, table, passed, language)
        return
    _check_columns(path, names, language)
    for row in table:
        if None in row or None in row.values():
            raise error("identities.cells", language, path=path.name, line=table.line_num, count=len(names))
        given = {name.strip(): value.strip() for name, value in row.items() if value.strip()}
        if given:
            yield made(path, table.line_num, given, passed, language)


def _check_columns(path: Path, names: list[str], language: Language) -> None:
    """Refuse columns that are not known, none that names the domain, or one that stands twice."""
    known = ", ".join(COLUMNS)
    if not names:
        raise error("identities.empty", language, path=path.name, known=known)
    if sign := next((sign for sign in ";\t；，、" if sign in "".join(names)), ""):
        key = "separated" if sign.isascii() else "full-width"
        raise error(f"identities.{key}", language, path=path.name, sign=repr(sign)[1:-1])
    if unknown := [name for name in names if name not in COLUMNS]:
        raise error("identities.columns", language, path=path.name, column=repr(unknown[0][:40]), known=known)
    if "domain" not in names:
        raise error("identities.no-domain", language, path=path.name, columns=", ".join(names))
    if twice := [name for name in names if names.count(name) > 1]:
        raise error("identities.column-twice", language, path=path.name, column=twice[0])


def made(path: Path, line: int, given: Mapping[str, str], passed: Mapping[str, str], language: Language) -> Row:
    """Return a row, with what its run is given besides.

    Raises:
        ParameterError: its domain or selector is none, or a value is too long.
    """
    try:
        for name, value in given.items():  # before all else: what is wrong with a value is said by repeating it
            check_no_key(name, value, language)
        domain = check_domain(given.get("domain", ""), language)
        if selector := given.get("selector", passed.get("selector", "")):
            check_selector(selector, language)
        for name, value in given.items():
            check_text(name, value, language)
        minutes = given.get("wait_minutes", "0")
        if not minutes.isdecimal() or int(minutes) > 72 * 60:
            raise wrong("wait_minutes", minutes, language)
    except ParameterError as problem:
        raise error("identities.row", language, path=path.name, line=line, why=problem.what) from None
    own = {**passed, **given, "domain": domain}
    own["secret_id"] = own.get("secret_id", "").replace(DOMAIN, domain)
    return Row(line, {name: value for name, value in own.items() if value and name in FIELDS})


def _once(path: Path, rows: list[Row], language: Language) -> None:
    """Refuse a table that has an identity twice: it would be done twice."""
    seen: dict[tuple[str, ...], int] = {}
    for row in rows:
        where = tuple(row.parameters.get(name, "") for name in ("domain", "profile", "region", "endpoint_url"))
        if where in seen:
            values = {"path": path.name, "domain": row.domain, "first": seen[where], "line": row.line}
            raise error("identities.twice", language, **values)
        seen[where] = row.line
