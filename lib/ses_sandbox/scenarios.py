"""Named worlds: what stands in SES, in the key store and in DNS before a run begins."""

from __future__ import annotations

import base64
from dataclasses import dataclass, replace
from typing import Final

from ses_sandbox.errors import SandboxError
from ses_sandbox.keys import KeyPair


@dataclass(frozen=True)
class Names:
    """Hold what the world is about: a signing domain and two selectors."""

    domain: str = "example.jp"
    current_selector: str = "mail-20260912-1"
    next_selector: str = "mail-20261124-1"


@dataclass(frozen=True)
class Scenario:
    """One world. The defaults are those of ``ready``.

    Attributes:
        name: as it is asked for.
        claim: what is true of it, in one sentence.
        signs_with: whose key SES has: ``current``, ``next`` or ``easy`` (Easy DKIM).
        status: what SES says of it, SUCCESS or FAILED.
        current_published: the current key record is in DNS.
        next_published: the name servers that serve the next key record, by number.
        switched_days: days since SES verified the next selector; 0 where nothing tells.
        next_stored: there is a next key pair, in the secret and in the bucket.
        requested: the secret's key record: of the ``pair`` in S3, ``truncated``, or of a ``stranger``.
        further: accounts and Regions besides the sandbox's own in which the identity stands as it does there.
        crowd: so many identities beside it that can be rotated, where the knob ``identities`` says no other number.
    """

    name: str
    claim: str
    signs_with: str = "current"
    status: str = "SUCCESS"
    current_published: bool = True
    next_published: tuple[int, ...] = (0, 1)
    requested: str = "pair"
    next_stored: bool = True
    switched_days: int = 0
    further: tuple[tuple[str, str], ...] = ()
    crowd: int = 0

    def next_value(self, pair: KeyPair, stranger: KeyPair) -> str:
        """Return the value of the next key record in the secret, and in DNS where it is published."""
        if self.requested == "stranger":
            return stranger.dns_value
        if self.requested == "truncated":
            # Cut as in a request that was really seen: the DER header says it is longer than what follows.
            cut = base64.b64encode(pair.public_der).decode()[:260]
            return f"v=DKIM1; k=rsa; p={cut}"
        return pair.dns_value


READY: Final = Scenario(
    "ready", "SES signs with the current selector, and the next key record stands at every name server."
)
DESCRIBED: Final = Scenario("described", "It is as its description says.")
FURTHER: Final = (("123456789012", "us-east-1"), ("111122223333", "eu-west-1"))
ALL: Final = {
    scenario.name: scenario
    for scenario in (
        READY,
        replace(READY, name="dns-absent", claim="The next key record is not published yet.", next_published=()),
        replace(
            READY,
            name="stale-name-server",
            claim="The second name server holds an older zone without the next key record.",
            next_published=(0,),
        ),
        replace(
            READY,
            name="truncated-request",
            claim="The public key in the secret was cut short, and DNS serves the same cut value.",
            requested="truncated",
        ),
        replace(
            READY,
            name="secret-mismatch",
            claim="The public key in the secret and in DNS does not pair with the private key in S3.",
            requested="stranger",
        ),
        replace(
            READY,
            name="already-rotated",
            claim="SES already signs with the next selector and has verified it.",
            signs_with="next",
        ),
        replace(
            READY,
            name="easy-dkim",
            claim="The identity is on Easy DKIM (origin AWS_SES), not on BYODKIM.",
            signs_with="easy",
        ),
        replace(
            READY,
            name="unprepared",
            claim="There is no next key pair yet: neither in the secret, nor in the bucket, nor in DNS.",
            next_stored=False,
            next_published=(),
        ),
        replace(
            READY,
            name="overlap",
            claim="SES has signed with the next selector for 8 days; the key record of the one before it is still published.",
            signs_with="next",
            switched_days=8,
        ),
        replace(
            READY,
            name="places",
            claim="Three places sign with the current selector: two Regions of the account, and one of another account.",
            further=FURTHER,
        ),
        replace(
            READY,
            name="fleet",
            claim="A dozen identities beside the own one, each with a secret, keys and key records: most can be switched, one each lacks its key record, its key pair, or is on Easy DKIM.",
            crowd=12,
        ),
        replace(
            READY,
            name="previous-failed",
            claim="SES gave up on the current selector (FAILED); neither key record is in DNS.",
            status="FAILED",
            current_published=False,
            next_published=(),
        ),
    )
}


def scenario(name: str) -> Scenario:
    """Return the scenario of that name.

    Raises:
        SandboxError: there is none.
    """
    if name not in ALL:
        raise SandboxError(f"The sandbox has no scenario {name!r}.", todo=f"Scenarios: {', '.join(ALL)}.")
    return ALL[name]
