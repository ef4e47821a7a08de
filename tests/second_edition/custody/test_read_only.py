"""A custodian that was started to look has no operation that writes, and its clients make no call that does."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from typing import Any

import pytest

from second_edition.aws.reads import READING
from second_edition.aws.session import NotARead
from second_edition.custody import identities
from second_edition.custody.client import Custodian, Refused
from second_edition.custody.isolation import READ_ONLY
from second_edition.custody.operations import OPERATIONS, READS
from second_edition.custody.session import Session
from second_edition.sandbox.client import Sandbox
from tests.second_edition.custody import forms
from tests.second_edition.custody.loopback import serving, status
from tests.second_edition.custody.test_process import COMMAND, said

SELECTOR = "mail-20261124-1"
PATH = f"dkim-keys/example.jp/{SELECTOR}/private_key.pem"
WHERE = {"domain": "example.jp", "bucket": "byodkim-keys"}
SECRET = {"secret_id": "byodkim/dkim/example.jp", "base": "0" * 32, "version": "1" * 32}
ZONE = {"kind": "route53", "zone": "example.jp", "zone_id": "Z0123456789"}
NAME = f"{SELECTOR}._domainkey.example.jp"
# What each operation takes that only looking does without, so that it would go well if it were there.
BEYOND: dict[str, dict[str, Any]] = {
    "put": {"name": "example.jp", "selector": SELECTOR, "sha256": "0" * 64},
    "lock": {"bucket": "byodkim-keys", "account": "123456789012", "domain": "example.jp", "body": "{}", "etag": ""},
    "locked": {"bucket": "byodkim-keys", "account": "123456789012", "domain": "example.jp"},
    "keep": {"bucket": "byodkim-keys", "key": "copy", "path": "/dev/null", "retain_until": ""},
    "keepable": {"bucket": "byodkim-keys", "key": "x", "retain_until": ""},
    "seal": {"statement": "e30=", "key": ""},
    "make": {"selector": SELECTOR},
    "store": {"selector": SELECTOR, "sha256": "0" * 64, "bucket": "byodkim-keys", "key": PATH, "kms_key": ""},
    "enter": {**SECRET, "selector": SELECTOR, "value": "v=DKIM1; p=", "path": PATH, **WHERE},
    "promote": SECRET,
    "release": {"secret_id": SECRET["secret_id"], "version": SECRET["version"]},
    "listed": {"bucket": "byodkim-keys", "domain": "example.jp", "layout": "flat"},
    "versions": {"bucket": "byodkim-keys", "key": PATH},
    "erase": {"bucket": "byodkim-keys", "key": PATH, "version": "", "sha256": "0" * 64},
    "enterable": {"secret_id": SECRET["secret_id"], "selector": SELECTOR, "path": PATH, **WHERE},
    "zone_read": {"way": ZONE, "name": NAME},
    "zone_write": {"way": ZONE, "change": {"name": NAME}},
    "zone_settled": {"way": ZONE, "receipt": "C0123456789"},
    "post": {"sender": "noreply@example.jp", "recipient": "dkim@example.jp", "token": "t"},
    "inbox": {"bucket": "byodkim-inbox", "prefix": "inbox/"},
    "arrived": {"tokens": ["t"]},
}


@pytest.fixture
def looking(sandbox: Sandbox) -> Iterator[Custodian]:
    with forms.opened(sandbox.facts.endpoint_url, read_only=True) as custodian:
        yield custodian


def test_every_operation_is_either_a_read_or_refused() -> None:
    assert READS.keys() | BEYOND.keys() == OPERATIONS.keys()
    assert READS.keys().isdisjoint(BEYOND)
    assert READS.keys() <= OPERATIONS.keys()


def test_the_process_itself_refuses_whoever_asks(sandbox: Sandbox) -> None:
    """Without the class that speaks to it: the refusal is the child's own."""
    lines = [
        forms.line(1, "open", settings=forms.settings(sandbox.facts.endpoint_url)),
        forms.line(2, "key", selector=SELECTOR, path=PATH, bucket=sandbox.facts.key_bucket, domain="example.jp"),
    ]
    with subprocess.Popen([*COMMAND, READ_ONLY], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        _, fetched = (said(child, line) for line in lines)
        refused = {}
        for number, op in enumerate(sorted(BEYOND), 3):
            # With the proved key in its hands and the right fingerprint: it would be written, if it could be.
            arguments = {**BEYOND[op], **({"sha256": fetched["value"]["sha256"]} if op == "put" else {})}
            refused[op] = said(child, forms.line(number, op, **arguments))["error"]["code"]
        child.kill()
    assert refused == dict.fromkeys(BEYOND, "ReadOnly")
    assert {call["operation"] for call in sandbox.calls()} <= READING


def test_the_same_put_goes_well_where_writing_is_allowed(sandbox: Sandbox) -> None:
    """Else the refusals above would prove nothing."""
    with forms.opened(sandbox.facts.endpoint_url) as custodian:
        place = {"selector": SELECTOR, "path": PATH, "bucket": sandbox.facts.key_bucket, "domain": "example.jp"}
        sha256 = custodian.ask("key", **place).result()["sha256"]
        came = custodian.ask("put", **{**BEYOND["put"], "sha256": sha256}).result()
        assert came["answer"]["status"] == 200


def test_clients_that_look_make_no_other_call(sandbox: Sandbox) -> None:
    session = Session(read_only=True)
    identities.open(session, forms.settings(sandbox.facts.endpoint_url))
    clients = session.clients
    ses, s3, secrets = (clients.get(name) for name in ("sesv2", "s3", "secretsmanager"))
    bucket = sandbox.facts.key_bucket
    for call in (
        lambda: ses.delete_email_identity(EmailIdentity="example.jp"),
        lambda: ses.put_email_identity_dkim_attributes(EmailIdentity="example.jp", SigningEnabled=False),
        lambda: s3.put_object(Bucket=bucket, Key="a", Body=b"a"),
        lambda: s3.delete_object(Bucket=bucket, Key=PATH),
        lambda: secrets.delete_secret(SecretId=sandbox.facts.secret_id),
    ):
        with pytest.raises(NotARead, match="is no read"):
            call()
    assert sandbox.calls() == []
    session.pool.shutdown()
    assert ses.get_email_identity(EmailIdentity="example.jp")["IdentityType"] == "DOMAIN"


def test_a_key_object_is_dated_without_being_fetched(looking: Custodian, sandbox: Sandbox) -> None:
    place = {"selector": SELECTOR, "bucket": sandbox.facts.key_bucket, "domain": "example.jp"}
    told = looking.ask("dated", path=PATH, **place).result()
    guessed = looking.ask("dated", path="", **place).result()
    assert told["last_modified"].endswith("+00:00")
    assert (told["size"] > 1000, told["sha256"], told["defect"]) == (True, "", "")
    assert guessed == told
    absent = looking.ask("dated", path="dkim-keys/none.pem", **place).result()
    assert (absent["defect"], absent["last_modified"]) == ("absent", "")
    nowhere = looking.ask("dated", path="", **{**place, "selector": "mail-2"}).result()
    assert nowhere["defect"] == "absent"
    assert sandbox.calls("GetObject") == []


def test_a_key_object_that_may_not_be_looked_at_is_not_taken_for_an_absent_one() -> None:
    with (
        serving(HEAD=[status(403)]) as refusing,
        forms.opened(refusing.url, read_only=True) as custodian,
        pytest.raises(Refused) as caught,
    ):
        custodian.ask("dated", selector=SELECTOR, path=PATH, bucket="b-1", domain="example.jp").result()
    assert (caught.value.operation, caught.value.code) == ("HeadObject", "403")
