"""A world in which every check passes, to be spoilt in one point at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import Any

from msgspec.structs import replace

from second_edition.dkim.key_record import PublicKey, character_strings, format_value
from second_edition.dkim.published import Answer, Server
from second_edition.dns.request_sheet import Request, zone_text
from second_edition.engine import resolving
from second_edition.rotation.checks import CHECKS, Case, Expected
from second_edition.rotation.findings import Finding
from second_edition.rotation.observation import (
    Observation,
    Rehearsal,
    Rehearsed,
)
from second_edition.rotation.resolution import Delegation, Resolution, Sighting
from second_edition.settings import Profile
from tests.second_edition.dkim.keys import spki
from tests.second_edition.dns.servers import NAME as NAME
from tests.second_edition.rotation import world
from tests.second_edition.rotation.world import ACCOUNT as ACCOUNT
from tests.second_edition.rotation.world import REGION as REGION

SELECTOR, DOMAIN = NAME.split("._domainkey.")
KEY = PublicKey.from_der(spki())
VALUE = format_value(KEY)
STRINGS = tuple(string.encode() for string in character_strings(VALUE))
RECORD = zone_text(Request(DOMAIN, SELECTOR, KEY))


def observation(at: str = "2026-11-24T04:08:57.000+00:00", **changes: Any) -> Observation:
    """The key at one server, and all else as it should be.

    The selector is set already in this world's SES, which gave up on it: the rollback is another family's matter.
    """
    good = world.stands("FAILED")(world.good())
    answer = replace(good.records[0], serial=7, negative_ttl=300, latency_ms=None)
    whole: dict[str, Any] = {
        "at": at,
        "records": (answer,),
        "rehearsal": Rehearsal("a signed message", (Rehearsed("secret", KEY.sha256, ""),)),
        "dns": Resolution(siblings=(Answer(answer.server, f"0.{NAME}", "NXDOMAIN", True),)),
    }
    return replace(good, **whole | changes)


def looked(
    servers: Sequence[Server] = (),
    *,
    known: Mapping[str, Delegation] | None = None,
    history: tuple[Sighting, ...] = (),
    resolvers: tuple[Server, ...] = (),
    encrypted: tuple[Server, ...] = (),
    evidence: bool = False,
) -> Observation:
    """The same world with DNS as a run looks at it: at these servers, or at those of delegations known by name."""
    intent = SimpleNamespace(
        domain=DOMAIN, nameservers=tuple(servers), resolvers=resolvers, encrypted_resolvers=encrypted,
        section=Profile(encrypted_dns_is_evidence=evidence), language="en",
    )  # fmt: skip
    run: Any = SimpleNamespace(intent=intent, history=history, seen=None, found=dict(known or {}), walking={})
    records, dns = resolving.look(run, SELECTOR)
    dns = replace(dns, history=resolving.history(run, ()))
    return observation(records=records, dns=resolving.besides(run, records, (), dns, KEY.sha256))


def findings(seen: Observation, **waivers: str) -> dict[str, Finding]:
    """Every check, by ID."""
    case = Case(seen, Expected(ACCOUNT, REGION))
    return {finding.id: finding for finding in CHECKS.evaluate(case, waivers)}


def stopping(seen: Observation) -> set[str]:
    """The checks that keep this world from being written on."""
    return {name for name, finding in findings(seen).items() if finding.stops}
