import base64
import hashlib
import logging

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from hypothesis import given, strategies as st

from byodkim.checks.world import Answer, Server
from byodkim.dkim.message import judge_message
from byodkim.dkim.record import verify
from tests.dkim.judges import MESSAGE, results_of_perl, signed, zone
from tests.dkim.keys import private_key, record
from tests.dns.daemons import nsd

SELECTOR = "s0"
KEY, OTHER = record(), record(1024)
STRICT = KEY.replace("k=rsa", "t=s")


def answer(number: int, *texts: str, rcode: str = "NOERROR", failure: str = "") -> Answer:
    server = Server(f"ns{number}.example.jp", f"192.0.2.{number}")
    name = f"{SELECTOR}._domainkey.example.jp"
    return Answer(server, name, failure, rcode, True, tuple(zip(texts)))


def judged(raw: bytes, *answers: Answer, domain: str = "example.jp") -> str:
    answers = answers or (answer(1, KEY), answer(2, KEY))
    return judge_message(raw, domain=domain, selector=SELECTOR, answers=answers).kind


def by_hand(
    fields: str, tags: str = "", message: bytes = MESSAGE, domain: str = "example.jp"
) -> bytes:
    """Return a message signed simple/simple over these fields, also where no signer would."""
    head, body = message.split(b"\r\n\r\n", 1)
    lines = {line.split(b":")[0].strip().lower(): line + b"\r\n" for line in head.split(b"\r\n")}
    digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
    signature = (
        f"DKIM-Signature: v=1; a=rsa-sha256; c=simple/simple; d={domain}; s={SELECTOR}; {tags}"
        f"h={fields}; bh={digest}; b="
    ).encode()
    data = b"".join(lines[field.encode()] for field in fields.split(":")) + signature
    value = base64.b64encode(private_key(2048).sign(data, PKCS1v15(), hashes.SHA256()))
    return signature + value + b"\r\n" + message


def resigned(message: bytes) -> bytes:
    """Return the sound signature over another message."""
    return by_hand("from:to:subject", message=message)


SOUND = by_hand("from:to:subject")
BROKEN = SOUND.replace(b"s=s0; h", b"s=s0; t=1; h").removesuffix(MESSAGE)
FOREIGN = by_hand("from:to", domain="amazonses.com").removesuffix(MESSAGE)
BELOW = by_hand("from:to:subject", "i=@mail.example.jp; ")
FROM = b"From: info@example.jp"


@pytest.mark.parametrize(
    ("raw", "perl"),
    [
        (signed(), "pass"),
        (SOUND, "pass"),
        (BELOW, "pass"),
        (FOREIGN + SOUND, "pass"),
        (BROKEN + SOUND, "pass"),
        (SOUND.replace(MESSAGE, BROKEN + MESSAGE), "pass"),
        (resigned(MESSAGE.replace(b"info@example.jp", b"info@mail.example.jp")), "pass"),
        (resigned(MESSAGE.replace(b"info@example.jp", b"=?utf-8?b?44GC?= <a@EXAMPLE.jp>")), "pass"),
    ],
)
def test_proved(raw, perl, tmp_path):
    assert judged(raw) == "proved"
    assert judged(raw.replace(b"\r\n", b"\n")) == "proved"  # saved with the line ends of Unix
    with nsd(tmp_path / "nsd", {"example.jp": zone([KEY])}) as port:
        assert results_of_perl(tmp_path, port, [raw]) == [perl]


@pytest.mark.parametrize(
    "raw",
    [
        MESSAGE,
        FOREIGN + MESSAGE,
        BROKEN + MESSAGE,
        SOUND + b"appended\r\n",
        SOUND.replace(b"Subject: test", b"Subject: text"),
        signed(signature_algorithm=b"rsa-sha1"),
        by_hand("to:subject").replace(FROM, b"From: ceo@example.jp"),
        SOUND.replace(b"d=example.jp", b"d=example.com"),
        SOUND.replace(b"d=example.jp", b"d=example.jp; d=example.jp"),
    ],
)
def test_contradicted(raw):
    assert judged(raw) == "contradicted"


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\0\xff",
        b" folded first line\r\n\r\n",
        MESSAGE.replace(FROM + b"\r\n", b""),
        FROM + b"\r\n" + SOUND,
        resigned(MESSAGE.replace(b"info@example.jp", b"bob.@example.jp")),
        resigned(MESSAGE.replace(b"info@", "鈴木 <info@".encode("cp932"))),
        resigned(MESSAGE.replace(b"info@example.jp", b"a@example.jp, b@example.jp")),
        resigned(MESSAGE.replace(b"info@example.jp", b"info@example.com")),
        resigned(MESSAGE.replace(b"info@example.jp", b"info@badexample.jp")),
        resigned(MESSAGE.replace(b"Subject:", b"Subject :")),
        by_hand("from:to:subject", "l=7; ") + b"appended\r\n",
    ],
)
def test_undecided(raw):
    assert judged(raw) == "undecided"


@pytest.mark.parametrize(
    ("other", "kind"),
    [
        (answer(2, KEY.replace("k=rsa", "t=y")), "proved"),
        (answer(2, STRICT), "proved"),
        (answer(2), "contradicted"),
        (answer(2, OTHER), "contradicted"),
        (answer(2, KEY, KEY + ";"), "contradicted"),
        (answer(2, KEY, rcode="NXDOMAIN"), "contradicted"),
        (answer(2, f'"{KEY}"'), "contradicted"),
        (answer(2, "v=DKIM1; p="), "contradicted"),
        (answer(2, failure="timeout", rcode=""), "undecided"),
        (answer(2, rcode="SERVFAIL"), "undecided"),
    ],
)
def test_every_server_counts(other, kind):
    verdict = judge_message(
        SOUND, domain="example.jp", selector=SELECTOR, answers=[answer(1, KEY), other]
    )
    assert verdict.kind == kind
    assert (str(other.server) in str(verdict.what)) or kind == "proved"


def test_strict_record_refuses_an_identity_below_the_domain(tmp_path):
    assert judged(BELOW, answer(1, STRICT)) == "contradicted"
    with nsd(tmp_path / "nsd", {"example.jp": zone([STRICT])}) as port:
        assert results_of_perl(tmp_path, port, [BELOW]) == ["invalid"]


def test_no_servers_prove_nothing():
    verdict = judge_message(SOUND, domain="example.jp", selector=SELECTOR, answers=[])
    assert verdict.kind == "undecided"


@given(st.binary(), st.text(alphabet=st.characters(max_codepoint=255)))
def test_no_bytes_break_the_judge(noise, text):
    for raw in (noise, FROM + b"\r\n" + noise, b"DKIM-Signature: " + noise + b"\r\n" + MESSAGE):
        assert judged(raw) in ("undecided", "contradicted")
    assert verify(SOUND, text) != "verified"


def test_signed_message_verifies_with_its_key_only(caplog, capfd):
    with caplog.at_level(logging.DEBUG):
        assert verify(SOUND, KEY) == "verified"
        for text in (OTHER, "", "p=", "p=customerProvidedPublicKey", "v=DKIM1; k=ed25519; p=QUFB"):
            assert verify(SOUND, text) != "verified"
        assert verify(MESSAGE, KEY) != "verified"
    assert caplog.records == []
    assert capfd.readouterr() == ("", "")


def test_a_message_of_before_the_switch_proves_nothing():
    assert judged(signed("s1")) == "undecided"
