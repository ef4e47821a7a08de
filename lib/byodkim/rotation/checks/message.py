"""After the switch: a message that was really sent and received. Not among ``CHECKS``, which come before the write."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from byodkim.dkim.signature import aligned
from byodkim.rotation.findings import CheckFailed, CheckUnknown, Compared, Phrase, Registry, phrase, verbatim
from byodkim.rotation.message import AMAZON, Received, Signed

AFTER = Registry()
TOLERANCE: Final = timedelta(minutes=5)
"""By which the clock of whoever signed may differ from the run's."""
STRICT = frozenset({"from-not-signed", "identity-below"})  # whose remedies are their own


@dataclass(frozen=True)
class MessageCase:
    """One message, and what it should show.

    Attributes:
        domain: the signing domain.
        selector: which it should be signed with.
        left: the selector that was left; "" where it is not known.
        message: ``None`` where there is none.
        lacking: why there is none.
        since: when SES was given the selector: what was signed or written before proves nothing. ``None``: not known.
        rehearsed: whether it was received in a sandbox.
    """

    domain: str
    selector: str
    left: str = ""
    message: Received | None = None
    lacking: Phrase | None = None
    since: datetime | None = None
    rehearsed: bool = False

    def outside(self) -> tuple[str, Phrase] | None:
        """Which remedy, and why: the message may be from before the write; ``None`` where it is not."""
        if self.message is None or self.since is None:
            return None
        # A sandbox dates messages by its own clock, which may be days ahead, and signs by the machine's: verifiers
        # take no t= of the future.
        times = self.message.times(self.domain, signed=not self.rehearsed)
        if not times:
            return "MESSAGE-ARRIVED.undated", phrase("message-undated")
        if times[0] >= self.since - TOLERANCE:
            return None
        at, since = times[0].isoformat(), self.since.isoformat()
        return "MESSAGE-ARRIVED.earlier", phrase("message-earlier", dated=at, since=since)

    def received(self, expected: Phrase) -> Received:
        """The message.

        Raises:
            CheckUnknown: there is none, or it may be from before the write (which MESSAGE-ARRIVED says).
        """
        if self.message is None or self.outside():
            raise CheckUnknown(expected, phrase("not-looked-at"))
        return self.message

    def signed(self, expected: Phrase) -> tuple[Signed, ...]:
        """Every signature of the domain with the selector.

        Raises:
            CheckUnknown: there is none (which MESSAGE-SIGNED says).
        """
        found = self.received(expected).of_domain(self.domain)
        mine = tuple(one for one in found if one.selector == self.selector)
        if not mine:
            raise CheckUnknown(expected, phrase("not-looked-at"))
        return mine


@AFTER("MESSAGE-ARRIVED", waivable=False)
def arrived(case: MessageCase) -> Compared:
    """MESSAGE-ARRIVED: the message that is to prove the switch was received.

    One that a run sends carries a random token in its subject, by which it is known among all that the inbox holds; it
    is waited for as long as the profile says. One from before the write proves nothing, and the check is UNKNOWN:
    the ``t=`` of every signature of the domain (RFC 6376 section 3.5), and Date, are no more than 5 minutes earlier.
    """
    expected = phrase("message-received")
    if case.message is None:
        raise CheckUnknown(expected, case.lacking or phrase("absent"))
    if outside := case.outside():
        remedy, seen = outside
        raise CheckUnknown(expected, seen, remedy)
    return Compared(expected, phrase("message-is", sha256=case.message.sha256, size=case.message.size))


@AFTER("MESSAGE-SIGNED", waivable=False)
def signed(case: MessageCase) -> Compared:
    """MESSAGE-SIGNED: it bears a signature of the signing domain with the next selector, and with no other.

    ``d=`` is the domain itself and ``s=`` the selector, in every signature of the domain. SES's own signature, of
    amazonses.com, is known as such and proves nothing here.
    """
    expected = verbatim(_tags(case.domain, case.selector))
    message = case.received(expected)
    found = message.of_domain(case.domain)
    told = ", ".join(_tags(one.domain, one.selector) for one in message.signatures)
    if not found:
        others = [one for one in message.signatures if one.domain != AMAZON]
        if others:
            raise CheckFailed(expected, verbatim(told), "MESSAGE-SIGNED.domain")
        raise CheckFailed(expected, phrase("message-unsigned", told=told or "-"), "MESSAGE-SIGNED.unsigned")
    if any(one.selector != case.selector for one in found):
        old = bool(case.left) and any(one.selector == case.left for one in found)
        raise CheckFailed(expected, verbatim(told), "MESSAGE-SIGNED.left" if old else "")
    return Compared(expected, verbatim(told))


@AFTER("MESSAGE-VERIFIES", waivable=False)
def verifies(case: MessageCase) -> Compared:
    """MESSAGE-VERIFIES: its signature verifies with the key record that each authoritative server gave.

    dkimpy verifies it once a server, with nothing but the TXT bytes of that server's answer; a server that has no
    single record there fails it, one that could not be asked leaves it open.

    The proof needs at least one signature of the domain with the selector, and every one of them must verify. Where
    one fails beside another that does not, the check is UNKNOWN: a receiver accepts the message for the valid one, and
    whoever relayed it may have broken the other. A signature whose ``l=`` leaves part of the body unsigned, and a
    message that dkimpy cannot read, are UNKNOWN too.
    """
    expected = phrase("message-verifies-everywhere")
    mine = case.signed(expected)
    broken = [one for one in mine if one.failed]
    if broken:
        first, total = broken[0].failed[0], len(broken[0].results)
        values = {"where": first.where, "defect": first.defect}
        if len(broken) < len(mine):
            seen = phrase("message-one-fails", count=len(broken), total=len(mine), **values)
            raise CheckUnknown(expected, seen, "MESSAGE-VERIFIES.several")
        seen = phrase("message-fails", count=len(broken[0].failed), total=total, **values)
        raise CheckFailed(expected, seen, f"MESSAGE-VERIFIES.{first.defect}" if first.defect in STRICT else "")
    for one in mine:
        if one.undecided:
            defect = one.undecided[0].defect
            raise CheckUnknown(expected, phrase(f"message-{defect}"), f"MESSAGE-VERIFIES.{defect}")
        if not one.proved:
            seen = phrase("message-unasked", count=len(one.unasked), total=len(one.results))
            raise CheckUnknown(expected, seen, "MESSAGE-VERIFIES.unasked")
    total = len(mine[0].results)
    return Compared(expected, phrase("message-verified-at", total=total, algorithm=mine[0].algorithm))


@AFTER("MESSAGE-FROM", waivable=False)
def sender(case: MessageCase) -> Compared:
    """MESSAGE-FROM: the domain in From is aligned with the signature's, so that DMARC counts it.

    Relaxed alignment (RFC 7489 section 3.1.1): the same organizational domain. That two domains side by side have one
    cannot be told without a list of public suffixes, and is left open. So is an address that Python's parser rejects.
    """
    expected = phrase("from-aligned", domain=case.domain)
    message = case.received(expected)
    if message.from_unread:
        raise CheckUnknown(expected, phrase("from-unread"), "MESSAGE-FROM.unread")
    found = aligned(message.from_domain, case.domain)
    seen = verbatim(message.from_domain) if message.from_domain else phrase("from-unclear")
    if found is None:
        raise CheckUnknown(expected, phrase("from-beside", domain=message.from_domain), "MESSAGE-FROM.beside")
    if not found:
        raise CheckFailed(expected, seen)
    return Compared(expected, seen)


def _tags(domain: str, selector: str) -> str:
    return f"d={domain or '-'} s={selector or '-'}"
