"""The key record in DNS, at every authoritative server."""

from __future__ import annotations

from collections.abc import Sequence

from byodkim.dkim.key_record import parse
from byodkim.dkim.matrix import judge_together, loops
from byodkim.dkim.published import Answer, Judgement, Verdict, judge
from byodkim.rotation.checks.case import CHECKS, Case
from byodkim.rotation.findings import CheckFailed, CheckSkipped, CheckUnknown, Compared, Level, Phrase, phrase, verbatim
from byodkim.rotation.observation import Observation

Judged = Sequence[tuple[Answer, Judgement]]
_UNASKED = frozenset({Verdict.NO_ANSWER, Verdict.TCP_BLOCKED})


@CHECKS("DNS-ANSWERS")
def answers(case: Case) -> Compared:
    """DNS-ANSWERS: every authoritative server could be asked, and answers with authority.

    Each address of each name server was asked itself, over UDP and, where the answer was cut, over TCP; only an answer
    with the AA bit counts as the word of the zone.
    """
    expected = phrase("every-server")
    judged = _judged(case, expected)
    silent = [(answer, judgement) for answer, judgement in judged if judgement.unknown]
    if silent:
        # What could not be asked is not known to be wrong; a server that answers without authority is.
        verdicts = {judgement.verdict for _, judgement in silent}
        error = CheckUnknown if verdicts <= _UNASKED else CheckFailed
        raise error(expected, among(silent, judged), _remedy(verdicts))
    return Compared(expected, phrase("servers-answer", total=len(judged)))


@CHECKS("DNS-PUBLISHED")
def published(case: Case) -> Compared:
    """DNS-PUBLISHED: every authoritative server serves the key record of the next key pair.

    What each server gave is parsed strictly, and its key compared by SHA-256 with that of the private key: not as text,
    and not at one server for all.
    """
    expected = phrase("key-everywhere")
    judged = _judged(case, expected)
    known = [(answer, judgement) for answer, judgement in judged if not judgement.unknown]
    wrong = [pair for pair in known if pair[1].verdict not in (Verdict.THE_KEY, Verdict.A_KEY)]
    if wrong:
        absent = all(judgement.verdict is Verdict.ABSENT for _, judgement in wrong)
        remedy = "DNS-PUBLISHED.absent" if absent and len(wrong) == len(judged) else ""
        if not remedy and all(judgement.verdict is Verdict.STALE for _, judgement in wrong):
            remedy = "DNS-PUBLISHED.stale"
        raise CheckFailed(expected, among(wrong, judged), remedy)
    # A sound key, and none to compare it with: STORE- and KEY- say why.
    if not known or any(judgement.verdict is Verdict.A_KEY for _, judgement in known):
        raise CheckUnknown(expected, phrase("not-looked-at"))
    return Compared(expected, phrase("servers-serve-key", good=len(known), total=len(judged)))


@CHECKS("DNS-SINGLE")
def single(case: Case) -> Compared:
    """DNS-SINGLE: no server holds more than one TXT record at the name (RFC 6376 section 3.6.2.2).

    All TXT records of each answer are counted; of two, a receiver takes whichever it likes.
    """
    expected = phrase("at-most-one-txt")
    judged = _judged(case, expected)
    several = [pair for pair in judged if len(pair[0].records) > 1]
    if several:
        raise CheckFailed(expected, among(several, judged))
    if all(judgement.unknown for _, judgement in judged):
        raise CheckUnknown(expected, phrase("not-looked-at"))
    return Compared(expected, phrase("at-most-one-txt"))


@CHECKS("DNS-PLACEHOLDER")
def placeholder(case: Case) -> Compared:
    """DNS-PLACEHOLDER: no server serves the SES console's placeholder in place of the key.

    The console's CSV holds a word where the key belongs, and it gets published: each answer is compared with it.
    """
    expected = phrase("no-placeholder")
    judged = _judged(case, expected)
    found = [(answer, alone) for answer, _ in judged if (alone := judge(answer)).verdict is Verdict.PLACEHOLDER]
    if found:
        raise CheckFailed(expected, among(found, judged))
    if all(judgement.unknown for _, judgement in judged):
        raise CheckUnknown(expected, phrase("not-looked-at"))
    return Compared(expected, expected)


@CHECKS("DNS-CNAME")
def cname(case: Case) -> Compared:
    """DNS-CNAME: no CNAME stands at the name, or it leads to the key at every server of its target.

    The chain is followed, from name to name, at the servers of each target; one that leads nowhere or in a circle ends.
    """
    expected = phrase("no-cname")
    judged = _judged(case, expected)
    aliased = [(answer, judgement) for answer, judgement in judged if answer.cname]
    if looping := [pair for pair in aliased if loops(pair[0])]:
        raise CheckFailed(expected, phrase("cname-loops", chain=_chain(looping[0][0])), "DNS-CNAME.loop")
    if lost := [pair for pair in aliased if pair[1].verdict not in (Verdict.THE_KEY, Verdict.A_KEY)]:
        raise CheckFailed(expected, phrase("cname-leads", chain=_chain(lost[0][0]), word=_word(lost[0][1])))
    if aliased:
        return Compared(expected, phrase("cname-followed", chain=_chain(aliased[0][0])))
    if all(judgement.unknown for _, judgement in judged):
        raise CheckUnknown(expected, phrase("not-looked-at"))
    return Compared(expected, expected)


@CHECKS("DNS-WILDCARD")
def wildcard(case: Case) -> Compared:
    """DNS-WILDCARD: a name beside the record that nobody ever made does not answer (RFC 4592).

    The name is made at random for the run, and asked for at the same servers: what answers to it answers to all names,
    and would have answered to a record that was never published.
    """
    expected = phrase("no-wildcard")
    siblings = case.seen.dns.siblings
    caught = [answer for answer in siblings if answer.records or answer.cname]
    if caught:
        raise CheckFailed(expected, phrase("wildcard-answers", server=_server(caught[0]), count=len(caught)))
    if not any(answer.rcode in ("NOERROR", "NXDOMAIN") for answer in siblings):
        raise CheckUnknown(expected, phrase("not-looked-at"))
    return Compared(expected, expected)


@CHECKS("KEY-FLAGS", Level.WARNS)
def flags(case: Case) -> Compared:
    """KEY-FLAGS: no server serves the key record with ``t=y`` or ``t=s`` (RFC 6376 section 3.6.1).

    The tags of each sound record are read, also where a CNAME led to it. With ``t=y`` receivers may treat a failed
    signature like none, and some treat every signature so. With ``t=s`` they refuse ``i=`` in a subdomain; SES sends no
    ``i=``, which then is ``@`` and the signing domain, so its own signatures verify for mail from subdomains too.
    """
    expected = phrase("no-flags")
    judged = _judged(case, expected)
    answers = [*(answer for answer, _ in judged), *case.seen.dns.followed]
    sound = [answer for answer in answers if judge(answer, recursive=True).sha256]
    if not sound:
        if any(judgement.unknown for _, judgement in judged):
            raise CheckUnknown(expected, phrase("not-looked-at"))
        raise CheckSkipped(expected, phrase("no-sound-record"))  # which DNS-PUBLISHED says
    flagged = [(answer, named) for answer in sound if (named := parse(answer.records[0]).flags)]
    if not flagged:
        return Compared(expected, expected)
    every = {flag for _, named in flagged for flag in named}
    told = "; ".join(f"{_server(answer)} {' '.join(named)}" for answer, named in flagged)
    raise CheckFailed(expected, verbatim(told), "KEY-FLAGS.subdomains" if every == {"t=s"} else "")


def _judged(case: Case, expected: Phrase) -> Judged:
    """Return what the servers say of the next key, those aside that this machine cannot reach for want of IPv6."""
    if not case.seen.records:
        raise CheckUnknown(expected, case.unread("dns"))
    key = case.seen.next_key.key
    found = judged_in(case.seen, case.seen.records, (key.sha256 or None) if key else None)
    if not found:
        raise CheckUnknown(expected, phrase("not-looked-at"))
    return found


def judged_in(seen: Observation, records: Sequence[Answer], sha256: str | None) -> Judged:
    """The answers that count, each with what it says about the key ``sha256`` (any sound key where it is ``None``).

    They are the authoritative servers', or the encrypted resolvers' where port 53 is blocked and the profile takes
    those as evidence. IPv6 addresses are left out where this machine has no IPv6 (which DNS-V6 says).
    """
    if records and seen.dns.by_encrypted:
        ends = [answer for answer in seen.dns.encrypted if answer.name == records[0].name]
        return [(answer, judge(answer, sha256, recursive=True)) for answer in ends]
    together = judge_together(records, sha256, seen.dns.followed)
    pairs = zip(records, together, strict=True)
    return [(answer, judgement) for answer, judgement in pairs if judgement.verdict is not Verdict.NO_IPV6]


def _remedy(verdicts: set[Verdict]) -> str:
    if verdicts == {Verdict.TCP_BLOCKED}:
        return "DNS-ANSWERS.tcp"
    return "DNS-ANSWERS.lame" if verdicts <= {Verdict.LAME, Verdict.REFUSED, Verdict.SERVFAIL} else ""


def _chain(answer: Answer) -> str:
    return " -> ".join((answer.name, *answer.cname))


def _word(judgement: Judgement) -> str:
    return f"@verdict.{judgement.verdict}"


def _server(answer: Answer) -> str:
    return f"{answer.server.name} {answer.server}".strip()


def among(some: Judged, all_: Judged) -> Phrase:
    """Return the phrase for some of all servers that differ: how many, and the first of them."""
    answer, judgement = some[0]
    detail = f" ({judgement.detail})" if judgement.detail else ""
    return phrase(
        "servers-differ", count=len(some), total=len(all_), server=_server(answer),
        word=_word(judgement), detail=detail,
    )  # fmt: skip
