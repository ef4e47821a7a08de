"""SES's accounts and Regions: each has identities and a rate of its own. Which one is asked stands in the signature."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, NamedTuple

from second_edition.ses_sandbox.moto_aws import ACCOUNT, REGION
from second_edition.ses_sandbox.ses import Ses

#: The access key id of another account than the sandbox's own: any secret goes with it.
OTHER_ACCOUNT: Final = re.compile(r"sandbox-([0-9]{12})")


class Place(NamedTuple):
    """An account and a Region."""

    account: str = ACCOUNT
    region: str = REGION

    def __str__(self) -> str:
        return f"{self.account}/{self.region}"


HOME: Final = Place()


def place_of(scope: list[str]) -> Place:
    """Return the place that a request is for, by its credential scope (SigV4): whose access key, in which Region."""
    if len(scope) != 5:
        return HOME
    other = OTHER_ACCOUNT.fullmatch(scope[0])
    return Place(other[1] if other else ACCOUNT, scope[2])


class Places:
    """The SES of every place, made when it is asked for: without identities, as a Region is that nobody has used.

    Args:
        make: makes one.
    """

    def __init__(self, make: Callable[[Place], Ses]) -> None:
        self._make, self._made, self._lock = make, dict[Place, Ses](), threading.Lock()

    def at(self, place: Place) -> Ses:
        """Return the SES of a place."""
        with self._lock:
            if place not in self._made:
                self._made[place] = self._make(place)
            return self._made[place]

    @property
    def made(self) -> Mapping[Place, Ses]:
        """Return the places that there are by now."""
        with self._lock:
            return dict(self._made)

    def observe(self, *, at_once: bool = False) -> None:
        """Let each look at DNS where it is due."""
        for one in self.made.values():
            one.observe(at_once=at_once)

    def clear(self) -> None:
        """Forget all identities and all calls."""
        for one in self.made.values():
            one.clear()


def facts_of(further: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    """Return the identity's accounts and Regions, the own first, each with the AWS profile that reaches it."""
    return [
        {"account": account, "region": region, "aws_profile": "" if account == ACCOUNT else f"sandbox-{account}"}
        for account, region in (HOME, *further)
    ]


def shown(ses: Ses) -> dict[str, dict[str, Any]]:
    """Return the identities of a place, as plain data by their names."""
    return {
        name: {
            "origin": state.origin,
            "status": state.status,
            "selectors": list(state.key.selectors),
            "signing_enabled": state.signing_enabled,
            "verified": state.verified,
            "put": state.since.isoformat(timespec="milliseconds"),
        }
        for name, state in ses.identities.items()
    }
