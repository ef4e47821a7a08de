"""The way to the key record: open or blocked, which servers are delegated to, IPv6, and what resolvers say."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from second_edition.dkim.published import Answer, Verdict, judge
from second_edition.rotation.checks.case import CHECKS, Case
from second_edition.rotation.findings import (
    AS_EXPECTED,
    CheckFailed,
    CheckSkipped,
    CheckUnknown,
    Level,
    Said,
    advice,
    held,
    phrase,
)
from second_edition.rotation.resolution import BLOCKED, NameServers

OPEN_PORTS = phrase("authoritative servers can be asked at port {ports}")
NO_RESOLVER = phrase("resolvers that gave a usable answer: 0 of {total}")


@CHECKS("DNS-PATH", lambda case: OPEN_PORTS.given(ports=_ports(case)))
def path(case: Case) -> Said:
    """DNS-PATH: Authoritative servers can be asked from here, or encrypted resolvers may stand in.

    Where no authoritative server says a word and only resolvers know the zone, port 53 is closed here: what comes over
    it is no evidence. Encrypted resolvers count where the profile says so, and only if all that were asked give the
    key.

    Remedy: Wait until every encrypted resolver gives the key, or run from a network with port 53 open.
    """
    dns = case.seen.dns
    if not case.seen.records:
        raise CheckUnknown(case.unread("dns"))
    if dns.path != BLOCKED:
        return AS_EXPECTED
    key = case.seen.next_key.key
    sha256 = key.sha256 if key else "-"
    judged = [judge(answer, sha256, recursive=True) for answer in case.seen.encrypted(case.seen.records)]
    good = sum(judgement.verdict is Verdict.THE_KEY for judgement in judged)
    observed = phrase(
        "port 53 is blocked here: no authoritative server can be asked, though a resolver answers. "
        "Encrypted resolvers: {good} of {total} give the key",
        good=good,
        total=len(judged),
    )
    if not judged:
        raise CheckFailed(observed, advice("DNS-PATH.none"))
    if not dns.encrypted_counts:
        raise CheckFailed(observed, advice("DNS-PATH.uncounted"))
    return held(observed, good == len(judged))


def _ports(case: Case) -> str:
    return ", ".join(map(str, sorted({answer.server.port for answer in case.seen.records}))) or "53"


@CHECKS("DNS-DELEGATION", phrase("the zone and the zone above it name the same name servers"))
def delegation(case: Case) -> Said:
    """DNS-DELEGATION: The zone and the zone above it name the same name servers, and all hold the zone.

    The walk from the root asks every server of the zone above whom it delegates to, and each of those for the zone's
    own list. All addresses that any of them gives are asked for the key record, and so is a server of the zone above
    that holds the zone too. One of those above that tells nothing is named, and stops nothing: a resolver then asks
    another. Of zones further up, one server's word counts. A server of the zone that answers for the record alone
    leaves this unknown. Where the run is given the name servers, there is no walk, and the record opens with that.
    Source: RFC 1034 section 4.2.2; "lame" as in RFC 9499.

    Remedy: Ask the DNS team to bring the registrar's name servers and the zone's NS records together: receivers reach
    either set.
    """
    found = case.seen.dns.delegation
    if found is None:
        if not case.seen.records:
            raise CheckUnknown(case.unread("dns"))
        raise CheckSkipped(phrase("the name servers were given: nobody compared them with the delegation"))
    if found.lame:
        child = found.lame[0]
        values = {"server": f"{child.server.name} {child.server}".strip(), "zone": found.zone}
        raise CheckFailed(
            phrase("{zone} is delegated to {server}, which does not hold it ({word})", word=child.failure, **values),
            advice("DNS-DELEGATION.lame"),
        )
    if found.differing:
        child = found.differing[0]
        parent = " ".join(found.parent) or "-"
        names = " ".join(child.names) or "-"
        raise CheckFailed(phrase("{server} names: {names}", server=child.server.name, names=names), expected=parent)
    if found.found_by != "walk":
        if case.seen.dns.by_encrypted:
            raise CheckSkipped(phrase("port 53 is blocked: encrypted resolvers count"))
        raise CheckUnknown(phrase("no root server could be asked: the name servers are those a resolver tells"))
    if all(child.failure for child in found.children) or (found.above and not any(one.names for one in found.above)):
        raise CheckUnknown
    known = [answer.server for answer, judgement in case.seen.judged(case.seen.records, None) if not judgement.unknown]
    if untold := _told(child for child in found.children if child.failure and child.server in known):
        raise CheckUnknown(
            phrase("these answer for the record, and do not name the zone's servers: {servers}", servers=untold)
        )
    count = len({server.address for server in found.servers if server.address})
    if untold := _told(found.untold):
        return phrase(
            "{zone}: both name the same servers; addresses: {count}. Of the zone above, these told nothing: {servers}",
            zone=found.zone,
            count=count,
            servers=untold,
        )
    return phrase("{zone}: both name the same servers; addresses: {count}", zone=found.zone, count=count)


def _told(some: Iterable[NameServers]) -> str:
    """Return each server and what came of it in its place; "" where there are none."""
    return ", ".join(f"{one.server.name} {one.server} ({one.failure})" for one in some)


@CHECKS("DNS-V6", phrase("IPv6 addresses, where there are any, are asked too"), Level.WARNS)
def ipv6(case: Case) -> Said:
    """DNS-V6: IPv6 addresses, where there are any, were asked too.

    A machine without IPv6 cannot tell what those addresses serve: that is unknown, and no fault of the zone.

    Remedy: Run once from a machine with IPv6, or ask the DNS team to check those addresses.
    """
    if not case.seen.records:
        raise CheckUnknown
    asked = [one for one in case.seen.records if ":" in one.server.address]
    if asked and all(one.failure == "no-route" for one in asked):
        raise CheckUnknown(phrase("this machine has no IPv6; addresses not asked: {count}", count=len(asked)))
    return phrase("IPv6 addresses asked: {count}", count=len(asked))


@CHECKS("DNS-RESOLVERS", phrase("recursive resolvers give the key too"), Level.WARNS)
def resolvers(case: Case) -> Said:
    """DNS-RESOLVERS: Recursive resolvers give the key too.

    Their word is never proof. They are asked only when every authoritative server serves the key: a resolver that is
    asked too early remembers that there was no record (RFC 2308).

    Remedy: A resolver may hold an earlier answer until its TTL runs out; look again then. DNS-DNSSEC says what to do
    where it answers SERVFAIL.
    """
    if not case.seen.dns.resolved:
        raise CheckSkipped(phrase("none was asked"))
    key = case.seen.next_key.key
    judged = [judge(answer, key.sha256 if key else "-", recursive=True) for answer in case.seen.dns.resolved]
    # SERVFAIL where every authoritative server gives the key: receivers behind such a resolver do not get it.
    telling = [one for one in judged if one.verdict is Verdict.SERVFAIL or not one.unknown]
    if not telling:
        raise CheckUnknown(NO_RESOLVER.given(total=len(judged)), advice("DNS-RESOLVERS.silent"))
    good = sum(judgement.verdict is Verdict.THE_KEY for judgement in judged)
    observed = phrase("{good} of {total} give the key", good=good, total=len(judged))
    return held(observed, all(judgement.verdict is Verdict.THE_KEY for judgement in telling))


@CHECKS("DNS-DNSSEC", phrase("no resolver rejects the record's DNSSEC signatures"))
def dnssec(case: Case) -> Said:
    """DNS-DNSSEC: No resolver rejects the record's DNSSEC signatures.

    A resolver that answers SERVFAIL is asked again without validation (the CD bit, RFC 4035 section 3.2.2). An answer
    then means that only validation failed; without one, nobody knows why the resolver failed. One resolver is enough:
    the others may not validate. Where no resolver answers at all, the check only warns: the key record was read from
    the authoritative servers.

    Remedy: Receivers behind a validating resolver get no key record: they cannot verify any signature, and DMARC may
    reject the mail. Ask the DNS team to renew the zone's signatures and to compare its DNSKEY with the parent's DS;
    `delv` shows where validation breaks. Then run again.
    """
    dns = case.seen.dns
    answers = dns.resolved or dns.encrypted
    if not answers:
        raise CheckSkipped(phrase("none was asked"))
    if dns.bogus:
        raise CheckFailed(
            phrase(
                "DNSSEC validation fails at {servers}: SERVFAIL, and an answer only with validation switched off",
                servers=_named(dns.bogus),
            )
        )
    if dns.unvalidated:
        observed = phrase(
            "SERVFAIL at {servers}, and no answer with validation switched off: whether DNSSEC is why is not known",
            servers=_named(dns.unvalidated),
        )
        raise CheckUnknown(observed, advice("DNS-DNSSEC.undecided"))
    if all(judge(answer, recursive=True).unknown for answer in answers):
        raise CheckUnknown(NO_RESOLVER.given(total=len(answers)), advice("DNS-RESOLVERS.silent"), Level.WARNS)
    return AS_EXPECTED


def _named(answers: Sequence[Answer]) -> str:
    return ", ".join(answer.server.name or str(answer.server) for answer in answers)
