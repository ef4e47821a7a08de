"""The private key's object in S3: read it once, store a new one, list and delete its versions."""

from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError
from msgspec.structs import replace

from byodkim.aws.errors import MISREAD, code_of, unread
from byodkim.aws.session import Clients, write
from byodkim.checks.facts import KeyObject, Unread
from byodkim.custody.private_key import MOST_BYTES, KeyDefect, PrivateKey, load
from byodkim.custody.settings import KeyPlace, PutAnswer, Refused

#: How S3 says that there is nothing; MethodNotAllowed: that the version is a delete marker.
ABSENT: Final = frozenset({"NoSuchKey", "NoSuchVersion", "MethodNotAllowed"})


def read_key_object(
    clients: Clients, place: KeyPlace
) -> tuple[KeyObject | Unread, PrivateKey | None]:
    """Return the public facts of the object at a place (GetObject), and its private key.

    ``Unread`` has the code ``NoSuchKey`` where there is none, and ``NoSuchVersion`` where the
    version of the place is gone.
    """
    try:
        answer, data = _fetch(clients, place)
    except (BotoCoreError, ClientError, Refused, *MISREAD) as error:
        if code_of(error) in ABSENT:
            return Unread("NoSuchVersion" if place.version else "NoSuchKey"), None
        return unread(error), None
    return _described(place, answer, data)


def read_key_date(clients: Clients, place: KeyPlace) -> KeyObject:
    """Return a key object without its key: since when it is there (HeadObject)."""
    return _undescribed(place, clients.reader("s3").head_object(**_object(place)))


def store_key(clients: Clients, place: KeyPlace, pem: bytes, kms_key: str) -> PutAnswer:
    """Store a key where no object is, in one attempt (PutObject with If-None-Match: *).

    Args:
        clients: of the run.
        place: of the object.
        pem: of the private key.
        kms_key: that encrypts it; "" as the bucket has it.
    """
    encrypted = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": kms_key} if kms_key else {}
    return write(
        clients,
        "s3",
        lambda client: client.put_object(
            Bucket=place.bucket, Key=place.key, Body=pem, IfNoneMatch="*",
            ContentType="application/x-pem-file", **encrypted,
        ),
        lambda answer: {"VersionId": str(answer.get("VersionId", ""))},
    )  # fmt: skip


def versioning_of(clients: Clients, bucket: str) -> str:
    """Return ``Enabled``, ``Suspended`` or "" (GetBucketVersioning).

    Raises:
        BotoCoreError, ClientError: S3 did not say.
    """
    answer = clients.reader("s3").get_bucket_versioning(Bucket=bucket)
    return str(answer.get("Status", ""))


def list_versions(clients: Clients, place: KeyPlace) -> list[KeyPlace]:
    """Return every version of an object, newest first (ListObjectVersions).

    Without versioning the only version is called ``null``. Delete markers hold no key.

    Raises:
        BotoCoreError, ClientError: S3 did not say.
    """
    pages = clients.reader("s3").get_paginator("list_object_versions")
    return [
        KeyPlace(place.bucket, place.key, str(version["VersionId"]))
        for page in pages.paginate(Bucket=place.bucket, Prefix=place.key)
        for version in page.get("Versions", ())
        if version["Key"] == place.key
    ]


def delete_version(clients: Clients, place: KeyPlace) -> PutAnswer:
    """Delete one version for good, in one attempt (DeleteObject with a version)."""
    return write(
        clients,
        "s3",
        lambda client: client.delete_object(
            Bucket=place.bucket, Key=place.key, VersionId=place.version
        ),
    )


def _object(place: KeyPlace) -> dict[str, str]:
    """Return the arguments that name an object, or the version of a place."""
    pinned = {"VersionId": place.version} if place.version else {}
    return {"Bucket": place.bucket, "Key": place.key, **pinned}


def _fetch(clients: Clients, place: KeyPlace) -> tuple[dict[str, Any], bytes]:
    answer = clients.reader("s3").get_object(**_object(place))
    with answer["Body"] as body:
        return answer, body.read(MOST_BYTES + 1)


def _described(
    place: KeyPlace, answer: dict[str, Any], data: bytes
) -> tuple[KeyObject, PrivateKey | None]:
    """Return an object's public facts, and its key where that is usable."""
    described = _undescribed(place, answer)
    try:
        key = load(data)
    except KeyDefect as defect:
        return replace(described, defect=defect.code), None
    described = replace(
        described, form=key.form, bits=key.bits, public_key=key.public_key, sha256=key.sha256
    )
    return described, key


def _undescribed(place: KeyPlace, answer: dict[str, Any]) -> KeyObject:
    """Return what S3 says of an object besides its content."""
    version = str(answer.get("VersionId", ""))
    return KeyObject(
        bucket=place.bucket,
        key=place.key,
        version="" if version == "null" else version,
        modified=answer.get("LastModified"),
    )
