"""What a story finds at AWS besides the world itself: keys, encryption, an archive, and how the gate knows of it."""

from __future__ import annotations

import base64
import contextlib
import json
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from second_edition.sandbox.client import Facts
from tests.second_edition.access.asked import Estate
from tests.second_edition.dns.updated import Key

ARCHIVE = "example-jp-records"
# One session for all: a service's model is loaded once. To use a client is safe for threads, to make one is not.
_SESSION, _ONE_AT_A_TIME = boto3.Session("sandbox", "sandbox"), Lock()
#: Whose environment nobody reads in a thread: pytest changes it at the same time.
_CONFIG = Config(proxies={})


@dataclass
class Builder:
    """Builds at AWS, and keeps what the profile and ``byodkim policy`` are to say of it."""

    facts: Facts
    stack: ExitStack
    profile: dict[str, Any] = field(default_factory=dict)
    options: list[str] = field(default_factory=list)
    aliases: dict[str, str] = field(default_factory=dict)
    clients: dict[str, Any] = field(default_factory=dict)
    objects: dict[str, str] = field(default_factory=dict)
    env: dict[str, str] = field(default_factory=dict)
    home: dict[str, Any] = field(default_factory=dict)  # of the section whose account has secret and key, if another

    def client(self, service: str) -> Any:
        """A client for the endpoint."""
        if service not in self.clients:
            with _ONE_AT_A_TIME:
                made = _SESSION.client(service, self.facts.region, endpoint_url=self.facts.endpoint_url, config=_CONFIG)
            self.clients[service] = made
            self.stack.callback(made.close)
        return self.clients[service]

    def lock(self) -> None:
        """The operator lock in S3."""
        self.profile["lock"] = "s3"

    def apart(self) -> None:
        """The identity in another account than secret and key; each is signed in to by a profile of its own."""
        self.home = {"lock": "s3", "aws_profile": "mail", "same_key_in": ["default"]}
        self.profile |= {"account": "111122223333", "region": "eu-west-1", "aws_profile": "mail-eu"}
        self.profile |= {"store_region": self.facts.region, "store_profile": "mail"}
        file = Path(self.stack.enter_context(tempfile.TemporaryDirectory()), "aws.ini")
        file.write_text(
            "[profile mail-eu]\naws_access_key_id = sandbox-111122223333\naws_secret_access_key = s\n"
            "[profile mail]\naws_access_key_id = sandbox\naws_secret_access_key = s\n"
        )
        self.env = {"AWS_CONFIG_FILE": str(file)}

    def seal(self, alias: str = "") -> None:
        """A signing key in KMS, named by its ARN or by an alias."""
        kms = self.client("kms")
        arn = kms.create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["Arn"]
        public = base64.b64encode(kms.get_public_key(KeyId=arn)["PublicKey"]).decode()
        self.profile |= {"seal_key": arn, "sealing_keys": [f"p256:{public}"]}
        if alias:
            kms.create_alias(AliasName=f"alias/{alias}", TargetKeyId=arn)
            named = f"{arn.partition(':key/')[0]}:alias/{alias}"
            self.aliases[named], self.profile["seal_key"] = arn, named

    def archive(self, days: int = 0) -> None:
        """A bucket for copies, with Object Lock."""
        place = {"LocationConstraint": self.facts.region}
        s3 = self.client("s3")
        s3.create_bucket(Bucket=ARCHIVE, CreateBucketConfiguration=place, ObjectLockEnabledForBucket=True)
        self.profile |= {"archive_s3": f"s3://{ARCHIVE}/dkim", "archive_retention_days": days}

    def kept(self) -> None:
        """Records are sealed with a key in KMS, and their copies held."""
        self.seal()
        self.archive(30)

    def encrypt(self) -> None:
        """Bucket and secret under a key of one's own, and the archive under another, where there is one."""
        s3 = self.client("s3")
        for bucket, option in ((self.facts.key_bucket, "--encryption-key"), (ARCHIVE, "--archive-key")):
            arn = self.client("kms").create_key()["KeyMetadata"]["Arn"]
            rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": arn}}
            with contextlib.suppress(s3.exceptions.NoSuchBucket):
                s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": [rule]})
                self.options += [option, arn]
            if option == "--encryption-key":
                self.client("secretsmanager").update_secret(SecretId=self.facts.secret_id, KmsKeyId=arn)

    def key_kms(self, alias: str = "", *, stored: bool = False) -> None:
        """A key in KMS by which prepare encrypts private keys, named by its ARN or by an alias.

        ``stored``: those that stand are encrypted by it already.
        """
        kms = self.client("kms")
        arn = self.profile["key_kms"] = kms.create_key()["KeyMetadata"]["Arn"]
        if alias:
            kms.create_alias(AliasName=f"alias/{alias}", TargetKeyId=arn)
            named = f"{arn.partition(':key/')[0]}:alias/{alias}"
            self.aliases[named], self.profile["key_kms"] = arn, named
        for selector in (self.facts.current_selector, self.facts.next_selector) if stored else ():
            s3, place = self.client("s3"), f"dkim-keys/{self.facts.domain}/{selector}/private_key.pem"
            at = {"Bucket": self.facts.key_bucket, "Key": place}
            body = s3.get_object(**at)["Body"].read()
            s3.put_object(**at, Body=body, ServerSideEncryption="aws:kms", SSEKMSKeyId=arn)
            self.objects["{Bucket}/{Key}".format(**at)] = arn

    def mailbox(self, wait_s: int = 20) -> None:
        """A mailbox for the message that proves a switch."""
        inbox = f"s3://{self.facts.inbox_bucket}/inbox/"
        named = {"proof_from": "proof@example.jp", "proof_to": "inbox@example.jp", "inbox": inbox}
        self.profile |= {**named, "proof_wait_seconds": wait_s}

    def hosted_zone(self) -> None:
        """The sandbox's hosted zone publishes."""
        self.profile |= {"publisher": "route53", "hosted_zone_id": self.facts.hosted_zone_id}

    def retiring(self, key: str = "delete") -> None:
        """The private key of a selector that was left goes."""
        self.profile["retire_key"] = key

    def regions(self) -> None:
        """Another Region has the identity too."""
        self.profile["regions"] = ["us-east-1", self.facts.region]

    def tsig(self, key: Key, port: int) -> None:
        """A primary name server on ``port`` publishes, and the secret has its key; encrypted as the other secret is."""
        secrets = self.client("secretsmanager")
        key_id = secrets.describe_secret(SecretId=self.facts.secret_id).get("KmsKeyId")
        encrypted = {"KmsKeyId": key_id} if key_id else {}
        secrets.create_secret(Name="byodkim/tsig", SecretString=json.dumps(key.document), **encrypted)
        at = f"127.0.0.1:{port}"
        named = {"update_server": at, "tsig_secret_id": "byodkim/tsig", "nameservers": at}
        self.profile |= {"publisher": "rfc2136", **named}

    def without_path(self) -> None:
        """The secret names no path to the key object."""
        secrets = self.client("secretsmanager")
        text = json.loads(secrets.get_secret_value(SecretId=self.facts.secret_id)["SecretString"])
        del text["s3_key_path"]
        secrets.put_secret_value(SecretId=self.facts.secret_id, SecretString=json.dumps(text))

    def estate(self) -> Estate:
        """Return what stands there now, as AWS tells it."""
        secrets, s3 = self.client("secretsmanager"), self.client("s3")
        listed = secrets.list_secrets()["SecretList"]
        buckets = [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]
        return Estate(
            secrets={one["Name"]: (one["ARN"], one.get("KmsKeyId") or "") for one in listed},
            buckets=dict(_encrypted(s3, buckets)),
            aliases=self.aliases,
            objects=dict(self.objects),
        )


def _encrypted(s3: Any, buckets: list[str]) -> Iterator[tuple[str, str]]:
    for bucket in buckets:
        try:
            found = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"][0]
        except ClientError:
            continue
        default = found["ApplyServerSideEncryptionByDefault"]
        if default["SSEAlgorithm"] == "aws:kms":
            yield bucket, default["KMSMasterKeyID"]
