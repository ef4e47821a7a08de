"""What code in the kernel's process cannot make the custodian do, whatever it asks: each was done to it before."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

from byodkim.aws.key_store import public_part
from byodkim.aws.s3_objects import SPELLED
from byodkim.aws.session import WRITE, Clients, Settings, TooLate, Unencrypted
from byodkim.custody.client import Custodian, Refused
from byodkim.custody.operations import WRITES
from byodkim.custody.windows import of, of_key
from byodkim.evidence.heads import parse
from byodkim.sandbox.client import Sandbox
from tests.custody import forms, loopback
from tests.custody.test_read_only import PATH, SELECTOR
from tests.dkim import keys
from tests.each import each

PLACE = {"selector": SELECTOR, "path": PATH, "domain": "example.jp"}


@pytest.fixture
def planning(sandbox: Sandbox) -> Iterator[Custodian]:
    """The custodian of a plan run, with the key in hand."""
    custodian = Custodian()
    custodian.ask("open", settings=forms.settings(sandbox.facts.endpoint_url) | {"writes": False}).result()
    yield custodian
    custodian.close()


def code_of(custodian: Custodian, op: str, **arguments: Any) -> str:
    with pytest.raises(Refused) as caught:
        custodian.ask(op, **arguments).result()
    return caught.value.code


def test_a_custodian_that_holds_a_key_is_not_opened_for_another_host(planning: Custodian, sandbox: Sandbox) -> None:
    with loopback.serving(GET=[loopback.reset], PUT=[loopback.reset], POST=[loopback.reset]) as other:
        settings = forms.settings(other.url) | {"writes": True}
        assert code_of(planning, "open", settings=settings) == "AlreadyOpen"
        sha256 = planning.ask("key", **PLACE, bucket=sandbox.facts.key_bucket).result()["sha256"]
        put = {"name": "example.jp", "selector": SELECTOR, "sha256": sha256}
        assert code_of(planning, "put", **put) == "ReadOnly"
        assert not other.asked


@pytest.mark.parametrize("op", sorted(WRITES))
def test_the_custodian_of_a_plan_run_writes_nothing(planning: Custodian, sandbox: Sandbox, op: str) -> None:
    assert code_of(planning, op) == "ReadOnly"
    assert not [call for call in sandbox.calls() if call["operation"].startswith(("Put", "Delete", "Update"))]


def test_heads_gives_no_object_that_is_none(planning: Custodian, sandbox: Sandbox, aws: dict[str, Any]) -> None:
    assert planning.ask("heads", bucket=sandbox.facts.key_bucket, prefix="dkim-keys/").result() == []
    pem = forms.pem(forms.PKCS8)
    aws["s3"].put_object(Bucket=sandbox.facts.key_bucket, Key="heads/example.jp/x.json", Body=pem)
    found = planning.ask("heads", bucket=sandbox.facts.key_bucket, prefix="").result()
    assert [one["text"] for one in found] == [""]


def test_what_heads_lets_through_is_what_a_head_is() -> None:
    told = {"account": "123456789012", "closed": "2026-11-27T00:00:00+00:00", "domain": "example.jp", "head": "a" * 64,
            "published": "2026-11-27T00:00:01+00:00", "region": "ap-northeast-1",
            "run": "20261127T000000Z-00000000"}  # fmt: skip
    line = json.dumps(told, sort_keys=True, separators=(",", ":"))
    assert SPELLED.fullmatch(line)
    assert parse(line, "").run == told["run"]
    assert not SPELLED.fullmatch(line.replace("example.jp", "A" * 400))


def test_a_write_that_waited_too_long_is_not_sent(sandbox: Sandbox) -> None:
    clients = Clients(Settings(**forms.settings(sandbox.facts.endpoint_url)))
    ses = clients.get("sesv2", WRITE)
    before = len(sandbox.calls())
    with pytest.raises(TooLate), clients.sent_by(time.time() - 1):
        ses.put_email_identity_dkim_signing_attributes(EmailIdentity="example.jp", SigningAttributesOrigin="AWS_SES")
    assert len(sandbox.calls()) == before
    with clients.sent_by(time.time() + 60):  # else the refusal would prove nothing
        assert clients.get("sesv2", WRITE).get_email_identity(EmailIdentity="example.jp")
    custodian = Custodian()
    try:
        custodian.ask("open", settings=forms.settings(sandbox.facts.endpoint_url)).result()
        sha256 = custodian.ask("key", **PLACE, bucket=sandbox.facts.key_bucket).result()["sha256"]
        put = {"name": "example.jp", "selector": SELECTOR, "sha256": sha256, "until": time.time() - 1}
        came = custodian.ask("put", **put).result()
        assert (came["error"]["code"], came["error"]["unclear"]) == ("TooLate", False)
    finally:
        custodian.close()


@pytest.mark.parametrize(
    ("url", "fit"), [("http://ses.example.jp", False), ("https://ses.example.jp", True), ("http://127.0.0.1:9", True)]
)
def test_the_environment_leads_no_key_away_without_encryption(
    monkeypatch: pytest.MonkeyPatch, url: str, fit: bool
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_SESV2", url)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "x")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    clients = Clients(Settings(region="ap-northeast-1"))
    if fit:
        assert clients.get("sesv2").meta.endpoint_url == url
    else:
        with pytest.raises(Unencrypted, match="without encryption"):
            clients.get("sesv2")


def test_a_piece_of_a_private_key_in_the_secrets_record_goes_no_further(
    planning: Custodian, sandbox: Sandbox, aws: dict[str, Any]
) -> None:
    """Neither as what the secret says nor as what is kept raw: no key is in hand by which it could be found."""
    piece = forms.bare(forms.PKCS8).decode()[800:1192]
    secrets, place = aws["secretsmanager"], {"SecretId": sandbox.facts.secret_id}
    before = secrets.get_secret_value(**place)["SecretString"]
    try:
        for value in (f"v=DKIM1; k=rsa; p={piece}", f"v=DKIM1; k=rsa; p={piece[:200]} {piece[200:]}", piece):
            text = json.dumps({"selector": "s", "s3_key_path": "k", "dns_record": {"value": value}})
            secrets.put_secret_value(**place, SecretString=text)
            answered = json.dumps(
                [planning.ask("secret", secret_id=sandbox.facts.secret_id).result(), planning.drain()]
            )
            assert '"s3_key_path": "k"' in answered
            assert not of([base64.b64decode(piece)]).found_in(answered)
    finally:
        secrets.put_secret_value(**place, SecretString=before)


@each("bits", [1024, 2048, 4096])
def test_a_public_key_stays_as_it_is(bits: int) -> None:
    p = base64.b64encode(keys.spki(bits)).decode()
    for value in (
        f"v=DKIM1; k=rsa; p={p}",
        f"v=DKIM1; p={p[:200]} {p[200:]}",
        f"v=DKIM1; k=rsa; p={p[:150]}",
        "v=DKIM1; p=",
    ):
        assert public_part(value) == value
    ed25519 = f"v=DKIM1; k=ed25519; p={base64.b64encode(bytes(range(32))).decode()}"
    assert public_part(ed25519) == ed25519


@each("spelled", ["&#x{:02x};", "&#X{:02X};", "&#x{:04x};", "&#{:d};", "&#{:04d};"])
def test_every_numeric_character_reference_of_html_is_read(spelled: str) -> None:
    numbers = keys.private_key(2048).private_numbers()
    piece = base64.b64encode(numbers.p.to_bytes(128))[30:80]
    assert of_key(numbers).found_in("".join(spelled.format(byte) for byte in piece))
