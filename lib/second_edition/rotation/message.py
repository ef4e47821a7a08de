"""A received message as proof: who signed it, what each server's key record makes of it, what several measure. Pure.

The message itself is not kept: its SHA-256 is, and what its header says of signatures.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from msgspec import Struct

from second_edition.dkim.published import UNKNOWN
from second_edition.rotation.observation import Rehearsed

AMAZON: Final = "amazonses.com"
"""The domain of the second signature, which SES adds to all mail (Amazon SES Developer Guide, "DKIM")."""
UNDECIDED: Final = frozenset({"unread", "partial-body"})
"""The verifier could not read the message, or ``l=`` does not cover the whole body: nothing is proved or refuted."""
_UNASKED: Final = frozenset(verdict.value for verdict in UNKNOWN)


class Signed(Struct, frozen=True, forbid_unknown_fields=True):
    """One signature: its tags ``d=``, ``s=`` and ``a=``, and what the key record of each server makes of it.

    ``results`` is empty where nobody was asked: for another domain's signature, or another selector's. A ``defect`` is
    a verdict of ``dkim.published`` where the server gave no single record, else what the verifier stumbled over.
    """

    domain: str
    selector: str
    algorithm: str
    results: tuple[Rehearsed, ...] = ()
    at: str = ""
    """When it was made, by ``t=``."""

    @property
    def verified(self) -> tuple[Rehearsed, ...]:
        """Return the servers with whose record it verifies."""
        return tuple(one for one in self.results if not one.defect)

    @property
    def failed(self) -> tuple[Rehearsed, ...]:
        """Return the servers with whose record it does not verify, or that have none."""
        return tuple(one for one in self.results if one.defect and one.defect not in _UNASKED | UNDECIDED)

    @property
    def undecided(self) -> tuple[Rehearsed, ...]:
        """Return the servers with whose record it is neither proved nor refuted (``UNDECIDED``)."""
        return tuple(one for one in self.results if one.defect in UNDECIDED)

    @property
    def proved(self) -> bool:
        """Return whether it verifies with the record of every server."""
        return bool(self.results) and len(self.verified) == len(self.results)

    @property
    def unasked(self) -> tuple[Rehearsed, ...]:
        """Return the servers that could not be asked."""
        return tuple(one for one in self.results if one.defect in _UNASKED)


class Received(Struct, frozen=True, forbid_unknown_fields=True):
    """A message as it was received: SHA-256 of its bytes in hex, their number, the domain in From, its signatures."""

    sha256: str
    size: int
    from_domain: str
    signatures: tuple[Signed, ...]
    from_unread: bool = False
    dated: str = ""
    """By its Date."""

    def times(self, domain: str, *, signed: bool = True) -> list[datetime]:
        """Return when it was signed for ``domain`` and written, as far as it tells, earliest first.

        Args:
            domain: the signing domain.
            signed: whether ``t=`` of each signature counts beside Date.
        """
        stated = (*(one.at for one in self.of_domain(domain) if signed), self.dated)
        return sorted(datetime.fromisoformat(one) for one in stated if one)

    def of_domain(self, domain: str) -> tuple[Signed, ...]:
        """Return the signatures of ``domain``."""
        return tuple(one for one in self.signatures if one.domain == domain)


class Kind(StrEnum):
    """Hold how a message was signed."""

    NEXT = "next"
    LEFT = "left"
    """With the selector that was left."""
    UNSIGNED = "unsigned"
    """Without a signature of the domain; SES's own may be there."""
    BROKEN = "broken"
    """By a signature of the domain that does not verify, or by a selector that is neither."""
    UNKNOWN = "unknown"
    """By a signature of the domain that could not be verified or refuted."""


def kind_of(message: Received, domain: str, selector: str, left: str) -> Kind:
    """Return how ``message`` was signed for ``domain``: by ``selector``, by the one that was ``left``, or not."""
    signed = message.of_domain(domain)
    if not signed:
        return Kind.UNSIGNED
    names = {one.selector for one in signed}
    if any(one.failed for one in signed) or names - {selector, left}:
        return Kind.BROKEN
    if not all(one.verified for one in signed):
        return Kind.UNKNOWN
    return Kind.NEXT if names == {selector} else Kind.LEFT


class Point(Struct, frozen=True):
    """A message that SES took at a time, and how it was signed; ``None`` where it did not arrive."""

    at: datetime
    kind: Kind | None


class Window(Struct, frozen=True):
    """Hold what messages around a write measured. Times are those at which SES took the message.

    Attributes:
        points: all of them, oldest first.
        first, last: the first and the last unsigned one; ``None`` where none was.
        least: from the one to the other; zero where there is at most one.
        most: from the last signed one before them to the first signed one after; ``None`` where one of them is lacking.
        signed_from: the first one signed with the next selector after which none was otherwise; ``None`` without one.
    """

    points: tuple[Point, ...]
    first: datetime | None
    last: datetime | None
    least: timedelta
    most: timedelta | None
    signed_from: datetime | None


def measured(points: Sequence[Point]) -> Window:
    """Return what ``points`` measure."""
    ordered = tuple(sorted(points, key=lambda point: point.at))
    known = [point for point in ordered if point.kind is not None]
    bare = [point.at for point in known if point.kind is Kind.UNSIGNED]
    signed_from = None
    for point in reversed(known):
        if point.kind is not Kind.NEXT:
            break
        signed_from = point.at
    if not bare:
        return Window(ordered, None, None, timedelta(), timedelta() if known else None, signed_from)
    before = [point.at for point in known if point.at < bare[0]]
    after = [point.at for point in known if point.at > bare[-1]]
    most = after[0] - before[-1] if before and after else None
    return Window(ordered, bare[0], bare[-1], bare[-1] - bare[0], most, signed_from)
