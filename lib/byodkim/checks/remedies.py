"""One sentence and one remedy per class of cause, for everything that could not be read."""

from __future__ import annotations

from typing import Final

from byodkim.checks.check import Unknown
from byodkim.checks.facts import Unread
from byodkim.words import Sentence, Value, _

#: Remedies of several checks.
FIND_SERVERS: Final = _("Check the network's DNS, or set nameservers in byodkim.toml.")
REACH_SERVERS: Final = _("Find out why these servers do not answer from here, then run again.")
LET_ROTATION_END: Final = _("Let whatever rotates the secret finish, or remove that stage.")
NEW_SELECTOR: Final = _("Use a selector that was never used.")
PREPARE_ANOTHER: Final = _("Prepare another selector: -r selector NAME.")

_LOOK_UP: Final = _("Run again. If it stays, look the code up in AWS's reference.")
#: Codes of AWS, of botocore and of our own that have a sentence and a remedy in common.
_CLASSES: Final = (
    (
        {"AccessDenied", "AccessDeniedException", "Forbidden", "403"},
        _("AWS denied the read ({code})"),
        _("Allow {action} for this role; `byodkim policy` prints the policy."),
    ),
    (
        {"TooManyRequestsException", "ThrottlingException", "Throttling", "SlowDown"},
        _("AWS throttled the read ({code})"),
        _("Another program uses up SES's pace of 1 call a second. Wait, then run again."),
    ),
    (
        {"NoCredentials", "ExpiredToken", "ExpiredTokenException", "InvalidClientTokenId",
         "UnrecognizedClientException", "TokenRetrievalError", "SSOTokenLoadError",
         "UnauthorizedSSOTokenError", "CredentialRetrievalError", "SignatureDoesNotMatch",
         "InvalidAccessKeyId", "PartialCredentialsError"},
        _("The credentials are missing or no longer valid ({code})"),
        _("Sign in again (e.g. `aws sso login`), then run again."),
    ),
    (
        {"Timeout", "EndpointConnectionError", "ConnectTimeoutError", "ReadTimeoutError",
         "ConnectionClosedError", "ConnectionError", "SSLError", "ProxyConnectionError"},
        _("AWS could not be reached ({code})"),
        _("Check network, proxy and endpoint_url, then run again."),
    ),
    (
        {"EndpointInEnvironment", "PlainHttp", "ProfileNotFound", "KeyNotHeld", "NotRead"},
        _("Nothing was sent to AWS ({code})"),
        _LOOK_UP,
    ),
)  # fmt: skip
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
    return Sentence(_class_of(cause)[0].text, {"code": code})


def todo(cause: Unread, action: str) -> Sentence:
    """Return what to do about it. ``action``: the IAM action that the read needs."""
    sentence = _SPECIFIC.get(cause.code, _class_of(cause)[1])
    denied = {"kms": "kms:Decrypt"}.get(cause.detail, cause.detail)
    values: dict[str, Value] = {
        "name": cause.detail, "action": denied if ":" in denied else action,
    }  # fmt: skip
    used = {name: value for name, value in values.items() if f"{{{name}}}" in sentence.text}
    return Sentence(sentence.text, used)


def unreadable(cause: Unread, action: str) -> Unknown:
    """Return the finding of a check that needs what could not be read."""
    return Unknown(unread(cause), todo=todo(cause, action))


def _class_of(cause: Unread) -> tuple[Sentence, Sentence]:
    """Return the sentence and the remedy of a cause's class."""
    for codes, what, remedy in _CLASSES:
        if cause.code in codes:
            return what, remedy
    return _("AWS answered {code}"), _LOOK_UP
