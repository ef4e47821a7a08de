"""Which world a run acted in: what a rehearsal tells is nothing of AWS, nor of another sandbox."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from second_edition.events.run import Begin, Parameter


def name_of(endpoint: str, own: str) -> str:
    """Return how an archive names a standing sandbox or a twin. ``own``: its id, another one after each reset."""
    return f"sandbox {endpoint} {own}".rstrip()


class World(Struct, frozen=True):
    """The surroundings of one identity.

    ``sandbox`` is the endpoint of the sandbox, "" for AWS; ``account`` is "" where the run was told of none.
    ``id`` is a twin's or another sandbox's, "" for AWS: another one after each start and reset.
    """

    domain: str
    sandbox: str
    account: str
    region: str
    id: str = ""

    @classmethod
    def of(cls, begin: Begin) -> World | None:
        """Return the world of a run, by its first event; ``None`` for a sandbox of its own, which has no other run."""
        own = begin.twin.id if begin.twin else begin.sandbox
        return cls.where(begin.domain, begin.target, begin.account, own, begin.parameters)

    @classmethod
    def where(cls, domain: str, target: str, account: str, own: str, given: Mapping[str, Parameter]) -> World | None:
        """Return the world of a run that is about to begin; as ``of``. ``given``: its parameters."""
        endpoint, region = given.get("endpoint_url"), given.get("region")
        if target != "aws" and (endpoint is None or endpoint.source == "sandbox" or not endpoint.value):
            return None
        sandbox = endpoint.value.rstrip("/") if endpoint and target != "aws" else ""
        return cls(domain, sandbox, account, region.value if region else "", own)

    def same_dns(self, other: World | None) -> bool:
        """Return whether the two domains are one: DNS knows neither accounts nor Regions."""
        return other is not None and (self.domain, self.sandbox, self.id) == (other.domain, other.sandbox, other.id)

    def same_identity(self, other: World | None) -> bool:
        """Return whether the two identities are one: each account and each Region has its own."""
        return (
            self.same_dns(other)
            and other is not None
            and self.region == other.region
            # A run that was told of no account, or is older than the word, may be of any.
            and (self.account == other.account or not (self.account and other.account))
        )
