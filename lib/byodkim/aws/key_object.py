"""The private key's object in S3: exactly one of the places that may hold it, read once, its
version pinned.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError
from msgspec.structs import replace

from byodkim.aws.errors import code_of, unread
from byodkim.aws.session import Clients
from byodkim.checks.world import KeyObject, Unread
from byodkim.custody.private_key import KeyDefect, PrivateKey, load
from byodkim.custody.settings import KeyPlace

#: More bytes than any RSA key in PEM has.
LARGEST: Final = 64 * 1024
ABSENT: Final = frozenset({"NoSuchKey", "404", "NotFound", "NoSuchVersion"})


def read_key_object(
    clients: Clients, places: Sequence[KeyPlace]
) -> tuple[KeyObject | Unread, PrivateKey | None]:
    """Return the public half of the private key at the one place that has an object, and the key
    itself (GetObject).

    ``Unread`` has the code ``NoSuchKey`` where no place has one, ``SeveralObjects`` where more than
    one has.
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
        return Unread("NoSuchKey"), None
    if len(present) > 1:
        names = ", ".join(f"s3://{place.bucket}/{place.key}" for place, _answer, _data in present)
        return Unread("SeveralObjects", names), None
    return _described(*present[0])


def _fetch(clients: Clients, place: KeyPlace) -> tuple[dict[str, Any], bytes]:
    pinned = {"VersionId": place.version} if place.version else {}
    answer = clients.get("s3").get_object(Bucket=place.bucket, Key=place.key, **pinned)
    return answer, answer["Body"].read(LARGEST)


def _described(
    place: KeyPlace, answer: dict[str, Any], data: bytes
) -> tuple[KeyObject, PrivateKey | None]:
    version = str(answer.get("VersionId", ""))
    where = KeyObject(
        bucket=place.bucket,
        key=place.key,
        version="" if version == "null" else version,
        modified=answer.get("LastModified"),
    )
    try:
        key = load(data)
    except KeyDefect as defect:
        return replace(where, defect=defect.code), None
    described = replace(
        where, form=key.form, bits=key.bits, public_key=key.public_key, sha256=key.sha256
    )
    return described, key
