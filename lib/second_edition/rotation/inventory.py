"""The identities of an account and Region, each with its key's size and age and their sources."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from msgspec import Struct

from second_edition.dkim.published import Judgement, Verdict
from second_edition.rotation.due import Due
from second_edition.rotation.observation import EXTERNAL, Identity

ADDRESS: Final = "EMAIL_ADDRESS"
EASY: Final = "AWS_SES"
EASY_TOKENS: Final = 3
#: The state of a key record of which authoritative servers say different things, of which one says nothing, or whose
#: servers were not found.
DIFFER: Final = "differ"
PARTLY: Final = "partly"
UNFOUND: Final = "unfound"
#: Names in a page of ListEmailIdentities, and identities in a call of GetIdentityDkimAttributes, at most.
PAGE: Final = 1000
BATCH: Final = 100


def key_bits(identity: Identity) -> int:
    """Return the size of the key as SES tells it, 0 where it does not: ``RSA_2048_BIT`` is 2048.

    SES tells it of its own keys only; of one that it was given it repeats a default.
    """
    if identity.signing_origin == EXTERNAL:
        return 0
    words = identity.current_signing_key_length.split("_")
    return int(words[1]) if len(words) == 3 and words[1].isdecimal() else 0


def of_batch(name: str, attributes: Mapping[str, Any]) -> Identity:
    """Return an identity as API v1's GetIdentityDkimAttributes tells it, which leaves out its origin and much else.

    What has one token signs with a selector of its own, what has three has Easy DKIM; else the origin stays unknown.

    Args:
        name: domain.
        attributes: ``signing_enabled``, ``status`` and ``selectors``.
    """
    selectors = tuple(str(one) for one in attributes["selectors"])
    origin = {1: EXTERNAL, EASY_TOKENS: EASY}.get(len(selectors), "")
    enabled = attributes["signing_enabled"]
    return Identity(name, "DOMAIN", selectors, str(attributes["status"]), enabled, origin, None, "")


def unclear(identity: Identity) -> bool:
    """Return whether GetEmailIdentity is needed: DKIM is set up, and API v1 does not say with what."""
    return not identity.signing_origin and (
        bool(identity.signing_enabled) or identity.status not in ("", "NOT_STARTED")
    )


def record_state(judged: Sequence[Judgement]) -> str:
    """Return what the servers say together: a verdict that all share, ``differ``, ``partly`` or "" (none was asked)."""
    counted = [one for one in judged if one.verdict is not Verdict.NO_IPV6] or judged
    said = {(str(one.verdict), one.sha256) for one in counted}
    if len(said) <= 1:
        return next(iter(said))[0] if said else ""
    known = {(one.verdict, one.sha256) for one in counted if not one.unknown}
    return DIFFER if len(known) > 1 else PARTLY


class Row(Struct, frozen=True):
    """One identity of the inventory, as it is kept: plain data, times in ISO 8601, "" for what is not known.

    Attributes:
        name: domain.
        selector: that SES signs with; "" where there is not exactly one.
        status: DKIM status, as API v2 spells it.
        signing_enabled: ``None`` where SES does not say.
        origin: ``EXTERNAL``, ``AWS_SES``, ``AWS_SES_<REGION>``.
        origin_by: ``tokens`` (by their number, API v1) or ``ses`` (GetEmailIdentity said so).
        verified_for_sending: ``None`` where SES was not asked: API v1 does not say.
        record: state of the key record, as ``record_state`` gives it, or ``unfound``.
        servers: what each address of an authoritative server said: its name, address and port, verdict, particulars.
        bits: size of the key, 0 where it is not known.
        made, made_by: since when the key is there at the latest, and what tells.
        rotate_by, start_by, urgency: of the key's term (``due``).
        unread: AWS's code for why the identity could not be read.
        at: when it was looked at.
    """

    name: str
    selector: str = ""
    status: str = ""
    signing_enabled: bool | None = None
    origin: str = ""
    origin_by: str = ""
    record: str = ""
    servers: tuple[tuple[str, str, str, str], ...] = ()
    bits: int = 0
    made: str = ""
    made_by: str = ""
    rotate_by: str = ""
    start_by: str = ""
    urgency: str = ""
    unread: str = ""
    at: str = ""
    verified_for_sending: bool | None = None


def termed(term: Due | None, now: datetime) -> dict[str, str]:
    """Return the fields of a row that tell a key's term."""
    if term is None:
        return {}
    return {
        "made": term.made.at.isoformat(timespec="seconds"),
        "made_by": str(term.made.by),
        "rotate_by": term.rotate_by.isoformat(timespec="seconds"),
        "start_by": term.start_by.isoformat(timespec="seconds"),
        "urgency": str(term.urgency(now)),
    }
