"""Read the settings of a run: parameters, then the profile's section, then the defaults."""

import contextlib
import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec

from byodkim.errors import InputError, near_name
from byodkim.launch import Settings as Settings, as_text
from byodkim.settings_table import PROFILE, ROWS, SETTINGS, Setting, in_ascii
from byodkim.words import Sentence, _

PROFILE_FILE: Final = "byodkim.toml"
#: A private key in a parameter would be written into the record: base64 of DER, or a PEM header.
PRIVATE_KEY: Final = re.compile(r"PRIVATE KEY|MII[BCEJ][A-Za-z0-9+/\s]{300}")
#: Types of values, where they are not the default's own.
TYPES: Final[dict[type, Any]] = {list: list[str], dict: dict[str, str]}


def read(
    parameters: Mapping[str, Any], passed: Iterable[str], start: Path | None = None
) -> Settings:
    """Return the settings of a run: parameters, then the profile's section, then the defaults.

    Args:
        parameters: every name and value that the notebook's cells set.
        passed: the names that were passed in. ``mode`` counts only when it was: a saved template
            must not switch.
        start: folder from which ``byodkim.toml`` is looked for, upwards; the working folder by
            default.

    Raises:
        InputError: a name is not known, or a value cannot be.
    """
    _refuse_unknown(parameters, "")
    _refuse_private_key(parameters)
    given = {name: value for name, value in parameters.items() if _is_given(ROWS[name], value)}
    names = set(passed)
    if "mode" not in names:
        given.pop("mode", None)
    file = find_profile(start or Path.cwd())
    section = _section(file, str(given.get("profile", "default")), "profile" in names)
    values: dict[str, Any] = {}
    for row in SETTINGS:
        value = row.default
        if row.name in section:
            value = _parsed(row, section[row.name], _("key {name} of byodkim.toml", name=row.name))
        if row.name in given:
            value = _parsed(row, given[row.name], _("parameter {name}", name=row.name))
        values[row.name] = value
    _check_zone(values["timezone"])
    values["domain"] = in_ascii(values["domain"])
    shown = {name: as_text(value) for name, value in given.items() if name in names}
    return Settings(values, shown, str(file.parent if file else Path.cwd()), file is not None)


def of_profile(name: str) -> Settings:
    """Return the settings of a section of the profile, as ``read`` does."""
    return read({"profile": name}, ("profile",))


def sections_about(settings: Settings, domain: str) -> list[tuple[str, Settings]]:
    """Return the profile's sections that name a domain, or none: these are used with ``-r domain``.

    Raises:
        InputError: such a section cannot be read.
    """
    if not settings.has_profile:
        return []
    start = settings.folder
    sections = tomllib.loads((start / PROFILE_FILE).read_text("utf-8"))
    names = [name for name, section in sections.items() if _is_about(section, domain)]
    return [(name, read({"profile": name}, ("profile",), start)) for name in names]


def _is_about(section: Mapping[str, Any], domain: str) -> bool:
    """Return whether a section names this domain, or none."""
    with contextlib.suppress(InputError):
        return in_ascii(str(section.get("domain") or domain)) == domain
    return False  # another section's mistake


def require(settings: Settings, procedure: str) -> None:
    """Refuse a run that lacks what its procedure needs, or names a file that is not there.

    Raises:
        InputError: names what is missing.
    """
    _refuse_unknown(settings.passed, procedure)
    needed = {"fleet": ["table"], "prepare": []}.get(procedure, ["selector"])  # prepare names one
    if settings.text("target") == "aws" and procedure != "fleet":
        needed += ["domain", "region", "secret_id"]
        needed += ["key_bucket"] if procedure == "prepare" else []
    if missing := [name for name in needed if not settings.text(name)]:
        raise InputError(
            _("{procedure} needs {missing}.", procedure=procedure, missing=missing),
            todo=_("Pass selector or table with -r. The rest may stand in byodkim.toml."),
        )
    message = settings.text("message")
    if message and not (settings.folder / message).is_file():
        raise InputError(
            _("There is no message {path}. Nothing was read or written.", path=message),
            todo=_("Save the received message with its full header as a file (.eml)."),
        )


def find_profile(start: Path) -> Path | None:
    """Return the nearest ``byodkim.toml`` in a folder or above it."""
    folders = [start.resolve(), *start.resolve().parents]
    return next((file for folder in folders if (file := folder / PROFILE_FILE).is_file()), None)


def _is_given(row: Setting, value: Any) -> bool:
    return value != row.unset or PROFILE not in row.where


def _refuse_unknown(names: Iterable[str], procedure: str) -> None:
    known = [row.name for row in SETTINGS if row.is_parameter(procedure)]
    for name in names:
        if name not in known:
            raise InputError(
                _("{name} is not a parameter. Nothing was read or written.", name=name),
                todo=_("Write it in byodkim.toml.") if name in ROWS else near_name(name, known),
            )


def _refuse_private_key(parameters: Mapping[str, Any]) -> None:
    for name, value in parameters.items():
        if PRIVATE_KEY.search(str(value)):
            raise InputError(
                _(
                    "The parameter {name} holds a private key. Nothing was read or written.",
                    name=name,
                ),
                _("papermill stores parameters in plain text, so this key must not sign mail."),
                _("Delete the output notebook, make a new key pair, and pass no key."),
            )


def _section(file: Path | None, name: str, named: bool) -> dict[str, Any]:
    if file is None:
        if named and name != "default":
            raise InputError(
                _("There is no byodkim.toml here, so there is no profile {name}.", name=name),
                todo=_("Run `byodkim init`, or change into your project's folder."),
            )
        return {}
    try:
        sections = tomllib.loads(file.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(
            _("byodkim.toml cannot be read: {reason}", reason=str(error)),
            todo=_("Correct the file. Nothing was read or written."),
        ) from None
    stray = [key for key, value in sections.items() if not isinstance(value, dict)]
    if stray:
        raise InputError(
            _("byodkim.toml has {key} outside a section.", key=stray[0]),
            todo=_("Write [default] above it."),
        )
    if name not in sections:
        raise InputError(
            _("byodkim.toml has no section {name}.", name=name), todo=near_name(name, sections)
        )
    section: dict[str, Any] = sections[name]
    for key in section:
        if key not in ROWS or PROFILE not in ROWS[key].where:
            keys = [row.name for row in SETTINGS if PROFILE in row.where]
            raise InputError(
                _("[{section}] in byodkim.toml has the unknown key {key}.", section=name, key=key),
                todo=near_name(key, keys),
            )
    return section


def _parsed(row: Setting, value: Any, place: Sentence) -> Any:
    """Return a value in the row's type, or refuse it."""
    try:
        return _converted(row, value)
    except ValueError:
        raise InputError(
            _(
                "The {place} is {value}, and must be {form}. Nothing was read or written.",
                place=str(place), value=repr(value)[:80], form=str(row.must_be()),
            ),
            todo=_("Pass it with -r, which keeps text as it is.")
            if isinstance(row.default, str) and isinstance(value, int | float)
            else None,
        ) from None  # fmt: skip


def _converted(row: Setting, value: Any) -> Any:
    """Return a value in the row's type.

    Raises:
        ValueError: it has another type or form, or is out of bounds.
    """
    if isinstance(value, str):
        value = value.strip()
        if not value.isprintable():
            raise ValueError
        if isinstance(row.default, list):
            value = [each for each in map(str.strip, value.split(",")) if each]
    kind = type(row.default)
    converted = msgspec.convert(value, TYPES.get(kind, kind), strict=False)
    if kind in (int, float) and not row.bounds[0] <= converted <= row.bounds[1]:
        raise ValueError
    texts = converted.values() if kind is dict else [converted]
    if row.pattern and any(
        each != row.default and not re.fullmatch(row.pattern, each) for each in texts
    ):
        raise ValueError
    return converted


def _check_zone(name: str) -> None:
    try:
        ZoneInfo(name or "UTC")
    except (KeyError, ValueError, OSError):
        raise InputError(
            _("The time zone {name} is not known.", name=name),
            todo=_("Write a name such as Asia/Tokyo."),
        ) from None
