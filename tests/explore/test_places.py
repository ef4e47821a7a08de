"""One selector and the secret, judged by dig, openssl and boto3; and what a look may do at all."""

import base64
import hashlib
import json
import subprocess
from typing import Any

import pandas as pd
import psutil
import pytest

from byodkim import explore
from byodkim.errors import ByodkimError, InputError
from byodkim.policy import PERMISSIONS
from byodkim.sandbox.world import control
from tests.aws.keys import public
from tests.sandbox.tools import CURRENT, NEW, client, entries, stored_pem

SANDBOX = "sandbox"
NAME = f"{NEW}._domainkey.example.jp"


def openssl_sha256(pem: bytes) -> str:
    return hashlib.sha256(base64.b64decode(public(pem))).hexdigest()


def dig(server: str) -> tuple[str, int]:
    """Return the record that a server serves, and its TTL."""
    address, _colon, port = server.rpartition(":")
    command = ["dig", f"@{address}", "-p", port, NAME, "TXT", "+noall", "+answer", "+norecurse"]
    line = subprocess.run(command, capture_output=True, check=True, text=True).stdout
    _name, ttl, _class, _type, value = line.split(maxsplit=4)
    return value.replace('" "', "").strip().strip('"'), int(ttl)


def look(selector: str = NEW) -> list[Any]:
    return list(explore.selector("", selector, target=SANDBOX).itertuples())


def test_a_selector_at_every_place(world):
    stored, secret, *servers = look()
    assert stored.sha256 == openssl_sha256(stored_pem(world, NEW))
    assert stored.place.startswith(f"s3://{world.key_bucket}/dkim-keys/example.jp/{NEW}/")
    assert (secret.place, secret.sha256) == ("Secrets Manager", stored.sha256)
    assert [each.place for each in servers] == list(world.nameservers)
    for each in servers:
        record, ttl = dig(each.place)
        assert (record, ttl) == (entries(world)[NEW]["dns_record"]["value"], each.ttl)
    assert {each.same for each in (stored, secret, *servers)} == {True}
    assert {(each.rcode, each.sha256) for each in servers} == {("NOERROR", stored.sha256)}


def test_the_selector_in_use_is_shown_by_default(alone):
    assert CURRENT in look("")[0].place
    control(alone, "identity", origin="AWS_SES")
    with pytest.raises(InputError):
        look("")


@pytest.mark.parametrize("texts", [[], ["v=DKIM1; p=customerProvidedPublicKey"]])
def test_a_server_that_differs(alone, texts):
    control(alone, "dns", servers=["ns3"], name=NAME, frozen=True, texts=texts)
    assert [each.same for each in look()[2:]] == [True, True, False]


def test_what_could_not_be_read_is_missing_and_says_why(world):
    control(world, "fault", operation="GetObject", code="AccessDenied", status=403)
    stored, secret, *servers = look()
    assert "AccessDenied" in stored.says
    assert all(pd.isna(each.same) for each in (stored, secret, *servers))
    assert all(each.sha256 for each in servers)  # what is served is known all the same


@pytest.mark.usefixtures("world")
def test_a_selector_that_the_secret_does_not_name():
    stored, secret, *_servers = look("mail-20990101-1")
    assert pd.isna(stored.sha256)
    assert secret.says == "The secret does not name the selector."


def test_the_secret(world):
    frame = explore.secret(target=SANDBOX)
    expected = {name: each["dns_record"]["value"] for name, each in entries(world).items()}
    assert dict(zip(frame.selector, frame.record, strict=True)) == expected
    assert set(frame.layout) == {"selectors"}
    keys = [stored_pem(world, each) for each in frame.selector]
    assert list(frame.sha256) == [openssl_sha256(each) for each in keys]
    assert str(frame.bits.dtype) == "Int64"


@pytest.mark.parametrize(
    "content",
    [
        '{"selector": "mail-1"}',
        '{"selector": "mail-1", "dns_record": {"value": "p="}, "private_key": "PEM"}',
        "no JSON",
    ],
)
def test_a_secret_that_cannot_be_shown(world, content):
    pem = stored_pem(world, NEW).decode()
    text = content.replace('"PEM"', json.dumps(pem))
    client(world, "secretsmanager").put_secret_value(SecretId=world.secret_id, SecretString=text)
    with pytest.raises(ByodkimError) as caught:
        explore.secret(target=SANDBOX)
    assert pem.splitlines()[5] not in str(caught.value)


def test_nothing_private_is_shown_and_no_custodian_stays(world):
    frames = [
        explore.identities(target=SANDBOX),
        explore.selector(target=SANDBOX),
        explore.secret(target=SANDBOX),
    ]
    text = "".join(each.to_csv() + each.to_html() + str(each.attrs) for each in frames)
    for selector in (CURRENT, NEW):
        lines = stored_pem(world, selector).decode().splitlines()[2:-1]
        assert not [line for line in lines if line in text]
    children = [
        str(each.cmdline())
        for each in psutil.Process().children()
        if each.status() != psutil.STATUS_ZOMBIE
    ]
    assert not [each for each in children if "start.py" in each]


def test_calls_are_those_of_the_policy_and_none_writes(world):
    control(world, "forget")
    explore.identities(target=SANDBOX)
    explore.identities(target=SANDBOX, details=True)
    explore.selector(target=SANDBOX)
    explore.secret(target=SANDBOX)
    made = {each["operation"] for each in control(world, "calls")}
    allowed = {each.action.partition(":")[2] for each in PERMISSIONS["explore"]}
    # HeadObject needs s3:GetObject. A missing object and an own KMS key are not met here.
    assert made - {"GetCallerIdentity", "HeadObject"} == allowed - {"ListBucket", "Decrypt"}
