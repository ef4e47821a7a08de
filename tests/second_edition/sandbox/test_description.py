"""A world that a file describes, seen through boto3 and dig only: as it is described, and with keys of its own."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

import boto3
import dns.exception
import dns.rcode
import pytest
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from second_edition.sandbox.client import Sandbox
from tests.second_edition.sandbox.outside import ask, dig, dkim, servers, txt

PATH = "keys/{0}/example.jp.pem"


def described(**more: Any) -> dict[str, Any]:
    """A generation of two selectors in one nested secret, and three name servers that do not agree."""
    entries = [
        {"selector": one, "dns_record": {"value": f"k=rsa; p={{key:{one}}}"}, "s3_key_path": PATH.format(one)}
        for one in ("a-1", "a-2")
    ]
    return {
        "domain": "example.jp",
        "current_selector": "a-1",
        "next_selector": "a-2",
        "secret_id": "mail/dkim",
        "key_bucket": "own-keys",
        "keys": {"a-1": 1024, "a-2": 2048},
        "servers": [
            {"name": "ns-a.example.net"},
            {"name": "ns-b.example.net", "latency_ms": 300},
            {"name": "ns-c.example.net", "fault": "servfail"},
        ],
        "zones": [{"apex": "example.jp", "serials": [7, 6, 7], "negative_ttl": 900, "refresh": 60}],
        "identities": [
            {"name": "example.jp", "selectors": ["a-1"], "key": "a-1", "signing_enabled": False},
            {"name": "lost.example.jp", "selectors": ["b"], "key": "a-2", "status": "FAILED", "verified": False},
        ],
        "secrets": [{"name": "mail/dkim", "versions": [{"token": "{new}", "live": {"generation": entries}}]}],
        "objects": [
            {"bucket": "own-keys", "path": PATH.format("a-1"), "key": "a-1", "form": "PKCS#1 base64"},
            {"bucket": "own-keys", "path": PATH.format("a-2"), "key": "a-2"},
        ],
        "records": [
            {"name": "a-1._domainkey.example.jp", "values": ["k=rsa; p={key:a-1}"], "servers": [0, 1, 2], "ttl": 300},
            {"name": "a-2._domainkey.example.jp", "values": ["k=rsa; p={key:a-2:200}"], "servers": [0]},
        ],
        "verification_seconds": 600,
        "about": {"of": "run"},
        **more,
    }


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Sandbox]]:
    with ExitStack() as stack:

        def started(**more: Any) -> Sandbox:
            path = tmp_path / "world.json"
            path.write_text(json.dumps(described(**more)))
            return stack.enter_context(Sandbox.start(description=str(path)))

        yield started


def client(sandbox: Sandbox, service: str) -> Any:
    session = boto3.Session("sandbox", "sandbox", region_name=sandbox.facts.region)
    return session.client(service, endpoint_url=sandbox.facts.endpoint_url)


def test_ses_key_store_and_zones_are_as_described(start: Callable[..., Sandbox]) -> None:
    sandbox = start()
    facts = sandbox.facts
    assert (facts.secret_id, facts.key_bucket, facts.about["of"]) == ("mail/dkim", "own-keys", "run")
    assert len(facts.about["sha256"]) == 64
    ses = client(sandbox, "sesv2")
    shown = dkim(ses)
    assert (shown["Tokens"], shown["Status"], shown["SigningEnabled"]) == (["a-1"], "SUCCESS", False)
    assert dkim(ses, "lost.example.jp")["Status"] == "FAILED"
    text = client(sandbox, "secretsmanager").get_secret_value(SecretId="mail/dkim")["SecretString"]
    secret = json.loads(text)
    assert list(secret) == ["token", "live"]
    assert len(secret["token"]) == 16
    values = {one["selector"]: one["dns_record"]["value"] for one in secret["live"]["generation"]}
    s3 = client(sandbox, "s3")
    body = s3.get_object(Bucket="own-keys", Key=PATH.format("a-2"))["Body"].read()
    key = load_pem_private_key(body, None)
    assert getattr(key, "key_size", 0) == 2048
    assert b"-----" not in s3.get_object(Bucket="own-keys", Key=PATH.format("a-1"))["Body"].read()
    good, slow, failing = servers(facts)
    assert dig(good, "+short", "SOA", "example.jp").split()[2:] == ["7", "60", "900", "1209600", "900"]
    assert dig(slow, "+short", "SOA", "example.jp").split()[2] == "6"
    assert txt(good, "a-1._domainkey.example.jp") == [values["a-1"].encode()]
    assert txt(good, "a-2._domainkey.example.jp") == [values["a-2"][: len("k=rsa; p=") + 200].encode()]
    assert txt(slow, "a-2._domainkey.example.jp") == []
    assert dig(good, "+noall", "+answer", "TXT", "a-1._domainkey.example.jp").split()[1] == "300"
    assert ask(failing, "a-1._domainkey.example.jp").rcode() == dns.rcode.SERVFAIL


def test_a_reset_makes_the_same_world_again_and_another_scenario_leaves_it(start: Callable[..., Sandbox]) -> None:
    sandbox = start()
    before = txt(servers(sandbox.facts)[0], "a-1._domainkey.example.jp")
    sandbox.unpublish("a-1")
    sandbox.reset()
    assert txt(servers(sandbox.facts)[0], "a-1._domainkey.example.jp") == before
    sandbox.reset("dns-absent")
    assert sandbox.facts.secret_id == "byodkim/example.jp"


def test_ses_verifies_after_the_time_that_is_described(start: Callable[..., Sandbox]) -> None:
    sandbox = start(identities=[{"name": "example.jp", "selectors": ["a-1"], "key": "a-1", "status": "PENDING"}])
    ses = client(sandbox, "sesv2")
    sandbox.advance(timedelta(seconds=590))
    assert dkim(ses)["Status"] == "PENDING"
    sandbox.advance(timedelta(seconds=10))
    assert dkim(ses)["Status"] == "SUCCESS"


@pytest.mark.parametrize("fault", ["silent", "refused", "lame"])
def test_a_name_server_fails_as_described(start: Callable[..., Sandbox], fault: str) -> None:
    record = {"name": "a-1._domainkey.example.jp", "values": ["k=rsa; p={key:a-1}"], "servers": [0, 1]}
    sandbox = start(servers=[{"name": "ns1.example.jp", "fault": fault}, {"name": "ns2.example.jp"}], records=[record])
    failing, good = servers(sandbox.facts)
    name = "a-1._domainkey.example.jp"
    assert "aa" in dig(good, "TXT", name).partition("flags:")[2].split(";")[0].split()
    if fault == "silent":
        with pytest.raises(dns.exception.Timeout):
            ask(failing, name, within_s=0.5)
        return
    answer = ask(failing, name)
    assert (answer.rcode(), bool(answer.answer)) == {
        "refused": (dns.rcode.REFUSED, False),
        "lame": (dns.rcode.NOERROR, True),
    }[fault]
    assert not answer.flags & dns.flags.AA
