"""Operations on the secret: its versions read, an entry added as a version that is pending, labels moved.

The secret's text, which may hold more than is public, stays in here. Each write looks first whether the versions are
still those that it was asked about, and is made once. It answers ``{"answer": ...}`` or ``{"error": ...}``.
"""

from __future__ import annotations

import base64
from concurrent.futures import Future
from datetime import datetime
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from second_edition.aws import key_store, secret_text
from second_edition.aws.key_store import Entry, Version
from second_edition.aws.secret_fields import NewKey
from second_edition.custody import private_key
from second_edition.custody.refusal import MISREAD, Json, aws_says, described, failure, once, reading
from second_edition.custody.session import Session
from second_edition.dkim.names import check_domain, check_selector
from second_edition.plain import plain
from second_edition.rotation.observation import UNREADABLE_ANSWER, KeyObject

CURRENT: Final = "AWSCURRENT"
PREVIOUS: Final = "AWSPREVIOUS"
PENDING: Final = "AWSPENDING"
STAGES: Final = (CURRENT, PREVIOUS, PENDING)
#: What is as long as a public key of 2048 bits, and begins as one (RFC 5280 section 4.1.2.7).
NO_KEY: Final = bytes.fromhex("30820122300d06092a864886f70d010101").ljust(294, b"\0")


def secret(session: Session, secret_id: str, domain: str = "") -> list[Json]:
    """Return the secret's versions by stage (AWSCURRENT first), public parts only; ``entries`` are the domain's."""
    client = session.client("secretsmanager")
    read: list[Future[Version | None]] = [
        session.pool.submit(reading, "GetSecretValue", lambda stage=stage: _version(client, secret_id, stage, domain))
        for stage in STAGES
    ]
    session.client("s3")  # the key is what comes next: made while the secret is on its way
    return [plain(version) for version in [future.result() for future in read] if version]


def enterable(session: Session, secret_id: str, selector: str, path: str, domain: str, bucket: str) -> str:
    """Return why the version in force cannot take an entry for ``selector``: a code of ``SecretUnfit``, "" if it can.

    The names of fields that stand in the way follow the code, after a space. It is tried with a key that is none.
    """
    value = f"v=DKIM1; k=rsa; p={base64.b64encode(NO_KEY).decode()}"
    entry = Entry(check_selector(selector), value, path, check_domain(domain), bucket)
    new = NewKey(entry, private_key.BITS, session.clients.log.now())
    client = session.client("secretsmanager")
    found = reading("GetSecretValue", lambda: client.get_secret_value(SecretId=secret_id, VersionStage=CURRENT))
    try:
        secret_text.with_entry(key_store.text_of(found), new)
    except secret_text.SecretUnfit as unfit:
        return f"{unfit.code} {unfit.field}".strip()
    return ""


def enter(
    session: Session,
    secret_id: str,
    selector: str,
    value: str,
    path: str,
    domain: str,
    bucket: str,
    base: str,
    version: str,
) -> Json:
    """Make a new version of the secret, pending: ``base``, which is in force, with one more entry.

    Its time of making is S3's of the key object, so that a second attempt makes the same version.
    """
    entry = Entry(check_selector(selector), value, path, check_domain(domain), bucket)
    held = session.held.get(selector)
    key = held.described if held else KeyObject("", "")
    created = datetime.fromisoformat(key.last_modified) if key.last_modified else session.clients.log.now()
    new = NewKey(entry, key.bits or private_key.BITS, created)
    client = session.writer("secretsmanager")
    return _pend(client, secret_id, base, version, new)


def _pend(client: Any, secret_id: str, base: str, version: str, new: NewKey) -> Json:
    """Put a new version of the secret that is pending: as text or as bytes, as the one in force is.

    Args:
        client: of Secrets Manager, with retries off.
        secret_id: the secret.
        base: the id of the version in force.
        version: the id of the new one; a version of that id that is there already is left as it is.
        new: what its entry is added for.

    Source: AWS Secrets Manager API reference, PutSecretValue (ClientRequestToken, VersionStages).
    """
    try:
        found = client.get_secret_value(SecretId=secret_id, VersionStage=CURRENT)
        if found.get("VersionId") != base:
            return failure("VersionChanged")
        text = secret_text.with_entry(key_store.text_of(found), new)
    except secret_text.SecretUnfit as unfit:
        return failure(f"Secret {unfit.code}")
    except (ClientError, BotoCoreError, *MISREAD) as error:
        return _unread(error)
    said = {"SecretString": text} if found.get("SecretString") else {"SecretBinary": text.encode()}
    request = {"SecretId": secret_id, "ClientRequestToken": version, "VersionStages": [PENDING], **said}
    return once(lambda: client.put_secret_value(**request))


def promote(session: Session, secret_id: str, base: str, version: str) -> Json:
    """Put a pending version in force, if ``base`` is still the one that is: Secrets Manager itself refuses else.

    AWSPREVIOUS then stands on ``base``, which Secrets Manager sees to.
    Source: AWS Secrets Manager API reference, UpdateSecretVersionStage (RemoveFromVersionId).
    """
    return _move(session, secret_id, CURRENT, RemoveFromVersionId=base, MoveToVersionId=version)


def release(session: Session, secret_id: str, version: str) -> Json:
    """Take AWSPENDING off a version that is in force: left there, it would look like an unfinished rotation later."""
    return _move(session, secret_id, PENDING, RemoveFromVersionId=version)


def _move(session: Session, secret_id: str, stage: str, **versions: str) -> Json:
    client, request = session.writer("secretsmanager"), {"SecretId": secret_id, "VersionStage": stage, **versions}
    return once(lambda: client.update_secret_version_stage(**request))


def _version(client: Any, secret_id: str, stage: str, domain: str = "") -> Version | None:
    try:
        return key_store.read_version(client, secret_id, stage, domain)
    except ClientError as error:
        if aws_says(error) == "ResourceNotFoundException" and stage != CURRENT:
            return None
        raise


def _unread(error: Exception) -> Json:
    """Return the answer where what a write must see first could not be read: it was not made."""
    if not isinstance(error, ClientError | BotoCoreError):
        return failure(UNREADABLE_ANSWER)
    return {"error": described(error) | {"unclear": False}}
