"""Checks of DNS: every authoritative server publishes the key record, and nothing makes receivers
doubt it.
"""

from typing import Final

from byodkim.checks.check import Failed, Skipped, Unknown, check, see
from byodkim.checks.key import key_of
from byodkim.checks.world import Observation, Server, Side, Unread, Zone, names
from byodkim.dkim.verdict import Verdict, judge
from byodkim.words import Sentence, _

FIND_SERVERS: Final = _("Check the network's DNS, or set nameservers in byodkim.toml.")
REACH_SERVERS: Final = _("Find out why these servers do not answer from here, then run again.")


def verdicts(side: Side, key_sha256: str) -> list[tuple[Server, Verdict]]:
    """Return each server of a side with what it publishes."""
    return [(answer.server, judge(answer, key_sha256)) for answer in side.answers]


def answering(side: Side, key_sha256: str) -> list[tuple[Server, Verdict]]:
    """Return each server of a side that answers with what it publishes."""
    return [pair for pair in verdicts(side, key_sha256) if not pair[1].is_unknown]


def zone_of(seen: Observation) -> Zone:
    """Return the zone.

    Raises:
        Unknown: its name servers could not be found.
    """
    if isinstance(seen.zone, Unread):
        raise Unknown(
            _("The zone's name servers could not be found ({code})", code=seen.zone.code),
            todo=FIND_SERVERS,
        )
    return seen.zone


@check("DNS-ANSWERS", _("Every authoritative server answers"))
def dns_answers(seen: Observation) -> Sentence:
    """Require an authoritative answer from every address of every name server, for the requested
    key record.

    Raises:
        Unknown: a server is silent, fails or is not authoritative, or there is none.
    """
    zone = zone_of(seen)
    results = verdicts(seen.requested, seen.requested.key_sha256)
    if not results:
        raise Unknown(_("No authoritative server is known"))
    if silent := [f"{server}: {each.what}" for server, each in results if each.is_unknown]:
        raise Unknown(_("{servers}", servers=silent), todo=REACH_SERVERS)
    if zone.unasked:
        return _("{count} servers answer; not reachable from here: {unasked}",
              count=len(results), unasked=names(zone.unasked))  # fmt: skip
    return _("{count} of {count} servers answer", count=len(results))


@check("DNS-PUBLISHED", _("Every server that answers publishes the key record"))
def dns_published(seen: Observation) -> Sentence:
    """Require one valid TXT record with the stored key at every server that answers.

    Raises:
        Failed: a server publishes nothing, something else, or several records. Only the first is
            spelled out.
        Unknown: no server answers, or the stored key is not known.
    """
    results = answering(seen.requested, key_of(seen).sha256)
    if not results:
        raise see("DNS-ANSWERS")
    if wrong := [(server, each) for server, each in results if not each.is_published]:
        server, first = wrong[0]
        raise Failed(
            _("The key record is wrong or missing at {count} of {total} servers. {server}: {what}",
              count=len(wrong), total=len(results), server=str(server), what=first.what),
            todo=_("{todo} `byodkim request` prints the text for the DNS team.",
                   todo=first.todo or ""),
        )  # fmt: skip
    return _("{count} of {count} servers publish it", count=len(results))


@check("DNS-DELEGATION", _("The zone and its parent name the same servers"))
def dns_delegation(seen: Observation) -> Sentence:
    """Require equal NS sets at parent and child, each name with an address (RFC 1034 section
    4.2.2).

    Raises:
        Failed: they differ, or a name has no address.
        Skipped: the servers were given by hand.
        Unknown: the zone is not known, or its parent could not be asked.
    """
    zone = zone_of(seen)
    if zone.given:
        raise Skipped(_("The servers were given: {servers}", servers=names(zone.servers)))
    if zone.unresolved:
        raise Failed(
            _("These name servers have no address: {names}", names=list(zone.unresolved)),
            todo=_("Ask the DNS team to correct the zone's NS records."),
        )
    if not zone.parent:
        raise Unknown(_("The parent zone could not be asked"), todo=FIND_SERVERS)
    if difference := sorted(set(zone.parent) ^ set(zone.child)):
        raise Failed(
            _("The zone and its parent disagree about {names}", names=difference),
            todo=_("Ask the DNS team to make both NS sets equal."),
        )
    return _("Both name {names}", names=list(zone.child))


@check("DNS-DNSSEC", _("No resolver rejects the record's DNSSEC data"))
def dns_dnssec(seen: Observation) -> Sentence:
    """Ask recursive resolvers with and without validation (RFC 4035 section 5.5).

    Resolvers inform; only a clear DNSSEC failure blocks.

    Raises:
        Failed: a resolver that validates rejects what the same resolver finds without validation.
        Skipped: no resolver answered.
    """
    answering = [answer for answer in seen.resolvers if answer.rcode]
    if not answering:
        raise Skipped(_("No recursive resolver answered"))
    if bogus := [answer.address for answer in answering if answer.is_bogus]:
        raise Failed(
            _("{resolvers} reject the DNSSEC data of this name", resolvers=bogus),
            todo=_("Ask the DNS team to sign the zone again."),
        )
    return _("Resolvers that answer without a DNSSEC error: {count}", count=len(answering))
