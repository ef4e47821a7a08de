"""The rehearsed message: signed by the custodian, judged by dkimpy, by OpenSSL, and by a reading of RFC 6376."""

from __future__ import annotations

import base64
import hashlib
import re
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from second_edition.custody import private_key
from second_edition.custody.client import Custodian, Refused
from second_edition.custody.rehearsal import rehearse
from second_edition.dkim.published import Answer, Server
from second_edition.evidence.received import judge_all, verify
from second_edition.sandbox.client import Sandbox
from tests.second_edition.dkim import keys
from tests.second_edition.each import each

AT = datetime(2026, 11, 24, 4, 9, 3, tzinfo=UTC)
SELECTOR = "mail-20261124-1"
SIZES = (1024, 1536, 2048)


def record(bits: int) -> bytes:
    return b"v=DKIM1; k=rsa; p=" + base64.b64encode(keys.spki(bits))


def message(bits: int = 2048) -> str:
    return rehearse("example.jp", SELECTOR, AT, private_key.load(keys.pem(bits)).sign)


MESSAGE = message()


@each("bits", SIZES)
def test_it_verifies_with_its_own_key_record_and_with_no_other(bits: int) -> None:
    signed = message(bits)
    assert {other: verify(signed, record(other)) for other in SIZES} == {
        other: "" if other == bits else "BadSignature" for other in SIZES
    }


def test_openssl_verifies_what_rfc_6376_says_is_signed(tmp_path: Path) -> None:
    """By the RFC and nothing of the library: the headers in h=, then the signature's own with b= emptied."""
    head, _, body = MESSAGE.partition("\r\n\r\n")
    fields = [line.split(":", 1) for line in head.split("\r\n")]
    own = next(value for name, value in fields if name == "dkim-signature")
    tags = dict(tag.strip().split("=", 1) for tag in own.split(";"))
    left = {name: [value for other, value in fields if other == name] for name, _ in fields}
    signed = ""
    for name in tags["h"].split(":"):
        if left[name]:
            signed += f"{name}:{left[name].pop()}\r\n"
    signed += f"dkim-signature:{own.removesuffix(tags['b'])}"
    assert tags["bh"] == base64.b64encode(hashlib.sha256(body.encode()).digest()).decode()
    (tmp_path / "signed").write_bytes(signed.encode())
    (tmp_path / "signature").write_bytes(base64.b64decode(tags["b"]))
    (tmp_path / "public.der").write_bytes(keys.spki())
    words = ["-sha256", "-keyform", "DER", "-verify", "public.der", "-signature", "signature", "signed"]
    done = subprocess.run(["openssl", "dgst", *words], cwd=tmp_path, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "Verified OK\n"), done.stderr


@each("name", ["from", "to", "subject", "date"])
def test_no_header_can_be_changed_or_added(name: str) -> None:
    changed = re.sub(rf"\r\n{name}:", f"\r\n{name}:x", MESSAGE)
    added = MESSAGE.replace("\r\n\r\n", f"\r\n{name}:another\r\n\r\n")
    for other in (changed, added):
        assert other != MESSAGE
        assert verify(other, record(2048)) == "BadSignature"


def test_no_byte_of_the_body_can_be_changed() -> None:
    assert verify(MESSAGE.replace("never", "often"), record(2048)) == "ValidationError"


def test_it_cannot_be_taken_for_mail_of_somebody() -> None:
    assert "From:byodkim-rehearsal@example.jp\r\nTo:byodkim-rehearsal@example.jp".lower() in MESSAGE
    assert "never sent" in MESSAGE


@each(
    "served",
    [
        b"", b"v=DKIM1; p=", b"v=DKIM1; k=rsa; p=customerProvidedPublicKey", record(2048)[:-8], b"\xff\xfe", b";;;=",
        record(2048).replace(b"p=", b"p=MIIB"), b"v=DKIM1; k=ed25519; p=" + base64.b64encode(b"x" * 32),
        b"v=spf1 -all",
    ],
)  # fmt: skip
def test_a_record_that_is_none_verifies_nothing_and_raises_nothing(served: bytes) -> None:
    assert verify(MESSAGE, served)


def answer(number: int, *records: bytes, **changes: Any) -> Answer:
    strings = tuple((one[:255], one[255:]) for one in records)
    known = {"rcode": "NOERROR", "authoritative": True, "records": strings}
    return Answer(Server(f"ns{number}.example.jp", f"192.0.2.{number}"), "x", **{**known, **changes})


def test_each_server_s_own_bytes_are_what_it_is_verified_with() -> None:
    answers = [
        answer(1, record(2048)),
        answer(2, record(1024)),
        answer(3),  # absent
        answer(4, record(2048), record(2048)),  # which of the two a receiver takes is undefined
        answer(5, record(2048), authoritative=False),
        answer(6, failure="timeout", rcode=""),
    ]
    judged = judge_all(MESSAGE, record(2048).decode(), answers)
    assert [(one.where, one.defect) for one in judged.results] == [
        ("secret", ""),
        ("ns1.example.jp 192.0.2.1:53", ""),
        ("ns2.example.jp 192.0.2.2:53", "BadSignature"),
    ]
    assert [one.sha256 for one in judged.results[1:]] == [
        hashlib.sha256(keys.spki(bits)).hexdigest() for bits in (2048, 1024)
    ]
    assert judge_all(MESSAGE, "", []).results == ()


def test_a_server_that_follows_a_cname_gave_the_key_that_it_verified_with() -> None:
    (judged,) = judge_all(MESSAGE, "", [answer(1, record(2048), cname=("x.example.net",))]).results
    assert (judged.defect, judged.sha256) == ("", hashlib.sha256(keys.spki(2048)).hexdigest())


def test_the_custodian_signs_with_the_key_in_its_hands(custodian: Custodian, sandbox: Sandbox) -> None:
    facts = sandbox.facts
    path = f"dkim-keys/{facts.domain}/{facts.next_selector}/private_key.pem"
    place = {"path": path, "bucket": facts.key_bucket, "domain": facts.domain}
    described = custodian.ask("key", selector=facts.next_selector, **place).result()
    signed = custodian.ask("sign", domain=facts.domain, selector=facts.next_selector).result()
    assert verify(signed, f"v=DKIM1; p={described['public_key']}".encode()) == ""
    assert f"d=example.jp; s={facts.next_selector}; " in signed


@pytest.mark.parametrize(
    ("domain", "selector", "code"),
    [
        ("example.jp", "mail-20250101-1", "NoSuchKey"),
        ("example.jp; h=from", SELECTOR, "ParameterError"),
        ("example.jp\r\nsubject:free money", SELECTOR, "ParameterError"),
    ],
)
def test_who_asks_cannot_choose_what_is_signed(
    custodian: Custodian, sandbox: Sandbox, domain: str, selector: str, code: str
) -> None:
    facts = sandbox.facts
    path = f"dkim-keys/{facts.domain}/{SELECTOR}/private_key.pem"
    custodian.ask("key", selector=SELECTOR, path=path, bucket=facts.key_bucket, domain=facts.domain).result()
    with pytest.raises(Refused) as caught:
        custodian.ask("sign", domain=domain, selector=selector).result()
    assert caught.value.code == code
