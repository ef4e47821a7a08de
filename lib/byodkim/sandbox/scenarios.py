"""The worlds that a sandbox can begin with, and what is true of each."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Final

from msgspec import Struct

from byodkim.errors import InputError
from byodkim.words import Sentence, _

DEFAULT: Final = "ready"
#: The selector in use, and the one that is prepared.
CURRENT: Final = "mail-20260912-1"
NEW: Final = "mail-20261124-1"
SCENARIOS: Final[dict[str, Sentence]] = {
    "ready": _("SES signs with the current selector; every name server publishes the new record."),
    "dns-absent": _("The new key record is not published yet."),
    "stale-name-server": _("One of three name servers serves the old zone."),
    "wrong-key": _("The new key record holds another key than the private key in S3."),
    "placeholder": _("The new key record holds p=customerProvidedPublicKey, not a key."),
    "other-key-in-s3": _("The new key object is another key than the secret and DNS say."),
    "pending": _("SES has the new selector and waits for its key record, which is missing."),
    "throttled": _("SES takes one call a second and needs 8 seconds to verify."),
    "fleet": _("Many identities, each ready to be switched."),
}


class Beginning(Struct, frozen=True):
    """What a sandbox begins with.

    Attributes:
        scenario: one of ``SCENARIOS``.
        identities: how many a fleet has.
        faulty: how many of them are not ready: the last ones, in five ways (``seed.FAULTS``).
        throttled: SES takes one call a second and needs 8 seconds to verify.
    """

    scenario: str = DEFAULT
    identities: int = 60
    faulty: int = 0
    throttled: bool = False

    @property
    def is_throttled(self) -> bool:
        """Return whether SES begins with AWS's pace."""
        return self.throttled or self.scenario == "throttled"


def check_scenario(scenario: str) -> None:
    """Refuse a scenario that does not exist.

    Raises:
        InputError: names the scenario that was probably meant, and all others.
    """
    if scenario in SCENARIOS:
        return
    names = list(SCENARIOS)
    near = get_close_matches(scenario, names, 1)
    meant = _("Did you mean {near}?", near=near[0]) if near else None
    todo = _("Choose one of {names}.", names=names)
    raise InputError(_("The sandbox has no scenario {name}.", name=scenario), meant, todo)
