"""Operations that a run's record needs: the identity's lock in S3, the seal, and the copy in the archive.

None of them needs a private key but that of the seal: the user's local key, or a key that never leaves KMS.
Source: AWS KMS API reference, Sign (ECDSA_SHA_256 over a RAW message of at most 4096 bytes) and GetPublicKey.
"""

from __future__ import annotations

import base64
import os
import re
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from second_edition.aws import s3_objects
from second_edition.custody.refusal import MISREAD, DutyError, aws_says, reading
from second_edition.custody.session import Session
from second_edition.dkim.names import check_domain
from second_edition.dkim.secrecy import looks_private
from second_edition.evidence import sealing_key
from second_edition.evidence.dsse import PAYLOAD, Signature, pae
from second_edition.evidence.folders import contents
from second_edition.evidence.sealing_key import KeyDefect, SealingKey
from second_edition.rotation.observation import UNREADABLE_ANSWER

ACCOUNT: Final = re.compile("[0-9]{12}")
ALGORITHM: Final = "ECDSA_SHA_256"


def sign(statement: str, client: Any | None, arn: str) -> Signature:
    """Sign a statement in DSSE's encoding; what was signed has been verified when this returns.

    Args:
        statement: canonical JSON.
        client: of KMS, ``None`` for the local key.
        arn: of the key in KMS.

    Raises:
        KeyDefect: there is no key, or it did not sign.
    """
    message = pae(PAYLOAD, statement.encode())
    if client is None:
        private = sealing_key.local(sealing_key.default_path(os.environ))
        signature, public = private.sign(message), sealing_key.public_half(private)
    else:
        signature, public = _by_kms(client, arn, message)
    if not public.verifies(signature, message):
        raise KeyDefect("make.refused", reason="the signature does not verify")
    return Signature(signature, public.der)


def _by_kms(client: Any, arn: str, message: bytes) -> tuple[bytes, SealingKey]:
    try:
        signed = client.sign(KeyId=arn, Message=message, MessageType="RAW", SigningAlgorithm=ALGORITHM)
        public = client.get_public_key(KeyId=arn)
    except ClientError as error:
        raise KeyDefect("make.refused", reason=aws_says(error)) from None
    except BotoCoreError as error:
        raise KeyDefect("make.refused", reason=type(error).__name__) from None
    try:
        return sealing_key.low_s(bytes(signed["Signature"])), SealingKey(bytes(public["PublicKey"]))
    except MISREAD:
        raise KeyDefect("make.refused", reason=UNREADABLE_ANSWER) from None


def locked(session: Session, bucket: str, account: str, domain: str) -> dict[str, str] | None:
    """Return the operator lock of ``domain`` in S3: ``body`` and ``etag``, or ``None`` where there never was one."""
    key = _lock_key(session, account, domain)
    return reading("GetObject", lambda: s3_objects.read_lock(session.client("s3"), bucket, key))


def lock(session: Session, bucket: str, account: str, domain: str, body: str, etag: str) -> str:
    """Write the operator lock if it is still the one with ``etag`` ("": if there is none).

    Answers its new ETag, "" where it is not. One attempt: a second one would be refused for the first one's sake.
    """
    key = _lock_key(session, account, domain)
    return reading("PutObject", lambda: s3_objects.write_lock(session.writer("s3"), bucket, key, body, etag))


def _lock_key(session: Session, account: str, domain: str) -> str:
    if not ACCOUNT.fullmatch(account):
        raise DutyError("lock", "NoAccount", "an account has 12 digits")
    return s3_objects.lock_key(account, session.clients.region, check_domain(domain))


def seal(session: Session, statement: str, key: str) -> dict[str, str]:
    """Sign a statement: with this user's local key, or with the one in KMS whose ARN is ``key``.

    Answers signature and public key, in base64.
    """
    client = session.clients.get("kms", region=key.split(":")[3]) if key else None
    try:
        signed = sign(statement, client, key)
    except KeyDefect as defect:
        raise DutyError("seal", defect.code, defect.reason) from None
    return {"signature": _base64(signed.signature), "public_key": _base64(signed.public_key)}


def keep(session: Session, bucket: str, key: str, path: str, retain_until: str, text: str = "") -> dict[str, str]:
    """Copy the file at ``path`` to S3 unless it is there already, locked until ``retain_until`` ("": not).

    A file that holds a piece of a key in hand, or what looks like the whole of any, is not copied. Without a
    path, ``text`` is what is put there.
    """
    body = contents(Path(path)) if path else text.encode()
    if session.leaks(body) or looks_private(body.decode("utf-8", "replace")):
        raise DutyError("PutObject", "LeakStopped")
    client = session.client("s3")
    return reading("PutObject", lambda: s3_objects.put(client, bucket, key, body, _time(retain_until)))


def keepable(session: Session, bucket: str, key: str, retain_until: str) -> None:
    """Begin an upload to S3 as ``keep`` would make it, and give it up: nothing is left there."""
    client = session.client("s3")
    reading(
        "CreateMultipartUpload", lambda: s3_objects.try_upload(client, bucket, key, _time(retain_until))
    )  # fmt: skip


def heads(session: Session, bucket: str, prefix: str) -> list[dict[str, str]]:
    """Read each version of each head below ``prefix`` (S3 ListObjectVersions and GetObject)."""
    client = session.clients.get("s3", kept=False)
    return reading("ListObjectVersions", lambda: s3_objects.heads(client, bucket, prefix))


def _time(text: str) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()
