"""Store a new private key in S3: a new object, never in the place of another."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from byodkim.aws.errors import MISREAD, code_of, request_id_of, status_of
from byodkim.aws.session import Clients
from byodkim.custody.settings import KeyPlace, PutAnswer


def store_key(clients: Clients, place: KeyPlace, pem: bytes, kms_key: str) -> PutAnswer:
    """Store a key where no object is, in one attempt (PutObject with If-None-Match: *).

    Args:
        clients: of the run.
        place: of the object.
        pem: of the private key.
        kms_key: that encrypts it; "" as the bucket has it.
    """
    encrypted = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": kms_key} if kms_key else {}
    try:
        writer = clients.writer("s3")
    except BotoCoreError as error:
        return PutAnswer("rejected", code_of(error))
    try:
        answer = writer.put_object(
            Bucket=place.bucket, Key=place.key, Body=pem, IfNoneMatch="*",
            ContentType="application/x-pem-file", **encrypted,
        )  # fmt: skip
    except (BotoCoreError, ClientError, *MISREAD) as error:
        return answered(error)
    version = str(answer.get("VersionId", ""))
    return PutAnswer("accepted", answer={"VersionId": version}, request_id=request_id_of(answer))


def versioning_of(clients: Clients, bucket: str) -> str:
    """Return ``Enabled``, ``Suspended`` or "" (GetBucketVersioning).

    Raises:
        BotoCoreError, ClientError: S3 did not say.
    """
    answer = clients.reader("s3").get_bucket_versioning(Bucket=bucket)
    return str(answer.get("Status", ""))


def answered(error: Any) -> PutAnswer:
    """Return what an error says of a write that was sent: AWS said no, or it is not known."""
    is_no = isinstance(error, ClientError) and 400 <= status_of(error) < 500
    request_id = request_id_of(getattr(error, "response", {}))
    return PutAnswer("rejected" if is_no else "unclear", code_of(error), request_id=request_id)
