"""A received message judged with answers of name servers: each by itself, and none that is not sound counts."""

from __future__ import annotations

import base64
import functools
import hashlib
import subprocess
from pathlib import Path

import dkim
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15

from second_edition.dkim.published import Answer, Server
from second_edition.evidence.received import judge_message
from tests.second_edition.dkim.judges import DOMAIN, MESSAGE, respond_from
from tests.second_edition.dkim.keys import b64, pem, private_key, spki
from tests.second_edition.dns.servers import NameServer
from tests.second_edition.each import each
from tests.second_edition.notebooks.letters import PERL

SELECTOR = "s1"
NAME = f"{SELECTOR}._domainkey.{DOMAIN}"
KEY, ANOTHER = (b"v=DKIM1; k=rsa; p=" + b64(spki(bits)) for bits in (2048, 1024))
SERVERS = (Server("ns1.example.jp", "192.0.2.53"), Server("ns2.example.jp", "198.51.100.53"))
SIX = Server("ns1.example.jp", "2001:db8::53")


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


@each(
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


def test_what_is_not_asked_for_is_named_and_not_verified() -> None:
    (one,) = judge_message(signed(), "example.com", {SELECTOR: (answer(KEY),)}).signatures
    assert (one.domain, one.results) == (DOMAIN, ())
    (one,) = judge_message(signed(), DOMAIN, {"s2": (answer(KEY),)}).signatures
    assert (one.selector, one.results) == (SELECTOR, ())


def by_hand(fields: bytes, tags: bytes = b"", message: bytes = MESSAGE) -> bytes:
    """The message signed simple/simple over these fields: dkimpy signs none without From."""
    head, body = message.split(b"\r\n\r\n", 1)
    lines = {line.split(b":")[0].strip().lower(): line + b"\r\n" for line in head.split(b"\r\n")}
    digest = base64.b64encode(hashlib.sha256(body).digest())
    field = b"DKIM-Signature: v=1; a=rsa-sha256; c=simple/simple; d=example.jp; s=s1; q=dns/txt; "
    field += tags + b"h=" + fields + b"; bh=" + digest + b"; b="
    data = b"".join(lines[name] for name in fields.split(b":")) + field
    return field + b64(private_key(2048).sign(data, PKCS1v15(), hashes.SHA256())) + b"\r\n" + message


def mail_dkim(message: bytes, record: bytes, path: Path) -> list[str]:
    """The result of Perl's Mail::DKIM for each signature, with the record from a name server."""
    path.write_bytes(message)
    with NameServer(functools.partial(respond_from, {NAME: (record[:255], record[255:])})) as server:
        address, port = server.server.address, str(server.server.port)
        command = ["perl", str(PERL), address, port, str(path)]
        said = subprocess.run(command, capture_output=True, text=True, check=True, timeout=600).stdout
    return [line.split("\t")[2] for line in said.splitlines()]


def dkimpy(message: bytes, place: int, record: bytes) -> str:
    try:
        return "pass" if dkim.DKIM(message).verify(place, dnsfunc=lambda *_, **__: record) else "fail"
    except dkim.DKIMException as error:
        return type(error).__name__


NO_SUBDOMAINS = KEY.replace(b"; p=", b"; t=s; p=")
SOUND = by_hand(b"from:to:subject")
BELOW = by_hand(b"from:to:subject", b"i=@mail.example.jp; ")
LENGTH = f"l={len(MESSAGE.split(bytes.fromhex('0d0a0d0a'), 1)[1])}; ".encode()
COVERED = by_hand(b"from:to:subject", LENGTH)
NOT_FROM = by_hand(b"to:subject").replace(b"info@example.jp", b"ceo@example.jp")
SPACED = by_hand(b"from:to:subject", message=MESSAGE.replace(b"Subject:", b"Subject :"))
BROKEN = SOUND.replace(b"s=s1; q", b"s=s1; t=1; q").removesuffix(MESSAGE)
JUDGED = (
    # message, key record; what is made of each signature here, by dkimpy and by Mail::DKIM
    (SOUND, KEY, [""], ["pass"], ["pass"]),
    (NOT_FROM, KEY, ["from-not-signed"], ["pass"], ["pass"]),
    (BELOW, KEY, [""], ["pass"], ["pass"]),
    (BELOW, NO_SUBDOMAINS, ["identity-below"], ["pass"], ["invalid"]),
    (SOUND, NO_SUBDOMAINS, [""], ["pass"], ["pass"]),
    (COVERED, KEY, [""], ["pass"], ["pass"]),
    (COVERED + b"appended\r\n", KEY, ["partial-body"], ["pass"], ["pass"]),
    (SOUND + b"appended\r\n", KEY, ["ValidationError"], ["ValidationError"], ["fail"]),
    (SPACED, KEY, ["unread"], ["MessageFormatError"], ["pass"]),
    (SOUND.replace(MESSAGE, BROKEN + MESSAGE), KEY, ["", "BadSignature"], ["pass", "fail"], ["pass", "fail"]),
    (BROKEN + SOUND, KEY, ["BadSignature", ""], ["fail", "pass"], ["fail", "pass"]),
)


def test_a_message_is_judged_as_strict_verifiers_do(tmp_path: Path) -> None:
    for message, record, ours, lenient, perl in JUDGED:
        signatures = judge_message(message, DOMAIN, {SELECTOR: (answer(record),)}).signatures
        found = [result.defect for one in signatures for result in one.results]
        others = [dkimpy(message, place, record) for place in range(len(signatures))]
        assert (found, others, mail_dkim(message, record, tmp_path / "m.eml")) == (ours, lenient, perl), message
