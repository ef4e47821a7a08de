"""Waivers: checks that an operator lets pass with a reason."""

from collections.abc import Iterable

from byodkim.checks.check import Check
from byodkim.errors import InputError, near_name
from byodkim.words import _


def read_waivers(text: str, checks: Iterable[Check]) -> dict[str, str]:
    """Return the reasons for which checks are waived, by ID.

    Args:
        text: ``ID: reason; ID: reason``.
        checks: of the procedure.

    Raises:
        InputError: an ID is not known or may not be waived, or a reason is missing.
    """
    known, reasons = {each.id: each for each in checks}, dict[str, str]()
    for part in filter(None, (each.strip() for each in text.split(";"))):
        name, _colon, reason = (each.strip() for each in part.partition(":"))
        if name not in known:
            raise InputError(
                _("The parameter waive names {name}, and there is no such check.", name=name),
                todo=near_name(name, known),
            )
        if not known[name].waivable:
            raise InputError(
                _("The check {name} cannot be waived.", name=name),
                todo=_('Run without this waiver, and do what the record says under "Do next".'),
            )
        if not reason:
            raise InputError(
                _("The waiver of {name} has no reason.", name=name),
                todo=_(
                    'Add a colon and the reason, for example "{name}: ns3 is being replaced".',
                    name=name,
                ),
            )
        reasons[name] = reason
    return reasons
