"""Key records as people paste them: OpenSSL says which key it is, dig writes what is read back."""

from __future__ import annotations

import hashlib
import subprocess

from second_edition.dns.pasted import read
from second_edition.sandbox.client import Sandbox
from tests.second_edition.dkim import keys
from tests.second_edition.each import each
from tests.second_edition.sandbox.outside import NEXT, dig, servers

KEY = keys.b64(keys.spki()).decode()
VALUE = f"v=DKIM1; k=rsa; p={KEY}"
NAME = "mail-1._domainkey.example.jp"
FORMS = {
    "value": VALUE,
    "strings": f'"{VALUE[:255]}" "{VALUE[255:]}"',
    "zone": f'{NAME}. 3600 IN TXT ( "{VALUE[:255]}" "{VALUE[255:]}" )',
    "csv": f'Name,Type,Value\n{NAME},TXT,"{VALUE}"\n',
    "sheet": f"名前,タイプ,値\n{NAME},TXT,{VALUE}\n",
    "ticket": f"Please publish\n  name: {NAME}\n  type: TXT\n  value: {VALUE}\n",
}


def openssl_bits(der: bytes) -> int:
    """The key's size, as OpenSSL has it."""
    command = ["openssl", "pkey", "-pubin", "-inform", "DER", "-noout", "-text"]
    said = subprocess.run(command, input=der, capture_output=True, check=True).stdout.decode()
    return int(said.split("(")[1].split(" bit")[0])


@each("form", FORMS)
def test_a_sound_record_is_read_in_every_form(form: str) -> None:
    (found,) = read(FORMS[form])
    assert (found.value, found.findings, found.private) == (VALUE, (), False)
    assert found.public_key is not None
    assert found.public_key.bits == openssl_bits(keys.spki()) == 2048
    assert found.public_key.sha256 == hashlib.sha256(keys.spki()).hexdigest()
    assert found.name.rstrip(".") == ("" if form in ("value", "strings") else NAME)


def test_what_dig_prints_can_be_pasted(sandbox: Sandbox) -> None:
    owner = f"{NEXT}._domainkey.{sandbox.facts.domain}"
    (whole,), (short,) = (read(dig(servers(sandbox.facts)[0], *words, owner, "TXT")) for words in ((), ("+short",)))
    assert whole.value == short.value
    assert whole.name.rstrip(".") == owner
    assert whole.public_key is not None
    assert (whole.findings, whole.public_key.bits) == ((), 2048)


@each(
    ("text", "defects", "whole"),
    [
        (f"k=rsa; p={KEY}", ["no-version"], True),
        (f"v=DKIM1; k=rsa; h=sha1; p={KEY}", ["no-sha256"], True),
        (f"v=DKIM1; k=rsa; p={KEY[:261]}", ["truncated-der"], False),
        ("v=DKIM1; k=rsa; p=customerProvidedPublicKey", ["placeholder"], False),
        ("v=DKIM1; p=", ["revoked"], False),
        ("k=rsa", ["no-version", "no-key"], False),
        (f"name: mail-1.domainkey.example.jp\nvalue: {VALUE}", ["underscore-dropped"], True),
    ],
)
def test_defects_are_those_that_lint_names(text: str, defects: list[str], whole: bool) -> None:
    (found,) = read(text)
    assert [finding.defect for finding in found.findings] == defects
    assert (found.public_key is not None) is whole
    assert all(finding.explain("en") and finding.correction("ja") for finding in found.findings)


@each("text", ["", "hello", "12345", "example.jp", "customerProvidedPublicKey", "\x00\ud800"])
def test_what_is_no_key_record_is_none(text: str) -> None:
    assert read(text) == ()


@each("make", [keys.pkcs8, keys.pkcs1])
def test_of_a_private_key_nothing_is_kept(make: object) -> None:
    assert callable(make)
    value = f"v=DKIM1; k=rsa; p={keys.b64(make()).decode()}"
    for text in (value, f"Name,Type,Value\n{NAME},TXT,{value}\n"):
        (found,) = read(text)
        assert (found.private, found.name, found.value, found.public_key) == (True, "", "", None)
