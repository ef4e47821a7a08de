"""The plan: what a run would write, the facts that it relies on, and the digest that approvers
sign.
"""

from __future__ import annotations

import hashlib
import json

from msgspec import Struct

from byodkim.checks.key import is_key_known
from byodkim.checks.world import Identity, KeyObject, Observation, Secret
from byodkim.words import Sentence, _


class Plan(Struct, frozen=True):
    """What a run would do.

    Attributes:
        facts: what the plan relies on, as text by name. Another value is another plan.
        writes: each change in a sentence; empty where nothing is to be done.
        digest: SHA-256 over the facts in canonical JSON, hexadecimal.
    """

    facts: dict[str, str]
    writes: tuple[Sentence, ...]
    digest: str


def rotate_plan(seen: Observation) -> Plan:
    """Return rotate's plan. The same world and the same waivers give the same digest.

    TTLs, times and SES's status are no facts: they change by themselves, and the checks judge them
    again.
    """
    identity, secret, key = seen.identity, seen.secret, seen.requested.key
    switches = needs_switch(seen)
    facts = {
        "procedure": "rotate",
        "account": getattr(seen.caller, "account", ""),
        "region": seen.wanted.region,
        "domain": seen.wanted.domain,
        "selector": seen.requested.selector,
        "selector in use": ",".join(identity.selectors) if isinstance(identity, Identity) else "",
        "signing origin": getattr(identity, "origin", ""),
        "signing enabled": str(getattr(identity, "signing_enabled", "")),
        "key": seen.requested.key_sha256,
        "key object": key.place if isinstance(key, KeyObject) else "",
        "secret": f"{secret.arn} {secret.version}" if isinstance(secret, Secret) else "",
        "rollback selector": seen.current.selector,
        "rollback key": seen.current.key_sha256,
        "write": "PutEmailIdentityDkimSigningAttributes" if switches else "",
        "waived": "; ".join(f"{name}: {why}" for name, why in sorted(seen.wanted.waivers.items())),
    }
    write = _(
        "SES: set selector {selector} with key {sha256}… for {domain}",
        selector=facts["selector"], sha256=facts["key"][:16], domain=facts["domain"],
    )  # fmt: skip
    return Plan(facts, (write,) if switches else (), digest_of(facts))


def needs_switch(seen: Observation) -> bool:
    """Return whether the key of the requested selector has to be set in SES.

    SES has another selector; or it gave up on this one (FAILED is final until the next write); or
    it waits for a key that no run of this folder set.
    """
    identity = seen.identity
    if not isinstance(identity, Identity) or identity.selector != seen.requested.selector:
        return True
    if identity.status == "FAILED":
        return True
    return identity.status in ("PENDING", "NOT_STARTED") and not is_key_known(seen)


def digest_of(facts: dict[str, str]) -> str:
    """Return the SHA-256 over facts as JSON with sorted names and no spaces, hexadecimal."""
    text = json.dumps(facts, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def drift(shown: Plan, now: Plan) -> list[str]:
    """Return the names of the facts that changed since a plan was shown."""
    return [name for name, value in now.facts.items() if shown.facts[name] != value]
