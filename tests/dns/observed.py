"""A world in which every check passes, to be spoilt in one point at a time."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import Any

from msgspec.structs import replace

from byodkim.dkim.key_record import PublicKey, character_strings, format_value
from byodkim.dkim.published import Answer, Server
from byodkim.dns.request_sheet import Request, zone_text
from byodkim.engine import resolving
from byodkim.rotation.checks import CHECKS, Case, Expected
from byodkim.rotation.findings import Finding
from byodkim.rotation.observation import (
    Caller,
    Identity,
    KeyObject,
    Observation,
    Rehearsal,
    Rehearsed,
    SecretVersion,
    Stored,
)
from byodkim.rotation.resolution import Delegation, Resolution, Sighting
from byodkim.settings import Profile
from tests.dkim.keys import spki
from tests.dns.servers import NAME as NAME

SELECTOR, DOMAIN = NAME.split("._domainkey.")
KEY = PublicKey.from_der(spki())
VALUE = format_value(KEY)
STRINGS = tuple(string.encode() for string in character_strings(VALUE))
RECORD = zone_text(Request(DOMAIN, SELECTOR, KEY))
ACCOUNT, REGION = "123456789012", "ap-northeast-1"
# One selector is set already in this world's SES, as the rollback is another family's matter; it gave up on it.
IDENTITY: dict[str, Any] = {
    "name": DOMAIN,
    "identity_type": "DOMAIN",
    "selectors": (SELECTOR,),
    "status": "FAILED",
    "signing_enabled": True,
    "signing_origin": "EXTERNAL",
    "verified_for_sending": True,
    "verification_status": "SUCCESS",
}


def observation(at: str = "2026-11-24T04:08:57.000+00:00", **changes: Any) -> Observation:
    """The key at one server, and all else as it should be."""
    answer = Answer(
        Server("ns1.example.jp", "192.0.2.53"), NAME, "NOERROR", True, 3600, 7, (STRINGS,), negative_ttl=300
    )
    key = KeyObject(
        "keys", "k.pem", "v1", at, form="PKCS#8 PEM", bits=KEY.bits,
        public_key=base64.b64encode(spki()).decode(), sha256=KEY.sha256,
    )  # fmt: skip
    secret = SecretVersion("byodkim/example.jp", "1", "AWSCURRENT", at, (SELECTOR,), VALUE, "k.pem")
    whole: dict[str, Any] = {
        "at": at,
        "domain": DOMAIN,
        "selector": SELECTOR,
        "caller": Caller(ACCOUNT, "arn:aws:sts::123456789012:assumed-role/x/y", "u", "aws", REGION, "e", 0.0),
        "identity": Identity(**IDENTITY),
        "next_key": Stored(SELECTOR, secret, key),
        "current_key": None,
        "records": (answer,),
        "current_records": (),
        "rehearsal": Rehearsal("a signed message", (Rehearsed("secret", KEY.sha256, ""),)),
        "dns": Resolution(siblings=(Answer(answer.server, f"0.{NAME}", "NXDOMAIN", True),)),
    }
    return Observation(**whole | changes)


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
