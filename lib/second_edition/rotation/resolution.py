"""Define what a run saw of DNS besides the key records: who is authoritative, which way is open, what resolvers say."""

from __future__ import annotations

from typing import Final

from msgspec import Struct
from msgspec.structs import astuple

from second_edition.dkim.published import Answer, Server

OPEN: Final = "open"
BLOCKED: Final = "blocked"


class NameServers(Struct, frozen=True, forbid_unknown_fields=True, eq=False):
    """A zone's name servers as one server of it, or of the zone above, tells them.

    Attributes:
        server: who was asked.
        names: host names in lower case, without closing dots, sorted.
        failure: why it told nothing: a word of ``Answer.failure``, an rcode, or ``lame``; "" when it told them, with
            authority or, in the zone above, by a referral. That one may tell, too, that it delegates to none.
        raw: the message that came, as it came, in base64; "" where none did.
    """

    server: Server
    names: tuple[str, ...] = ()
    failure: str = ""
    raw: str = ""

    def __eq__(self, other: object) -> bool:
        """Compare what was answered: ``raw`` differs by the messages' ids."""
        return isinstance(other, NameServers) and astuple(self)[:-1] == astuple(other)[:-1]

    def __hash__(self) -> int:
        """Return the hash of what was answered."""
        return hash(astuple(self)[:-1])


class Delegation(Struct, frozen=True, forbid_unknown_fields=True):
    """Which servers are authoritative for a name, and how that is known.

    Attributes:
        zone: the zone that holds the name, without a closing dot.
        found_by: ``walk`` (from the root) or ``resolver``.
        parent: host names to which the zone above delegates; none where they are not known, or where the servers of
            the zone above hold this one too and so tell its own.
        children: what each server of the zone itself tells.
        servers: every address of every host named by either, and of the servers of the zone above that hold this one
            too; a host without any has the address "".
        above: what each server of the zone above tells; none in records of versions that asked only one.
    """

    zone: str
    found_by: str
    parent: tuple[str, ...] = ()
    children: tuple[NameServers, ...] = ()
    servers: tuple[Server, ...] = ()
    above: tuple[NameServers, ...] = ()

    @property
    def differing(self) -> tuple[NameServers, ...]:
        """Return the servers, of the zone and of the one above it, that tell other names than that one does."""
        answering = [one for one in (*self.above, *self.children) if not one.failure]
        wanted = self.parent or (answering[0].names if answering else ())
        return tuple(one for one in answering if one.names != wanted)

    @property
    def untold(self) -> tuple[NameServers, ...]:
        """Return the servers of the zone above that told nothing, but for want of IPv6 here."""
        return tuple(one for one in self.above if one.failure and one.failure != "no-route")

    @property
    def lame(self) -> tuple[NameServers, ...]:
        """Return the servers that answer, but not as ones that hold the zone."""
        return tuple(child for child in self.children if child.failure in ("lame", "REFUSED", "SERVFAIL", "NXDOMAIN"))


class Sighting(Struct, frozen=True, forbid_unknown_fields=True):
    """Hold how the key record stood at one time, in short: what is remembered of it from run to run.

    Attributes:
        at: UTC, ISO 8601.
        everywhere: every authoritative server that could be asked served the key.
        ttl: the longest TTL of the key where it is served everywhere, else of whatever else is served, in seconds;
            ``None`` where no server told one, as where nothing stands there.
        negative_ttl: the longest negative-cache time of its zone, or of a CNAME's target's, in seconds; ``None`` where
            no server told.
        unsigned: a run of the past saw that which no trusted key has signed; it is not carried over to later runs.
    """

    at: str
    everywhere: bool
    ttl: int | None
    negative_ttl: int | None
    unsigned: bool = False


class Resolution(Struct, frozen=True, forbid_unknown_fields=True):
    """DNS as it was seen besides the key records themselves.

    Attributes:
        delegation: ``None`` where the name servers were given, or could not be found.
        path: ``open``, or ``blocked`` where no authoritative server can be asked from here and a resolver answers.
        siblings: what each authoritative server answers to a name beside the record that nobody ever made.
        followed: what the servers of a CNAME's target say of the target.
        resolved: what recursive resolvers answer: shown, and no proof.
        encrypted: what resolvers answer over HTTPS or TLS, asked where the path is blocked.
        unvalidated: what resolvers that answered SERVFAIL give with DNSSEC validation off (the CD bit).
        encrypted_counts: whether the profile takes those answers as evidence.
        history: sightings of earlier runs, oldest first.
    """

    delegation: Delegation | None = None
    path: str = OPEN
    siblings: tuple[Answer, ...] = ()
    followed: tuple[Answer, ...] = ()
    resolved: tuple[Answer, ...] = ()
    encrypted: tuple[Answer, ...] = ()
    unvalidated: tuple[Answer, ...] = ()
    encrypted_counts: bool = False
    history: tuple[Sighting, ...] = ()

    @property
    def by_encrypted(self) -> bool:
        """Return whether what encrypted resolvers say stands in for the authoritative servers."""
        return self.path == BLOCKED and self.encrypted_counts and bool(self.encrypted)

    @property
    def bogus(self) -> tuple[Answer, ...]:
        """Return the answers that a resolver gives only with DNSSEC validation off: the name fails validation there."""
        return tuple(one for one in self.unvalidated if not one.failure and one.rcode in ("NOERROR", "NXDOMAIN"))
