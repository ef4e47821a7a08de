"""Define how an identity among many was read: by a call that tells little of a hundred, beside an earlier full read.

SES's API v1 tells selectors, DKIM status and whether signing is on. All else is carried from the identity's last full
read, and only while what API v1 tells is as that read showed it, or is what the run's own write and SES's verification
make of it. Whatever else it is, nobody knows what happened: the identity is read in full.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import replace

from second_edition.plain import from_plain
from second_edition.rotation.observation import EXTERNAL, SUCCESS, Identity

#: Seconds that an answer may be old when a run asks before its write: a read of the run's own would wait as long for
#: its turn where hundreds share one call a second.
FRESH_S: Final = 120.0
BATCH_CALL: Final = "GetIdentityDkimAttributes"
FULL_CALL: Final = "GetEmailIdentity"
#: Code of a reading that finds no identity of that name.
GONE: Final = "NotFoundException"
#: What API v1 tells.
BATCH_FIELDS: Final = ("selectors", "status", "signing_enabled")
#: SES's own diary of a verification: what it said of an earlier selector is not carried to a later one.
DIARY: Final = ("last_checked", "last_success", "error_type")
SENDING: Final = ("verified_for_sending", "verification_status")
#: Seconds for which a full read is good enough to carry from.
CARRIED_S: Final = 24 * 3600.0
_FORWARD: Final = ("NOT_STARTED", "PENDING", SUCCESS)


class Reading(Struct, frozen=True, forbid_unknown_fields=True):
    """One reading of an identity that was made for several runs, and what it rests on. Times are UTC, ISO 8601.

    Attributes:
        at: when the call was made.
        by: its operation, ``BATCH_CALL``.
        request_id: SES's.
        others: how many other identities were asked about in the same call.
        full: the identity as its last full read showed it, plain.
        full_at: when that was.
        told: what API v1 told (``BATCH_FIELDS``).
        wrote: the selector that the run had given SES by then; "" where it had written nothing.
        body: "" in this format.
    """

    at: str
    by: str
    request_id: str
    others: int
    full: Mapping[str, Any]
    full_at: str
    told: Mapping[str, Any]
    wrote: str = ""
    body: str = ""

    @property
    def identity(self) -> Identity | None:
        """Return the identity that this comes to; ``None`` where the batch does not go with the full read.

        Raises:
            ValueError: a time is none.
        """
        full = from_plain(Identity, self.full)
        age = (datetime.fromisoformat(self.at) - datetime.fromisoformat(self.full_at)).total_seconds()
        return composed(full, self.told, self.wrote) if -1 < age <= CARRIED_S else None

    @property
    def unknown(self) -> frozenset[str]:
        """Return the fields of which nothing is known: the full read showed them for another selector or status."""
        found = self.identity
        if found is None or found == from_plain(Identity, self.full):
            return frozenset()
        return frozenset(DIARY if found.status == SUCCESS else DIARY + SENDING)


def composed(full: Identity, attributes: Mapping[str, Any], wrote: str = "") -> Identity | None:
    """Return the identity by API v1's fields now and a full read before; ``None`` where it has to be read in full.

    Args:
        full: as it was.
        attributes: ``BATCH_FIELDS``, by API v1.
        wrote: the selector that the asker has given SES since, "" where it has not.
    """
    selectors, status = tuple(str(one) for one in attributes["selectors"]), str(attributes["status"])
    if attributes["signing_enabled"] is not full.signing_enabled:
        return None
    if (selectors, status) == (full.selectors, full.status):
        return full
    expected = (wrote,) if wrote else full.selectors
    under_way = bool(wrote) or full.status in ("NOT_STARTED", "PENDING")
    if full.signing_origin != EXTERNAL or selectors != expected or status not in _FORWARD or not under_way:
        return None
    return _moved(full, selectors, status)


def _moved(full: Identity, selectors: tuple[str, ...], status: str) -> Identity | None:
    """Return the identity with a selector that SES verifies or has verified; its diary is unknown by now.

    What DKIM has verified may send, and is verified: where that was so before, it is so again. While SES still looks
    for the key record it may be otherwise, and is left open.
    """
    stood = full.verified_for_sending is True and full.verification_status == SUCCESS
    if status == SUCCESS and not stood:
        return None
    may_send, verification = (True, SUCCESS) if status == SUCCESS else (None, "")
    return replace(
        full, selectors=selectors, status=status, verified_for_sending=may_send, verification_status=verification,
        last_checked="", last_success="", error_type="",
    )  # fmt: skip
