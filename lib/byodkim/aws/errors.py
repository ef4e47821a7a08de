"""AWS's errors as codes. AWS's texts never leave the custodian: they may quote what was sent."""

import re
from typing import Any, Final

import msgspec
from botocore.exceptions import ClientError, NoCredentialsError, ProfileNotFound
from botocore.parsers import ResponseParserError

from byodkim.checks.facts import Unread
from byodkim.custody.settings import Refused

THROTTLED: Final = frozenset({"TooManyRequestsException", "ThrottlingException", "Throttling"})
#: How S3 says that a bucket is in another Region than the client.
OTHER_REGION: Final = frozenset(
    {
        "301",
        "PermanentRedirect",
        "AuthorizationHeaderMalformed",
        "IllegalLocationConstraintException",
    }
)
#: An answer that is none: a proxy's page, or without the fields that AWS's API has.
UNREADABLE: Final = "UnreadableAnswer"
MISREAD: Final = (ResponseParserError, LookupError, msgspec.ValidationError)
_CODE: Final = re.compile(r"[A-Za-z0-9.:_-]{1,64}")
_REQUEST_ID: Final = re.compile(r"[A-Za-z0-9+/=_-]{1,128}")
_DENIED: Final = re.compile(r"not authorized to perform: ([a-z0-9-]{1,32}:[A-Za-z]{1,64})\b")


def code_of(error: Exception) -> str:
    """Return AWS's error code, or the name of the error's class."""
    if isinstance(error, ClientError):
        code = str(error.response.get("Error", {}).get("Code", ""))
        return code if _CODE.fullmatch(code) else "UnknownError"
    if isinstance(error, Refused):
        return error.code
    if isinstance(error, NoCredentialsError):
        return "NoCredentials"
    return UNREADABLE if isinstance(error, MISREAD) else type(error).__name__


def unread(error: Exception) -> Unread:
    """Return why something could not be read, by causes that have different remedies."""
    if isinstance(error, Refused):
        return Unread(error.code, error.detail)
    if isinstance(error, ProfileNotFound):
        return Unread("ProfileNotFound", str(error.kwargs.get("profile", ""))[:64])
    code = code_of(error)
    if not isinstance(error, ClientError):
        return Unread(code)
    text = str(error.response.get("Error", {}).get("Message", ""))
    if code == "InvalidRequestException" and "delet" in text:  # AWS: "it was marked for deletion"
        return Unread("ScheduledForDeletion")
    if code in OTHER_REGION:
        return Unread("PermanentRedirect")
    return Unread(code, _denied_action(text) if code.startswith("AccessDenied") else "")


def status_of(error: ClientError) -> int:
    """Return the HTTP status of AWS's answer; 0 where it has none."""
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))


def request_id_of(answer: dict[str, Any]) -> str:
    """Return the request id in AWS's answer; "" where it has none that looks like one."""
    request_id = str(answer.get("ResponseMetadata", {}).get("RequestId", ""))
    return request_id if _REQUEST_ID.fullmatch(request_id) else ""


def _denied_action(text: str) -> str:
    """Return the action that was denied; ``kms`` where KMS denied S3 or Secrets Manager to decrypt.

    S3 names ``s3:ListBucket`` where an object is missing and the caller may not know that.
    """
    if "kms" in text.lower():
        return "kms"
    action = _DENIED.search(text)
    return action[1] if action else ""
