"""A name server's reply as plain resource record sets, and the short way to read one of the usual shape.

dnspython makes objects with names, sets and canonical forms of everything in a message. Of the thousands of messages in
an archive nearly all are of one plain shape, whose few facts are read here in a tenth of the time. Whatever is not of
that shape is dnspython's to read or to refuse: both ways give the same, which a test holds them to.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    import dns.message
    import dns.name
    import dns.rrset

A, NS, CNAME, SOA, TXT, AAAA, OPT = 1, 2, 5, 6, 16, 28, 41
Labels = tuple[bytes, ...]

_RELEVANT: Final = frozenset({CNAME, SOA, TXT})
_ADDRESS: Final = {A: 4, AAAA: 16}  # octets (RFC 1035 section 3.4.1, RFC 3596 section 2.2)
_QUERY: Final = 0x7800  # of the flags: the opcode, which is 0 for a standard query
_AA: Final = 0x0400
_IN: Final = 1
_PLAIN: Final = frozenset(b"abcdefghijklmnopqrstuvwxyz0123456789-_")
_DOTTED: Final = _PLAIN | frozenset(b".")
_HEADER, _LONGEST_NAME = 12, 255  # octets (RFC 1035 sections 4.1.1 and 3.1)
_ASKED: Final = bytes([0xC0, _HEADER])  # a pointer to the first question's name
_LARGEST_TTL: Final = 0x7FFFFFFF  # a TTL with its highest bit set counts as 0 (RFC 2181 section 8)


class Soa(NamedTuple):
    """What of a start of authority is of use here; seconds, but for the serial."""

    serial: int
    refresh: int
    minimum: int


class RecordSet(NamedTuple):
    """The records of one owner and type; only TXT, CNAME and SOA ones are told.

    Attributes:
        owner: labels in lower case, without the root's.
        kind: the type's number.
        ttl: the least of them, in seconds.
        values: character-strings of each TXT record, or the target's labels of a CNAME.
        soa: of a start of authority.
    """

    owner: Labels
    kind: int
    ttl: int
    values: tuple[tuple[bytes, ...], ...] = ()
    soa: Soa | None = None


class Message(NamedTuple):
    """A reply: its rcode (extended, RFC 6891 section 6.1.3), the AA bit, and the sets of its first two sections."""

    rcode: int
    authoritative: bool
    answer: tuple[RecordSet, ...]
    authority: tuple[RecordSet, ...]


def read(wire: bytes) -> Message:
    """The message.

    Raises:
        ValueError: it is none.
    """
    if found := read_plain(wire):
        return found
    import dns.exception  # what follows is seldom needed, and slow to load
    import dns.message

    try:
        return plain(dns.message.from_wire(wire))
    except dns.exception.DNSException as error:
        raise ValueError(type(error).__name__) from None


def plain(message: dns.message.Message) -> Message:
    """What dnspython has read, as a ``Message``."""
    answer, authority = (tuple(_sets(section)) for section in (message.answer, message.authority))
    return Message(int(message.rcode()), bool(message.flags & _AA), answer, authority)


def _sets(section: Sequence[dns.rrset.RRset]) -> Iterator[RecordSet]:
    for one in section:
        if one.rdtype in _RELEVANT and one.rdclass == _IN and len(one):
            owner, kind, ttl = labels_of(one.name), int(one.rdtype), int(one.ttl)
            records: list[Any] = list(one)
            if kind == SOA:
                soa = Soa(*(int(getattr(records[0], name)) for name in Soa._fields))
                yield RecordSet(owner, kind, ttl, soa=soa)
            else:
                values = (labels_of(each.target) if kind == CNAME else tuple(each.strings) for each in records)
                yield RecordSet(owner, kind, ttl, tuple(values))


def labels_of(name: dns.name.Name) -> Labels:
    """The labels of an absolute name, in lower case, without the root's."""
    return tuple(label.lower() for label in name.labels[:-1])


def labels_in(name: str) -> Labels:
    """The labels of a name without a closing dot, in lower case."""
    data = name.encode("ascii", "replace").lower()
    if _DOTTED.issuperset(data) and all(0 < len(label) < 64 for label in data.split(b".")):
        return tuple(data.split(b"."))
    import dns.name

    return labels_of(dns.name.from_text(name + "."))


def text_of(labels: Labels) -> str:
    """A name as text, without its closing dot; what is no letter, digit, hyphen or underscore as in a zone file."""
    if all(_PLAIN.issuperset(label) for label in labels):
        return b".".join(labels).decode()
    import dns.name

    return dns.name.Name((*labels, b"")).to_text(omit_final_dot=True)


class _Unusual(Exception):
    """Not of the plain shape: dnspython's to read."""


def read_plain(wire: bytes) -> Message | None:
    """The message, if it is of the plain shape: a reply to a query, names of letters, digits, "-" and "_", class IN.

    ``None`` for any other, and for what is no message at all.
    """
    try:
        _, flags, questions, answers, authorities, more = struct.unpack_from("!6H", wire)
        if flags & _QUERY:
            return None
        place, asked = _HEADER, None
        for _ in range(questions):
            name, place = _name(wire, place)
            asked = name if asked is None else asked
            if wire[place + 2 : place + 4] != b"\0\1":
                return None
            place += 4
        answer, place, _ = _section(wire, place, answers, asked)
        authority, place, _ = _section(wire, place, authorities, asked)
        _, place, extended = _section(wire, place, more, asked, last=True)
    except (_Unusual, IndexError, struct.error):
        return None
    if place != len(wire):
        return None
    return Message(flags & 0xF | extended << 4, bool(flags & _AA), answer, authority)


def _section(
    wire: bytes, place: int, count: int, asked: Labels | None, *, last: bool = False
) -> tuple[tuple[RecordSet, ...], int, int]:
    """The sets of a section, where it ends, and the upper bits of the rcode, which stand in an OPT record's TTL.

    ``asked``: the first question's name, to which most owners point; ``None`` where nothing was asked.
    """
    found: dict[tuple[Labels, int], RecordSet] = {}
    extended = -1
    for _ in range(count):
        if asked is not None and wire.startswith(_ASKED, place):
            owner, place = asked, place + 2
        else:
            owner, place = _name(wire, place)
        kind, kind_class, ttl, length = struct.unpack_from("!HHIH", wire, place)
        place += 10
        end = place + length
        if kind == OPT:
            if not last or owner or length or extended >= 0:
                raise _Unusual
            extended = ttl >> 24
            continue
        if kind_class != _IN or end > len(wire):
            raise _Unusual
        if kind not in _RELEVANT:
            _pass_over(wire, place, end, kind)
        else:
            values, soa = _values(wire, place, end, kind)
            _add(found, RecordSet(owner, kind, ttl if ttl <= _LARGEST_TTL else 0, values, soa))
        place = end
    return tuple(found.values()), place, max(extended, 0)


def _add(found: dict[tuple[Labels, int], RecordSet], new: RecordSet) -> None:
    before = found.setdefault((new.owner, new.kind), new)
    if before is new:
        return
    values = new.values
    if new.kind == TXT:  # of the other types an owner can have only one, and the last counts
        values = before.values if values[0] in before.values else before.values + values
    found[new.owner, new.kind] = RecordSet(new.owner, new.kind, min(before.ttl, new.ttl), values, new.soa)


def _pass_over(wire: bytes, place: int, end: int, kind: int) -> None:
    """Looks whether a record of no further use is as it should be."""
    if kind == NS:
        _, place = _name(wire, place)
    if end - place != _ADDRESS.get(kind, 0 if kind == NS else -1):
        raise _Unusual


def _values(wire: bytes, place: int, end: int, kind: int) -> tuple[tuple[tuple[bytes, ...], ...], Soa | None]:
    if kind == TXT:
        return (_strings(wire, place, end),), None
    target, place = _name(wire, place)
    if kind == CNAME and place == end:
        return (target,), None
    _, place = _name(wire, place)
    if kind == CNAME or place + 20 != end:
        raise _Unusual
    serial, refresh, _, _, minimum = struct.unpack_from("!5I", wire, place)
    return (), Soa(serial, refresh, minimum)


def _strings(wire: bytes, place: int, end: int) -> tuple[bytes, ...]:
    strings = []
    while place < end:
        after = place + 1 + wire[place]
        strings.append(wire[place + 1 : after])
        place = after
    if place != end or not strings:
        raise _Unusual
    return tuple(strings)


def _name(wire: bytes, place: int) -> tuple[Labels, int]:
    """The name at ``place`` in lower case, and where what follows it begins (RFC 1035 section 4.1.4)."""
    labels: list[bytes] = []
    octets, start, limit, after = 1, place, len(wire), -1
    while length := wire[place]:
        if length >= 0xC0:
            after = place + 2 if after < 0 else after
            # What is pointed at lies before the name and ends before it, so that reading it ends.
            place, limit = (length & 0x3F) << 8 | wire[place + 1], start
            if place >= start or place < _HEADER:
                raise _Unusual
            start = place
            continue
        label = wire[place + 1 : place + 1 + length].lower()
        octets += length + 1
        place += length + 1
        if place >= limit or octets > _LONGEST_NAME or not _PLAIN.issuperset(label):
            raise _Unusual
        labels.append(label)
    return tuple(labels), place + 1 if after < 0 else after
