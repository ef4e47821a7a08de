"""One sentence and one remedy per class of cause, for everything that could not be read."""

import re
from typing import Final

from byodkim.checks.facts import Unread
from byodkim.words import Sentence, _

_LOOK_UP: Final = _("Run again. If it comes back, look the code up in AWS's reference.")
#: Codes of AWS, of botocore and of our own that have a sentence and a remedy in common.
_CLASSES: Final = (
    (
        r"AccessDenied|Forbidden|403",
        _("AWS denied the read ({code})"),
        _("Allow {action} for this role; `byodkim policy` prints the policy."),
    ),
    (
        r"Throttling|TooManyRequests|SlowDown",
        _("AWS throttled the read ({code})"),
        _("Other programs may use up AWS's call rate (SES: 1 a second). Wait, then run again."),
    ),
    (
        r"Credential|Token|SSO|Signature|AccessKeyId|UnrecognizedClient",
        _("The credentials are missing or no longer valid ({code})"),
        _("Sign in again (e.g. `aws sso login`), then run again."),
    ),
    (
        r"Timeout|Connect|SSL",
        _("AWS could not be reached ({code})"),
        _("Check network, proxy and endpoint_url, then run again."),
    ),
    (
        r"EndpointInEnvironment|PlainHttp|ProfileNotFound|KeyNotHeld|NotRead",
        _("byodkim did not make this call to AWS ({code})"),
        _("Run again. If it happens again, report it with this record."),
    ),
    (r"", _("AWS answered {code}"), _LOOK_UP),
)  # fmt: skip
#: Remedies of single codes. ``name``: the cause's detail.
_SPECIFIC: Final = {
    "EndpointInEnvironment": _("Unset {name}. If you need it, set endpoint_url in byodkim.toml."),
    "InvalidObjectState": _("The object is archived in Glacier: restore it, then run again."),
    "OtherAccount": _(
        "These credentials are of account {name}. Set aws_profile in the other account's section."
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
    values = {"name": cause.detail, "action": denied if ":" in denied else action}
    return Sentence(sentence.text, {**values})


def _class_of(cause: Unread) -> tuple[Sentence, Sentence]:
    """Return the sentence and the remedy of a cause's class. The last class fits any code."""
    return next((what, remedy) for codes, what, remedy in _CLASSES if re.search(codes, cause.code))
