"""One row a check after the switch and change of the good message: what the check comes to, and what it says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from msgspec.structs import replace

from second_edition.rotation.checks.message import MessageCase
from second_edition.rotation.findings import Verdict, phrase
from second_edition.rotation.message import Received, Signed
from second_edition.rotation.observation import Rehearsed

DOMAIN, NEXT, CURRENT = "example.jp", "mail-20261124-1", "mail-20260912-1"
KEY = "5" * 64
EVERYWHERE = (Rehearsed("ns1 192.0.2.53:53", KEY, ""), Rehearsed("ns2 198.51.100.53:53", KEY, ""))
OURS = Signed(DOMAIN, NEXT, "rsa-sha256", EVERYWHERE)
AMAZON = Signed("amazonses.com", "zh4gjftm6etwoq6afzugpky45synznly", "rsa-sha256")
GOOD = MessageCase(DOMAIN, NEXT, CURRENT, Received("a" * 64, 1714, DOMAIN, (OURS, AMAZON)))

Change = Callable[[MessageCase], MessageCase]


@dataclass(frozen=True)
class MessageRow:
    """The good message after one change, and what a check comes to there."""

    check: str
    name: str
    change: Change
    verdict: Verdict


def signed(*signatures: Signed) -> Change:
    """The message with these signatures."""

    def change(case: MessageCase) -> MessageCase:
        assert case.message
        return replace(case, message=replace(case.message, signatures=signatures))

    return change


def sender(domain: str) -> Change:
    """The message from another domain."""

    def change(case: MessageCase) -> MessageCase:
        assert case.message
        return replace(case, message=replace(case.message, from_domain=domain))

    return change


def tried(*defects: str) -> Change:
    """The domain's signature with what each server's record made of it."""
    results = tuple(Rehearsed(f"ns{place}", "" if defect else KEY, defect) for place, defect in enumerate(defects))
    return signed(replace(OURS, results=results), AMAZON)


def unread(case: MessageCase) -> MessageCase:
    """The message whose From cannot be parsed."""
    assert case.message
    return replace(case, message=replace(case.message, from_domain="", from_unread=True))


def lacking(case: MessageCase) -> MessageCase:
    return replace(
        case, message=None, lacking=phrase("not in {place} within {seconds} s", place="s3://b/p/", seconds=120)
    )


def untold(case: MessageCase) -> MessageCase:
    return replace(case, message=None)


def below(case: MessageCase) -> MessageCase:
    """The signing domain lies below another one, which mail comes from."""
    return replace(sender("example.jp")(case), domain="mail.example.jp")


def beside(case: MessageCase) -> MessageCase:
    return replace(sender("a.example.jp")(case), domain="b.example.jp")


def timed(signed_at: str = "", dated: str = "", *others: Signed) -> Change:
    """The message by its ``t=`` and its Date, after a write at 03:00."""

    def change(case: MessageCase) -> MessageCase:
        assert case.message
        stamps = [f"2026-11-25T{at}:00+00:00" if at else "" for at in (signed_at, dated)]
        signatures = (replace(OURS, at=stamps[0]), AMAZON, *others)
        message = replace(case.message, signatures=signatures, dated=stamps[1])
        return replace(case, message=message, since=datetime(2026, 11, 25, 3, tzinfo=UTC))

    return change


PASS, FAIL, UNKNOWN = Verdict.PASS, Verdict.FAIL, Verdict.UNKNOWN
ELSEWHERE, BELOW = replace(OURS, domain="example.com"), replace(OURS, domain="mail.example.jp")
OLD = replace(OURS, selector=CURRENT)
WRONG = replace(OURS, results=tuple(replace(one, defect="BadSignature") for one in EVERYWHERE))
MESSAGE_ROWS = (
    MessageRow("MESSAGE-ARRIVED", "not-arrived", lacking, UNKNOWN),
    MessageRow("MESSAGE-ARRIVED", "untold", untold, UNKNOWN),
    MessageRow("MESSAGE-ARRIVED", "after", timed("03:00", "02:55"), PASS),
    MessageRow("MESSAGE-ARRIVED", "by-date", timed("", "03:01"), PASS),
    MessageRow("MESSAGE-ARRIVED", "earlier", timed("02:54", "03:01"), UNKNOWN),
    MessageRow("MESSAGE-ARRIVED", "rehearsed", lambda one: replace(timed("02:54", "03:01")(one), rehearsed=True), PASS),
    MessageRow("MESSAGE-ARRIVED", "undated", timed(), UNKNOWN),
    MessageRow("MESSAGE-SIGNED", "earlier", timed("02:54"), UNKNOWN),
    MessageRow("MESSAGE-VERIFIES", "earlier", timed("02:54"), UNKNOWN),
    MessageRow("MESSAGE-FROM", "earlier", timed("02:54"), UNKNOWN),
    MessageRow("MESSAGE-SIGNED", "not-by-ses", signed(OURS), UNKNOWN),
    MessageRow("MESSAGE-SIGNED", "unsigned", signed(AMAZON), FAIL),
    MessageRow("MESSAGE-SIGNED", "without-tags", signed(Signed("", "", ""), AMAZON), FAIL),
    MessageRow("MESSAGE-SIGNED", "bare", signed(), FAIL),
    MessageRow("MESSAGE-SIGNED", "left", signed(OLD, AMAZON), FAIL),
    MessageRow("MESSAGE-SIGNED", "left-not-by-ses", signed(OLD), UNKNOWN),
    MessageRow("MESSAGE-SIGNED", "both", signed(OURS, OLD, AMAZON), FAIL),
    MessageRow("MESSAGE-SIGNED", "neither", signed(replace(OURS, selector="other"), AMAZON), FAIL),
    MessageRow("MESSAGE-SIGNED", "another-domain", signed(ELSEWHERE), FAIL),
    MessageRow("MESSAGE-SIGNED", "below", signed(BELOW), FAIL),
    MessageRow("MESSAGE-SIGNED", "not-arrived", lacking, UNKNOWN),
    MessageRow("MESSAGE-VERIFIES", "good", lambda case: case, PASS),
    MessageRow("MESSAGE-VERIFIES", "broken", tried("BadSignature", "BadSignature"), FAIL),
    MessageRow("MESSAGE-VERIFIES", "broken-at-one", tried("", "ValidationError"), FAIL),
    MessageRow("MESSAGE-VERIFIES", "absent-at-one", tried("", "absent"), FAIL),
    MessageRow("MESSAGE-VERIFIES", "stale-at-one", tried("stale", ""), FAIL),
    MessageRow("MESSAGE-VERIFIES", "broken-and-unasked", tried("no-answer", "BadSignature"), FAIL),
    MessageRow("MESSAGE-VERIFIES", "one-unasked", tried("", "no-answer"), UNKNOWN),
    MessageRow("MESSAGE-VERIFIES", "lame-at-one", tried("lame", ""), UNKNOWN),
    MessageRow("MESSAGE-VERIFIES", "from", tried("from-not-signed"), FAIL),
    MessageRow("MESSAGE-VERIFIES", "identity-below", tried("identity-below"), FAIL),
    MessageRow("MESSAGE-VERIFIES", "partial-body", tried("partial-body"), UNKNOWN),
    MessageRow("MESSAGE-VERIFIES", "unread", tried("unread", "unread"), UNKNOWN),
    MessageRow("MESSAGE-VERIFIES", "second-broken", signed(OURS, WRONG), UNKNOWN),
    MessageRow("MESSAGE-VERIFIES", "first-broken", signed(WRONG, OURS), UNKNOWN),
    MessageRow("MESSAGE-VERIFIES", "both-broken", signed(WRONG, WRONG), FAIL),
    MessageRow("MESSAGE-FROM", "unread", unread, UNKNOWN),
    MessageRow("MESSAGE-VERIFIES", "nobody", tried(), UNKNOWN),
    MessageRow("MESSAGE-VERIFIES", "unsigned", signed(AMAZON), UNKNOWN),
    MessageRow("MESSAGE-VERIFIES", "not-arrived", lacking, UNKNOWN),
    MessageRow("MESSAGE-FROM", "below", sender("news.example.jp"), PASS),
    MessageRow("MESSAGE-FROM", "above", below, PASS),
    MessageRow("MESSAGE-FROM", "another", sender("example.com"), FAIL),
    MessageRow("MESSAGE-FROM", "look-alike", sender("notexample.jp"), FAIL),
    MessageRow("MESSAGE-FROM", "the-suffix", sender("jp"), FAIL),
    MessageRow("MESSAGE-FROM", "several", sender(""), FAIL),
    MessageRow("MESSAGE-FROM", "beside", beside, UNKNOWN),
    MessageRow("MESSAGE-FROM", "not-arrived", lacking, UNKNOWN),
)  # fmt: skip
