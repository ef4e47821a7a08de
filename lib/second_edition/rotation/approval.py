"""Define what approvers signed, as plain data: who, when, for which plan. Verifying signatures is an edge's work."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from msgspec import Struct, field

from second_edition.rotation.fleet_plan import Membership
from second_edition.rotation.plan import Plan

VALID_DAYS: Final = 7
#: By how much an approver's clock may be ahead.
AHEAD: Final = timedelta(minutes=10)


class Use(Struct, frozen=True, forbid_unknown_fields=True):
    """The run whose write an approval served, and when that write was begun (ISO 8601).

    ``unsigned``: no trusted key signed that run, so only its own journal says so.
    """

    run: str
    at: str
    unsigned: bool = False


class Overtaking(Struct, frozen=True, forbid_unknown_fields=True):
    """A run of another origin that wrote to SES after a campaign was planned, or what somebody else has set since.

    Attributes:
        run: its id; ``at``: when its last write began (ISO 8601), and ``selector``: what that gave SES.
        taken: whether SES is known to have taken it; else it may have.
        own: the run is one of the campaign, and ``selector`` is what SES shows in place of what it gave SES.
    """

    run: str
    at: str
    selector: str
    taken: bool
    own: bool = False


class Terms(Struct, frozen=True):
    """Until when approvals count, and which ones are used up.

    Attributes:
        now: when the world was observed that the plan is made of.
        valid_days: for how many days an approval counts.
        used: what an approval was used up by, by what was signed (``Presented.statement``).
        overtaken: what came between a campaign's plan and this run of it; ``None`` where nothing did.
        unbegun: the campaign's run that did not begin this one, whose place in the plan was given all the same.
    """

    now: datetime
    valid_days: int = VALID_DAYS
    used: Mapping[str, Use] = field(default_factory=dict)
    overtaken: Overtaking | None = None
    unbegun: str = ""

    def expires(self, at: str) -> datetime:
        """Return when an approval that was given ``at`` expires."""
        return datetime.fromisoformat(at) + timedelta(days=self.valid_days)

    def late(self, approval: Approval, *, begins: bool) -> str:
        """Return ``ahead`` where an approval is dated ahead, ``expired`` where it has expired, "" where it counts.

        ``begins``: a campaign is about to begin, which judges its approval for all its runs.
        """
        if approval.of_campaign and not begins:
            return ""
        if datetime.fromisoformat(approval.at) > self.now + AHEAD:
            return "ahead"
        return "expired" if self.expires(approval.at) < self.now else ""


#: Those of a run that tells of none: no approval is in force.
NO_TERMS: Final = Terms(datetime.min.replace(tzinfo=UTC))


class Approval(Struct, frozen=True, forbid_unknown_fields=True):
    """One person's signed consent to one plan: of an identity, or of a campaign, which names no identity.

    ``approver`` is the profile's name of the key that signed, never what the file says of itself; ``at`` (UTC, ISO
    8601) is the approver's own clock; ``run`` is the plan run that was looked at.
    """

    approver: str
    at: str
    run: str
    comment: str
    plan: Plan
    identity: str = ""
    selector: str = ""
    account: str = ""
    region: str = ""

    @property
    def of_campaign(self) -> bool:
        """Return whether it is the consent to the plan of a campaign."""
        return not self.identity


class Presented(Struct, frozen=True, forbid_unknown_fields=True):
    """A file that was given as an approval.

    ``defect`` is "" or ``absent``, ``unread``, ``malformed`` (no envelope, or one of something else), ``unknown-key``
    (no approver's) or ``forged`` (an approver's key is named, but did not sign this). ``envelope`` is its JSON: a
    record can be verified without the file. ``member`` is the place of this run's plan in that of a campaign.
    """

    file: str
    approval: Approval | None = None
    defect: str = ""
    envelope: Mapping[str, Any] | None = None
    member: Membership | None = None

    @property
    def statement(self) -> str:
        """Return the SHA-256 (hex) of what was signed, by which a copy under any name is known; "" for no envelope."""
        return statement_of(self.envelope)


def statement_of(envelope: Mapping[str, Any] | None) -> str:
    """Return the SHA-256 (hex) of what an envelope holds; "" where it holds nothing."""
    try:
        payload = base64.b64decode(str((envelope or {})["payload"]))
    except (LookupError, ValueError):
        return ""
    return hashlib.sha256(payload).hexdigest()
