"""The writes to the key store: a private key to S3, a new version to the secret, its stages. One attempt each.

Each answers ``{"answer": ...}`` or ``{"error": ...}``; ``unclear`` there means that the write may have been applied.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from byodkim.aws import key_store, secret_text
from byodkim.aws.secret_fields import NewKey

CURRENT: Final = "AWSCURRENT"
PENDING: Final = "AWSPENDING"

Json = dict[str, Any]


def store(client: Any, bucket: str, key: str, pem: bytes, kms_key: str) -> Json:
    """Stores a private key where nothing is: S3 itself refuses where something is.

    Args:
        client: of S3, with retries off.
        bucket: where.
        key: where.
        pem: the private key.
        kms_key: the key in KMS that encrypts it; "" for the bucket's own setting.

    Source: Amazon S3 API reference, PutObject (If-None-Match, x-amz-server-side-encryption-aws-kms-key-id).
    """
    encrypted = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": kms_key} if kms_key else {}
    request = {"Bucket": bucket, "Key": key, "Body": pem, "IfNoneMatch": "*", "ContentType": "application/x-pem-file"}
    return once("PutObject", lambda: client.put_object(**request, **encrypted))


def enter(client: Any, secret_id: str, new: NewKey, base: str, version: str) -> Json:
    """Adds an entry to the secret's version ``base``, as a version of its own that is pending: nothing is in force yet.

    Args:
        client: of Secrets Manager, with retries off.
        secret_id: the secret.
        new: the key: its selector, its key record and its place.
        base: the id of the version in force.
        version: the id of the new one; a version of that id that is there already is left as it is.

    Source: AWS Secrets Manager API reference, PutSecretValue (ClientRequestToken, VersionStages).
    """
    try:
        found = client.get_secret_value(SecretId=secret_id, VersionStage=CURRENT)
        if found.get("VersionId") != base:
            return refused("VersionChanged")
        text = secret_text.with_entry(key_store.text_of(found), new)
    except secret_text.SecretUnfit as unfit:
        return refused(f"Secret {unfit.code}")
    except (ClientError, BotoCoreError) as error:
        return {"error": described("GetSecretValue", error) | {"unclear": False}}
    return pend(client, secret_id, found, text, version)


def pend(client: Any, secret_id: str, found: Json, text: str, version: str) -> Json:
    """Puts a new version of the secret that is pending: as text or as bytes, as the one that was ``found`` is."""
    said = {"SecretString": text} if found.get("SecretString") else {"SecretBinary": text.encode()}
    request = {"SecretId": secret_id, "ClientRequestToken": version, "VersionStages": [PENDING], **said}
    return once("PutSecretValue", lambda: client.put_secret_value(**request))


def promote(client: Any, secret_id: str, base: str, version: str) -> Json:
    """Puts a pending version in force, if ``base`` is still the one that is: Secrets Manager itself refuses else.

    AWSPREVIOUS then stands on ``base``, which Secrets Manager sees to.
    Source: AWS Secrets Manager API reference, UpdateSecretVersionStage (RemoveFromVersionId).
    """
    request = {"SecretId": secret_id, "MoveToVersionId": version, "RemoveFromVersionId": base}
    return once("UpdateSecretVersionStage", lambda: _move(client, VersionStage=CURRENT, **request))


def release(client: Any, secret_id: str, version: str) -> Json:
    """Takes AWSPENDING off a version that is in force: left there, it would look like an unfinished rotation later."""
    request = {"SecretId": secret_id, "RemoveFromVersionId": version}
    return once("UpdateSecretVersionStage", lambda: _move(client, VersionStage=PENDING, **request))


def _move(client: Any, **request: str) -> Json:
    answer: Json = client.update_secret_version_stage(**request)
    return answer


def listed(client: key_store.S3Client, bucket: str, domain: str, layout: str) -> list[str]:
    """The selectors for which a key object lies where the layouts say, each once."""
    return sorted(key_store.selectors(client, bucket, domain, layout))


def once(operation: str, write: Callable[[], Any]) -> Json:
    """The one attempt at a write, and what came of it."""
    try:
        answer = write()
    except (ClientError, BotoCoreError) as error:
        return {"error": described(operation, error)}
    metadata = answer["ResponseMetadata"]
    return {"answer": {"request_id": metadata.get("RequestId", ""), "status": metadata["HTTPStatusCode"]}}


def refused(code: str) -> Json:
    """Return what was not even tried."""
    return {"error": {"code": code, "message": "", "status": 0, "request_id": "", "unclear": False}}


def described(operation: str, error: ClientError | BotoCoreError) -> Json:
    """An error without its text, which may quote what was given."""
    if isinstance(error, BotoCoreError):
        return {"code": type(error).__name__, "message": "", "status": 0, "request_id": "", "unclear": True}
    metadata = error.response.get("ResponseMetadata", {})
    status = int(metadata.get("HTTPStatusCode", 0))
    return {
        "code": error.response.get("Error", {}).get("Code", ""),
        "message": "",
        "operation": operation,
        "status": status,
        "request_id": metadata.get("RequestId", ""),
        "unclear": status >= 500,
    }
