"""Every version of a private key's object in S3, and the deletion of one of them."""

from __future__ import annotations

from botocore.exceptions import BotoCoreError, ClientError

from byodkim.aws.errors import MISREAD, code_of, request_id_of
from byodkim.aws.key_store import answered
from byodkim.aws.session import Clients
from byodkim.custody.settings import KeyPlace, PutAnswer


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
    try:
        writer = clients.writer("s3")
    except BotoCoreError as error:
        return PutAnswer("rejected", code_of(error))
    try:
        answer = writer.delete_object(Bucket=place.bucket, Key=place.key, VersionId=place.version)
    except (BotoCoreError, ClientError, *MISREAD) as error:
        return answered(error)
    return PutAnswer("accepted", request_id=request_id_of(answer))
