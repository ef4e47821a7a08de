"""One sentence and one remedy per class of cause, for everything that could not be read."""

from __future__ import annotations

from typing import Final

from byodkim.checks.world import Unread
from byodkim.words import Sentence, _

#: AWS error codes by what they have in common.
DENIED: Final = frozenset(
    {"AccessDenied", "AccessDeniedException", "Forbidden", "403", "UnauthorizedOperation"}
)
THROTTLED: Final = frozenset(
    {"TooManyRequestsException", "ThrottlingException", "Throttling", "SlowDown"}
)
SIGN_IN: Final = frozenset(
    {
        "NoCredentials", "ExpiredToken", "ExpiredTokenException", "InvalidClientTokenId",
        "UnrecognizedClientException", "TokenRetrievalError", "SSOTokenLoadError",
        "UnauthorizedSSOTokenError", "CredentialRetrievalError", "SignatureDoesNotMatch",
        "InvalidAccessKeyId", "NoCredentialsError", "PartialCredentialsError",
    }
)  # fmt: skip
NETWORK: Final = frozenset(
    {
        "Timeout", "EndpointConnectionError", "ConnectTimeoutError", "ReadTimeoutError",
        "ConnectionClosedError", "ConnectionError", "SSLError", "ProxyConnectionError",
    }
)  # fmt: skip


#: Codes of our own for what keeps the custodian from asking AWS at all.
OWN: Final = frozenset(
    {"EndpointInEnvironment", "PlainHttp", "ProfileNotFound", "KeyNotHeld", "NotRead"}
)


def unread(cause: Unread) -> Sentence:
    """Return what happened when something could not be read."""
    if cause.code in DENIED:
        return _("AWS denied the read ({code})", code=_code(cause))
    if cause.code in THROTTLED:
        return _("AWS throttled the read ({code})", code=_code(cause))
    if cause.code in SIGN_IN:
        return _("The credentials are missing or no longer valid ({code})", code=_code(cause))
    if cause.code in NETWORK:
        return _("AWS could not be reached ({code})", code=_code(cause))
    if cause.code in OWN:
        return _("Nothing was sent to AWS ({code})", code=_code(cause))
    return _("AWS answered {code}", code=_code(cause))


def todo(cause: Unread, action: str) -> Sentence:
    """Return what to do about it. ``action``: the IAM action that the read needs."""
    specific = _specific(cause)
    if specific is not None:
        return specific
    if cause.code in DENIED:
        named = {"kms": "kms:Decrypt"}.get(cause.detail, cause.detail)
        needed = named if ":" in named else action
        return _("Allow {action} for this role; `byodkim policy` prints the policy.", action=needed)
    if cause.code in THROTTLED:
        return _("Another program uses up SES's pace of 1 call a second. Wait, then run again.")
    if cause.code in SIGN_IN:
        return _("Sign in again (e.g. `aws sso login`), then run again.")
    if cause.code in NETWORK:
        return _("Check network, proxy and endpoint_url, then run again.")
    return _("Run again. If it stays, look the code up in AWS's reference.")


def _specific(cause: Unread) -> Sentence | None:
    """Return the remedy of a code that has one of its own."""
    name = cause.detail
    return {
        "EndpointInEnvironment": _(
            "Unset {name}, and write endpoint_url into byodkim.toml if you need it.", name=name
        ),
        "InvalidObjectState": _("The object is archived in Glacier: restore it, then run again."),
        "OtherAccount": _(
            "Name an aws_profile of that account in its section: these credentials are of {name}.",
            name=name,
        ),
        "NoSuchBucket": _("Correct key_bucket: there is no such bucket."),
        "NoSuchVersion": _(
            "Restore the version of the key object that a signed run saw, "
            "or write s3_key_path into the secret."
        ),
        "PermanentRedirect": _("The bucket is in another Region: set store_region."),
        "PlainHttp": _("Use https in endpoint_url: a private key goes there."),
        "ProfileNotFound": _(
            "Correct aws_profile: the AWS configuration has no {name}.", name=name
        ),
        "ResourceNotFoundException": _(
            "Correct secret_id: there is no such secret in this Region."
        ),
        "ScheduledForDeletion": _(
            "The secret is about to be deleted: restore it (RestoreSecret), then run again."
        ),
        "SecretBinary": _("Store the secret as JSON text (SecretString)."),
        "UnreadableAnswer": _("Find out what answers at this endpoint: it is not AWS."),
    }.get(cause.code)


def _code(cause: Unread) -> str:
    return f"{cause.code}, {cause.detail}" if cause.detail else cause.code
