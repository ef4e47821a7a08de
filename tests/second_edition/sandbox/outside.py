"""The sandbox as seen from outside: what a generator stored, what SES is told, what DNS says, without its internals."""

from __future__ import annotations

import base64
import hashlib
import json
import subprocess
from typing import Any

import dns.message
import dns.query
import dns.rdatatype
import dns.rdtypes.ANY.TXT

from second_edition.sandbox.client import Facts

DOMAIN = "example.jp"
CURRENT = "mail-20260912-1"
NEXT = "mail-20261124-1"


def put(ses: Any, selector: str, key: str, domain: str = DOMAIN) -> dict[str, Any]:
    """PutEmailIdentityDkimSigningAttributes with a BYODKIM key."""
    answer: dict[str, Any] = ses.put_email_identity_dkim_signing_attributes(
        EmailIdentity=domain,
        SigningAttributesOrigin="EXTERNAL",
        SigningAttributes={"DomainSigningSelector": selector, "DomainSigningPrivateKey": key},
    )
    return answer


def stored_key(aws: dict[str, Any], facts: Facts, selector: str) -> str:
    """The private key in the key store as SES wants it: base64 without a PEM header."""
    body = aws["s3"].get_object(Bucket=facts.key_bucket, Key=f"dkim-keys/{facts.domain}/{selector}/private_key.pem")[
        "Body"
    ]
    with body:
        return "".join(body.read().decode().splitlines()[1:-1])


def secret(aws: dict[str, Any], facts: Facts, stage: str = "AWSCURRENT") -> dict[str, Any]:
    """The document in the secret."""
    answer = aws["secretsmanager"].get_secret_value(SecretId=facts.secret_id, VersionStage=stage)
    document: dict[str, Any] = json.loads(answer["SecretString"])
    return document


def dkim(ses: Any, domain: str = DOMAIN) -> dict[str, Any]:
    """DkimAttributes now."""
    attributes: dict[str, Any] = ses.get_email_identity(EmailIdentity=domain)["DkimAttributes"]
    return attributes


def servers(facts: Facts) -> list[tuple[str, int]]:
    """Address and port of each name server."""
    pairs = (server.rpartition(":") for server in facts.nameservers.split(","))
    return [(address, int(port)) for address, _, port in pairs]


def ask(
    server: tuple[str, int], name: str, kind: str = "TXT", *, tcp: bool = False, within_s: float = 60
) -> dns.message.Message:
    """One answer of one name server, by dnspython."""
    query = dns.message.make_query(name, kind, use_edns=0, payload=1232)
    send = dns.query.tcp if tcp else dns.query.udp
    return send(query, server[0], timeout=within_s, port=server[1])


def txt(server: tuple[str, int], name: str) -> list[bytes]:
    """The TXT records at a name, each joined."""
    found = [record for rrset in ask(server, name).answer for record in rrset]
    return [b"".join(record.strings) for record in found if isinstance(record, dns.rdtypes.ANY.TXT.TXT)]


def dig(server: tuple[str, int], *words: str) -> str:
    """Return what dig prints."""
    command = ["dig", f"@{server[0]}", "-p", str(server[1]), "+norecurse", "+time=2", "+tries=1", *words]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=600).stdout


def key_sha256(facts: Facts, selector: str) -> str:
    """SHA-256 of the public key that the selector's record holds."""
    (value,) = txt(servers(facts)[0], f"{selector}._domainkey.{facts.domain}")
    return hashlib.sha256(base64.b64decode(value.partition(b"p=")[2])).hexdigest()
