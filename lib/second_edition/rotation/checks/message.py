"""After the switch: a message that was really sent and received. Not among ``CHECKS``, which come before the write."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from msgspec import Struct

from second_edition.dkim.signature import aligned
from second_edition.rotation.checks.published import reason
from second_edition.rotation.findings import CheckFailed, CheckUnknown, Phrase, Registry, Said, advice, held, phrase
from second_edition.rotation.message import AMAZON, Received, Signed

AFTER = Registry()
TOLERANCE: Final = timedelta(minutes=5)
"""By which the clock of whoever signed may differ from the run's."""
#: What a verifier cannot decide, by the defect.
UNDECIDED: Final = {
    "unread": phrase("dkimpy cannot read the message's header"),
    "partial-body": phrase("l= does not cover the whole body: the rest is not signed"),
}
#: Defects that are not mended by sending another message.
STRICT: Final = ("from-not-signed", "identity-below")


class MessageCase(Struct, frozen=True):
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

    def outside(self) -> tuple[Phrase, Phrase] | None:
        """Return which remedy, and why: the message may be from before the write; ``None`` where it is not."""
        if self.message is None or self.since is None:
            return None
        # A sandbox dates messages by its own clock, which may be days ahead, and signs by the machine's: verifiers
        # take no t= of the future.
        times = self.message.times(self.domain, signed=not self.rehearsed)
        if not times:
            return advice("MESSAGE-ARRIVED.undated"), phrase("neither t= nor Date says when it was signed")
        if times[0] >= self.since - TOLERANCE:
            return None
        times_of = {"dated": times[0].isoformat(), "since": self.since.isoformat()}
        return advice("MESSAGE-ARRIVED.before"), phrase("of {dated}, before the write at {since}", **times_of)

    def received(self) -> Received:
        """Return the message.

        Raises:
            CheckUnknown: there is none, or it may be from before the write (which MESSAGE-ARRIVED says).
        """
        if self.message is None or self.outside():
            raise CheckUnknown
        return self.message

    def signed(self) -> tuple[Signed, ...]:
        """Return every signature of the domain with the selector.

        Raises:
            CheckUnknown: there is none (which MESSAGE-SIGNED says).
        """
        found = self.received().of_domain(self.domain)
        mine = tuple(one for one in found if one.selector == self.selector)
        if not mine:
            raise CheckUnknown
        return mine


@AFTER("MESSAGE-ARRIVED", phrase("a message that was received"), waivable=False)
def arrived(case: MessageCase) -> Said:
    """MESSAGE-ARRIVED: The message that is to prove the switch was received.

    One that a run sends carries a random token in its subject, by which it is known among all that the inbox holds; it
    is waited for as long as the profile says. One from before the write proves nothing, and the check is UNKNOWN:
    the ``t=`` of every signature of the domain (RFC 6376 section 3.5), and Date, are no more than 5 minutes earlier;
    in a rehearsal, whose clock may be days ahead of ``t=``, Date alone.

    Remedy: Look for it: SES's receipt rule, the inbox's prefix and its permissions. Run the same command again, which
    sends another, or have a plan run verify one that was received elsewhere: byodkim rotate -r selector SELECTOR
    -p message received.eml.
    """
    if case.message is None:
        raise CheckUnknown(case.lacking or phrase("absent"))
    if outside := case.outside():
        remedy, seen = outside
        raise CheckUnknown(seen, remedy)
    return phrase("SHA-256 {sha256}, {size} bytes", sha256=case.message.sha256, size=case.message.size)


@AFTER("MESSAGE-SIGNED", lambda case: _tags(case.domain, case.selector), waivable=False)
def signed(case: MessageCase) -> Said:
    """MESSAGE-SIGNED: It is signed for the domain with the next selector, and with no other.

    ``d=`` is the domain itself and ``s=`` the selector, in every signature of the domain. SES's own signature, of
    amazonses.com, is on all its mail and proves nothing by itself. Where it is lacking, somebody else may have
    signed who has the key (with the selector that was left: a leaked one, maybe), and the check is UNKNOWN.

    Remedy: The selector is neither the next one nor the one that was left: find out who signs there, such as a gateway
    or another account.
    """
    message = case.received()
    found = message.of_domain(case.domain)
    tags = ", ".join(_tags(one.domain, one.selector) for one in message.signatures)
    if not found:
        others = [one for one in message.signatures if one.domain != AMAZON]
        if others:
            raise CheckFailed(tags, advice("MESSAGE-SIGNED.other"))
        raise CheckFailed(
            phrase("no signature of the domain; there is: {told}", told=tags or "-"), advice("MESSAGE-SIGNED.none")
        )
    by_ses = any(one.domain == AMAZON for one in message.signatures)
    if any(one.selector != case.selector for one in found):
        old = bool(case.left) and any(one.selector == case.left for one in found)
        if old and not by_ses:
            raise CheckUnknown(tags, advice("MESSAGE-SIGNED.not-ses"))
        raise CheckFailed(tags, advice("MESSAGE-SIGNED.left") if old else None)
    if not by_ses:
        raise CheckUnknown(tags, advice("MESSAGE-SIGNED.elsewhere"))
    return tags


@AFTER("MESSAGE-VERIFIES", phrase("verifies at every authoritative server"), waivable=False)
def verifies(case: MessageCase) -> Said:
    """MESSAGE-VERIFIES: The signature verifies with the key record of every authoritative server.

    dkimpy verifies it once a server, with nothing but the TXT bytes of that server's answer; a server that has no
    single record there fails it, one that could not be asked leaves it open.

    The proof needs at least one signature of the domain with the selector, and every one of them must verify. Where
    one fails beside another that does not, the check is UNKNOWN: a receiver accepts the message for the valid one, and
    whoever relayed it may have broken the other. A signature whose ``l=`` leaves part of the body unsigned, and a
    message that dkimpy cannot read, are UNKNOWN too.

    Remedy: Receivers reject such a signature. Where the message may have been changed on its way (a gateway, a mailing
    list, a mail program's copy), take the very bytes that arrived; else SES signs with another key than the published
    one.
    """
    mine = case.signed()
    broken = [one for one in mine if one.failed]
    if broken:
        first, total = broken[0].failed[0], len(broken[0].results)
        values = {"where": first.where, "defect": reason(first.defect)}
        if len(broken) < len(mine):
            seen = phrase(
                "signatures with this selector that do not verify: {count} of {total}; {where}: {defect}",
                count=len(broken),
                total=len(mine),
                **values,
            )
            raise CheckUnknown(seen, advice("MESSAGE-VERIFIES.beside"))
        seen = phrase(
            "does not verify with {count} of {total} records; {where}: {defect}",
            count=len(broken[0].failed),
            total=total,
            **values,
        )
        raise CheckFailed(seen, advice(f"MESSAGE-VERIFIES.{first.defect}") if first.defect in STRICT else None)
    for one in mine:
        if one.undecided:
            defect = one.undecided[0].defect
            raise CheckUnknown(UNDECIDED[defect], advice(f"MESSAGE-VERIFIES.{defect}"))
        if not one.proved:
            seen = phrase(
                "servers that could not be asked: {count} of {total}", count=len(one.unasked), total=len(one.results)
            )
            raise CheckUnknown(seen, advice("MESSAGE-VERIFIES.unasked"))
    total = len(mine[0].results)
    return phrase("verifies at every server ({total}; {algorithm})", total=total, algorithm=mine[0].algorithm)


@AFTER("MESSAGE-FROM", lambda case: phrase("aligned with {domain} (relaxed)", domain=case.domain), waivable=False)
def sender(case: MessageCase) -> Said:
    """MESSAGE-FROM: The domain in From is aligned with the signature's.

    DMARC counts it then. Relaxed alignment (RFC 7489 section 3.1.1): the same organizational domain. That two domains
    side by side have one cannot be told without a list of public suffixes, and is left open. So is an address that
    Python's parser rejects.

    Remedy: DMARC does not count this signature for such a sender. Send from the signing domain, or sign for the
    sender's.
    """
    message = case.received()
    if message.from_unread:
        raise CheckUnknown(phrase("an address that cannot be parsed"), advice("MESSAGE-FROM.unread"))
    found = aligned(message.from_domain, case.domain)
    seen = message.from_domain if message.from_domain else phrase("not one From with one address")
    if found is None:
        raise CheckUnknown(
            phrase(
                "{domain}: beside it; whether both are one organization's is not known here", domain=message.from_domain
            ),
            advice("MESSAGE-FROM.beside"),
        )
    return held(seen, found)


def _tags(domain: str, selector: str) -> str:
    return f"d={domain or '-'} s={selector or '-'}"
