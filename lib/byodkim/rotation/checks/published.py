"""The key record in DNS, at every authoritative server."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from byodkim.dkim.key_record import parse
from byodkim.dkim.matrix import judge_together, loops
from byodkim.dkim.published import Answer, Judgement, Verdict, judge
from byodkim.rotation.checks.case import CHECKS, Case
from byodkim.rotation.findings import (
    NOT_CHECKED,
    CheckFailed,
    CheckSkipped,
    CheckUnknown,
    Compared,
    Level,
    Phrase,
    Said,
    phrase,
)
from byodkim.rotation.observation import Observation

Judged = Sequence[tuple[Answer, Judgement]]
#: What a server's answer says of the key record.
WORDS: Final = {
    Verdict.THE_KEY: phrase("the key"),
    Verdict.A_KEY: phrase("a sound key"),
    Verdict.ANOTHER_KEY: phrase("another key"),
    Verdict.ABSENT: phrase("no key record"),
    Verdict.SEVERAL_RECORDS: phrase("several TXT records"),
    Verdict.PLACEHOLDER: phrase("the console's placeholder"),
    Verdict.REVOKED: phrase("revoked (p= is empty)"),
    Verdict.INVALID: phrase("invalid"),
    Verdict.CNAME: phrase("a CNAME"),
    Verdict.LAME: phrase("answers without authority"),
    Verdict.STALE: phrase("stale copy of the zone"),
    Verdict.NO_ANSWER: phrase("no answer"),
    Verdict.TCP_BLOCKED: phrase("truncated, and TCP is blocked"),
    Verdict.NO_IPV6: phrase("not asked: no IPv6 here"),
    Verdict.SERVFAIL: phrase("SERVFAIL"),
    Verdict.REFUSED: phrase("REFUSED"),
}
NO_TCP: Final = phrase(
    "The answer does not fit into UDP and TCP port 53 does not get through: have it opened, at that server or here."
)
NOT_HELD: Final = phrase(
    "Ask the DNS team why that server does not hold the zone (configuration, expired copy, delegation): receivers ask "
    "it too."
)
NOWHERE: Final = phrase("Have the record of the DNS request below published, then run again.")
OLD_COPY: Final = phrase(
    "Ask the DNS team why that server's copy of the zone is older than the others' (zone transfer, NOTIFY)."
)
_UNASKED = frozenset({Verdict.NO_ANSWER, Verdict.TCP_BLOCKED})


@CHECKS(
    "DNS-ANSWERS",
    "Find out why that server does not answer as it should (network, port 53, delegation); receivers may ask it too.",
)
def answers(case: Case) -> Compared:
    """DNS-ANSWERS: Every authoritative server answers, with authority.

    Each address of each name server was asked itself, over UDP and, where the answer was cut, over TCP; only an answer
    with the AA bit counts as the word of the zone.
    """
    expected = phrase("every authoritative server answers")
    judged = _judged(case, expected)
    silent = [(answer, judgement) for answer, judgement in judged if judgement.unknown]
    if silent:
        # What could not be asked is not known to be wrong; a server that answers without authority is.
        verdicts = {judgement.verdict for _, judgement in silent}
        error = CheckUnknown if verdicts <= _UNASKED else CheckFailed
        raise error(expected, among(silent, judged), _remedy(verdicts))
    return Compared(expected, phrase("{total} of {total} answer", total=len(judged)))


@CHECKS(
    "DNS-PUBLISHED",
    "Wait until every server serves the record of the DNS request, or ask the DNS team why one does not.",
)
def published(case: Case) -> Compared:
    """DNS-PUBLISHED: Every authoritative server serves the next key record.

    What each server gave is parsed strictly, and its key compared by SHA-256 with that of the private key: not as text,
    and not at one server for all.
    """
    expected = phrase("the key at every authoritative server")
    judged = _judged(case, expected)
    known = [(answer, judgement) for answer, judgement in judged if not judgement.unknown]
    wrong = [pair for pair in known if pair[1].verdict not in (Verdict.THE_KEY, Verdict.A_KEY)]
    if wrong:
        absent = all(judgement.verdict is Verdict.ABSENT for _, judgement in wrong)
        remedy = NOWHERE if absent and len(wrong) == len(judged) else None
        if not remedy and all(judgement.verdict is Verdict.STALE for _, judgement in wrong):
            remedy = OLD_COPY
        raise CheckFailed(expected, among(wrong, judged), remedy)
    # A sound key, and none to compare it with: STORE- and KEY- say why.
    if not known or any(judgement.verdict is Verdict.A_KEY for _, judgement in known):
        raise CheckUnknown(expected, NOT_CHECKED)
    return Compared(expected, phrase("{good} of {total} serve the key", good=len(known), total=len(judged)))


@CHECKS(
    "DNS-SINGLE", "Ask the DNS team to remove all but the record of the DNS request: what receivers take is undefined."
)
def single(case: Case) -> Compared:
    """DNS-SINGLE: No server holds more than one TXT record at the name.

    RFC 6376 section 3.6.2.2. All TXT records of each answer are counted; of two, a receiver takes whichever it likes.
    """
    expected = phrase("one TXT record at most")
    judged = _judged(case, expected)
    several = [pair for pair in judged if len(pair[0].records) > 1]
    if several:
        raise CheckFailed(expected, among(several, judged))
    if all(judgement.unknown for _, judgement in judged):
        raise CheckUnknown(expected, NOT_CHECKED)
    return Compared(expected, phrase("one TXT record at most"))


@CHECKS(
    "DNS-PLACEHOLDER",
    "Publish the record of the DNS request below: p=customerProvidedPublicKey is the console's stand-in, not a key.",
)
def placeholder(case: Case) -> Compared:
    """DNS-PLACEHOLDER: No server serves the console's placeholder.

    The console's CSV holds a word where the key belongs, and it gets published: each answer is compared with it.
    """
    expected = phrase("no placeholder")
    judged = _judged(case, expected)
    found = [(answer, alone) for answer, _ in judged if (alone := judge(answer)).verdict is Verdict.PLACEHOLDER]
    if found:
        raise CheckFailed(expected, among(found, judged))
    if all(judgement.unknown for _, judgement in judged):
        raise CheckUnknown(expected, NOT_CHECKED)
    return Compared(expected, expected)


@CHECKS(
    "DNS-CNAME",
    "Ask the DNS team to publish the TXT record of the DNS request at the name itself, or the key at the target.",
)
def cname(case: Case) -> Compared:
    """DNS-CNAME: A CNAME at the name leads to the key everywhere.

    The chain is followed, from name to name, at the servers of each target; one that leads nowhere or in a circle ends.
    """
    expected = phrase("no CNAME, or one that leads to the key")
    judged = _judged(case, expected)
    aliased = [(answer, judgement) for answer, judgement in judged if answer.cname]
    if looping := [pair for pair in aliased if loops(pair[0])]:
        raise CheckFailed(
            expected,
            phrase("CNAMEs that come back to themselves: {chain}", chain=_chain(looping[0][0])),
            phrase("Ask the DNS team to take the CNAME away and to publish the TXT record of the DNS request."),
        )
    if lost := [pair for pair in aliased if pair[1].verdict not in (Verdict.THE_KEY, Verdict.A_KEY)]:
        raise CheckFailed(expected, phrase("{chain}: {word}", chain=_chain(lost[0][0]), word=WORDS[lost[0][1].verdict]))
    if aliased:
        return Compared(
            expected, phrase("{chain}: every server of the target serves the key", chain=_chain(aliased[0][0]))
        )
    if all(judgement.unknown for _, judgement in judged):
        raise CheckUnknown(expected, NOT_CHECKED)
    return Compared(expected, expected)


@CHECKS(
    "DNS-WILDCARD",
    "A wildcard answers for every name, so an answer does not show that this record was made. Ask "
    "the DNS team to take it away, or waive DNS-WILDCARD with what they say.",
)
def wildcard(case: Case) -> Compared:
    """DNS-WILDCARD: No wildcard answers for names that do not exist.

    RFC 4592. The name is made at random for the run, and asked for at the same servers: what answers to it answers to
    all names, and would have answered to a record that was never published.
    """
    expected = phrase("a random name beside it does not exist")
    siblings = case.seen.dns.siblings
    caught = [answer for answer in siblings if answer.records or answer.cname]
    if caught:
        raise CheckFailed(
            expected,
            phrase(
                "a random name beside it has a record too; addresses: {count}, first {server}",
                server=_server(caught[0]),
                count=len(caught),
            ),
        )
    if not any(answer.rcode in ("NOERROR", "NXDOMAIN") for answer in siblings):
        raise CheckUnknown(expected, NOT_CHECKED)
    return Compared(expected, expected)


@CHECKS(
    "KEY-FLAGS",
    "Ask the DNS team to remove the t tag. With t=y (testing) receivers may ignore that a signature "
    "fails, and some treat signed mail as unsigned.",
    Level.WARNS,
)
def flags(case: Case) -> Compared:
    """KEY-FLAGS: No server serves the key record with t=y or t=s.

    RFC 6376 section 3.6.1. The tags of each sound record are read, also where a CNAME led to it. With ``t=y`` receivers
    may treat a failed signature like none, and some treat every signature so. With ``t=s`` they refuse ``i=`` in a
    subdomain; SES sends no ``i=``, which then is ``@`` and the signing domain, so its own signatures verify for mail
    from subdomains too.
    """
    expected = phrase("neither t=y nor t=s")
    judged = _judged(case, expected)
    answers = [*(answer for answer, _ in judged), *case.seen.dns.followed]
    sound = [answer for answer in answers if judge(answer, recursive=True).sha256]
    if not sound:
        if any(judgement.unknown for _, judgement in judged):
            raise CheckUnknown(expected, NOT_CHECKED)
        raise CheckSkipped(expected, phrase("no server serves a sound key record"))  # which DNS-PUBLISHED says
    flagged = [(answer, named) for answer in sound if (named := parse(answer.records[0]).flags)]
    if not flagged:
        return Compared(expected, expected)
    every = {flag for _, named in flagged for flag in named}
    detail = "; ".join(f"{_server(answer)} {' '.join(named)}" for answer, named in flagged)
    raise CheckFailed(
        expected,
        detail,
        phrase(
            "Mail that SES signs still verifies, also from subdomains: SES sends no i=. Other signers that "
            "name a subdomain in i= fail. Ask the DNS team to remove t=s, unless it is wanted."
        )
        if every == {"t=s"}
        else None,
    )


def _judged(case: Case, expected: Said) -> Judged:
    """Return what the servers say of the next key, those aside that this machine cannot reach for want of IPv6."""
    if not case.seen.records:
        raise CheckUnknown(expected, case.unread("dns"))
    key = case.seen.next_key.key
    found = judged_in(case.seen, case.seen.records, (key.sha256 or None) if key else None)
    if not found:
        raise CheckUnknown(expected, NOT_CHECKED)
    return found


def judged_in(seen: Observation, records: Sequence[Answer], sha256: str | None) -> Judged:
    """Return the answers that count, each with its judgement by the key ``sha256`` (any sound key for ``None``).

    They are the authoritative servers', or the encrypted resolvers' where port 53 is blocked and the profile takes
    those as evidence. IPv6 addresses are left out where this machine has no IPv6 (which DNS-V6 says).
    """
    if records and seen.dns.by_encrypted:
        ends = [answer for answer in seen.dns.encrypted if answer.name == records[0].name]
        return [(answer, judge(answer, sha256, recursive=True)) for answer in ends]
    together = judge_together(records, sha256, seen.dns.followed)
    pairs = zip(records, together, strict=True)
    return [(answer, judgement) for answer, judgement in pairs if judgement.verdict is not Verdict.NO_IPV6]


def _remedy(verdicts: set[Verdict]) -> Phrase | None:
    if verdicts == {Verdict.TCP_BLOCKED}:
        return NO_TCP
    return NOT_HELD if verdicts <= {Verdict.LAME, Verdict.REFUSED, Verdict.SERVFAIL} else None


def _chain(answer: Answer) -> str:
    return " -> ".join((answer.name, *answer.cname))


def _server(answer: Answer) -> str:
    return f"{answer.server.name} {answer.server}".strip()


def among(some: Judged, all_: Judged) -> Phrase:
    """Return the phrase for some of all servers that differ: how many, and the first of them."""
    answer, judgement = some[0]
    detail = f" ({judgement.detail})" if judgement.detail else ""
    return phrase(
        "{count} of {total} differ; {server}: {word}{detail}", count=len(some), total=len(all_), server=_server(answer),
        word=WORDS[judgement.verdict], detail=detail,
    )  # fmt: skip
