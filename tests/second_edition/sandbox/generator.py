"""What the generator of key pairs, the DNS team and somebody at the console do to a standing sandbox."""

from __future__ import annotations

import json
from typing import Any

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from msgspec.structs import replace

from second_edition.sandbox.client import Facts, Sandbox
from second_edition.ses_sandbox.keys import KeyPair
from tests.second_edition.notebooks import outside
from tests.second_edition.sandbox.outside import put


def key_path(facts: Facts, selector: str) -> str:
    """Return where a selector's private key lies."""
    return f"dkim-keys/{facts.domain}/{selector}/private_key.pem"


def store(sandbox: Sandbox, selector: str, body: bytes) -> None:
    """Another object in the place of a selector's private key."""
    s3 = outside.client(sandbox.facts, "s3")
    s3.put_object(Bucket=sandbox.facts.key_bucket, Key=key_path(sandbox.facts, selector), Body=body)
    s3.close()


def key_versions(sandbox: Sandbox, prefix: str = "") -> list[str]:
    """Return every version of every key object below a prefix: its key and the version's id."""
    s3 = outside.client(sandbox.facts, "s3")
    found = s3.list_object_versions(Bucket=sandbox.facts.key_bucket, Prefix=prefix).get("Versions", ())
    s3.close()
    return [f"{one['Key']} {one['VersionId']}" for one in found]


def write_secret(sandbox: Sandbox, text: str, **request: object) -> None:
    """Another version of the secret."""
    secrets = outside.client(sandbox.facts, "secretsmanager")
    secrets.put_secret_value(SecretId=sandbox.facts.secret_id, SecretString=text, **request)
    secrets.close()


def generate(sandbox: Sandbox, selector: str, pair: KeyPair) -> None:
    """Stores a pair, names it in the secret, and has it published."""
    facts = sandbox.facts
    store(sandbox, selector, pair.pkcs8_pem())
    document = {"selector": selector, "dns_record": {"value": pair.dns_value}, "s3_key_path": key_path(facts, selector)}
    write_secret(sandbox, json.dumps(document))
    sandbox.set_record(f"{selector}._domainkey.{facts.domain}", "TXT", [pair.dns_value])


def secret(sandbox: Sandbox, label: str = "AWSCURRENT") -> Any:
    """The secret's version in force, or the one with another label."""
    secrets = outside.client(sandbox.facts, "secretsmanager")
    text = secrets.get_secret_value(SecretId=sandbox.facts.secret_id, VersionStage=label)["SecretString"]
    secrets.close()
    return json.loads(text)


def labels(sandbox: Sandbox) -> dict[str, str]:
    """Return the secret's versions by their labels."""
    secrets = outside.client(sandbox.facts, "secretsmanager")
    versions = secrets.describe_secret(SecretId=sandbox.facts.secret_id)["VersionIdsToStages"]
    secrets.close()
    return {label: version for version, labels in versions.items() for label in labels}


def set_by_hand(sandbox: Sandbox, selector: str, region: str = "", key: str = "") -> None:
    """Give SES a selector with the key of another, the current one unless told, as somebody does in the console."""
    facts = replace(sandbox.facts, region=region or sandbox.facts.region)
    pem, ses = outside.pem(facts, key or facts.current_selector), outside.client(facts, "sesv2")
    put(ses, selector, "".join(pem.decode().splitlines()[1:-1]), sandbox.facts.domain)
    ses.close()


def delete_identity(sandbox: Sandbox) -> None:
    ses = outside.client(sandbox.facts, "sesv2")
    ses.delete_email_identity(EmailIdentity=sandbox.facts.domain)
    ses.close()


def pair_of(facts: Facts, selector: str) -> KeyPair:
    """The pair whose private key is stored for a selector."""
    key = load_pem_private_key(outside.pem(facts, selector), None)
    assert isinstance(key, RSAPrivateKey)
    return KeyPair(key)


def zone_line(facts: Facts, selector: str, ttl: int = 3600) -> str:
    """A selector's key record as a line of a zone, as the sandbox's name servers serve it."""
    value = outside.txt(facts, selector)[0]
    strings = " ".join(f'"{value[start : start + 255]}"' for start in range(0, len(value), 255))
    return f"{selector}._domainkey.{facts.domain}. {ttl} TXT {strings}\n"
