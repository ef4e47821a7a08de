"""The private key's object in S3: exactly one of its possible places, read once, version pinned."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError
from msgspec.structs import replace

from byodkim.aws.errors import code_of, unread
from byodkim.aws.session import Clients
from byodkim.checks.world import KeyObject, Unread
from byodkim.custody.private_key import MOST_BYTES, KeyDefect, PrivateKey, load
from byodkim.custody.settings import KeyPlace

#: How S3 says that there is nothing; MethodNotAllowed: that the version is a delete marker.
ABSENT: Final = frozenset({"NoSuchKey", "NoSuchVersion", "MethodNotAllowed"})


def read_key_object(
    clients: Clients, places: Sequence[KeyPlace]
) -> tuple[KeyObject | Unread, PrivateKey | None]:
    """Return the public facts of the one object at these places (GetObject), and its private key.

    ``Unread`` has the code ``NoSuchKey`` where there is none, ``NoSuchVersion`` if the version of
    the only place is gone, and ``SeveralObjects`` where there are several.
    """
    present: list[tuple[KeyPlace, dict[str, Any], bytes]] = []
    for place in places:
        try:
            answer, data = _fetch(clients, place)
        except (BotoCoreError, ClientError) as error:
            if code_of(error) in ABSENT:
                continue
            return unread(error), None
        present.append((place, answer, data))
    if not present:
        is_pinned = len(places) == 1 and places[0].version != ""
        return Unread("NoSuchVersion" if is_pinned else "NoSuchKey"), None
    if len(present) > 1:
        names = ", ".join(f"s3://{place.bucket}/{place.key}" for place, _answer, _data in present)
        return Unread("SeveralObjects", names), None
    return _described(*present[0])


def read_key_date(clients: Clients, place: KeyPlace) -> KeyObject | Unread:
    """Return a key object without its key: since when it is there (HeadObject)."""
    pinned = {"VersionId": place.version} if place.version else {}
    try:
        answer = clients.reader("s3").head_object(Bucket=place.bucket, Key=place.key, **pinned)
    except (BotoCoreError, ClientError) as error:
        return unread(error)
    return _undescribed(place, answer)


def _fetch(clients: Clients, place: KeyPlace) -> tuple[dict[str, Any], bytes]:
    pinned = {"VersionId": place.version} if place.version else {}
    answer = clients.reader("s3").get_object(Bucket=place.bucket, Key=place.key, **pinned)
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
