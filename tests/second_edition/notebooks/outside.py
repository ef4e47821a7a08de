"""The world as others see it: the AWS CLI, dig and kdig, and a receiver that verifies mail with dkimpy."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import boto3
import dkim
import dns.message
import dns.query
import dns.rdatatype
from botocore.config import Config

from second_edition.sandbox.client import Facts
from tests.second_edition.notebooks.runs import AWS, Runner

AWS_CLI = str(Path(sys.executable).with_name("aws"))


def cli(runner: Runner, facts: Facts, *words: str) -> dict[str, Any]:
    """Return what the AWS CLI prints."""
    env = runner.environment(**AWS, AWS_ENDPOINT_URL=facts.endpoint_url, AWS_DEFAULT_REGION=facts.region)
    done = subprocess.run([AWS_CLI, *words, "--output", "json"], env=env, capture_output=True, text=True, timeout=600)
    assert (done.returncode, done.stderr) == (0, "")
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def identity(runner: Runner, facts: Facts) -> dict[str, Any]:
    """``aws sesv2 get-email-identity``."""
    return cli(runner, facts, "sesv2", "get-email-identity", "--email-identity", facts.domain)


def txt(facts: Facts, selector: str, client: str = "dig") -> list[str]:
    """The key record of ``selector`` at each name server, by ``dig`` or ``kdig``; "" where there is none."""
    found = []
    for server in facts.nameservers.split(","):
        address, _, port = server.rpartition(":")
        name = f"{selector}._domainkey.{facts.domain}"
        command = [client, f"@{address}", "-p", port, "+short", "+time=3", name, "TXT"]
        said = subprocess.run(command, capture_output=True, text=True, check=True, timeout=600).stdout.strip()
        found.append(said.removeprefix('"').removesuffix('"').replace('" "', ""))
    return found


def client(facts: Facts, service: str) -> Any:
    """A boto3 client of the sandbox that tries each call once."""
    # Nor does it read the environment, which pytest changes while others do.
    config = Config(retries={"total_max_attempts": 1}, proxies={})
    session = boto3.Session("sandbox", "sandbox", region_name=facts.region)
    return session.client(service, endpoint_url=facts.endpoint_url, config=config)


def pem(facts: Facts, selector: str) -> bytes:
    """The private key in the key store."""
    s3 = client(facts, "s3")
    try:
        key = f"dkim-keys/{facts.domain}/{selector}/private_key.pem"
        with s3.get_object(Bucket=facts.key_bucket, Key=key)["Body"] as body:
            return bytes(body.read())
    finally:
        s3.close()


def delivered(facts: Facts) -> bytes:
    """A message sent through SES, as it arrives in the inbox."""
    ses, s3 = client(facts, "sesv2"), client(facts, "s3")
    try:
        sent = ses.send_email(
            FromEmailAddress=f"news@{facts.domain}",
            Destination={"ToAddresses": ["reader@example.jp"]},
            Content={"Simple": {"Subject": {"Data": "切替の確認"}, "Body": {"Text": {"Data": "Hello.\n"}}}},
        )
        with s3.get_object(Bucket=facts.inbox_bucket, Key=f"inbox/{sent['MessageId']}")["Body"] as body:
            return bytes(body.read())
    finally:
        ses.close()
        s3.close()


def signatures(message: bytes) -> list[dict[str, str]]:
    """The tags of each DKIM-Signature, as dkimpy reads them, in the message's order."""
    found = [value for name, value in dkim.rfc822_parse(message)[0] if name.lower() == b"dkim-signature"]
    tags = [dkim.util.parse_tag_value(value) for value in found]
    return [{name.decode(): value.decode() for name, value in tag.items()} for tag in tags]


def verifies(facts: Facts, message: bytes, index: int) -> bool:
    """Return whether signature ``index`` verifies with what each of the sandbox's name servers serves."""
    return all(_verifies(server, message, index) for server in facts.nameservers.split(","))


def _verifies(server: str, message: bytes, index: int) -> bool:
    address, _, port = server.rpartition(":")

    def look_up(name: bytes, timeout: int = 5) -> bytes | None:
        query = dns.message.make_query(name.decode(), "TXT", use_edns=0, payload=1232)
        answer, _ = dns.query.udp_with_fallback(query, address, timeout=timeout, port=int(port))
        found = [rrset for rrset in answer.answer if rrset.rdtype == dns.rdatatype.TXT]
        values = [b"".join(record.strings) for rrset in found for record in rrset]
        return values[0] if len(values) == 1 else None

    return bool(dkim.DKIM(message).verify(idx=index, dnsfunc=look_up))
