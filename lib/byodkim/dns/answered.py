"""What name servers' replies tell of a key record and its zone: as they come, and again from what was kept of them."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

from byodkim.dkim.published import Answer
from byodkim.dns import plain_reply
from byodkim.dns.plain_reply import CNAME, TXT, Labels, Message

_LONGEST_CHAIN: Final = 8  # CNAMEs followed within one answer
_RCODES: Final = {0: "NOERROR", 2: "SERVFAIL", 3: "NXDOMAIN", 5: "REFUSED"}


def facts_of(name: str, txt: Message, soa: Message | None, recursion: bool) -> dict[str, Any]:
    """What the messages tell, whoever sent them."""
    asked = plain_reply.labels_in(name)
    cname, records, ttl = _follow(txt, asked)
    serial, negative_ttl, refresh = _zone_times(soa, asked, recursion)
    return {
        "rcode": _rcode(txt.rcode),
        "authoritative": txt.authoritative,
        "ttl": ttl,
        "serial": serial,
        "records": records,
        "cname": cname,
        "negative_ttl": negative_ttl,
        "refresh": refresh,
    }


def _rcode(number: int) -> str:
    if number in _RCODES:
        return _RCODES[number]
    import dns.rcode  # seldom needed, as all of dnspython where only kept replies are read

    return dns.rcode.to_text(dns.rcode.Rcode.make(number))


def told_again(answer: Answer, *, recursion: bool = False) -> Answer:
    """What an answer's raw messages tell: the same as it says, unless it was written by another hand.

    Raises:
        ValueError: a raw message is none.
    """
    # The two bytes before the flags are a number of the question's.
    txt, soa = (wire[2:] if (wire := base64.b64decode(raw, validate=True)) else None for raw in answer.raw)
    latency_ms = None if answer.latency_ms is None else round(answer.latency_ms, 1)
    facts: Mapping[str, Any] = {"failure": answer.failure}
    if txt is not None and not answer.failure:
        facts = _told(answer.name, txt, soa if soa is not None or not recursion else txt, recursion)
    else:
        for told in (txt, soa):
            if told is not None:
                _read(told)
    return Answer(answer.server, answer.name, transport=answer.transport, latency_ms=latency_ms, **facts)


@lru_cache(64)  # a run looks before its checks and again before its write, mostly at the same
def _told(name: str, txt: bytes, soa: bytes | None, recursion: bool) -> Mapping[str, Any]:
    return facts_of(name, _read(txt), None if soa is None else _read(soa), recursion)


def _read(wire: bytes) -> Message:
    """The message whose bytes these are from its flags on: the two before them are a number of the question's."""
    return plain_reply.read(b"\x00\x00" + wire)


def _follow(message: Message, name: Labels) -> tuple[tuple[str, ...], tuple[tuple[bytes, ...], ...], int | None]:
    """The CNAMEs from ``name`` on within the answer, the TXT records at their end, and the least TTL of all."""
    found = {(one.owner, one.kind): one for one in message.answer}
    chain: list[str] = []
    ttls: list[int] = []
    for _ in range(_LONGEST_CHAIN):
        link = found.get((name, CNAME))
        if link is None:
            break
        ttls.append(link.ttl)
        (name,) = link.values
        chain.append(plain_reply.text_of(name))
    txt = found.get((name, TXT))
    records = tuple(sorted(txt.values)) if txt is not None else ()
    ttls += [txt.ttl] if txt is not None else []
    return tuple(chain), records, min(ttls, default=None)


def _zone_times(message: Message | None, name: Labels, recursion: bool) -> tuple[int | None, int | None, int | None]:
    """The zone's serial, negative-cache time and refresh interval, as far as the server told them with authority.

    A resolver has none, and tells what it remembers.
    A SOA stands in the answer at the zone's own name, and beneath it in the authority section.
    """
    if message is not None and (recursion or message.authoritative):
        for found in (*message.answer, *message.authority):
            if found.soa and found.owner == name[len(name) - len(found.owner) :]:
                return found.soa.serial, min(found.ttl, found.soa.minimum), found.soa.refresh
    return None, None, None
