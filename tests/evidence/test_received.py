"""A received message judged with answers of name servers: each by itself, and none that is not sound counts."""

from __future__ import annotations

import dkim
import pytest

from byodkim.dkim.published import Answer, Server
from byodkim.dkim.signature import MessageInvalid
from byodkim.evidence.received import judge_message
from tests.dkim.judges import DOMAIN, MESSAGE
from tests.dkim.keys import b64, pem, spki

SELECTOR = "s1"
NAME = f"{SELECTOR}._domainkey.{DOMAIN}"
KEY, ANOTHER = (b"v=DKIM1; k=rsa; p=" + b64(spki(bits)) for bits in (2048, 1024))
SERVERS = (Server("ns1.example.jp", "192.0.2.53"), Server("ns2.example.jp", "198.51.100.53"))
SIX = Server("ns2.example.jp", "2001:db8::53")


def answer(*records: bytes, server: Server = SERVERS[0], **more: object) -> Answer:
    told: dict[str, object] = {"rcode": "NOERROR", "authoritative": True, "ttl": 60, **more}
    return Answer(server, NAME, records=tuple((record,) for record in records), **told)  # type: ignore[arg-type]


def signed(algorithm: bytes = b"rsa-sha256", bits: int = 2048) -> bytes:
    header: bytes = dkim.sign(MESSAGE, SELECTOR.encode(), DOMAIN.encode(), pem(bits), signature_algorithm=algorithm)
    return header + MESSAGE


def defects(message: bytes, *answers: Answer) -> list[str]:
    (one,) = judge_message(message, DOMAIN, {SELECTOR: answers}).signatures
    return [result.defect for result in one.results]


def test_it_verifies_at_each_server_by_itself() -> None:
    message = judge_message(signed(), DOMAIN, {SELECTOR: (answer(KEY), answer(KEY, server=SERVERS[1]))})
    (one,) = message.signatures
    assert [result.where for result in one.verified] == [
        "ns1.example.jp 192.0.2.53:53",
        "ns2.example.jp 198.51.100.53:53",
    ]
    assert len({result.sha256 for result in one.verified}) == 1


@pytest.mark.parametrize(
    ("other", "defect"),
    [
        (answer(), "absent"),
        (answer(KEY, KEY), "several-records"),
        (answer(b"v=DKIM1; k=rsa; p="), "revoked"),
        (answer(b"v=DKIM1; k=rsa; p=customerProvidedPublicKey"), "placeholder"),
        (answer(KEY + b"; p=x"), "invalid"),
        (answer(KEY, authoritative=False), "lame"),
        (answer(rcode="SERVFAIL"), "servfail"),
        (answer(rcode="", failure="timeout"), "no-answer"),
        (answer(ANOTHER), "BadSignature"),
    ],
)
def test_one_server_that_says_otherwise_is_named(other: Answer, defect: str) -> None:
    assert defects(signed(), answer(KEY), other) == ["", defect]


def test_a_server_that_this_machine_cannot_reach_for_want_of_ipv6_says_nothing() -> None:
    assert defects(signed(), answer(KEY), answer(server=SIX, rcode="", failure="no-route")) == [""]


def test_a_cname_is_left_to_the_servers_of_its_target() -> None:
    target = Answer(SERVERS[1], "key.example.net", "NOERROR", True, 60, records=((KEY,),))
    assert defects(signed(), answer(cname=("key.example.net",)), target) == [""]


def test_encrypted_resolvers_need_no_authority() -> None:
    assert defects(signed(), answer(KEY, authoritative=False, transport="https")) == [""]


def test_sha1_is_not_accepted_any_more() -> None:
    assert dkim.verify(signed(b"rsa-sha1"), dnsfunc=lambda *_, **__: KEY)
    assert defects(signed(b"rsa-sha1"), answer(KEY)) == ["rsa-sha1"]


def test_a_changed_body_or_key_does_not_verify() -> None:
    assert defects(signed().replace(b"hello", b"hullo"), answer(KEY)) == ["ValidationError"]
    assert defects(signed(bits=1024), answer(KEY)) == ["BadSignature"]


def test_what_is_not_asked_for_is_named_and_not_verified() -> None:
    (one,) = judge_message(signed(), "example.com", {SELECTOR: (answer(KEY),)}).signatures
    assert (one.domain, one.results) == (DOMAIN, ())
    (one,) = judge_message(signed(), DOMAIN, {"s2": (answer(KEY),)}).signatures
    assert (one.selector, one.results) == (SELECTOR, ())


def test_no_message_is_none() -> None:
    with pytest.raises(MessageInvalid):
        judge_message(b"nothing", DOMAIN, {})
