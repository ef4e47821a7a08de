"""Define what links a run to others: its heads, what it says it follows, how it found and left SES."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from byodkim.evidence.ends import Named, named
from byodkim.evidence.journal import Account
from byodkim.evidence.world import World

# What SES does not change by itself; all of it is shown in the record's comparison.
STANDING: Final = ("selectors", "signing_enabled", "signing_origin")

_SEEN: Final = frozenset({"read", "observed", "intent", "answer", "resolved"})

Json = Mapping[str, Any]


@dataclass(frozen=True)
class Link:
    """Hold what binds a run to those before and after it.

    Attributes:
        world: what identity it is of, and where; ``None`` for a sandbox of the run's own.
        began, ended: times in ISO 8601; ``ended`` is "" for a run that never closed.
        previous: run id and head of the run that it follows, as it says itself.
        named: all runs that it saw as it began: that one, and others that none had named as they stood.
        heads: SHA-256 of each of its journal's lines in hex.
        before, after: what ``STANDING`` names as the run found and left it; ``None`` where that is not known.
        after_at: when it saw SES last, or wrote to it (ISO 8601).
        pending: the selector of a write without a clear answer, which SES may have taken after the run; else "".
        campaign: the campaign's run that began it, by the place in the plan that it was given; "" for none.
        published: of the account of a publication, the world of its identity; ``world`` is ``None`` there.
        skew_s: how far ahead of AWS's the run's clock was, in seconds; 0 where it did not learn that.
    """

    world: World | None
    began: str
    ended: str
    previous: tuple[str, str] | None
    heads: tuple[str, ...]
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None
    named: tuple[Named, ...] = ()
    after_at: str = ""
    pending: str = ""
    skew_s: float = 0.0
    published: World | None = None
    campaign: str = ""


def link_of(account: Account) -> Link:
    """Return the link of a run whose journal holds together, or of the account of a publication.

    Raises:
        LookupError, TypeError, ValueError: an event is not as this project writes it.
    """
    begin, closed = account.events[0], account.last("closed")
    origin = begin.get("of")  # the run whose record asked for a publication
    earlier = origin or begin["previous"]
    return Link(
        world=None if origin else World.of(begin),
        began=str(begin["at"]),
        ended=str(closed["at"]) if closed else "",
        previous=(str(earlier["run"]), str(earlier["head"])) if earlier else None,
        heads=account.heads,
        before=_before(account),
        after=_after(account),
        named=(*([Named(str(origin["run"]), str(origin["head"]))] if origin else ()), *named(begin)),
        published=World.of(begin) if origin else None,
        after_at=next((str(one["at"]) for one in reversed(account.events) if one["event"] in _SEEN), ""),
        pending=_pending(account),
        skew_s=_skew(account),
        campaign=_campaign(account),
    )


def _campaign(account: Account) -> str:
    given = (account.last("approvals") or {}).get("presented", ())
    return next((str(one["member"]["campaign"]) for one in given if one.get("member")), "")


def _skew(account: Account) -> float:
    caller = (account.last("caller") or {}).get("caller") or {}
    return float(caller.get("clock_skew_s") or 0.0)


def _before(account: Account) -> Json | None:
    """Return the identity as the run found it first."""
    first = next((event for event in account.events if event["event"] == "observed"), None)
    return _standing(first["observation"]["identity"]) if first else None


def _after(account: Account) -> Json | None:
    """Return the identity as the run saw it last; ``None`` where a write was begun and no reading followed it."""
    for event in reversed(account.events):
        if event["event"] == "read":
            return _standing(event["identity"])
        if event["event"] in ("intent", "answer", "resolved"):
            return None
        if event["event"] == "observed":
            return _standing(event["observation"]["identity"])
    return None


def _pending(account: Account) -> str:
    intent, answer = account.last("intent"), account.last("answer")
    if intent is None or account.last("resolved") is not None:
        return ""
    unclear = answer is None or answer.get("error", {}).get("unclear", False)
    return str(intent["change"]["next_selector"]) if unclear else ""


def _standing(identity: Json | None) -> Json | None:
    return {name: identity[name] for name in STANDING} if identity else None
