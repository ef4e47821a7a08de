"""Remedies that several checks share."""

from typing import Final

from byodkim.checks.check import Unknown
from byodkim.checks.facts import Unread
from byodkim.words import _

FIND_SERVERS: Final = _("Check the network's DNS, or set nameservers in byodkim.toml.")
REACH_SERVERS: Final = _("Find out why these servers do not answer from here, then run again.")
LET_ROTATION_END: Final = _(
    "Wait until the rotation of the secret has ended, then run again. If nothing rotates it, "
    "remove the stage AWSPENDING."
)
NEW_SELECTOR: Final = _("Use a selector that was never used.")


def unreadable(cause: Unread, action: str) -> Unknown:
    """Return the finding of a check that needs what could not be read.

    Args:
        cause: why it could not.
        action: the IAM action that the read needs.
    """
    from byodkim.checks import causes  # only where something could not be read

    return Unknown(causes.unread(cause), todo=causes.todo(cause, action))
