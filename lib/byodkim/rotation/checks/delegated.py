"""The way to the key record: open or blocked, which servers are delegated to, IPv6, and what resolvers say."""

from __future__ import annotations

from byodkim.dkim.matrix import judge_together
from byodkim.dkim.published import Verdict, judge
from byodkim.rotation.checks.case import CHECKS, Case
from byodkim.rotation.findings import CheckFailed, CheckSkipped, CheckUnknown, Compared, Level, phrase, verbatim
from byodkim.rotation.resolution import BLOCKED


@CHECKS("DNS-PATH")
def path(case: Case) -> Compared:
    """DNS-PATH: authoritative servers can be asked from here, or the profile takes encrypted resolvers' word for it.

    Where no authoritative server says a word and only resolvers know the zone, port 53 is closed here: what comes over
    it is no evidence. Encrypted resolvers count where the profile says so, and only if all that were asked give the
    key.
    """
    ports = ", ".join(map(str, sorted({answer.server.port for answer in case.seen.records}))) or "53"
    expected, dns = phrase("path-open", ports=ports), case.seen.dns
    if not case.seen.records:
        raise CheckUnknown(expected, case.unread("dns"))
    if dns.path != BLOCKED:
        return Compared(expected, expected)
    key = case.seen.next_key.key
    judged = [
        judge(answer, key.sha256 if key else "-", recursive=True)
        for answer in dns.encrypted
        if answer.name == case.seen.records[0].name
    ]
    good = sum(judgement.verdict is Verdict.THE_KEY for judgement in judged)
    observed = phrase("path-blocked", good=good, total=len(judged))
    if not judged:
        raise CheckFailed(expected, observed, "DNS-PATH.none")
    if not dns.encrypted_counts:
        raise CheckFailed(expected, observed, "DNS-PATH.no-evidence")
    if good < len(judged):
        raise CheckFailed(expected, observed)
    return Compared(expected, observed)


@CHECKS("DNS-DELEGATION")
def delegation(case: Case) -> Compared:
    """DNS-DELEGATION: the zone and the zone above it name the same name servers, and each of them holds the zone.

    The walk from the root took the parent's list of servers and asked each of them for the child's.
    Source: RFC 1034 section 4.2.2; "lame" as in RFC 9499.
    """
    expected, found = phrase("same-name-servers"), case.seen.dns.delegation
    if found is None:
        if not case.seen.records:
            raise CheckUnknown(expected, case.unread("dns"))
        raise CheckSkipped(expected, phrase("servers-given"))
    if found.lame:
        child = found.lame[0]
        values = {"server": f"{child.server.name} {child.server}".strip(), "zone": found.zone}
        raise CheckFailed(expected, phrase("lame", word=child.failure, **values), "DNS-DELEGATION.lame")
    if found.differing:
        child = found.differing[0]
        parent = " ".join(found.parent) or "-"
        raise CheckFailed(
            verbatim(parent), phrase("names-differ", server=child.server.name, names=" ".join(child.names))
        )
    if found.found_by != "walk":
        if case.seen.dns.by_encrypted:
            raise CheckSkipped(expected, phrase("by-encrypted"))
        raise CheckUnknown(expected, phrase("not-walked"))
    if all(child.failure for child in found.children):
        raise CheckUnknown(expected, phrase("not-looked-at"))
    return Compared(expected, phrase("delegated", zone=found.zone, count=len(found.servers)))


@CHECKS("DNS-V6", Level.WARNS)
def ipv6(case: Case) -> Compared:
    """DNS-V6: the IPv6 addresses of the authoritative servers could be asked too.

    A machine without IPv6 cannot tell what those addresses serve: that is unknown, and no fault of the zone.
    """
    expected = phrase("ipv6-asked")
    together = judge_together(case.seen.records)
    missing = sum(judgement.verdict is Verdict.NO_IPV6 for judgement in together)
    if missing:
        raise CheckUnknown(expected, phrase("no-ipv6-here", count=missing))
    if not together:
        raise CheckUnknown(expected, phrase("not-looked-at"))
    return Compared(expected, phrase("ipv6-count", count=sum(":" in one.server.address for one in case.seen.records)))


@CHECKS("DNS-RESOLVERS", Level.WARNS)
def resolvers(case: Case) -> Compared:
    """DNS-RESOLVERS: the recursive resolvers asked besides give the key too; their word is never proof.

    They are asked only when every authoritative server serves the key: a resolver that is asked too early remembers
    that there was no record (RFC 2308).
    """
    expected = phrase("resolvers-agree")
    if not case.seen.dns.resolved:
        raise CheckSkipped(expected, phrase("no-resolver-asked"))
    key = case.seen.next_key.key
    judged = [judge(answer, key.sha256 if key else "-", recursive=True) for answer in case.seen.dns.resolved]
    if all(judgement.unknown for judgement in judged):
        raise CheckUnknown(expected, phrase("no-resolver-answers", total=len(judged)))
    good = sum(judgement.verdict is Verdict.THE_KEY for judgement in judged)
    observed = phrase("resolvers-give-key", good=good, total=len(judged))
    # SERVFAIL where every authoritative server gives the key: receivers behind such a resolver do not get it.
    failing = [one for one in judged if one.verdict is Verdict.SERVFAIL or not one.unknown]
    if any(judgement.verdict is not Verdict.THE_KEY for judgement in failing):
        raise CheckFailed(expected, observed)
    return Compared(expected, observed)


@CHECKS("DNS-DNSSEC")
def dnssec(case: Case) -> Compared:
    """DNS-DNSSEC: no resolver that was asked rejects the record's DNSSEC signatures.

    A resolver that answers SERVFAIL is asked again without validation (the CD bit, RFC 4035 section 3.2.2). An answer
    then means that only validation failed. One resolver is enough: the others may not validate. Where none answers,
    the check is UNKNOWN and only warns: the key record was read from the authoritative servers.
    """
    expected, dns = phrase("dnssec-sound"), case.seen.dns
    asked = dns.resolved or dns.encrypted
    if not asked:
        raise CheckSkipped(expected, phrase("no-resolver-asked"))
    if dns.bogus:
        servers = ", ".join(answer.server.name or str(answer.server) for answer in dns.bogus)
        raise CheckFailed(expected, phrase("dnssec-bogus", servers=servers))
    if all(judge(answer, recursive=True).unknown for answer in asked):
        raise CheckUnknown(expected, phrase("no-resolver-answers", total=len(asked)), level=Level.WARNS)
    return Compared(expected, expected)
