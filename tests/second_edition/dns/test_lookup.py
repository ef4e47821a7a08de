"""Asking authoritative servers, over real sockets: every way to answer, and every way not to."""

from __future__ import annotations

import base64
import json

import pytest
from dnslib import QTYPE, RCODE, DNSRecord
from hypothesis import example, given
from hypothesis import strategies as st

from second_edition.dkim.key_record import PublicKey
from second_edition.dkim.published import Answer, Judgement, Server, Verdict, judge
from second_edition.dns.lookup import ask
from second_edition.dns.raw_answer import parse_raw
from second_edition.dns.server_names import parse_nameservers
from second_edition.errors import ParameterError
from second_edition.plain import from_plain, plain
from tests.second_edition.dkim.keys import b64, pkcs1_public, spki
from tests.second_edition.dns.observed import KEY, STRINGS
from tests.second_edition.dns.servers import NAME, SERIAL, NameServer, Respond, aliased, ask_one, reply, serving, soa, verdict
from tests.second_edition.each import each

OTHER = (b"v=DKIM1; k=rsa; p=" + b64(spki(1024)),)


@each(
    ("respond", "expected"),
    [
        (serving(STRINGS), Judgement(Verdict.THE_KEY, sha256=KEY.sha256)),
        (serving(OTHER), Judgement(Verdict.ANOTHER_KEY, sha256=PublicKey.from_der(spki(1024)).sha256)),
        (serving(), Judgement(Verdict.ABSENT)),
        (serving(STRINGS, OTHER), Judgement(Verdict.SEVERAL_RECORDS, "2")),
        (serving(STRINGS, (b"v=spf1 -all",)), Judgement(Verdict.SEVERAL_RECORDS, "2")),
        (serving((b"p=customerProvidedPublicKey",)), Judgement(Verdict.PLACEHOLDER)),
        (serving((b"v=DKIM1; p=",)), Judgement(Verdict.REVOKED)),
        (serving(STRINGS[:1]), Judgement(Verdict.INVALID, "truncated-der")),
        (serving((b"v=DKIM1; p=", b64(pkcs1_public())[:250])), Judgement(Verdict.INVALID, "truncated-der")),
        (serving(STRINGS, aa=False), Judgement(Verdict.LAME)),
        (serving(aa=False), Judgement(Verdict.LAME)),
        (serving(rcode="SERVFAIL"), Judgement(Verdict.SERVFAIL)),
        (serving(rcode="REFUSED"), Judgement(Verdict.REFUSED)),
        (serving(rcode="NOTIMP"), Judgement(Verdict.NO_ANSWER, "NOTIMP")),
        (aliased("keys.example.jp", strings=STRINGS), Judgement(Verdict.CNAME, "keys.example.jp")),
        (aliased("keys.example.com"), Judgement(Verdict.CNAME, "keys.example.com")),
    ],
    ids=lambda value: str(value) if isinstance(value, Judgement) else "",
)
def test_each_answer_has_its_verdict(respond: Respond, expected: Judgement):
    answer = ask_one(respond)
    assert judge(answer, KEY.sha256) == expected
    assert not answer.failure
    assert from_plain(Answer, json.loads(json.dumps(plain(answer)))) == answer


def test_an_answer_tells_what_the_server_said():
    with NameServer(serving(STRINGS)) as server:
        (answer,) = ask([server.server], [NAME.upper() + "."])
    assert (answer.server, answer.name, answer.transport) == (server.server, NAME, "udp")
    assert (answer.rcode, answer.authoritative, answer.ttl, answer.serial) == ("NOERROR", True, 3600, SERIAL)
    assert answer.records == (STRINGS,)
    assert answer.latency_ms is not None
    assert answer.latency_ms >= 0
    assert sorted(server.asked) == [("udp", NAME + ".", "SOA"), ("udp", NAME + ".", "TXT")]


def test_cname_chain_is_shown_and_a_loop_ends():
    answer = ask_one(aliased("a.example.jp", "b.example.jp", strings=STRINGS))
    assert answer.cname == ("a.example.jp", "b.example.jp")
    assert (answer.records, answer.ttl) == ((STRINGS,), 60)
    looped = ask_one(aliased("a.example.jp", NAME, "a.example.jp"))
    assert looped.records == ()
    assert verdict(looped) is Verdict.CNAME


LARGE = ((b"x" * 255,) * 8,)


def test_a_large_answer_comes_over_tcp():
    answer = ask_one(serving(*LARGE))
    assert (answer.transport, answer.failure, answer.records) == ("tcp", "", LARGE)
    assert judge(answer) == Judgement(Verdict.INVALID, "too-long")


@each("tcp", ["closed", "silent"])
def test_a_large_answer_that_cannot_come_is_not_an_absent_one(tcp: str):
    answer = ask_one(serving(*LARGE), tcp=tcp, timeout_s=0.3)
    assert (answer.transport, answer.failure, answer.rcode) == ("tcp", "tcp-blocked", "")
    assert judge(answer) == Judgement(Verdict.TCP_BLOCKED)
    assert judge(answer).unknown


SOUND = bytes(serving(STRINGS)(DNSRecord.question(NAME, "TXT"), "udp").pack())  # type: ignore[union-attr]


@given(st.integers(2, len(SOUND)), st.binary(max_size=4), st.integers(0, len(SOUND)))
@example(12, b"\xc0\x0c", 0)  # a name that leads into itself
def test_a_damaged_message_in_a_record_is_refused_as_a_value(place: int, noise: bytes, left: int):
    damaged = SOUND[:place] + noise + SOUND[-left:]
    try:
        told = parse_raw(Answer(Server("", "192.0.2.53"), NAME, raw=(base64.b64encode(damaged).decode(), "")))
    except (ValueError, LookupError):
        return
    assert isinstance(judge(told, KEY.sha256), Judgement)


def test_a_record_beside_nxdomain_is_not_the_key():
    """Resolvers drop it: the name does not exist, says the same answer."""

    def respond(question: DNSRecord, transport: str) -> DNSRecord:
        answer = serving(STRINGS)(question, transport)
        assert isinstance(answer, DNSRecord)
        answer.header.rcode = RCODE.NXDOMAIN
        return answer

    answer = ask_one(respond)
    assert (answer.rcode, answer.records) == ("NXDOMAIN", (STRINGS,))
    for recursive in (False, True):
        assert judge(answer, KEY.sha256, recursive=recursive) == Judgement(Verdict.INVALID, "nxdomain-with-txt")


def test_a_server_that_refuses_edns_is_asked_without_it():
    for rcode in ("FORMERR", "NOTIMP"):

        def respond(question: DNSRecord, transport: str, rcode: str = rcode) -> DNSRecord:
            answer = serving(STRINGS, rcode=rcode if question.ar else "")(question, transport)
            assert isinstance(answer, DNSRecord)
            return answer

        assert verdict(ask_one(respond), KEY.sha256) is Verdict.THE_KEY


def test_a_server_that_drops_edns_is_asked_once_without_it():
    asked: list[bool] = []

    def respond(question: DNSRecord, transport: str) -> DNSRecord | bytes | list[bytes] | None:
        if question.q.qtype == QTYPE.TXT:
            asked.append(bool(question.ar))
        return None if question.ar else serving(STRINGS)(question, transport)

    answer = ask_one(respond, timeout_s=0.2)
    assert (verdict(answer, KEY.sha256), answer.serial) == (Verdict.THE_KEY, SERIAL)
    assert asked == [True, True, False]


def test_a_serial_without_authority_is_no_serial():
    assert ask_one(serving(STRINGS, aa=False)).serial is None


def test_a_resolver_that_is_silent_on_the_zone_has_told_of_it_before():
    def respond(question: DNSRecord, transport: str) -> DNSRecord | None:
        del transport
        answer = reply(question, aa=False, rcode="NXDOMAIN")
        answer.add_auth(soa())
        return answer if QTYPE[question.q.qtype] == "TXT" else None

    with NameServer(respond) as server:
        (answer,) = ask([server.server], [NAME], recursion=True, attempts=1, timeout_s=0.3)
    assert (answer.rcode, answer.serial) == ("NXDOMAIN", SERIAL)
    assert parse_raw(answer, recursion=True) == answer


def test_names_in_answers_are_told_in_lower_case():
    assert ask_one(aliased("Keys.EXAMPLE.jp", strings=STRINGS)).cname == ("keys.example.jp",)


@each(
    ("text", "servers"),
    [
        ("192.0.2.53", [("192.0.2.53", 53)]),
        ("127.0.0.1:5354,[::1]:5354,192.0.2.53", [("127.0.0.1", 5354), ("::1", 5354), ("192.0.2.53", 53)]),
        (" 192.0.2.1 , [2001:DB8::53] ", [("192.0.2.1", 53), ("2001:db8::53", 53)]),
        ("192.0.2.1、192.0.2.2：5354，　[::1]", [("192.0.2.1", 53), ("192.0.2.2", 5354), ("::1", 53)]),
    ],
)
def test_nameservers_parameter(text: str, servers: list[tuple[str, int]]):
    assert parse_nameservers(text) == tuple(Server("", address, port) for address, port in servers)


@each(
    ("text", "says"),
    [
        ("", "empty entry"),
        ("ns1.example.jp", "no IP address"),
        ("192.0.2.256", "no IP address"),
        ("[192.0.2.1]:53", "no IP address"),
        ("192.0.2.1:0", "no port"),
        ("192.0.2.1:65536", "no port"),
        ("192.0.2.1, 192.0.2.1:53", "stands twice"),
        ("[::1],[0:0::1]:53", "stands twice"),
    ],
)
def test_nameservers_that_are_none(text: str, says: str):
    with pytest.raises(ParameterError, match=says) as caught:
        parse_nameservers(text)
    assert "\n" not in str(caught.value)
    with pytest.raises(ParameterError, match="パラメータ nameservers"):
        parse_nameservers(text, "ja")
