"""What a retirement observes besides what every procedure does."""

from msgspec import Struct

from byodkim.checks.world import (
    Answer,
    Identity,
    KeyObject,
    KeyVersions,
    Observation,
    PastRun,
    Unread,
)


class Place(Struct, frozen=True):
    """What SES signs with in one account and Region.

    Attributes:
        account, region: where; ``account`` "" where nothing names it.
        named_by: section of the profile, or record, that names this place.
        identity: as SES shows it there.
        runs: sealed runs of this folder about the domain there, oldest first.
    """

    account: str
    region: str
    named_by: str
    identity: Identity | Unread
    runs: tuple[PastRun, ...] = ()


class Retirement(Observation, frozen=True, kw_only=True):
    """An observation with what only a retirement reads.

    Attributes:
        elsewhere: every other account and Region that the profile or a sealed run names for this
            domain.
        versions: of the key object.
        unused: what the servers answer for a name that nobody uses, beside the key record's: a
            wildcard shows there.
        overlap_days: for which the record stays published after the switch.
        deletes: whether the key object's versions are to be deleted.
        writer: who removes the record: ``request``, ``route53`` or ``rfc2136``.
    """

    elsewhere: tuple[Place, ...]
    versions: KeyVersions | Unread
    unused: tuple[Answer, ...]
    overlap_days: int
    deletes: bool
    writer: str

    def holding(self, keys: set[str]) -> list[KeyObject]:
        """Return the versions of the key object that hold one of these keys."""
        versions = self.versions.versions if isinstance(self.versions, KeyVersions) else ()
        return [version for version in versions if version.sha256 in keys]


def retirement_of(seen: Observation) -> Retirement:
    """Return the observation with what only a retirement reads.

    Raises:
        ValueError: another procedure made it.
    """
    if not isinstance(seen, Retirement):
        raise ValueError("not a retirement")
    return seen


def places(seen: Observation) -> list[Place]:
    """Return what SES signs with here, and everywhere else."""
    wanted = seen.wanted
    here = Place(wanted.account, wanted.region, "", seen.identity, seen.history.runs)
    return [here, *retirement_of(seen).elsewhere]


def name_of(place: Place) -> str:
    """Return account and Region, and what names them."""
    named = f" ({place.named_by})" if place.named_by else ""
    return f"{place.account or '-'} {place.region}{named}"
