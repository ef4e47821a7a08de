"""Write key records by dynamic update (RFC 2136), signed with TSIG (RFC 8945).

Prerequisites bind an update to what was read: the server compares them with its zone, and changes
nothing where one does not hold. Everything goes over TCP, and the questions are signed too.
"""

from dataclasses import dataclass, field
from typing import Final

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.query
import dns.rcode
import dns.rdtypes.ANY.TXT
import dns.tsig
import dns.update
from dns.rdataclass import IN
from dns.rdatatype import CNAME, SOA, TXT, RdataType

from byodkim.checks.facts import Server
from byodkim.custody.settings import PutAnswer, Refused, ZoneRecord
from byodkim.dkim.record import character_strings

TIMEOUT_S: Final = 10.0
#: SHA-1 and MD5 are not recommended any more (RFC 8945 section 6).
ALGORITHMS: Final = ("hmac-sha256", "hmac-sha384", "hmac-sha512")
#: The server decided against the update before it began with it (RFC 2136 sections 3.1 to 3.3).
DECIDED: Final = frozenset(
    {"FORMERR", "NOTIMP", "REFUSED", "NOTAUTH", "NOTZONE", "NXRRSET", "YXRRSET", "NXDOMAIN",
     "YXDOMAIN"}
)  # fmt: skip
#: Why a server did not take the signature (RFC 8945 section 3).
_PEER: Final = {
    dns.tsig.PeerBadKey: "BADKEY",
    dns.tsig.PeerBadSignature: "BADSIG",
    dns.tsig.PeerBadTime: "BADTIME",
}


@dataclass(frozen=True)
class TsigKey:
    """What messages are signed with. ``repr`` does not show the secret."""

    name: str
    algorithm: str
    secret: bytes = field(repr=False)


@dataclass(frozen=True)
class UpdateServer:
    """A zone's primary server, and the key by which it knows us."""

    server: Server
    key: TsigKey

    def read(self, name: str) -> ZoneRecord:
        """Return what stands at a name, as the primary has it.

        Raises:
            Refused: the server does not say.
        """
        return _record(*self._find(name))

    def change(self, name: str, remove: str, add: str, ttl: int) -> PutAnswer:
        """Send one update, which the server carries out whole or not at all.

        Args:
            name: of the record, absolute, without a final dot.
            remove: value that must stand there alone, and goes; "" where nothing may stand there.
            add: value that comes; "" for none.
            ttl: of what comes, in seconds.

        Raises:
            Refused: the server does not say what stands there. The update was not sent.
        """
        owner = dns.name.from_text(name)
        answer, zone = self._find(name)
        here = _record(answer, zone)
        if here.values != ((remove,) if remove else ()) or here.other:
            return PutAnswer("rejected", "NotAsExpected")
        update = dns.update.UpdateMessage(dns.name.from_text(zone))
        texts = answer.get_rrset(answer.answer, owner, IN, TXT)
        if texts:
            rdata = texts[0]
            update.present(owner, rdata)  # value for value (RFC 2136 section 2.4.2)
            update.delete(owner, rdata)
        else:
            update.absent(owner)  # nothing of any type (RFC 2136 section 2.4.5)
        if add:
            strings = [string.encode() for string in character_strings(add)]
            update.add(owner, ttl, dns.rdtypes.ANY.TXT.TXT(IN, TXT, strings))
        try:
            code = dns.rcode.to_text(self._exchange(update).rcode())
        except Refused as error:
            return PutAnswer("unclear", error.code)
        if code == "NOERROR":
            return PutAnswer("accepted", answer={"Server": str(self.server), "Zone": zone})
        return PutAnswer("rejected" if code in DECIDED else "unclear", code)

    def state(self, change: str) -> str:  # noqa: ARG002 - the server gives no receipt
        """Return INSYNC: the primary serves what it has confirmed (RFC 2136 section 3.5)."""
        return "INSYNC"

    def _find(self, name: str) -> tuple[dns.message.Message, str]:
        """Return the answer for a name's TXT records, and the name of the zone.

        Raises:
            Refused: the server does not say.
        """
        owner = dns.name.from_text(name)
        soa = self._query(owner, SOA)
        zones = [rrset.name for rrset in (*soa.answer, *soa.authority) if rrset.rdtype == SOA]
        inside = [zone for zone in zones if owner.is_subdomain(zone)]
        if not inside:
            raise Refused("OtherZone")
        return self._query(owner, TXT), inside[0].to_text(omit_final_dot=True).lower()

    def _query(self, owner: dns.name.Name, kind: RdataType) -> dns.message.Message:
        question = dns.message.make_query(owner, kind)
        question.flags &= ~dns.flags.RD
        answer = self._exchange(question)
        code = dns.rcode.to_text(answer.rcode())
        if code not in ("NOERROR", "NXDOMAIN"):
            raise Refused(code)
        if not answer.flags & dns.flags.AA:
            raise Refused("NotAuthoritative")
        return answer

    def _exchange(self, message: dns.message.Message) -> dns.message.Message:
        """Send a signed message and return its answer, whose signature is right.

        Raises:
            Refused: there is none. The server may have got the message.
        """
        key = self.key
        message.use_tsig(dns.tsig.Key(key.name, key.secret, key.algorithm))
        server = self.server
        try:
            answer = dns.query.tcp(message, server.address, TIMEOUT_S, server.port)
        except dns.exception.Timeout:
            raise Refused("Timeout") from None
        except tuple(_PEER) as error:
            raise Refused(_PEER[type(error)]) from None
        except (OSError, EOFError):
            raise Refused("ConnectionError") from None
        except Exception:  # noqa: BLE001 - whatever it is, the server may have got the message
            raise Refused("UnreadableAnswer") from None
        if not answer.had_tsig:
            code = dns.rcode.to_text(answer.rcode())
            raise Refused("Unsigned" if code == "NOERROR" else code)
        return answer


def _record(answer: dns.message.Message, zone: str) -> ZoneRecord:
    owner = answer.question[0].name
    alias = answer.get_rrset(answer.answer, owner, IN, CNAME)
    texts = answer.get_rrset(answer.answer, owner, IN, TXT)
    values = sorted(b"".join(each.strings).decode("latin-1") for each in texts or ())
    return ZoneRecord(zone, tuple(values), texts.ttl if texts else 0, "CNAME" if alias else "")
