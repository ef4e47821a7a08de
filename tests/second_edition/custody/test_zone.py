"""Zones in the custodian's hands: what it signs in with stays there, and one write is one attempt."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any

import boto3
import psutil
import pytest

from second_edition.custody.client import Custodian, Refused
from second_edition.custody.zone import TsigDefect, parse
from second_edition.plain import from_plain, plain
from second_edition.rotation.record_set import Change, RecordSet
from second_edition.sandbox.client import Sandbox
from tests.second_edition.custody.forms import opened
from tests.second_edition.custody.loopback import closed, reset, serving, status
from tests.second_edition.dns.updated import NAME, Key, knot, whole
from tests.second_edition.each import each

VALUE = f"v=DKIM1; k=rsa; p={'A' * 392}".encode()
CHANGE = plain(Change("example.jp", NAME, None, RecordSet(300, ((VALUE[:255], VALUE[255:]),))))


@pytest.fixture(scope="module")
def key() -> Key:
    return Key()


@pytest.fixture(scope="module")
def port(key: Key, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with knot(tmp_path_factory.mktemp("knot"), key) as port:
        yield port


def by_update(port: int, secret_id: str = "byodkim/tsig") -> dict[str, Any]:
    server = {"address": "127.0.0.1", "port": port}
    return {"publisher": "rfc2136", "hosted_zone_id": "", "update_server": server, "tsig_secret_id": secret_id}


def by_route53(zone: str) -> dict[str, Any]:
    return {"publisher": "route53", "hosted_zone_id": zone, "update_server": None, "tsig_secret_id": ""}


def keep(aws: dict[str, Any], text: str, name: str = "byodkim/tsig") -> None:
    aws["secretsmanager"].create_secret(Name=name, SecretString=text)


def refusal(custodian: Custodian, op: str, **arguments: Any) -> Refused:
    with pytest.raises(Refused) as caught:
        custodian.ask(op, **arguments).result()
    return caught.value


@pytest.mark.parametrize("form", ["json", "tsig-keygen"])
def test_the_key_is_taken_from_its_secret_and_signs_an_update(
    form: str, custodian: Custodian, sandbox: Sandbox, aws: dict[str, Any], port: int, key: Key
) -> None:
    keep(aws, json.dumps(key.document) if form == "json" else key.clause)
    before, way = whole(port), by_update(port)
    standing = custodian.ask("zone_read", way=way, name=NAME).result()
    assert (standing["zone"], standing["found"]) == ("example.jp", None)
    assert custodian.ask("zone_write", way=way, change=CHANGE).result() == {"answer": {"receipt": "", "request_id": ""}}
    assert whole(port)[f"{NAME}.", "TXT"][0] == 300
    found = custodian.ask("zone_read", way=way, name=NAME).result()["found"]
    gone = plain(Change("example.jp", NAME, from_plain(RecordSet, found), None))
    assert custodian.ask("zone_write", way=way, change=gone).result().keys() == {"answer"}
    assert custodian.ask("zone_settled", way=way, receipt="").result() is True
    assert whole(port) == before
    assert len(sandbox.calls("GetSecretValue")) == 1  # it is fetched once, and never written anywhere


def test_the_secret_leaves_no_trace(custodian: Custodian, aws: dict[str, Any], port: int, key: Key) -> None:
    keep(aws, json.dumps(key.document))
    answer = json.dumps(custodian.ask("zone_read", way=by_update(port), name=NAME).result())
    calls = json.dumps(custodian.drain())
    line = " ".join(psutil.Process(custodian.pid).cmdline())
    for text in (answer, calls, line):
        assert key.base64 not in text
        assert key.secret.hex() not in text
    _, known = parse(json.dumps(key.document))
    for spelled in (key.base64, key.secret.hex(), key.clause, json.dumps(key.document), key.base64[5:25]):
        assert known.found_in(f"before {spelled} after")
    assert not known.found_in(answer + calls)


def test_a_zone_is_forgotten_with_the_keys(
    custodian: Custodian, sandbox: Sandbox, aws: dict[str, Any], port: int, key: Key
) -> None:
    keep(aws, json.dumps(key.document))
    for _ in range(2):
        custodian.ask("zone_read", way=by_update(port), name=NAME).result()
        custodian.ask("forget").result()
    assert len(sandbox.calls("GetSecretValue")) == 2


@pytest.mark.parametrize(
    "name", ["example.jp", "www.example.jp", "_dmarc.example.jp", "a.b._domainkey.example.jp", "*"]
)
def test_no_other_name_is_asked_for_or_written(custodian: Custodian, sandbox: Sandbox, name: str) -> None:
    way = by_route53(sandbox.facts.hosted_zone_id)
    assert str(refusal(custodian, "zone_read", way=way, name=name)) == "Zone: NoKeyRecord."
    change = {**CHANGE, "name": name}
    assert refusal(custodian, "zone_write", way=way, change=change).code == "NoKeyRecord"
    assert sandbox.calls("ChangeResourceRecordSets") == []


def test_a_hosted_zone_that_is_none_of_the_names_is_refused(custodian: Custodian, sandbox: Sandbox) -> None:
    route53 = boto3.Session("sandbox", "sandbox", region_name="us-east-1").client(
        "route53", endpoint_url=sandbox.facts.endpoint_url
    )
    made = route53.create_hosted_zone(Name="example.net", CallerReference="1")["HostedZone"]["Id"].rpartition("/")[2]
    refused = refusal(custodian, "zone_read", way=by_route53(made), name=NAME)
    assert (refused.operation, refused.code, refused.message) == ("Route53", "other-zone", "example.net")
    assert refusal(custodian, "zone_read", way=by_route53("ZNOSUCHZONE"), name=NAME).code == "NoSuchHostedZone"
    private = route53.create_hosted_zone(
        Name="example.jp",
        CallerReference="2",
        VPC={"VPCRegion": "ap-northeast-1", "VPCId": "vpc-1"},
        HostedZoneConfig={"PrivateZone": True},
    )["HostedZone"]["Id"].rpartition("/")[2]
    assert refusal(custodian, "zone_read", way=by_route53(private), name=NAME).code == "private-zone"
    route53.close()


DENIED = b"<ErrorResponse><Error><Code>AccessDenied</Code></Error><RequestId>r-1</RequestId></ErrorResponse>"


@each(
    ("answer", "unclear"),
    [
        (reset, True),
        (closed, True),
        (status(500, b"", Content_Type="text/xml"), True),
        (status(200, b"<html>sign in</html>", Content_Type="text/html"), True),
        (status(403, DENIED, Content_Type="text/xml"), False),
    ],
    ids=["reset", "closed", "500", "page", "403"],
)
def test_a_change_batch_is_sent_once_and_what_is_not_clear_is_said(answer: Any, unclear: bool) -> None:
    with serving(POST=[answer], GET=[status(500)]) as loopback, opened(loopback.url) as own:
        came = own.ask("zone_write", way=by_route53("Z1"), change=CHANGE).result()
        assert came["error"]["unclear"] is unclear
        assert came["error"].keys() == {"code", "message", "status", "request_id", "unclear"}
        assert came["error"]["request_id"] == ("" if unclear else "r-1")
        assert loopback.asked["POST"] == 1


def document(**other: Any) -> str:
    return json.dumps({**Key().document, **other})


@each(
    ("text", "code"),
    [
        ("", "form"),
        ("not JSON", "form"),
        ("[]", "form"),
        (json.dumps({"name": "k", "algorithm": "hmac-sha256"}), "form"),
        (document(secret=7), "form"),
        (document(secret=""), "form"),
        ('key "k" { algorithm hmac-sha256; };', "form"),
        ('key "k" { secret "x"; } zone "y" { };', "form"),
        (document(algorithm="hmac-md5.sig-alg.reg.int"), "algorithm"),
        (document(algorithm="hmac-sha1"), "algorithm"),
        (document(algorithm="gss-tsig"), "algorithm"),
        (document(name="a..b"), "name"),
        (document(name="x" * 64), "name"),
        (document(secret="no base64!"), "base64"),
        (document(secret=base64.b64encode(bytes(15)).decode()), "short"),
    ],
)
def test_what_is_no_usable_key_is_refused_and_not_repeated(text: str, code: str) -> None:
    with pytest.raises(TsigDefect) as caught:
        parse(text)
    assert (caught.value.code, str(caught.value)) == (code, code)
    assert parse(document(secret=base64.b64encode(bytes(16)).decode()))[0].secret == bytes(16)  # as short as may be


def test_a_secret_that_holds_no_key_is_told_by_its_defect(
    custodian: Custodian, sandbox: Sandbox, aws: dict[str, Any], port: int
) -> None:
    canary = base64.b64encode(b"canary-in-the-coal-mine").decode()
    keep(aws, document(algorithm="hmac-md5", secret=canary))
    refused = refusal(custodian, "zone_read", way=by_update(port), name=NAME)
    assert (refused.operation, refused.code, refused.message) == ("TsigSecret", "algorithm", "")
    assert canary not in json.dumps(custodian.drain())
    aws["secretsmanager"].put_secret_value(SecretId="byodkim/tsig", SecretBinary=document().encode())
    assert str(refusal(custodian, "zone_read", way=by_update(port), name=NAME)) == "TsigSecret: form."
    assert refusal(custodian, "zone_read", way=by_update(port, "no/such"), name=NAME).code == (
        "ResourceNotFoundException"
    )
    assert sandbox.calls("ChangeResourceRecordSets") == []


def test_a_cname_at_the_name_is_told(custodian: Custodian, sandbox: Sandbox) -> None:
    sandbox.set_record(NAME, "TXT", [])
    sandbox.set_record(NAME, "CNAME", ["elsewhere.example.net."])
    way = by_route53(sandbox.facts.hosted_zone_id)
    assert custodian.ask("zone_read", way=way, name=NAME).result()["other"] == "CNAME elsewhere.example.net"


@each("algorithm", ["hmac-sha256", "HMAC-SHA512.", "hmac-sha384"])
def test_names_and_algorithms_are_read_as_dns_reads_them(algorithm: str) -> None:
    key, _ = parse(document(name="Update.Example.JP", algorithm=algorithm))
    assert key.name == "update.example.jp."
    assert key.algorithm == algorithm.lower().rstrip(".")
