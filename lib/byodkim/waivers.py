"""Waivers: checks that an operator passes over, each with its reason; and near names."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping

from byodkim.errors import InputError
from byodkim.words import Sentence, _


def read_waivers(text: str, known: Mapping[str, bool]) -> dict[str, str]:
    """Return the reasons for which checks are waived, by ID.

    Args:
        text: ``ID: reason; ID: reason``.
        known: IDs of checks, each with whether it may be waived.

    Raises:
        InputError: an ID is not known or may not be waived, or a reason is missing.
    """
    reasons: dict[str, str] = {}
    for part in filter(None, (each.strip() for each in text.split(";"))):
        name, _colon, reason = (each.strip() for each in part.partition(":"))
        if name not in known:
            raise InputError(
                _("waive names {name}, which is no check.", name=name), todo=near_name(name, known)
            )
        if not known[name]:
            raise InputError(
                _("The check {name} cannot be waived.", name=name),
                todo=_('Do what the record says under "Do next", then run again.'),
            )
        if not reason:
            raise InputError(
                _("waive gives no reason for {name}.", name=name),
                todo=_("Write a reason after the colon: it stands in the record."),
            )
        reasons[name] = reason
    return reasons


def near_name(name: str, known: Iterable[str]) -> Sentence:
    """Return the known name that was probably meant, or all of them."""
    names = sorted(known)
    near = difflib.get_close_matches(name, names, 1, 0.5)
    if near:
        return _("Did you mean {near}?", near=near[0])
    return _("These are known: {names}.", names=names)
