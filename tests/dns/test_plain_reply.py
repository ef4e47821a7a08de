"""The short way to read a reply gives what dnspython gives, or leaves it to dnspython. dnslib writes the replies."""

from __future__ import annotations

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rrset
import pytest
from dnslib import AAAA, CNAME, EDNS0, NS, QTYPE, RR, SOA, TXT, A, DNSHeader, DNSQuestion, DNSRecord
from hypothesis import example, given, settings
from hypothesis import strategies as st

from byodkim.dns import plain_reply
from byodkim.dns.plain_reply import Message, RecordSet, Soa

NAME = "mail-20261124-1._domainkey.example.jp"
LABELS = (b"mail-20261124-1", b"_domainkey", b"example", b"jp")

label = st.text("abcXYZ019-_", min_size=1, max_size=12)
name = st.lists(label, min_size=1, max_size=4).map(".".join) | st.sampled_from([NAME, "example.jp", "jp"])
strings = st.lists(st.binary(max_size=255), min_size=1, max_size=3)
number = st.integers(0, 2**32 - 1)
value = st.one_of(
    strings.map(TXT),
    name.map(CNAME),
    name.map(NS),
    st.builds(SOA, name, name, st.tuples(number, number, number, number, number)),
    st.tuples(*[st.integers(0, 255)] * 4).map(A),
    st.tuples(*[st.integers(0, 255)] * 16).map(AAAA),
)
ttl = st.integers(0, 2**32 - 1) | st.just(3600)


@st.composite
def replies(draw: st.DrawFn) -> bytes:
    """A reply as dnslib writes it, its names compressed."""
    aa, rcode = draw(st.integers(0, 1)), draw(st.integers(0, 5))
    reply = DNSRecord(DNSHeader(id=0, qr=1, aa=aa, rcode=rcode), q=DNSQuestion(draw(name), QTYPE.TXT))
    for add in (reply.add_answer, reply.add_auth, reply.add_ar):
        for data in draw(st.lists(value, max_size=4)):
            add(RR(draw(name), getattr(QTYPE, type(data).__name__), rdata=data, ttl=draw(ttl)))
    if draw(st.booleans()):
        reply.add_ar(EDNS0(udp_len=1232, ext_rcode=draw(st.sampled_from([0, 1]))))
    return bytes(reply.pack())


def by_dnspython(wire: bytes) -> Message:
    return plain_reply.plain(dns.message.from_wire(wire))


@given(replies())
@settings(max_examples=300, deadline=None)
def test_a_plain_reply_is_read_as_dnspython_reads_it(wire: bytes) -> None:
    found = plain_reply.read_plain(wire)
    assert found is not None
    assert found == by_dnspython(wire)


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A reply with a few bytes changed, cut off or added."""
    wire = bytearray(draw(replies()))
    for _ in range(draw(st.integers(1, 3))):
        place = draw(st.integers(0, len(wire) - 1))
        wire[place] = draw(st.integers(0, 255) | st.sampled_from([0, 0xC0, 0xFF, 12]))
    end = draw(st.integers(0, len(wire)) | st.just(len(wire)))
    return bytes(wire[:end]) + draw(st.just(b"") | st.binary(max_size=3))


@given(damaged() | st.binary(max_size=80))
@settings(max_examples=1000, deadline=None)
@example(b"\0" * 12 + b"\xc0\x0c\0\1\0\1")
@example(b"\0\0\x84\0\0\1\0\0\0\0\0\0" + b"\1a\xc0\x0c\0\1\0\1")  # a name that leads into itself
@example(b"\0\0\x84\0\0\2\0\0\0\0\0\0" + b"\3a\xc0\x0ca\0\0\1\0\1" + b"\1b\xc0\x0d\0\1\0\1")
def test_what_is_read_the_short_way_is_sound_to_dnspython(wire: bytes) -> None:
    found = plain_reply.read_plain(wire)
    if found is not None:
        assert found == by_dnspython(wire)


def refusal(wire: bytes) -> bool:
    try:
        dns.message.from_wire(wire)
    except (dns.exception.DNSException, ValueError):
        return True
    return False


@given(damaged())
@settings(max_examples=300, deadline=None)
def test_what_dnspython_refuses_is_refused_as_a_value(wire: bytes) -> None:
    if refusal(wire):
        with pytest.raises(ValueError, match=r"\w"):
            plain_reply.read(wire)
    else:
        assert plain_reply.read(wire) == by_dnspython(wire)


def _rrset(owner: str, ttl: str, kind_class: str, kind: str, text: str) -> dns.rrset.RRset:
    return dns.rrset.from_text(owner, int(ttl), kind_class, kind, text)


def made(*records: str, flags: int = dns.flags.QR | dns.flags.AA) -> bytes:
    message = dns.message.make_response(dns.message.make_query(NAME, "TXT", id=0))
    message.flags = flags
    message.answer = [_rrset(*record.split(None, 4)) for record in records]
    return message.to_wire()


SOA_LINE = "example.jp. 300 IN SOA ns.example.jp. a.example.jp. 7 2 3 4 5"


def test_the_records_of_a_reply() -> None:
    wire = made(
        f'{NAME}. 3600 IN TXT "v=DKIM1; " "p="', "example.jp. 300 IN SOA ns.example.jp. a.example.jp. 7 2 3 4 5"
    )
    told = (
        RecordSet(LABELS, plain_reply.TXT, 3600, ((b"v=DKIM1; ", b"p="),)),
        RecordSet(LABELS[2:], plain_reply.SOA, 300, (), Soa(7, 2, 5)),
    )
    assert plain_reply.read_plain(wire) == Message(0, True, told, ())


@pytest.mark.parametrize(
    "wire",
    [
        made(f'{NAME}. 3600 IN TXT "a"', flags=dns.flags.QR | 0x2000),  # a notification, not a query
        made(f'{NAME}. 3600 CH TXT "a"'),
        made(r'm\.1.example.jp. 3600 IN TXT "a"'),
        made("example.jp. 3600 IN MX 10 mail.example.jp."),
    ],
    ids=["opcode", "class", "label", "type"],
)
def test_what_is_unusual_is_left_to_dnspython(wire: bytes) -> None:
    assert plain_reply.read_plain(wire) is None
    assert plain_reply.read(wire) == by_dnspython(wire)


@pytest.mark.parametrize("text", ["example.jp", NAME, "Example.JP", "a b.example.jp", r"a\.b.jp", "x" * 63 + ".jp"])
def test_names_become_labels_and_text_again(text: str) -> None:
    labels = plain_reply.labels_in(text)
    assert labels == plain_reply.labels_of(dns.name.from_text(text + "."))
    assert plain_reply.text_of(labels) == dns.name.from_text(text + ".").to_text(omit_final_dot=True).lower()
