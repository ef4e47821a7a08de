"""Each scenario is what it claims, seen through boto3 and DNS only."""

from __future__ import annotations

import base64
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, get_args, get_type_hints

import pytest
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_private_key,
)

from second_edition.errors import SandboxError
from second_edition.sandbox.client import Sandbox
from second_edition.ses_sandbox import scenarios
from second_edition.ses_sandbox.knobs import Knobs
from tests.second_edition.project.tracked import ROOT
from tests.second_edition.sandbox.outside import CURRENT, DOMAIN, NEXT, dig, secret, servers, stored_key, txt

README = (ROOT / "lib/second_edition/ses_sandbox/README.md").read_text()


@dataclass(frozen=True)
class Seen:
    """A world from outside."""

    identity: dict[str, Any]
    secret: dict[str, Any]
    previous: dict[str, Any]
    public: dict[str, bytes]  # SubjectPublicKeyInfo of the private key in S3, by selector
    records: dict[str, list[list[bytes]]]  # key records by selector, at each name server
    serials: list[int]

    def stored(self, selector: str) -> bytes:
        return b"v=DKIM1; k=rsa; p=" + base64.b64encode(self.public[selector])


def public_half(text: str) -> bytes:
    key = load_der_private_key(base64.b64decode(text), None)
    return key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def serial(server: tuple[str, int]) -> int:
    return int(dig(server, "+short", "SOA", DOMAIN).split()[2])


@pytest.fixture
def seen(sandbox: Sandbox, aws: dict[str, Any]) -> Callable[[str], Seen]:
    def look(name: str) -> Seen:
        sandbox.reset(name)
        facts = sandbox.facts
        assert facts.scenario == name
        selectors, at = (CURRENT, NEXT), servers(facts)
        return Seen(
            aws["sesv2"].get_email_identity(EmailIdentity=DOMAIN),
            secret(aws, facts),
            secret(aws, facts, "AWSPREVIOUS"),
            {one: public_half(stored_key(aws, facts, one)) for one in selectors},
            {one: [txt(server, f"{one}._domainkey.{DOMAIN}") for server in at] for one in selectors},
            [serial(server) for server in at],
        )

    return look


def signs_with(seen: Seen, selector: str, status: str = "SUCCESS") -> None:
    attributes = seen.identity["DkimAttributes"]
    assert (attributes["SigningAttributesOrigin"], attributes["SigningEnabled"]) == ("EXTERNAL", True)
    assert (attributes["Tokens"], attributes["Status"]) == ([selector], status)


def test_ready(seen: Callable[[str], Seen]) -> None:
    world = seen("ready")
    signs_with(world, CURRENT)
    assert world.identity["VerifiedForSendingStatus"] is True
    for document, selector in ((world.secret, NEXT), (world.previous, CURRENT)):
        assert document == {
            "selector": selector,
            "dns_record": {"value": world.stored(selector).decode()},
            "s3_key_path": f"dkim-keys/{DOMAIN}/{selector}/private_key.pem",
        }
    assert world.records == {one: [[world.stored(one)]] * 2 for one in (CURRENT, NEXT)}
    assert world.serials[0] == world.serials[1]
    assert world.public[CURRENT] != world.public[NEXT]


def test_easy_dkim(seen: Callable[[str], Seen], sandbox: Sandbox) -> None:
    attributes = seen("easy-dkim").identity["DkimAttributes"]
    assert (attributes["SigningAttributesOrigin"], attributes["Status"]) == ("AWS_SES", "SUCCESS")
    assert len(attributes["Tokens"]) == 3
    for token in attributes["Tokens"]:
        shown = dig(servers(sandbox.facts)[0], "+short", "TXT", f"{token}._domainkey.{DOMAIN}")
        assert shown.startswith(f'{token}.dkim.amazonses.com.\n"v=DKIM1; k=rsa; p=')


def test_previous_failed(seen: Callable[[str], Seen], sandbox: Sandbox) -> None:
    world = seen("previous-failed")
    signs_with(world, CURRENT, "FAILED")
    assert world.identity["VerificationInfo"]["ErrorType"] == "HOST_NOT_FOUND"
    assert "LastSuccessTimestamp" not in world.identity["VerificationInfo"]
    assert world.records == {CURRENT: [[], []], NEXT: [[], []]}
    sandbox.publish()
    assert txt(servers(sandbox.facts)[1], f"{NEXT}._domainkey.{DOMAIN}") == [world.stored(NEXT)]


def test_the_readme_lists_the_scenarios() -> None:
    assert len({one.claim for one in scenarios.ALL.values()}) == len(scenarios.ALL)
    (listed,) = re.findall(r"## Scenarios\n(.+?):", README, re.DOTALL)
    assert re.findall(r"`([a-z-]+)`", listed) == list(scenarios.ALL)


def test_the_readme_s_example_runs_as_it_stands() -> None:
    (example,) = re.findall(r"```python\n(.+?)```", README, re.DOTALL)
    done = subprocess.run([sys.executable, "-c", example], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_readme_lists_the_knobs_with_their_values() -> None:
    rows = dict(re.findall(r"^\| ((?:`\w+`(?:, )?)+) \| (.+?)(?::| \|)", README.split("## Knobs")[1], re.MULTILINE))
    listed = {name: values for names, values in rows.items() for name in re.findall(r"\w+", names)}
    assert listed.keys() == asdict(Knobs()).keys()
    hints = {name: get_args(hint) for name, hint in get_type_hints(Knobs).items()}
    assert {name: tuple(re.findall(r"`(\w+)`", listed[name])) for name, choices in hints.items() if choices} == {
        name: choices for name, choices in hints.items() if choices
    }


def test_publishing_mends_what_a_scenario_broke(seen: Callable[[str], Seen], sandbox: Sandbox) -> None:
    for name in ("truncated-request", "secret-mismatch"):
        world = seen(name)
        value = world.secret["dns_record"]["value"].encode()
        assert world.records[NEXT] == [[value], [value]]
        assert value not in (world.stored(NEXT), world.stored(CURRENT))
        sandbox.publish()
        for server in servers(sandbox.facts):
            assert txt(server, f"{NEXT}._domainkey.{DOMAIN}") == [world.stored(NEXT)]


def test_a_reset_forgets_everything_but_the_key_pairs(sandbox: Sandbox, aws: dict[str, Any]) -> None:
    facts, key = sandbox.facts, stored_key(aws, sandbox.facts, NEXT)
    aws["s3"].put_object(Bucket=facts.key_bucket, Key="mine", Body=b"a")
    aws["secretsmanager"].create_secret(Name="mine", SecretString="a")
    aws["sesv2"].delete_email_identity(EmailIdentity=DOMAIN)
    sandbox.unpublish(CURRENT)
    sandbox.set_knobs(tokens="empty")
    ids = {facts.id}
    for _ in range(2):
        sandbox.reset()
        assert sandbox.facts.id not in ids
        ids.add(sandbox.facts.id)
        state = sandbox.state()
        assert (sandbox.calls(), state["knobs"], state["facts"]["clock_offset_s"]) == ([], asdict(Knobs()), 0)
        assert stored_key(aws, facts, NEXT) == key
        listed = aws["s3"].list_objects_v2(Bucket=facts.key_bucket)["Contents"]
        assert [one["Key"].split("/")[2] for one in listed] == [CURRENT, NEXT]
        names = [one["Name"] for one in aws["secretsmanager"].list_secrets()["SecretList"]]
        assert names == [facts.secret_id]
        assert aws["sesv2"].get_email_identity(EmailIdentity=DOMAIN)["DkimAttributes"]["Status"] == "SUCCESS"
        assert [len(txt(server, f"{CURRENT}._domainkey.{DOMAIN}")) for server in servers(facts)] == [1, 1]


def test_unprepared(sandbox: Sandbox, aws: dict[str, Any]) -> None:
    sandbox.reset("unprepared")
    facts = sandbox.facts
    assert secret(aws, facts)["selector"] == CURRENT
    assert [one["Key"].split("/")[2] for one in aws["s3"].list_objects_v2(Bucket=facts.key_bucket)["Contents"]] == [
        CURRENT
    ]
    described = aws["secretsmanager"].describe_secret(SecretId=facts.secret_id)
    assert list(described["VersionIdsToStages"].values()) == [["AWSCURRENT"]]
    assert [txt(server, f"{NEXT}._domainkey.{DOMAIN}") for server in servers(facts)] == [[], []]
    assert aws["sesv2"].get_email_identity(EmailIdentity=DOMAIN)["DkimAttributes"]["Status"] == "SUCCESS"
    with pytest.raises(SandboxError, match="has no key pair"):
        sandbox.publish()


@pytest.mark.parametrize("selector", [NEXT, "spring-7"])
def test_the_record_of_a_key_that_was_stored_since_is_published(
    sandbox: Sandbox, aws: dict[str, Any], selector: str
) -> None:
    sandbox.reset("unprepared")
    pem = subprocess.run(["openssl", "genrsa", "2048"], capture_output=True, check=True).stdout
    key = f"dkim-keys/{DOMAIN}/{selector}/private_key.pem"
    aws["s3"].put_object(Bucket=sandbox.facts.key_bucket, Key=key, Body=pem)
    sandbox.publish(selector)
    public = subprocess.run(
        ["openssl", "pkey", "-pubout", "-outform", "DER"], input=pem, capture_output=True, check=True
    ).stdout
    for server in servers(sandbox.facts):
        assert txt(server, f"{selector}._domainkey.{DOMAIN}") == [b"v=DKIM1; k=rsa; p=" + base64.b64encode(public)]
    sandbox.unpublish(selector)
    aws["s3"].put_object(Bucket=sandbox.facts.key_bucket, Key=key, Body=b"no key")
    with pytest.raises(SandboxError, match="has no key pair"):
        sandbox.publish(selector)
