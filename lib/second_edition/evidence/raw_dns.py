"""A record's answers of name servers compared with the messages that came, and with the servers that were asked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator

from dns.exception import DNSException
from dns.name import from_text as name_of

from second_edition.dkim.published import Answer, Server
from second_edition.dns.delegation import led_to
from second_edition.dns.delegation import parse_raw as parse_raw_zone
from second_edition.dns.raw_answer import parse_raw
from second_edition.rotation.observation import Observation
from second_edition.rotation.resolution import Delegation


def differing(seen: Observation, given: Collection[Server]) -> Iterator[str]:
    """Yield which parts of an observation are not as name servers answered, or leave an answer out.

    Args:
        seen: the observation.
        given: the servers that the run was told to ask; none where it looked for them.
    """
    if seen.dns.delegation and not _is_delegated(seen.dns.delegation):
        yield "delegation"
    yield from _left_out(seen, given)
    for place, answer, recursion in _answers(seen):
        if not is_as_it_came(answer, recursion=recursion):
            yield place


def _left_out(seen: Observation, given: Collection[Server]) -> Iterator[str]:
    """Yield the questions to which a server's answer is left out or stands twice, or another server's was added."""
    dns, asked = seen.dns, Counter({*(given or (seen.dns.delegation.servers if seen.dns.delegation else ()))})
    places = {"records": seen.records, "siblings": [one for one in dns.siblings if not is_encrypted(one)]}
    if given and seen.back_selector:  # the zone may be cut between two selectors
        places["current_records"] = seen.current_records
    for place, answers in (*places.items(), *([("other_records", seen.other_records)] if seen.other_records else [])):
        names = {one.name for one in answers}
        whole = all(Counter(one.server for one in answers if one.name == name) == asked for name in names)
        # No server is asked for a name that DNS cannot have.
        if asked and not (whole if names else seen.failure("dns")):
            yield place


def _answers(seen: Observation) -> Iterator[tuple[str, Answer, bool]]:
    """Yield every answer of a name server, where it stands, and whether it is a recursive one's."""
    dns = seen.dns
    asked = {
        "records": seen.records, "current_records": seen.current_records, "other_records": seen.other_records,
        "siblings": dns.siblings, "followed": dns.followed,
    }  # fmt: skip
    recursive = {"encrypted": dns.encrypted, "resolved": dns.resolved, "unvalidated": dns.unvalidated}
    for place, answers in asked.items():
        yield from ((place, one, is_encrypted(one)) for one in answers)
    for place, answers in recursive.items():
        yield from ((place, one, True) for one in answers)


def is_encrypted(answer: Answer) -> bool:
    """Return whether a resolver gave the answer, over HTTPS or TLS."""
    return answer.transport in ("https", "tls")


def _is_delegated(delegation: Delegation) -> bool:
    """Return whether each server's list is as it came, and all hosts there have been looked up and asked."""
    # Hosts that only a server beyond those of the zone above names are not looked up.
    delegated = {*delegation.parent, *(name for one in delegation.above for name in one.names)}
    first = (one for one in delegation.children if one.server.name in delegated)
    told = {*delegated, *(name for one in first for name in one.names)}
    asked = {(one.server.name, one.server.address) for one in delegation.children}
    known = {(one.name, one.address) for one in delegation.servers}
    whole = told <= {name for name, _ in known} and {one for one in known if one[1]} <= asked
    if delegation.found_by == "walk" and not whole:
        return False
    zone = delegation.zone
    try:
        led = {server for one in delegation.above for server in led_to(one, name_of(zone).parent())}
        return (
            led <= {*delegation.servers}
            and all(parse_raw_zone(one, zone) == one for one in delegation.children if one.raw)
            and all(parse_raw_zone(one, zone, above=True) == one for one in delegation.above if one.raw)
        )
    except DNSException:
        return False


def is_as_it_came(answer: Answer, *, recursion: bool = False) -> bool:
    """Return whether an answer is what its raw messages say. ``recursion``: a resolver gave it."""
    if answer.failure and any(answer.raw[:1]):  # there is an answer, or there is none
        return False
    try:
        return not answer.raw or parse_raw(answer, recursion=recursion) == answer
    except (ValueError, LookupError, TypeError, AttributeError):
        return False
