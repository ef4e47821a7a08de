"""The further places of a run: accounts and Regions that sign with the same key as the run's own, in their order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from byodkim.intent.parameters import error
from byodkim.intent.profile import Place
from byodkim.messages import Language

NONE: Final = "none"  # the parameter's word for: the run's own place only


@dataclass(frozen=True)
class Further:
    """One further place.

    Attributes:
        account, region: where the identity is.
        aws_profile: of the AWS configuration that signs in there; "" for the same as in the run's own place.
        source: who names it, ``profile`` or ``sandbox``.
    """

    account: str
    region: str
    aws_profile: str
    source: str

    @property
    def name(self) -> str:
        """As it is called."""
        return f"{self.account}/{self.region}"


def of(
    asked: str, account: str, region: str, listed: Sequence[Place], source: str, language: Language
) -> tuple[Further, ...]:
    """The places that a run goes to after its own.

    Args:
        asked: the parameter ``places``: names with commas between, ``none``, or "" for all that are listed.
        account: the run's own.
        region: the run's own.
        listed: those of the profile, or of the sandbox.
        source: whose they are.
        language: of an error.

    Raises:
        ParameterError: one is named that is not listed, or the run's own place is among them.
    """
    found = [Further(one.account or account, one.region, one.aws_profile, source) for one in listed]
    if asked.strip() == NONE:
        return ()
    names = [part.strip() for part in asked.split(",") if part.strip()]
    known = {name: one for one in found for name in _names(one, account)}
    for name in names:
        if name not in known:
            raise error("places.unknown", language, value=name[:60], known=", ".join(one.name for one in found) or "-")
    chosen = [one for one in found if not names or one in (known[name] for name in names)]
    if any((one.account, one.region) == (account, region) for one in chosen):
        raise error("places.own", language, place=f"{account}/{region}")
    return tuple(chosen)


def _names(one: Further, account: str) -> tuple[str, ...]:
    """Return what it may be called: a place of the run's own account by its Region alone."""
    return (one.name, one.region) if one.account == account else (one.name,)
