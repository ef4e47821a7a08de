"""Publishing by dynamic update (RFC 2136), signed with TSIG (RFC 8945).

Prerequisites bind an update to what was read: the server itself compares them with its zone, and changes nothing where
one does not hold. Questions are signed too, so that a wrong key is told before anything is written, and a server with
views answers from the one that it would update. All goes over TCP: a message is there once, or not at all.
"""

from __future__ import annotations

import socket
import struct
import time
from dataclasses import dataclass, field
from typing import Final

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.query
import dns.rcode
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.rdtypes.ANY.TXT
import dns.rrset
import dns.tsig
import dns.update
from msgspec import Struct

from second_edition.dkim.published import Server
from second_edition.dns.publisher import Written, ZoneRefused
from second_edition.rotation.record_set import Change, RecordSet, Standing

TIMEOUT_S: Final = 10.0
ALGORITHMS: Final = ("hmac-sha256", "hmac-sha384", "hmac-sha512")
"""What a key may be used with; SHA-1 and MD5 are not recommended any more (RFC 8945 section 6)."""

# In a server's own words: why it did not take the signature (RFC 8945 section 3).
_PEERS: Final[tuple[tuple[type[Exception], str], ...]] = (
    (dns.tsig.PeerBadKey, "BADKEY"),
    (dns.tsig.PeerBadSignature, "BADSIG"),
    (dns.tsig.PeerBadTime, "BADTIME"),
    (dns.tsig.PeerBadTruncation, "BADTRUNC"),
)
# The server has decided against the update before it began with it (RFC 2136 sections 3.1 to 3.3).
_DECIDED: Final = ("FORMERR", "NOTIMP", "REFUSED", "NOTAUTH", "NOTZONE", "NXRRSET", "YXRRSET", "NXDOMAIN", "YXDOMAIN")


@dataclass(frozen=True)
class TsigKey:
    """A key that messages are signed with. Its ``repr`` does not show the secret."""

    name: str
    algorithm: str
    secret: bytes = field(repr=False)

    def for_messages(self) -> dns.tsig.Key:
        """Return the key as dnspython takes it."""
        return dns.tsig.Key(self.name, self.secret, self.algorithm)


class UpdateServer(Struct, frozen=True):
    """A zone's primary server.

    Attributes:
        server: its address and port.
        key: the key that it knows us by.
        timeout_s: for each exchange, in seconds.
    """

    server: Server
    key: TsigKey
    timeout_s: float = TIMEOUT_S

    def read(self, name: str) -> Standing:
        """Return the TXT records at ``name``, as the zone's primary has them.

        Raises:
            ZoneRefused: no answer, none with authority, or one whose signature is not right.
        """
        owner = dns.name.from_text(name)
        answer = self._query(owner, dns.rdatatype.TXT)
        zone, serial = self._zone_of(owner)
        alias = answer.get_rrset(answer.answer, owner, dns.rdataclass.IN, dns.rdatatype.CNAME)
        found = alias or answer.get_rrset(answer.answer, owner, dns.rdataclass.IN, dns.rdatatype.TXT)
        if found is None or self._by_wildcard(owner, found):
            return Standing(name, zone, serial=serial)
        if alias:
            return Standing(name, zone, other=f"CNAME {alias[0].target.to_text(omit_final_dot=True)}", serial=serial)
        return Standing(name, zone, _record_set(found), serial=serial)

    def write(self, change: Change) -> Written:
        """Send one signed update, once, which the server carries out whole or not at all (RFC 2136 section 3.4)."""
        update = _update(change)
        try:
            answer = self._exchange(update)
        except _NotSent as error:
            return Written(error.code, error.message)
        except ZoneRefused as error:
            return Written(error.code, error.message, unclear=True)  # no such answer is signed
        code = dns.rcode.to_text(answer.rcode())
        if code == "NOERROR":
            return Written()
        return Written(code, unclear=code not in _DECIDED)

    def settled(self, receipt: str) -> bool:  # noqa: ARG002 - the server has none to give
        """Return True: the primary serves what it has confirmed (RFC 2136 section 3.5)."""
        return True

    def _query(self, owner: dns.name.Name, kind: dns.rdatatype.RdataType) -> dns.message.Message:
        question = dns.message.make_query(owner, kind)
        question.flags &= ~dns.flags.RD
        answer = self._exchange(question)
        code = dns.rcode.to_text(answer.rcode())
        if code not in ("NOERROR", "NXDOMAIN"):
            raise ZoneRefused(code)
        if not answer.flags & dns.flags.AA:
            raise ZoneRefused("not-authoritative")
        return answer

    def _zone_of(self, owner: dns.name.Name) -> tuple[str, int]:
        """Return the zone that holds the name, and its serial: from the SOA in the authority section, or in the answer.

        A CNAME is answered with what it leads to: then the name above tells.
        """
        name = owner
        while len(name.labels) > 2:
            answer = self._query(name, dns.rdatatype.SOA)
            for found in (*answer.answer, *answer.authority):
                if found.rdtype == dns.rdatatype.SOA and owner.is_subdomain(found.name):
                    return found.name.to_text(omit_final_dot=True).lower(), int(found[0].serial)
            name = name.parent()
        raise ZoneRefused("no-zone")

    def _by_wildcard(self, owner: dns.name.Name, found: dns.rrset.RRset) -> bool:
        """Return whether a name below is answered alike: then nothing stands at this one.

        Below a name that somebody made, no wildcard above it answers (RFC 4592 section 2.2.1).
        """
        child = dns.name.Name((b"_", *owner.labels))
        other = self._query(child, dns.rdatatype.TXT)
        same = other.get_rrset(other.answer, child, found.rdclass, found.rdtype)
        return same is not None and set(same) == set(found)

    def _exchange(self, message: dns.message.Message) -> dns.message.Message:
        """Send one signed message and return its answer, whose signature is verified.

        Raises:
            ZoneRefused: no answer, or none that is the server's (``_NotSent``: the message never left).
        """
        message.use_tsig(self.key.for_messages())
        until = time.time() + self.timeout_s  # by the clock that dnspython goes by
        try:
            with self._connected() as tcp:
                dns.query.send_tcp(tcp, message, until)
                # Verified below: of an answer without a signature dnspython would tell no code.
                answer = dns.query.receive_tcp(tcp, until, keyring=False)[0]  # type: ignore[arg-type]
            if signed := answer.had_tsig:
                answer = dns.message.from_wire(answer.wire or b"", keyring=message.keyring, request_mac=message.mac)
        except dns.exception.Timeout:
            raise ZoneRefused("timeout") from None
        except (OSError, EOFError) as error:
            raise ZoneRefused("connection", getattr(error, "strerror", "") or type(error).__name__) from None
        except tuple(kind for kind, _ in _PEERS) as error:
            raise ZoneRefused(next(word for kind, word in _PEERS if isinstance(error, kind))) from None
        except (dns.exception.DNSException, ValueError, struct.error) as error:
            raise ZoneRefused("untrusted", type(error).__name__) from None
        if not message.is_response(answer):
            raise ZoneRefused("untrusted", "NotResponse")
        if not signed:
            # A server that does not know the key cannot sign that it does not; but then anybody may have said so.
            code = dns.rcode.to_text(answer.rcode())
            raise ZoneRefused("unsigned" if code == "NOERROR" else code)
        return answer

    def _connected(self) -> socket.socket:
        try:
            tcp = socket.create_connection((self.server.address, self.server.port), self.timeout_s)
        except OSError as error:
            raise _NotSent("unreachable", error.strerror or type(error).__name__) from None
        tcp.setblocking(False)  # as dnspython takes it
        return tcp


class _NotSent(ZoneRefused):
    """There is no connection: the server never saw the message."""


def _record_set(found: dns.rrset.RRset) -> RecordSet:
    return RecordSet(found.ttl, tuple(sorted(tuple(record.strings) for record in found)))


def _update(change: Change) -> dns.update.UpdateMessage:
    """Return the update of one name: its TXT records are what was read and no CNAME stands there, then the change.

    Of the TXT records only those are deleted that the plan names, each by its value (RFC 2136 section 2.5.4).
    """
    owner = dns.name.from_text(change.name)
    update = dns.update.UpdateMessage(dns.name.from_text(change.zone))
    update.absent(owner, dns.rdatatype.CNAME)
    before, after = _rdatas(change.before), _rdatas(change.after)
    if before:
        update.present(owner, *before)  # the record set as a whole, value for value (RFC 2136 section 2.4.2)
        update.delete(owner, *before)
    else:
        update.absent(owner, dns.rdatatype.TXT)  # RFC 2136 section 2.4.3
    if after and change.after:
        update.add(owner, change.after.ttl, *after)
    return update


def _rdatas(found: RecordSet | None) -> tuple[dns.rdata.Rdata, ...]:
    kind = (dns.rdataclass.IN, dns.rdatatype.TXT)
    return tuple(dns.rdtypes.ANY.TXT.TXT(*kind, record) for record in found.records) if found else ()
