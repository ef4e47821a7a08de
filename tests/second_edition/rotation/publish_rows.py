"""What publish sees at a key record's name, and one row a check of its own and change of that."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from msgspec.structs import replace

from second_edition.dkim.character_string import CharacterString
from second_edition.evidence.journal import digest
from second_edition.procedures.publish.checks import Publishing
from second_edition.procedures.publish.proposal import Proposal
from second_edition.rotation.checks import Applying
from second_edition.rotation.findings import Phrase, Verdict
from second_edition.rotation.plan import Plan
from second_edition.rotation.publication import NotPlanned, make, publishing, why
from second_edition.rotation.record_set import RecordSet, Standing
from tests.second_edition.rotation import world
from tests.second_edition.rotation.world import NEXT, at_every_server, at_one_server

PASS, FAIL, UNKNOWN, SKIPPED = Verdict.PASS, Verdict.FAIL, Verdict.UNKNOWN, Verdict.SKIPPED
NAME, ROUTELESS = f"{NEXT}._domainkey.{world.DOMAIN}", at_one_server(failure="no-route", rcode="")
WANTED = publishing(NAME, world.dns_value(world.NEXT_BITS), 3600, world.sha256(world.NEXT_BITS))
GOOD = Proposal(
    world.good(), WANTED, "route53", True, make(Standing(NAME, world.DOMAIN), WANTED, digest),
    served=world.good().records,
)  # fmt: skip
Lay = Callable[[Proposal], Proposal]


@dataclass(frozen=True)
class PublishRow:
    check: str
    name: str
    verdict: Verdict
    lay: Lay = lambda found: found
    applies: bool = True


def case(lay: Lay = lambda found: found, *, applies: bool = True) -> Publishing:
    """The good case after a change."""
    found = lay(GOOD)
    expected = replace(world.EXPECTED, applies=applies)
    return Publishing(found.seen, expected, Applying(Plan((), {}, "")), found=found)


def unplanned(reason: str, **values: str | Phrase) -> Lay:
    return lambda found: replace(found, zone=None, unplanned=NotPlanned(reason, name=NAME, **values))


def served(change: world.Change) -> Lay:
    return lambda found: replace(found, served=change(found.seen).records)


def others(found: Proposal) -> Proposal:
    return replace(found, publisher="request", writes=False)


def replacing(found: Proposal) -> Proposal:
    """Somebody else's record stands there, and the parameter replace names its value."""
    standing = Standing(NAME, world.DOMAIN, RecordSet(600, ((CharacterString(b"v=spf1 -all"),),)))
    return replace(found, zone=make(standing, WANTED, digest, "v=spf1 -all"))


def unread(code: str, message: str = "") -> Lay:
    return unplanned("unread", code=f"Route53 {code}", why=why(code, message))


ROWS: tuple[Any, ...] = (
    PublishRow("DNS-PUBLISHER", "this program", PASS),
    PublishRow("DNS-PUBLISHER", "other people", FAIL, others),
    PublishRow("DNS-PUBLISHER", "other people, and only planned", SKIPPED, others, applies=False),
    PublishRow("DNS-FREE", "nothing", PASS),
    PublishRow("DNS-FREE", "another that replace names", PASS, replacing),
    PublishRow("DNS-FREE", "another", FAIL, unplanned("another", value="v=spf1 -all")),
    PublishRow("DNS-FREE", "several", FAIL, unplanned("several", count="2")),
    PublishRow("DNS-FREE", "CNAME", FAIL, unplanned("cname", other="CNAME elsewhere.example.net")),
    PublishRow("DNS-FREE", "policy", FAIL, unplanned("policy", other="weighted")),
    PublishRow("DNS-FREE", "servers differ", FAIL, unplanned("differ")),
    PublishRow("DNS-FREE", "no such zone", UNKNOWN, unread("NoSuchHostedZone", "No hosted zone found")),
    PublishRow("DNS-FREE", "TSIG", UNKNOWN, unread("BADSIG")),
    PublishRow("DNS-FREE", "no answer", UNKNOWN, unread("no-answer")),
    PublishRow("DNS-SERVED", "everywhere", PASS),
    PublishRow("DNS-SERVED", "nowhere", FAIL, served(at_every_server())),
    PublishRow("DNS-SERVED", "not at one server", FAIL, served(at_one_server())),
    PublishRow("DNS-SERVED", "no IPv6 here", PASS, served(world.both(ROUTELESS, world.dual_stack))),
    PublishRow("DNS-SERVED", "no IPv6 here, and a server has no other address", UNKNOWN, served(ROUTELESS)),
    PublishRow("DNS-SERVED", "no servers", UNKNOWN, lambda found: replace(found, served=())),
)
