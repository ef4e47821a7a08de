"""The key store as a generator leaves it: a bucket with key objects, a secret with two versions."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Sequence
from typing import Final
from urllib.parse import quote

from second_edition.ses_sandbox.errors import SandboxError
from second_edition.ses_sandbox.keys import KeyPair, read_pem
from second_edition.ses_sandbox.moto_aws import REGION, Moto
from second_edition.ses_sandbox.scenarios import KEY_BUCKET, key_path, secret_id

INBOX_BUCKET: Final = "byodkim-inbox"
JSON_1_1: Final = "application/x-amz-json-1.1"


def make_buckets(moto: Moto, key_buckets: Iterable[str]) -> None:
    """Make the key buckets, with versions kept, and the inbox."""
    place = f"<CreateBucketConfiguration><LocationConstraint>{REGION}</LocationConstraint></CreateBucketConfiguration>"
    for bucket in (*key_buckets, INBOX_BUCKET):
        moto.call("s3", "PUT", f"/{bucket}", place.encode())
    versions = b"<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"
    for bucket in key_buckets:
        moto.call("s3", "PUT", f"/{bucket}?versioning", versions)


def put_object(moto: Moto, bucket: str, key: str, body: bytes) -> None:
    """Store one object. Its key may have any characters."""
    moto.call("s3", "PUT", _path(bucket, key), body)


def stored_pair(moto: Moto, domain: str, selector: str) -> KeyPair | None:
    """Return the key pair whose private key lies in the key bucket for a selector, ``None`` where none does."""
    try:
        return read_pem(moto.call("s3", "GET", _path(KEY_BUCKET, key_path(domain, selector))))
    except SandboxError:
        return None


def put_secret(moto: Moto, domain: str, versions: list[tuple[str, str]]) -> None:
    """Make the domain's secret: (selector, value of the key record) of each version, the one in force last."""
    texts = [
        json.dumps({"selector": selector, "dns_record": {"value": value}, "s3_key_path": key_path(domain, selector)})
        for selector, value in versions
    ]
    put_versions(moto, secret_id(domain), texts)


def put_versions(moto: Moto, name: str, texts: Sequence[str]) -> None:
    """Make a secret with these versions, the one in force last."""
    for count, text in enumerate(texts):
        body = {"SecretString": text, "ClientRequestToken": str(uuid.uuid4())}
        named = {"Name": name} if count == 0 else {"SecretId": name}
        operation = "CreateSecret" if count == 0 else "PutSecretValue"
        headers = {"Content-Type": JSON_1_1, "X-Amz-Target": f"secretsmanager.{operation}"}
        moto.call("secretsmanager", "POST", "/", json.dumps(named | body).encode(), headers)


def call_sts(moto: Moto) -> None:
    """Make one call that is not needed, so that a client's first call is as quick as the next."""
    body = b"Action=GetCallerIdentity&Version=2011-06-15"
    moto.call("sts", "POST", "/", body, {"Content-Type": "application/x-www-form-urlencoded"})


def _path(bucket: str, key: str) -> str:
    """Return the path of an object on the wire, where a key that holds ``%20`` or ``?`` is still that key."""
    return f"/{bucket}/{quote(key)}"
