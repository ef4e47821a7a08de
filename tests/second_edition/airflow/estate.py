"""Several identities in one sandbox, each with a key pair of its own to be switched to."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import boto3
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from second_edition.sandbox.client import Sandbox

NEXT = "mail-20261124-1"
ARCHIVE = "byodkim-archive"
#: Another account, and the access key by which the sandbox knows it.
ABROAD, ABROAD_REGION, ABROAD_KEY = "111122223333", "eu-west-1", "sandbox-111122223333"


class Estate:
    """The identities ``d00000.example.jp`` and so on, as a generator of keys and the DNS team leave them.

    Args:
        sandbox: one that stands, in the world ``places``.
        count: how many identities, at most 7.
    """

    def __init__(self, sandbox: Sandbox, count: int) -> None:
        self.sandbox, facts = sandbox, sandbox.facts
        self.domains = [f"d{number:05}.{facts.domain}" for number in range(count)]
        self.private: list[bytes] = []
        self._values: list[str] = []
        sandbox.set_knobs(identities=count)
        session = boto3.Session("sandbox", "sandbox", region_name=facts.region)
        self.s3 = session.client("s3", endpoint_url=facts.endpoint_url)
        self._secrets = session.client("secretsmanager", endpoint_url=facts.endpoint_url)
        place: Any = {"LocationConstraint": facts.region}
        self.s3.create_bucket(Bucket=ARCHIVE, CreateBucketConfiguration=place)
        # Identities of the crowd sign with the world's own current key.
        current = f"dkim-keys/{facts.domain}/{facts.current_selector}/private_key.pem"
        self._pem = self.s3.get_object(Bucket=facts.key_bucket, Key=current)["Body"].read()
        own = self._secrets.get_secret_value(SecretId=facts.secret_id, VersionStage="AWSPREVIOUS")
        self._value = json.loads(own["SecretString"])["dns_record"]["value"]
        for domain in self.domains:
            self._prepare(domain)
        self.abroad = boto3.Session(ABROAD_KEY, "sandbox", region_name=ABROAD_REGION)
        elsewhere = self.abroad.client("secretsmanager", endpoint_url=facts.endpoint_url)
        text = self._secrets.get_secret_value(SecretId=facts.secret_id)["SecretString"]
        elsewhere.create_secret(Name=facts.secret_id, SecretString=own["SecretString"])
        elsewhere.put_secret_value(SecretId=facts.secret_id, SecretString=text)
        sandbox.calls()

    def _prepare(self, domain: str) -> None:
        facts, pair = self.sandbox.facts, rsa.generate_private_key(65537, 2048)
        pem = pair.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        der = pair.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        value = f"v=DKIM1; k=rsa; p={base64.b64encode(der).decode()}"
        self.private.append(pem)
        for selector, text, key in ((facts.current_selector, self._value, self._pem), (NEXT, value, pem)):
            path = f"dkim-keys/{domain}/{selector}/private_key.pem"
            self.s3.put_object(Bucket=facts.key_bucket, Key=path, Body=key)
            secret = json.dumps({"selector": selector, "dns_record": {"value": text}, "s3_key_path": path})
            if selector == NEXT:
                self._secrets.put_secret_value(SecretId=f"byodkim/{domain}", SecretString=secret)
            else:
                self._secrets.create_secret(Name=f"byodkim/{domain}", SecretString=secret)
        self._values.append(value)
        self.publish(len(self._values) - 1)

    def publish(self, number: int) -> None:
        """The key record that an identity is to be switched to, into DNS."""
        value = self._values[number]
        self.sandbox.set_record(f"{NEXT}._domainkey.{self.domains[number]}", "TXT", [[value[:255], value[255:]]])

    def withdraw(self, number: int) -> None:
        """The same record, out of DNS."""
        self.sandbox.set_record(f"{NEXT}._domainkey.{self.domains[number]}", "TXT", [])

    def table(self, *numbers: int) -> str:
        """A campaign's table, of these identities; -1 is the one of the other account."""
        rows = [(self.domains[number], "fleet") for number in numbers if number >= 0]
        rows += [(self.sandbox.facts.domain, "abroad")] if -1 in numbers else []
        lines = ["domain,selector,profile,secret_id"]
        return "\n".join([*lines, *(f"{domain},{NEXT},{profile},byodkim/{domain}" for domain, profile in rows), ""])

    def profile(self, project: Path, **values: Any) -> None:
        """Writes byodkim.toml: the sandbox stands in AWS's place."""
        facts = self.sandbox.facts
        settings = {
            "account": facts.account, "region": facts.region, "key_bucket": facts.key_bucket,
            "endpoint_url": facts.endpoint_url, "nameservers": facts.nameservers, "ses_requests_per_second": 100.0,
            "wait_minutes": 1, "archive_s3": f"s3://{ARCHIVE}/records", **values,
        }  # fmt: skip
        other = {**settings, "account": ABROAD, "region": ABROAD_REGION}
        lines = ["[fleet]", *(f"{name} = {value!r}" for name, value in settings.items())]
        lines += ["[abroad]", *(f"{name} = {value!r}" for name, value in other.items() if name != "archive_s3")]
        (project / "byodkim.toml").write_text("\n".join([*lines, ""]), "utf-8")

    def selectors(self) -> dict[str, str]:
        """Return what each identity signs with."""
        found = self.sandbox.state()["identities"]
        return {domain: found[domain]["selectors"][0] for domain in self.domains}

    def selector_abroad(self) -> str:
        """Return what the other account's identity signs with."""
        ses = self.abroad.client("sesv2", endpoint_url=self.sandbox.facts.endpoint_url)
        found = ses.get_email_identity(EmailIdentity=self.sandbox.facts.domain)
        return str(found["DkimAttributes"]["Tokens"][0])

    def puts(self) -> int:
        """Return how many writes SES has answered."""
        return len(self.sandbox.calls("PutEmailIdentityDkimSigningAttributes"))

    def archived(self) -> set[str]:
        """Every object in the archive."""
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=ARCHIVE)
        return {one["Key"] for page in pages for one in page.get("Contents", ())}
