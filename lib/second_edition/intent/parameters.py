"""The notebook's parameters, validated before anything is touched. One clear paragraph for a wrong one."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec

from second_edition.dkim.secrecy import holds_private, may_be_key
from second_edition.errors import ParameterError
from second_edition.messages import Language, say
from second_edition.plain import from_plain
from second_edition.settings import FIELDS, Parameters, fields_of


def parse(given: Mapping[str, Any], procedure: str = "rotate", language: Language = "en") -> Parameters:
    """Return the parameters, if every name is one of the procedure's and every value has its form.

    ``language``: of an error.

    Raises:
        ParameterError: one paragraph on the first thing that is wrong.
    """
    if others := [name for name in given if name not in fields_of(procedure)]:
        raise unknown(others[0], fields_of(procedure), language)
    if garbled := next((name for name, value in given.items() if not _is_unicode(value)), ""):
        raise error("not-utf8", language, name=garbled)
    for name, value in given.items():  # before all else: what is wrong with a value is said by repeating it
        if not isinstance(value, int):
            check_no_key(name, str(value), language)
    try:
        return from_plain(Parameters, dict(given))
    except msgspec.ValidationError as problem:
        # Its text stays out: what was typed may be a secret in the wrong place.
        name = place(problem)
        raise wrong(name, given.get(name), language) from None


def check_no_key(name: str, text: str, language: Language) -> None:
    """Refuse a private key, or as much as a prime of one has.

    Raises:
        ParameterError: one paragraph.
    """
    expected = holds_private if name in ("record", "replace") else may_be_key  # these are key records
    if expected(text):
        raise error("private-key", language, name=name)


def _is_unicode(value: object) -> bool:
    """Return whether all characters of a text are such: a terminal may give bytes that are none."""
    try:
        return all(str(one).encode() is not None for one in (value if isinstance(value, list) else [value]))
    except UnicodeEncodeError:
        return False


def place(problem: msgspec.ValidationError) -> str:
    """Return the name of the field that is wrong, "" where it is not about one."""
    # At its very end: what comes before it may quote the value.
    found = re.search(r"`\$\.(\w+)[^`]*`\Z", str(problem))
    return found[1] if found else ""


#: What stands between two waivers: a sign before what has the form of an ID.
_WAIVERS: Final = re.compile(r"[;；\n](?=\s*[A-Z0-9]+(?:-[A-Z0-9]+)+\s*[:：])")


def waivers(written: str | list[str], known: Mapping[str, bool], language: Language) -> dict[str, str]:
    """Return the reasons by check ID. ``written``: ``"ID: reason; ID: reason"``, or a list of ``"ID: reason"``.

    Colons and semicolons may be full-width, as Japanese input methods type them. A reason stays as it was typed.

    Args:
        written: the parameter ``waive``.
        known: whether it may be waived, by check ID.
        language: of the error.

    Raises:
        ParameterError: no reason, an unknown ID, or a check that can't be waived.
    """
    entries = written if isinstance(written, list) else _WAIVERS.split(written)
    found: dict[str, str] = {}
    for entry in filter(None, (entry.strip(" \u3000;；\n") for entry in entries)):
        identifier, reason = (part.strip() for part in [*re.split("[:：]", entry, maxsplit=1), ""][:2])
        problem = _waiver_problem(identifier, reason, known)
        if other := _swallowed(reason, known):
            raise error("waive.swallowed", language, entry=identifier[:40], other=other)
        if problem:
            waivable = sorted(name for name, may_be in known.items() if may_be)
            near = hint(identifier.upper(), waivable, language)
            raise error(f"waive.{problem}", language, entry=identifier[:40], hint=near, known=", ".join(waivable))
        found[identifier] = reason
    return found


def _swallowed(reason: str, known: Mapping[str, bool]) -> str:
    """Return another waiver that a reason would swallow because its ID, or what stands around it, is misspelled."""
    others = re.findall(r"[;；,，、\s]\s*([A-Za-z0-9]+(?:-[A-Za-z0-9]+)+)\s*[:：]", reason)
    return next((other for other in others if other.upper() in known), "")


def _waiver_problem(identifier: str, reason: str, known: Mapping[str, bool]) -> str:
    if identifier not in known:
        return "unknown"
    if not known[identifier]:
        return "never"
    return "" if reason else "no-reason"


def error(sentence: str, language: Language, /, **values: object) -> ParameterError:
    """Return the paragraph ``sentence`` of the catalogue ``parameters``, which ends with: nothing was touched."""
    text = say("parameters", sentence, language, **values)
    return ParameterError(text, say("parameters", "untouched", language))


def wrong(name: str, value: object, language: Language) -> ParameterError:
    """Return the paragraph on a parameter whose value has not the form that its row asks for."""
    row = FIELDS[name]
    if isinstance(value, int | float) and not row.is_number and not row.values:
        if abs(value) > LARGEST and abs(value) != math.inf:  # 1e999, as a ticket, is a word to who types it
            return error("private-key", language, name=name)
        sentence = "truth" if isinstance(value, bool) else "number"
        return error(sentence, language, name=name, value=str(value)[:40])
    if row.is_number and isinstance(value, str) and re.fullmatch(r"\s*-?[0-9]{1,9}\s*", value):
        form = say("parameters", "must.count-text", language, least=row.least, most=row.bounds.le)
        return error("wrong", language, name=name, form=form)
    return error("wrong", language, name=name, form=row.form(language))


LARGEST: Final = 10**100  # no ticket and no selector has so many digits; a number of a private key has
LONGEST: Final = 1000  # characters of a free text in the record


def check_text(name: str, text: str, language: Language) -> None:
    """Refuse a text that is too long for a record, or that no file's name may hold, and an address that is none.

    Raises:
        ParameterError: one paragraph.
    """
    if len(text) > LONGEST:
        raise error("too-long", language, name=name, most=LONGEST)
    if "\0" in text or (name == "endpoint_url" and not is_address(text)):
        raise error("wrong", language, name=name, form=FIELDS[name].form(language))


def is_address(text: str) -> bool:
    """Return whether host and port of an ``endpoint_url`` can be taken out of it."""
    try:
        return not text or bool(urlsplit(text).hostname and urlsplit(text).port != 0)
    except ValueError:  # brackets around what is no address, or no such port
        return False


def hint(name: str, known: Sequence[str], language: Language) -> str:
    """Return a sentence, after a blank, with the known name that is nearest to a misspelt one; "" for none."""
    near = difflib.get_close_matches(name, known, 1)
    return say("parameters", "near", language, near=near[0]) if near else ""


def unknown(name: str, known: Sequence[str], language: Language) -> ParameterError:
    """Return the paragraph on a parameter that there is not."""
    return error("unknown", language, name=name[:40], hint=hint(name, known, language), known=", ".join(known))
