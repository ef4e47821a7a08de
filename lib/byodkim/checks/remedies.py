"""One sentence and one remedy per class of cause, for everything that could not be read."""

from __future__ import annotations

from typing import Final, NamedTuple

from byodkim.checks.check import Unknown
from byodkim.checks.world import Unread
from byodkim.words import Sentence, Value, _

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


class _Class(NamedTuple):
    """Causes that have a sentence and a remedy in common."""

    codes: frozenset[str]
    what: Sentence
    todo: Sentence


_OTHER: Final = _Class(
    frozenset(),
    _("AWS answered {code}"),
    _("Run again. If it stays, look the code up in AWS's reference."),
)
_CLASSES: Final = (
    _Class(
        DENIED,
        _("AWS denied the read ({code})"),
        _("Allow {action} for this role; `byodkim policy` prints the policy."),
    ),
    _Class(
        THROTTLED,
        _("AWS throttled the read ({code})"),
        _("Another program uses up SES's pace of 1 call a second. Wait, then run again."),
    ),
    _Class(
        SIGN_IN,
        _("The credentials are missing or no longer valid ({code})"),
        _("Sign in again (e.g. `aws sso login`), then run again."),
    ),
    _Class(
        NETWORK,
        _("AWS could not be reached ({code})"),
        _("Check network, proxy and endpoint_url, then run again."),
    ),
    _Class(OWN, _("Nothing was sent to AWS ({code})"), _OTHER.todo),
)
#: Remedies of single codes. ``name``: the cause's detail.
_SPECIFIC: Final = {
    "EndpointInEnvironment": _(
        "Unset {name}, and write endpoint_url into byodkim.toml if you need it."
    ),
    "InvalidObjectState": _("The object is archived in Glacier: restore it, then run again."),
    "OtherAccount": _(
        "Name an aws_profile of that account in its section: these credentials are of {name}."
    ),
    "NoSuchBucket": _("Correct key_bucket: there is no such bucket."),
    "NoSuchVersion": _(
        "Restore the version of the key object that a signed run saw, "
        "or write s3_key_path into the secret."
    ),
    "PermanentRedirect": _("The bucket is in another Region: set store_region."),
    "PlainHttp": _("Use https in endpoint_url: a private key goes there."),
    "ProfileNotFound": _("Correct aws_profile: the AWS configuration has no {name}."),
    "ResourceNotFoundException": _("Correct secret_id: there is no such secret in this Region."),
    "ScheduledForDeletion": _(
        "The secret is about to be deleted: restore it (RestoreSecret), then run again."
    ),
    "SecretBinary": _("Store the secret as JSON text (SecretString)."),
    "UnreadableAnswer": _("Find out what answers at this endpoint: it is not AWS."),
}


def unread(cause: Unread) -> Sentence:
    """Return what happened when something could not be read."""
    code = f"{cause.code}, {cause.detail}" if cause.detail else cause.code
    return Sentence(_class_of(cause).what.text, {"code": code})


def todo(cause: Unread, action: str) -> Sentence:
    """Return what to do about it. ``action``: the IAM action that the read needs."""
    sentence = _SPECIFIC.get(cause.code, _class_of(cause).todo)
    denied = {"kms": "kms:Decrypt"}.get(cause.detail, cause.detail)
    values: dict[str, Value] = {
        "name": cause.detail, "action": denied if ":" in denied else action,
    }  # fmt: skip
    used = {name: value for name, value in values.items() if f"{{{name}}}" in sentence.text}
    return Sentence(sentence.text, used)


def unreadable(cause: Unread, action: str) -> Unknown:
    """Return the finding of a check that needs what could not be read."""
    return Unknown(unread(cause), todo=todo(cause, action))


def _class_of(cause: Unread) -> _Class:
    return next((each for each in _CLASSES if cause.code in each.codes), _OTHER)
