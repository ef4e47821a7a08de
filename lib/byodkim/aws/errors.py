"""AWS's errors as codes. AWS's texts never leave the custodian: they may quote what was sent."""

from __future__ import annotations

import re
from typing import Any, Final

from botocore.exceptions import ClientError, NoCredentialsError, ProfileNotFound

from byodkim.checks.world import Unread

CODE: Final = re.compile(r"[A-Za-z0-9.:_-]{1,64}")


def code_of(error: Exception) -> str:
    """Return AWS's error code, or the name of the error's class."""
    if isinstance(error, ClientError):
        code = str(error.response.get("Error", {}).get("Code", ""))
        return code if CODE.fullmatch(code) else "UnknownError"
    if isinstance(error, NoCredentialsError):
        return "NoCredentials"
    return type(error).__name__


def unread(error: Exception, detail: str = "") -> Unread:
    """Return why something could not be read, by causes that have different remedies."""
    if isinstance(error, ProfileNotFound):
        return Unread("ProfileNotFound", str(error.kwargs.get("profile", ""))[:64])
    if isinstance(error, ClientError):
        return Unread(_told_apart(error), detail or _detail(error))
    return Unread(code_of(error), detail)


def status_of(error: ClientError) -> int:
    """Return the HTTP status of AWS's answer; 0 where it has none."""
    metadata: dict[str, Any] = error.response.get("ResponseMetadata", {})
    return int(metadata.get("HTTPStatusCode", 0))


def _told_apart(error: ClientError) -> str:
    code, text = code_of(error), _text(error)
    if code == "InvalidRequestException" and "deletion" in text:
        return "ScheduledForDeletion"
    return code


def _detail(error: ClientError) -> str:
    """Return ``kms`` where KMS denied the decryption, which S3 and Secrets Manager report as their
    own denial.
    """
    denied = code_of(error).startswith("AccessDenied")
    return "kms" if denied and "kms" in _text(error).lower() else ""


def _text(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Message", ""))
