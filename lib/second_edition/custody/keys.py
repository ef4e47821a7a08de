"""Operations on private keys: fetched and proved, made, stored where nothing is, removed where they were looked into.

Answers are public values only.
"""

from __future__ import annotations

from typing import Any, Final

from msgspec.structs import asdict, replace

from second_edition.aws import key_store
from second_edition.custody import private_key, rehearsal
from second_edition.custody.refusal import DutyError, Json, once, reading
from second_edition.custody.session import Held, Session
from second_edition.dkim.names import check_domain, check_selector
from second_edition.rotation.observation import KeyObject

ABSENT: Final = frozenset({"NoSuchKey", "404", "NoSuchVersion"})
MOST: Final = 50  # versions of one object that are looked at
HEADERS: Final = ("bucket", "key", "version_id", "etag", "last_modified", "size")  # the same: so is the object


def key(
    session: Session, selector: str, path: str, bucket: str, domain: str, layout: str = "", named: str = ""
) -> Json:  # fmt: skip
    """Fetch the private key of ``selector``, prove it and keep it. Answers a plain ``KeyObject``.

    ``path`` is the secret's ``s3_key_path``; where it is "", the known layouts in ``bucket`` are tried, and
    ``layout``. ``named`` is the secret's ``s3_bucket``. An object that has not changed since it was fetched is not
    fetched again.
    """
    client = session.client("s3")
    if found := key_store.contradiction(path, bucket, named):
        return asdict(found)
    bucket = named or bucket
    place = key_store.place_of(path, bucket)
    if place is None:
        listed = (
            ()
            if path or not bucket
            else reading("ListObjectsV2", lambda: key_store.candidates(client, bucket, domain, selector, layout))
        )
        if len(listed) != 1:
            defect = "ambiguous" if listed else "absent"
            return asdict(KeyObject(bucket, path, candidates=tuple(one.key for one in listed), defect=defect))
        place = listed[0]
    held = session.held.get(selector)
    if held is None or held.private_key is None or not _unchanged(client, place, held.described):
        held = session.held[selector] = _fetch(session, place)
    return asdict(held.described)


def _unchanged(client: Any, place: key_store.Place, described: KeyObject) -> bool:
    try:
        found = reading("HeadObject", lambda: _headers(place, client.head_object(Bucket=place.bucket, Key=place.key)))
    except DutyError:
        return False
    return all(getattr(found, name) == getattr(described, name) for name in HEADERS)


def _fetch(session: Session, place: key_store.Place) -> Held:
    def fetched() -> tuple[KeyObject, private_key.PrivateKey | None, str]:
        answer, found, defect = _load(session, place.bucket, place.key)
        return _headers(place, answer), found, defect

    try:
        described, found, defect = reading("GetObject", fetched)
    except DutyError as error:
        if error.code in ABSENT:
            return Held(KeyObject(place.bucket, place.key, defect="absent"), None)
        raise
    if found is None:
        return Held(replace(described, defect=defect), None)
    public = {name: getattr(found, name) for name in ("form", "bits", "public_key", "sha256")}
    return Held(replace(described, **public), found)


def _headers(place: key_store.Place, answer: Json) -> KeyObject:
    """Return what an object's headers say of it."""
    return KeyObject(
        place.bucket,
        place.key,
        version_id=answer.get("VersionId", ""),
        etag=answer.get("ETag", ""),
        last_modified=answer["LastModified"].isoformat(timespec="seconds"),
        size=answer["ContentLength"],
    )


def _load(
    session: Session, bucket: str, key: str, **version: str
) -> tuple[Json, private_key.PrivateKey | None, str]:  # fmt: skip
    """Return S3's answer, and the key in it, proved, or what is wrong. Texts are searched for the key from now on."""
    answer = session.client("s3").get_object(Bucket=bucket, Key=key, **version)
    with answer["Body"] as body:
        if answer["ContentLength"] > key_store.MAX_OBJECT:
            return answer, None, "too-large"
        try:
            found = private_key.load(body.read())
        except private_key.KeyDefect as defect:
            return answer, None, defect.code
    session.learn(found.windows)
    return answer, found, ""


def dated(session: Session, selector: str, path: str, bucket: str, domain: str, named: str = "") -> Json:
    """Return when a key object was last written, by its headers, as a plain ``KeyObject``: no key is fetched."""
    s3 = session.client("s3")
    try:
        return asdict(reading("HeadObject", lambda: key_store.dated(s3, bucket, path, domain, selector, named)))
    except DutyError as error:
        if error.code in ABSENT:
            return asdict(KeyObject(bucket, path, defect="absent"))
        raise


def listed(session: Session, bucket: str, domain: str, layout: str) -> list[str]:
    """Return the selectors for which a key object lies where the layouts say, each once."""
    client = session.client("s3")
    return sorted(
        reading("ListObjectsV2", lambda: key_store.selectors(client, bucket, check_domain(domain), layout))
    )  # fmt: skip


def sign(session: Session, domain: str, selector: str) -> str:
    """Sign a message of the custodian's own making with the key of ``selector``: text that may be shown."""
    held = session.held.get(selector)
    if held is None or held.private_key is None:
        raise DutyError("sign", "NoSuchKey")
    at = session.clients.log.now()
    return rehearsal.rehearse(check_domain(domain), check_selector(selector), at, held.private_key.sign)


def make(session: Session, selector: str) -> Json:
    """Make a key pair for ``selector`` and keep it until it is forgotten. Answers what is public of it."""
    found, pem = private_key.make()
    session.learn(found.windows)
    session.made[check_selector(selector)] = found, pem
    return {"form": found.form, "bits": found.bits, "public_key": found.public_key, "sha256": found.sha256}


def store(session: Session, selector: str, sha256: str, bucket: str, key: str, kms_key: str) -> Json:
    """Store the private key that was made for ``selector``, if it is the one with fingerprint ``sha256``.

    Only where nothing is: S3 itself refuses where something is. ``kms_key`` encrypts it; "" for the bucket's setting.
    Source: Amazon S3 API reference, PutObject (If-None-Match, x-amz-server-side-encryption-aws-kms-key-id).
    """
    made, pem = session.made.get(selector, (None, b""))
    if made is None or made.sha256 != sha256:
        raise DutyError("store", "NoSuchKey")
    encrypted = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": kms_key} if kms_key else {}
    request = {"Bucket": bucket, "Key": key, "Body": pem, "IfNoneMatch": "*", "ContentType": "application/x-pem-file"}
    return once(lambda: session.writer("s3").put_object(**request, **encrypted))


def versions(session: Session, bucket: str, key: str) -> list[Json]:
    """Return the versions of one object, newest first, each with the SHA-256 of the public key inside.

    ``latest`` is said of none where a delete marker stands before them all. A bucket that keeps no
    versions has one, ``null``.
    """
    client = session.client("s3")

    def inspected() -> list[Json]:
        answer = client.list_object_versions(Bucket=bucket, Prefix=key)
        found = [one for one in answer.get("Versions", ()) if one["Key"] == key]
        if len(found) > MOST or answer.get("IsTruncated"):
            raise DutyError("ListObjectVersions", "TooMany")
        return [_inspect_version(session, bucket, one) for one in found]

    return reading("ListObjectVersions", inspected)


def _inspect_version(session: Session, bucket: str, one: Json) -> Json:
    key, version = one["Key"], one["VersionId"]
    _, held, defect = reading("GetObject", lambda: _load(session, bucket, key, VersionId=version))
    sha256 = held.sha256 if held else ""
    session.seen[bucket, key, version] = sha256
    if one["IsLatest"]:
        session.seen[bucket, key, ""] = sha256
    return {
        "version_id": version,
        "modified": one["LastModified"].isoformat(timespec="seconds"),
        "latest": one["IsLatest"],
        "sha256": sha256,
        "defect": defect,
    }


def erase(session: Session, bucket: str, key: str, version: str, sha256: str) -> Json:
    """Delete one version of a key object for good; with ``version`` "" a delete marker is put before them all.

    Only one that was looked into, and holds the key with fingerprint ``sha256``.
    """
    if not sha256 or session.seen.get((bucket, key, version)) != sha256:
        raise DutyError("erase", "NoSuchKey")
    request = {"Bucket": bucket, "Key": key, **({"VersionId": version} if version else {})}
    return once(lambda: session.writer("s3").delete_object(**request))
