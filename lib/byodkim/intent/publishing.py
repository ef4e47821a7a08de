"""How key records get into DNS, as the profile says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from byodkim.dkim.published import Server
from byodkim.dns.server_names import parse_nameservers
from byodkim.messages import Language
from byodkim.sandbox.client import Facts
from byodkim.settings import Profile

WRITING: Final = ("route53", "rfc2136")


@dataclass(frozen=True)
class Way:
    """The way into DNS.

    Attributes:
        publisher: ``request`` (the DNS team gets a sheet), ``octodns`` (it gets YAML), ``route53`` or ``rfc2136``.
        hosted_zone_id: of Route 53.
        update_server: the zone's primary server.
        tsig_secret_id: of the secret in Secrets Manager that holds the TSIG key.
    """

    publisher: str = "request"
    hosted_zone_id: str = ""
    update_server: Server | None = None
    tsig_secret_id: str = ""

    @property
    def writes(self) -> bool:
        """Return whether DNS is written from here; else other people do."""
        return self.publisher in WRITING

    def plain(self) -> dict[str, Any]:
        """As the custodian takes it."""
        server = self.update_server
        return {
            "publisher": self.publisher,
            "hosted_zone_id": self.hosted_zone_id,
            "update_server": {"address": server.address, "port": server.port} if server else None,
            "tsig_secret_id": self.tsig_secret_id,
        }


def of(section: Profile, language: Language) -> Way:
    """The way of a profile, whose keys have been checked."""
    servers = parse_nameservers(section.update_server, language) if section.update_server else (None,)
    return Way(section.publisher, section.hosted_zone_id, servers[0], section.tsig_secret_id)


def of_sandbox(facts: Facts) -> Way:
    """The way of a rehearsal: the sandbox's own hosted zone, whatever the profile says."""
    return Way("route53", facts.hosted_zone_id)
