"""Define what DNS answered about a key record, as plain data, and what that says about the key."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from msgspec import Struct
from msgspec.structs import astuple

from second_edition.dkim.character_string import CharacterString
from second_edition.dkim.key_record import KeyRecordInvalid, parse


class Server(Struct, frozen=True, forbid_unknown_fields=True):
    """One address of a name server.

    Attributes:
        name: its host name without a closing dot, or "" when it was given by address.
        address: IPv4 or IPv6 address; "" for a name server whose name has no address.
        port: UDP and TCP port.
    """

    name: str
    address: str
    port: int = 53

    def __str__(self) -> str:
        """Return ``address:port`` (IPv6 in brackets), as the ``nameservers`` parameter takes it."""
        return f"[{self.address}]:{self.port}" if ":" in self.address else f"{self.address}:{self.port}"


class Answer(Struct, frozen=True, forbid_unknown_fields=True, eq=False):
    """Hold what one server answered when asked for the TXT records at one name.

    Attributes:
        server: who was asked.
        name: what was asked for, in lower case and without a closing dot.
        rcode: ``NOERROR``, ``NXDOMAIN``, ``SERVFAIL``, ``REFUSED``, ...; "" when no answer came.
        authoritative: the AA bit.
        ttl: of the TXT records (or of the CNAME that stands in their place), in seconds.
        serial: of the zone at this server, if it told.
        negative_ttl: how long resolvers may hold "no such record" of that zone, in seconds: the lesser of the SOA's
            TTL and its MINIMUM (RFC 2308 section 5).
        refresh: how long a secondary server of the zone may lag behind, in seconds (the SOA's REFRESH).
        records: the TXT records, each a tuple of character-strings.
        cname: targets of the CNAMEs that stand at the name, in the order they are followed.
        transport: ``udp``, ``tcp``, ``https`` or ``tls``, by which the answer came or was last tried.
        latency_ms: between sending the question that was answered and its answer, in milliseconds.
        failure: why there is no answer: ``timeout``, ``port-closed``, ``unreachable``, ``no-route``, ``tcp-blocked``,
            ``malformed``, ``no-address``, ``untrusted`` (a certificate); "" when there is one. "Could not ask" is
            never "absent".
        raw: the messages that came, as they came, in base64: to the question for TXT records and to that for the SOA,
            "" where none came or it is the same one. All else can be told from them.
    """

    server: Server
    name: str
    rcode: str = ""
    authoritative: bool = False
    ttl: int | None = None
    serial: int | None = None
    records: tuple[tuple[CharacterString, ...], ...] = ()
    cname: tuple[str, ...] = ()
    transport: str = "udp"
    latency_ms: float | None = None
    failure: str = ""
    negative_ttl: int | None = None
    refresh: int | None = None
    raw: tuple[str, ...] = ()

    def __eq__(self, other: object) -> bool:
        """Compare what was answered: ``raw`` differs by the messages' ids."""
        return isinstance(other, Answer) and astuple(self)[:-1] == astuple(other)[:-1]

    def __hash__(self) -> int:
        """Return the hash of what was answered."""
        return hash(astuple(self)[:-1])


class Verdict(StrEnum):
    """Hold what one answer says about the key record, in one word."""

    THE_KEY = "the-key"
    A_KEY = "a-key"
    """A sound key record, where no key was expected in particular."""
    ANOTHER_KEY = "another-key"
    ABSENT = "absent"
    SEVERAL_RECORDS = "several-records"
    """More than one TXT record: what a receiver takes is undefined (RFC 6376 section 3.6.2.2)."""
    PLACEHOLDER = "placeholder"
    REVOKED = "revoked"
    INVALID = "invalid"
    CNAME = "cname"
    LAME = "lame"
    """The server answers, but not as one that holds the zone: no AA."""
    STALE = "stale"
    """Not the key, from a copy of the zone that is older than another server's."""
    NO_ANSWER = "no-answer"
    TCP_BLOCKED = "tcp-blocked"
    """The answer is too long for UDP, and TCP does not get through."""
    NO_IPV6 = "no-ipv6"
    """This machine reaches no IPv6 address at all: nothing is said about the server."""
    SERVFAIL = "servfail"
    REFUSED = "refused"


# Who could not be asked has not said that the record is absent: UNKNOWN, never "absent" and never "fine".
UNKNOWN: Final = frozenset(
    {Verdict.NO_ANSWER, Verdict.TCP_BLOCKED, Verdict.NO_IPV6, Verdict.SERVFAIL, Verdict.REFUSED, Verdict.LAME}
)


class Judgement(Struct, frozen=True):
    """A verdict with its particulars.

    Attributes:
        verdict: the word.
        detail: the defect of an invalid record, why there is no answer, or an unusual rcode; else "".
        sha256: of the SubjectPublicKeyInfo found, if a sound one was.
    """

    verdict: Verdict
    detail: str = ""
    sha256: str = ""

    def __str__(self) -> str:
        """Return the word, and its particulars in parentheses."""
        return f"{self.verdict} ({self.detail})" if self.detail else str(self.verdict)

    @property
    def unknown(self) -> bool:
        """Return whether nothing is known about the record at this server: it gave no answer."""
        return self.verdict in UNKNOWN


def judge(answer: Answer, expected: str | None = None, *, recursive: bool = False) -> Judgement:
    """Return what one server's answer alone says about the key record; ``matrix.judge_together`` knows the others too.

    Args:
        answer: what it answered.
        expected: SHA-256 of the SubjectPublicKeyInfo that should stand there, in hexadecimal; None for any key.
        recursive: the server is a recursive resolver: it answers without authority, and follows CNAMEs itself.
    """
    if answer.failure == Verdict.TCP_BLOCKED:
        return Judgement(Verdict.TCP_BLOCKED)
    if answer.failure:
        return Judgement(Verdict.NO_ANSWER, answer.failure)
    if answer.rcode in ("SERVFAIL", "REFUSED"):
        return Judgement(Verdict(answer.rcode.lower()))
    if answer.rcode not in ("NOERROR", "NXDOMAIN"):
        return Judgement(Verdict.NO_ANSWER, answer.rcode)
    if not answer.authoritative and not recursive:
        return Judgement(Verdict.LAME)
    return _judge_content(answer, expected, recursive)


def _judge_content(answer: Answer, expected: str | None, recursive: bool) -> Judgement:
    """Return what a usable answer says; one with records and NXDOMAIN contradicts itself."""
    if answer.rcode == "NXDOMAIN" and answer.records:
        # The name does not exist, and yet a record stands in the answer: resolvers drop it (RFC 2308 section 2.1).
        return Judgement(Verdict.INVALID, "nxdomain-with-txt")
    if answer.cname and not (recursive and answer.records):
        return Judgement(Verdict.CNAME, answer.cname[-1])
    if not answer.records:
        return Judgement(Verdict.ABSENT)
    if len(answer.records) > 1:
        return Judgement(Verdict.SEVERAL_RECORDS, str(len(answer.records)))
    return _judge_record(answer.records[0], expected)


def _judge_record(strings: tuple[bytes, ...], expected: str | None) -> Judgement:
    found = _read_record(strings)
    if found.verdict is not Verdict.A_KEY or expected is None:
        return found
    return Judgement(Verdict.THE_KEY if found.sha256 == expected else Verdict.ANOTHER_KEY, sha256=found.sha256)


def _read_record(strings: tuple[bytes, ...]) -> Judgement:
    try:
        return Judgement(Verdict.A_KEY, sha256=parse(strings).public_key.sha256)
    except KeyRecordInvalid as invalid:
        if invalid.defect in (Verdict.PLACEHOLDER, Verdict.REVOKED):
            return Judgement(Verdict(invalid.defect))
        return Judgement(Verdict.INVALID, invalid.defect)
