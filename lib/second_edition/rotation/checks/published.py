"""The key record in DNS, at every authoritative server."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from second_edition.dkim.character_string import escaped
from second_edition.dkim.key_record import parse
from second_edition.dkim.matrix import loops
from second_edition.dkim.published import Answer, Judgement, Verdict, judge
from second_edition.messages.reasons import TEXTS
from second_edition.rotation.checks.case import CHECKS, Case
from second_edition.rotation.findings import (
    AS_EXPECTED,
    CheckFailed,
    CheckSkipped,
    CheckUnknown,
    Level,
    Phrase,
    Said,
    advice,
    phrase,
)

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
    Verdict.STALE: phrase("older serial of the zone"),
    Verdict.NO_ANSWER: phrase("no answer"),
    Verdict.TCP_BLOCKED: phrase("truncated, and TCP is blocked"),
    Verdict.NO_IPV6: phrase("not asked: no IPv6 here"),
    Verdict.SERVFAIL: phrase("SERVFAIL"),
    Verdict.REFUSED: phrase("REFUSED"),
}
_UNASKED = frozenset({Verdict.NO_ANSWER, Verdict.TCP_BLOCKED})


@CHECKS("DNS-ANSWERS", phrase("every authoritative server answers"))
def answers(case: Case) -> Said:
    """DNS-ANSWERS: Every authoritative server answers, with authority.

    Each address of each name server was asked itself, over UDP and, where the answer was cut, over TCP; only an answer
    with the AA bit counts as the word of the zone. This check alone speaks of silence: the others judge the servers
    that answered.

    Remedy: Find out why that server does not answer as it should (network, port 53, delegation); receivers may ask it
    too.
    """
    judged = _judged(case)
    silent = [(answer, judgement) for answer, judgement in judged if judgement.unknown]
    if silent:
        # What could not be asked is not known to be wrong; a server that answers without authority is.
        verdicts = {judgement.verdict for _, judgement in silent}
        error = CheckUnknown if verdicts <= _UNASKED else CheckFailed
        raise error(among(silent, judged), unanswered(silent, judged))
    if case.seen.dns.delegation is None:
        return phrase("of the name servers that were given, {total} of {total} answer", total=len(judged))
    return phrase("{total} of {total} answer", total=len(judged))


@CHECKS("DNS-PUBLISHED", phrase("the key at every authoritative server that answered"))
def published(case: Case) -> Said:
    """DNS-PUBLISHED: Every authoritative server that answered serves the next key record.

    What each server gave is parsed strictly, and its key compared by SHA-256 with that of the private key: not as text,
    and not at one server for all.

    Remedy: Wait until every server serves the key record, or ask the DNS team why one does not.
    """
    judged = _judged(case)
    known = [(answer, judgement) for answer, judgement in judged if not judgement.unknown]
    wrong = [pair for pair in known if pair[1].verdict not in (Verdict.THE_KEY, Verdict.A_KEY)]
    if wrong:
        raise CheckFailed(among(wrong, judged), _to_publish(case, wrong, judged))
    # A sound key, and none to compare it with: STORE- and KEY- say why.
    if not known or any(judgement.verdict is Verdict.A_KEY for _, judgement in known):
        raise CheckUnknown
    values = {"good": len(known), "total": len(judged)}
    if len(known) < len(judged):
        return phrase("{good} of {total} serve the key; not known: {servers}", servers=silent(case), **values)
    return phrase("{good} of {total} serve the key", **values)


@CHECKS("DNS-SINGLE", phrase("one TXT record at most at each server that answered"))
def single(case: Case) -> Said:
    """DNS-SINGLE: No server that answered holds more than one TXT record at the name.

    RFC 6376 section 3.6.2.2. All TXT records of each answer are counted; of two, a receiver takes whichever it likes.

    Remedy: Have only the record with the stored key left at the name: what receivers take is undefined.
    """
    judged = _judged(case)
    several = [pair for pair in judged if len(pair[0].records) > 1]
    if several:
        raise CheckFailed(among(several, judged))
    if all(judgement.unknown for _, judgement in judged):
        raise CheckUnknown
    return AS_EXPECTED


@CHECKS("DNS-PLACEHOLDER", phrase("no placeholder at any server that answered"))
def placeholder(case: Case) -> Said:
    """DNS-PLACEHOLDER: No server that answered serves the console's placeholder.

    The console's CSV holds a word where the key belongs, and it gets published: each answer is compared with it.

    Remedy: Have the key record itself published: p=customerProvidedPublicKey is the console's stand-in, not a key.
    """
    judged = _judged(case)
    found = [(answer, alone) for answer, _ in judged if (alone := judge(answer)).verdict is Verdict.PLACEHOLDER]
    if found:
        raise CheckFailed(among(found, judged))
    if all(judgement.unknown for _, judgement in judged):
        raise CheckUnknown
    return AS_EXPECTED


@CHECKS("DNS-CNAME", phrase("no CNAME at any server that answered, or one that leads to the key"))
def cname(case: Case) -> Said:
    """DNS-CNAME: A CNAME at the name leads to the key, at every server that answered.

    The chain is followed, from name to name, at the servers of each target; one that leads nowhere or in a circle ends.

    Remedy: Ask the DNS team to publish the key record as TXT at the name itself, or the key at the target.
    """
    judged = _judged(case)
    aliased = [(answer, judgement) for answer, judgement in judged if answer.cname]
    if looping := [pair for pair in aliased if loops(pair[0])]:
        raise CheckFailed(
            phrase("CNAMEs that come back to themselves: {chain}", chain=_chain(looping[0][0])),
            advice("DNS-CNAME.loops"),
        )
    untold = [pair for pair in aliased if pair[1].unknown]
    wrong = [pair for pair in aliased if pair[1].verdict not in (Verdict.THE_KEY, Verdict.A_KEY) and pair not in untold]
    if wrong:
        raise CheckFailed(phrase("{chain}: {word}", chain=_chain(wrong[0][0]), word=WORDS[wrong[0][1].verdict]))
    if untold:
        raise CheckUnknown(among(untold, judged))
    if aliased:
        return phrase("{chain}: every server of the target serves the key", chain=_chain(aliased[0][0]))
    if all(judgement.unknown for _, judgement in judged):
        raise CheckUnknown
    return AS_EXPECTED


@CHECKS("DNS-WILDCARD", phrase("a random name beside it has neither TXT record nor CNAME at any server that answered"))
def wildcard(case: Case) -> Said:
    """DNS-WILDCARD: No server that answered has a wildcard TXT record or CNAME for names that do not exist.

    RFC 4592. The name is made at random for the run, and asked for at the same servers: what answers to it answers to
    all names, and would have answered to a record that was never published. Of a server that answers for the record and
    not for that name, nobody knows.

    Remedy: A wildcard or a DNAME answers for every name, so an answer does not show that this record was made. Ask the
    DNS team to take a wildcard away, or waive DNS-WILDCARD with what they say.
    """
    judged, siblings = _judged(case), case.seen.dns.siblings
    caught = [answer for answer in siblings if answer.records or answer.cname]
    if caught:
        raise CheckFailed(
            phrase(
                "a random name beside it has a TXT record or CNAME too; addresses: {count}, first {server}",
                server=_server(caught[0]),
                count=len(caught),
            )
        )
    known = [answer for answer, judgement in judged if not judgement.unknown]
    told = {answer.server for answer in siblings if not answer.failure and answer.rcode in ("NOERROR", "NXDOMAIN")}
    if untold := ", ".join(_server(answer) for answer in known if answer.server not in told):
        observed = phrase("these answer for the record, and not for a random name beside it: {servers}", servers=untold)
        raise CheckUnknown(observed, advice("DNS-WILDCARD.untold"))
    if not known:
        raise CheckUnknown
    return AS_EXPECTED


@CHECKS("KEY-FLAGS", phrase("neither t=y nor t=s at any server that answered"), Level.WARNS)
def flags(case: Case) -> Said:
    """KEY-FLAGS: No server that answered serves the key record with t=y or t=s.

    RFC 6376 section 3.6.1. The tags of each sound record are read, also where a CNAME led to it. With ``t=y`` receivers
    may treat a failed signature like none, and some treat every signature so. With ``t=s`` they refuse ``i=`` in a
    subdomain; SES sends no ``i=``, which then is ``@`` and the signing domain, so its own signatures verify for mail
    from subdomains too.

    Remedy: Ask the DNS team to remove the t tag. With t=y (testing) receivers may ignore that a signature fails, and
    some treat signed mail as unsigned.
    """
    judged = _judged(case)
    answers = [*(answer for answer, _ in judged), *case.seen.dns.followed]
    sound = [answer for answer in answers if judge(answer, recursive=True).sha256]
    if not sound:
        if any(judgement.unknown for _, judgement in judged):
            raise CheckUnknown
        raise CheckSkipped(phrase("no server serves a sound key record"))  # which DNS-PUBLISHED says
    flagged = [(answer, named) for answer in sound if (named := parse(answer.records[0]).flags)]
    if not flagged:
        return AS_EXPECTED
    every = {flag for _, named in flagged for flag in named}
    detail = "; ".join(f"{_server(answer)} {' '.join(named)}" for answer, named in flagged)
    raise CheckFailed(detail, advice("KEY-FLAGS.subdomains") if every == {"t=s"} else None)


def _judged(case: Case) -> Judged:
    """Return what the servers say of the next key, those aside that this machine cannot reach for want of IPv6."""
    if not case.seen.records:
        raise CheckUnknown(case.unread("dns"))
    key = case.seen.next_key.key
    found = case.seen.judged(case.seen.records, (key.sha256 or None) if key else None)
    if not found:
        raise CheckUnknown
    return found


def silent(case: Case) -> str:
    """Return the servers of which nothing is known, each by name and address; "" where there are none."""
    return ", ".join(_server(answer) for answer, judgement in _judged(case) if judgement.unknown)


def _to_publish(case: Case, wrong: Judged, judged: Judged) -> Phrase | None:
    """Return what to do where the record is not served everywhere; ``None``: what is always said."""
    verdicts = {judgement.verdict for _, judgement in wrong}
    if case.missized:
        return case.missized
    if case.seen.retired and verdicts <= {Verdict.ABSENT, Verdict.REVOKED}:
        return CHECKS.checks["KEY-RETIRED"].remedy
    if verdicts == {Verdict.ABSENT} and len(wrong) == len(judged):
        return advice("DNS-PUBLISHED.absent", selector=case.seen.selector)
    if verdicts == {Verdict.STALE}:
        return advice("DNS-PUBLISHED.stale")
    return advice("DNS-PUBLISHED.several") if Verdict.SEVERAL_RECORDS in verdicts else None


def unanswered(silent: Judged, all_: Judged) -> Phrase | None:
    """Return what to do about servers that do not answer as they should; ``None``: what is always said."""
    verdicts = {judgement.verdict for _, judgement in silent}
    routeless = all(one.failure == "no-route" for one, _ in all_ if ":" in one.server.address)
    if routeless and all(":" in one.server.address for one, _ in silent):
        return advice("DNS-ANSWERS.no-ipv6")
    if verdicts == {Verdict.TCP_BLOCKED}:
        return advice("DNS-ANSWERS.tcp-blocked")
    return advice("DNS-ANSWERS.lame") if verdicts <= {Verdict.LAME, Verdict.REFUSED, Verdict.SERVFAIL} else None


def _chain(answer: Answer) -> str:
    return " -> ".join((answer.name, *answer.cname))


def _server(answer: Answer) -> str:
    return f"{answer.server.name} {answer.server}".strip()


def among(some: Judged, all_: Judged) -> Phrase:
    """Return the phrase for some of all servers: how many differ, or told nothing, and the first of them."""
    answer, judgement = some[0]
    values: dict[str, str | int | Phrase] = {"count": len(some), "total": len(all_), "server": _server(answer)}
    values["word"] = worded(judgement)
    if all(judged.unknown for _, judged in some):
        return phrase("{count} of {total} not known; {server}: {word}", **values)
    return phrase("{count} of {total} differ; {server}: {word}", **values)


def worded(judgement: Judgement) -> Phrase:
    """Return a judgement in words, with its particulars in brackets."""
    detail = reason(escaped(judgement.detail.encode()))
    if judgement.verdict is Verdict.STALE:
        said, _, serials = judgement.detail.partition(", serial ")
        detail = phrase("{word}, serial {serials}", word=reason(said), serials=serials)
    word = WORDS[judgement.verdict]
    return phrase("{word} ({detail})", word=word, detail=detail) if detail else word


def reason(code: str) -> Said:
    """Return in words what an answer, or a verification, came to; another code as it is."""
    if code in TEXTS:
        return Phrase(TEXTS[code])
    return WORDS[Verdict(code)] if code in set(Verdict) else code
