"""The SES identity: read it, and set the key with which it signs."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    EndpointConnectionError,
    NoCredentialsError,
    ParamValidationError,
)

from byodkim.aws.errors import code_of, status_of, unread
from byodkim.aws.session import Clients, at_pace
from byodkim.checks.world import Identity, Unread
from byodkim.custody.settings import PutAnswer

#: Rows of the before/after table, by their path in GetEmailIdentity's answer.
FIELDS: Final = (
    "IdentityType", "VerifiedForSendingStatus", "VerificationStatus", "FeedbackForwardingStatus",
    "ConfigurationSetName", "DkimAttributes.SigningEnabled", "DkimAttributes.Status",
    "DkimAttributes.Tokens", "DkimAttributes.SigningAttributesOrigin",
    "DkimAttributes.SigningHostedZone", "DkimAttributes.CurrentSigningKeyLength",
    "DkimAttributes.NextSigningKeyLength", "DkimAttributes.LastKeyGenerationTimestamp",
    "MailFromAttributes.MailFromDomain", "MailFromAttributes.MailFromDomainStatus",
    "VerificationInfo.LastCheckedTimestamp", "VerificationInfo.LastSuccessTimestamp",
    "VerificationInfo.ErrorType",
)  # fmt: skip
#: Errors that botocore raises before it sends anything.
NOT_SENT: Final = (
    NoCredentialsError, ParamValidationError, EndpointConnectionError,
)  # fmt: skip


def read_identity(clients: Clients, domain: str) -> Identity | Unread:
    """Return the identity (GetEmailIdentity). A throttled read is repeated at SES's pace."""
    try:
        client = clients.get("sesv2")
        answer = at_pace(lambda: client.get_email_identity(EmailIdentity=domain))
    except (BotoCoreError, ClientError) as error:
        return unread(error)
    dkim = answer.get("DkimAttributes", {})
    return Identity(
        domain=domain,
        kind=str(answer.get("IdentityType", "")),
        selectors=tuple(dkim.get("Tokens", ())),
        status=str(dkim.get("Status", "")),
        signing_enabled=bool(dkim.get("SigningEnabled", False)),
        origin=str(dkim.get("SigningAttributesOrigin", "")),
        fields={path: _text(answer, path) for path in FIELDS},
    )


def put_signing_key(clients: Clients, domain: str, selector: str, private_key: str) -> PutAnswer:
    """Set the selector and private key of an identity (PutEmailIdentityDkimSigningAttributes), in
    one attempt.
    """
    try:
        client = clients.get("sesv2", writes=True)
    except BotoCoreError as error:
        return PutAnswer("rejected", code_of(error))
    try:
        answer = client.put_email_identity_dkim_signing_attributes(
            EmailIdentity=domain,
            SigningAttributesOrigin="EXTERNAL",
            SigningAttributes={
                "DomainSigningSelector": selector,
                "DomainSigningPrivateKey": private_key,
            },
        )
    except NOT_SENT as error:
        return PutAnswer("rejected", code_of(error))
    except ClientError as error:
        request_id = str(error.response.get("ResponseMetadata", {}).get("RequestId", ""))
        refused = 400 <= status_of(error) < 500
        return PutAnswer(
            "rejected" if refused else "unclear", code_of(error), request_id=request_id
        )
    except BotoCoreError as error:
        return PutAnswer("unclear", code_of(error))
    shown = {
        "DkimStatus": str(answer.get("DkimStatus", "")),
        "DkimTokens": ", ".join(answer.get("DkimTokens", ())),
    }
    return PutAnswer("accepted", "", shown, str(answer["ResponseMetadata"].get("RequestId", "")))


def _text(answer: dict[str, Any], path: str) -> str:
    """Return the value at a dotted path as text; "" for none."""
    value: Any = answer
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    return str(value)
