"""The plan: what a run would write, the facts that it relies on, and the digest that approvers
sign.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence

from msgspec import Struct

from byodkim.checks.key import is_key_known
from byodkim.checks.world import Identity, KeyObject, Observation, Secret, Wanted
from byodkim.words import Sentence, _


class Plan(Struct, frozen=True):
    """What a run would do.

    Attributes:
        facts: what the plan relies on, as text by name. Another value is another plan.
        writes: each change in a sentence; empty where nothing is to be done.
    """

    facts: dict[str, str]
    writes: tuple[Sentence, ...]

    @property
    def digest(self) -> str:
        """Return the SHA-256 over the facts as JSON, sorted, without spaces, hexadecimal."""
        text = json.dumps(self.facts, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()


def rotate_plan(seen: Observation) -> Plan:
    """Return rotate's plan. The same world and the same waivers give the same digest.

    TTLs, times and SES's status are no facts: they change by themselves, and the checks judge them
    again.
    """
    identity, secret, key = seen.identity, seen.secret, seen.requested.key
    switches, sha256 = needs_switch(seen), seen.requested.key_sha256
    facts = {
        "signing origin": getattr(identity, "origin", ""),
        "signing enabled": str(getattr(identity, "signing_enabled", "")),
        "key": sha256,
        "key object": key.place if isinstance(key, KeyObject) else "",
        "secret": f"{secret.arn} {secret.version}" if isinstance(secret, Secret) else "",
        "rollback selector": seen.current.selector,
        "rollback key": seen.current.key_sha256,
        "write": "PutEmailIdentityDkimSigningAttributes" if switches else "",
    }
    write = switch(seen.wanted.domain, seen.requested.selector, sha256)
    return plan_of("rotate", seen, facts, [write] if switches else [])


def switch(domain: str, selector: str, sha256: str) -> Sentence:
    """Return rotate's write in a sentence."""
    return _("SES: set selector {selector} with key {sha256}… for {domain}",
             selector=selector, sha256=sha256[:16], domain=domain)  # fmt: skip


def plan_of(
    procedure: str, seen: Observation, own: Mapping[str, str], writes: Sequence[Sentence]
) -> Plan:
    """Return the plan of a procedure: its own facts, and those that every plan relies on."""
    facts = {
        "procedure": procedure,
        "account": getattr(seen.caller, "account", ""),
        "region": seen.wanted.region,
        "domain": seen.wanted.domain,
        "selector": seen.requested.selector,
        "selector in use": ",".join(getattr(seen.identity, "selectors", ())),
        **own,
        "waived": waived(seen.wanted),
    }
    return Plan(facts, tuple(writes))


def waived(wanted: Wanted) -> str:
    """Return the waivers as the fact of a plan."""
    return "; ".join(f"{name}: {why}" for name, why in sorted(wanted.waivers.items()))


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
