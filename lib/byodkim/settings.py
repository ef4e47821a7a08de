"""Read the settings of a run: parameters, then the profile's section, then the defaults."""

import contextlib
import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from byodkim.errors import InputError, near_name
from byodkim.launch import Settings as Settings, as_text
from byodkim.settings_table import PROFILE, ROWS, SETTINGS, Setting, in_ascii
from byodkim.words import Sentence, _

PROFILE_FILE: Final = "byodkim.toml"
#: A private key in a parameter would be written into the record: base64 of DER, or a PEM header.
PRIVATE_KEY: Final = re.compile(r"PRIVATE KEY|MII[BCEJ][A-Za-z0-9+/\s]{300}")


def parameters_cell(procedure: str) -> str:
    """Return the parameters cell of a procedure's notebook.

    papermill's ``--help-notebook`` reads it by regular expression.
    """
    lines = []
    for row in SETTINGS:
        if row.is_parameter(procedure):
            unset = "-1" if row.kind is int else "Empty"
            note = f" {unset}: as byodkim.toml has it." if PROFILE in row.where else ""
            kind = row.kind.__name__
            lines.append(f"{row.name}: {kind} = {_literal(row.unset)}  # {row.help.text}{note}")
    return "\n".join(lines)


def _literal(value: Any) -> str:
    return f'"{value}"' if isinstance(value, str) else repr(value)


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
    _refuse_unknown(parameters)
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
    for name in settings.passed:
        if not ROWS[name].is_parameter(procedure):
            names = [row.name for row in SETTINGS if row.is_parameter(procedure)]
            raise InputError(
                _("{name} is no parameter of {procedure}.", name=name, procedure=procedure),
                todo=near_name(name, names),
            )
    needed: dict[str, Sentence] = {}
    if procedure == "fleet":
        needed["table"] = _("table, the CSV table of the identities (-r table fleet.csv)")
    elif procedure != "prepare":  # which names one by selector_pattern
        needed["selector"] = _("selector, the selector to switch to (-r selector mail-20261124-1)")
    if settings.text("target") == "aws" and procedure != "fleet":
        needed |= {
            "domain": _("domain, the SES identity"),
            "region": _("region, the AWS Region of the identity"),
            "secret_id": _("secret_id, the secret that names the selectors"),
        }
        if procedure == "prepare":
            needed["key_bucket"] = _("key_bucket, the bucket of the private keys")
    missing = [str(sentence) for name, sentence in needed.items() if not settings.text(name)]
    if missing:
        raise InputError(
            _("{procedure} needs {missing}.", procedure=procedure, missing=missing),
            todo=_("Pass it, or write it into byodkim.toml (`byodkim init` makes one)."),
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


def _refuse_unknown(parameters: Mapping[str, Any]) -> None:
    for name in parameters:
        if name not in ROWS or not ROWS[name].is_parameter():
            rows = [row.name for row in SETTINGS if row.is_parameter()]
            in_profile = name in ROWS
            raise InputError(
                _("{name} is no parameter. Nothing was read or written.", name=name),
                todo=_("Write it in byodkim.toml.") if in_profile else near_name(name, rows),
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
                _("[{section}] in byodkim.toml has {key}, which is no key.", section=name, key=key),
                todo=near_name(key, keys),
            )
    return section


def _parsed(row: Setting, value: Any, place: Sentence) -> Any:
    """Return a value in the row's type, or refuse it."""
    try:
        return _converted(row, value)
    except (TypeError, ValueError):
        raise InputError(
            _(
                "The {place} is {value}, and must be {form}. Nothing was read or written.",
                place=str(place), value=repr(value)[:80], form=str(row.must_be()),
            ),
            todo=_("Pass it with -r, which keeps text as it is.")
            if row.kind is str and isinstance(value, int | float)
            else None,
        ) from None  # fmt: skip


def _converted(row: Setting, value: Any) -> Any:
    """Return a value in the row's type.

    Raises:
        TypeError: it has another type.
        ValueError: it is out of bounds, or has another form.
    """
    if isinstance(value, bool):
        raise TypeError
    if row.kind is int or row.kind is float:
        return _number(row, value)
    if row.kind is list:
        return _list(value)
    if row.kind is dict:
        return _table(row, value)
    return _one_text(row, value)


def _number(row: Setting, value: Any) -> float:
    number = row.kind(value) if isinstance(value, str) else value
    if not isinstance(number, int | float) or (row.kind is int and number != int(number)):
        raise TypeError
    if not row.bounds[0] <= number <= row.bounds[1]:
        raise ValueError
    converted: float = row.kind(number)
    return converted


def _list(value: Any) -> list[str]:
    texts = [each.strip() for each in value.split(",")] if isinstance(value, str) else value
    if not isinstance(texts, list) or not all(isinstance(each, str) for each in texts):
        raise TypeError
    return [each for each in texts if each]


def _table(row: Setting, value: Any) -> dict[str, str]:
    if not isinstance(value, dict) or not all(isinstance(each, str) for each in value.values()):
        raise TypeError
    if row.pattern and not all(re.fullmatch(row.pattern, each) for each in value.values()):
        raise ValueError
    return value


def _one_text(row: Setting, value: Any) -> str:
    if not isinstance(value, str) or (row.choices and value not in row.choices):
        raise TypeError
    text = value.strip()
    if row.pattern and text and not re.fullmatch(row.pattern, text):
        raise ValueError
    if any(not each.isprintable() for each in text):
        raise ValueError
    return text


def _check_zone(name: str) -> None:
    try:
        ZoneInfo(name or "UTC")
    except (KeyError, ValueError, OSError):
        raise InputError(
            _("The time zone {name} is not known.", name=name),
            todo=_("Write a name such as Asia/Tokyo."),
        ) from None
