"""Named worlds: descriptions of what stands in SES, in the key store and in DNS before a run begins."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Literal

from second_edition.ses_sandbox.description import Description, Identity, KeyObject, RecordSet, Secret, Server
from second_edition.ses_sandbox.errors import SandboxError

KEY_BUCKET: Final = "byodkim-keys"
BITS: Final = 2048
LABEL: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?")
DOMAIN: Final = re.compile(rf"(?:{LABEL.pattern}\.)+{LABEL.pattern}")
LONGEST_DOMAIN: Final = 253 - len("._domainkey.") - 63  # so that there is room for a selector
#: In the secret's next key record, by what was requested. One is cut as in a request that was really seen: the DER
#: header says it is longer than what follows.
_REQUESTED: Final = {"pair": "{{key:{0}}}", "truncated": "{{key:{0}:260}}", "stranger": "{{key:stranger}}"}


def secret_id(domain: str) -> str:
    """Return the name of the domain's secret."""
    return f"byodkim/{domain}"


def key_path(domain: str, selector: str) -> str:
    """Return where the private key of a selector lies in the key bucket."""
    return f"dkim-keys/{domain}/{selector}/private_key.pem"


@dataclass(frozen=True)
class Names:
    """Hold what the world is about: a signing domain and two selectors."""

    domain: str = "example.jp"
    current_selector: str = "mail-20260912-1"
    next_selector: str = "mail-20261124-1"

    def checked(self) -> Names:
        """Return the same with the domain in A-labels.

        Raises:
            SandboxError: the domain is none, a selector is none that SES takes, or both are one.
        """
        try:
            domain = self.domain.encode("idna").decode().lower().removesuffix(".")
        except UnicodeError:
            domain = ""
        if not DOMAIN.fullmatch(domain) or len(domain) > LONGEST_DOMAIN:
            raise SandboxError("{domain!r} is not a domain name such as example.jp.", domain=self.domain[:80])
        for selector in (self.current_selector, self.next_selector):
            if not LABEL.fullmatch(selector):
                raise SandboxError(
                    "The selector {selector!r} is not one that SES takes.",
                    "1 to 63 letters, digits and inner hyphens, such as mail-20261124-1.",
                    selector=selector[:80],
                )
        if self.current_selector == self.next_selector:
            raise SandboxError("The selector in use and the next one are both {selector}.", selector=self.next_selector)
        return replace(self, domain=domain)


@dataclass(frozen=True)
class Scenario:
    """One world. The defaults are those of ``ready``.

    Attributes:
        name: as it is asked for.
        claim: what is true of it, in one sentence.
        signs_with: whose key SES has: ``current``, ``next`` or ``easy`` (Easy DKIM).
        status: what SES says of it, SUCCESS or FAILED.
        current_published: the current key record is in DNS.
        next_published: the name servers that serve the next key record, by number; ``None``: all.
        switched_days: days since SES verified the next selector; 0 where nothing tells.
        next_stored: there is a next key pair, in the secret and in the bucket.
        requested: the secret's key record: of the ``pair`` in S3, ``truncated``, or of a ``stranger``.
        further: accounts and Regions besides the sandbox's own in which the identity stands as it does there.
        crowd: so many identities beside it that can be rotated, where the knob ``identities`` says no other number.
    """

    name: str
    claim: str
    signs_with: str = "current"
    status: Literal["SUCCESS", "FAILED"] = "SUCCESS"
    current_published: bool = True
    next_published: tuple[int, ...] | None = None
    requested: str = "pair"
    next_stored: bool = True
    switched_days: int = 0
    further: tuple[tuple[str, str], ...] = ()
    crowd: int = 0

    def described(self, names: Names, now: datetime, servers: int = 2) -> Description:
        """Return the world at a time, with a key pair by each selector's name, and so many name servers."""
        domain, current, following = names.domain, names.current_selector, names.next_selector
        values = {current: f"{{key:{current}}}", following: _REQUESTED[self.requested].format(following)}
        values = {selector: f"v=DKIM1; k=rsa; p={key}" for selector, key in values.items()}
        every = tuple(range(servers))
        published = every if self.next_published is None else self.next_published
        served = {current: every if self.current_published else (), following: published}
        stored = (current, following)[: 1 + self.next_stored]
        signs = following if self.signs_with == "next" else current
        origin = "AWS_SES" if self.signs_with == "easy" else "EXTERNAL"
        since = now - timedelta(days=self.switched_days)
        identity = Identity(
            name=domain, selectors=(signs,), key=signs, origin=origin, status=self.status,
            verified=self.status == "SUCCESS",
        )  # fmt: skip
        versions = tuple(
            {"selector": one, "dns_record": {"value": values[one]}, "s3_key_path": key_path(domain, one)}
            for one in stored
        )
        records = tuple(
            RecordSet(name=f"{one}._domainkey.{domain}", values=(values[one],), servers=served[one]) for one in stored
        )
        return Description(
            domain=domain, current_selector=current, next_selector=following,
            secret_id=secret_id(domain), key_bucket=KEY_BUCKET,
            servers=tuple(Server(name=f"ns{number}.{domain}") for number in range(1, servers + 1)),
            identities=(identity,),
            secrets=(Secret(name=secret_id(domain), versions=versions),),
            objects=tuple(KeyObject(bucket=KEY_BUCKET, path=key_path(domain, one), key=one) for one in stored),
            records=records,
            keys=dict.fromkeys((*stored, *(["stranger"] if self.requested == "stranger" else ())), BITS),
            switched_at=since.isoformat(timespec="milliseconds") if self.switched_days else "",
        )  # fmt: skip


DESCRIBED: Final = Scenario("described", "It is what its description file says.")
FURTHER: Final = (("123456789012", "us-east-1"), ("111122223333", "eu-west-1"))
_ALL: Final = (
    Scenario("ready", "SES signs with the current selector, and the next key record stands at every name server."),
    Scenario("dns-absent", "The next key record is not published yet.", next_published=()),
    Scenario(
        "stale-name-server",
        "The second name server holds an older zone without the next key record.",
        next_published=(0,),
    ),
    Scenario(
        "truncated-request",
        "The public key in the secret was cut short, and DNS serves the same cut value.",
        requested="truncated",
    ),
    Scenario(
        "secret-mismatch",
        "The public key in the secret and in DNS does not pair with the private key in S3.",
        requested="stranger",
    ),
    Scenario("already-rotated", "SES already signs with the next selector and has verified it.", signs_with="next"),
    Scenario("easy-dkim", "The identity is on Easy DKIM (origin AWS_SES), not on BYODKIM.", signs_with="easy"),
    Scenario(
        "unprepared",
        "There is no next key pair yet: neither in the secret, nor in the bucket, nor in DNS.",
        next_stored=False,
        next_published=(),
    ),
    Scenario(
        "overlap",
        "SES has signed with the next selector for 8 days; the key record of the one before it is still published.",
        signs_with="next",
        switched_days=8,
    ),
    Scenario(
        "places",
        "Three places sign with the current selector: two Regions of the account, and one of another account.",
        further=FURTHER,
    ),
    Scenario(
        "fleet",
        "A dozen identities beside the own one, each with a secret, keys and key records: most can be switched, "
        "one each lacks its key record, its key pair, or is on Easy DKIM.",
        crowd=12,
    ),
    Scenario(
        "previous-failed",
        "SES gave up on the current selector (FAILED); neither key record is in DNS.",
        status="FAILED",
        current_published=False,
        next_published=(),
    ),
)
ALL: Final = {one.name: one for one in _ALL}


def scenario(name: str) -> Scenario:
    """Return the scenario of that name.

    Raises:
        SandboxError: there is none.
    """
    if name not in ALL:
        raise SandboxError(
            "The sandbox has no scenario {name!r}.", "Scenarios: {known}.", name=name, known=", ".join(ALL)
        )
    return ALL[name]
