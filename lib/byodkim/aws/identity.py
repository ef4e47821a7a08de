"""The SES identity: read it, and set the key with which it signs."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from typing import Any, Final

import msgspec
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    ProxyConnectionError,
)
from msgspec import Struct

from byodkim.aws.errors import MISREAD, code_of, request_id_of, status_of, unread
from byodkim.aws.session import Clients, read_ses
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
#: Errors of a connection that never came about.
NOT_CONNECTED: Final = (EndpointConnectionError, ConnectTimeoutError, ProxyConnectionError)


class _Dkim(Struct, rename="pascal"):
    """DkimAttributes, as far as a run decides by it (SES API v2)."""

    status: str
    signing_enabled: bool
    tokens: tuple[str, ...] = ()
    signing_attributes_origin: str = ""


class _Identity(Struct, rename="pascal"):
    """GetEmailIdentity's answer."""

    identity_type: str
    dkim_attributes: _Dkim


class _Put(Struct, rename="pascal"):
    """The answer to the write. SES always shows the status; a proxy's page does not."""

    dkim_status: str
    dkim_tokens: tuple[str, ...] = ()


def read_identity(clients: Clients, domain: str) -> Identity | Unread:
    """Return the identity (GetEmailIdentity). A throttled read is repeated at SES's pace."""

    def read() -> dict[str, Any]:
        answer: dict[str, Any] = client.get_email_identity(EmailIdentity=domain)
        return answer

    try:
        client = clients.reader("sesv2")
        answer = read_ses(read)
        shown = msgspec.convert(answer, _Identity)
    except (BotoCoreError, ClientError, *MISREAD) as error:
        return unread(error)
    dkim = shown.dkim_attributes
    return Identity(
        domain=domain,
        kind=shown.identity_type,
        selectors=dkim.tokens,
        status=dkim.status,
        signing_enabled=dkim.signing_enabled,
        origin=dkim.signing_attributes_origin,
        fields={path: _text(answer, path) for path in FIELDS},
    )


def put_signing_key(clients: Clients, domain: str, selector: str, private_key: str) -> PutAnswer:
    """Set an identity's selector and private key, in one attempt.

    ``rejected``: nothing was sent, or AWS answered with a status from 400 to 499. Status 408 is
    ``unclear``, like everything else: who gave up waiting for the request may have passed it on.
    Source: SES API v2, PutEmailIdentityDkimSigningAttributes.
    """
    is_leaving = threading.Event()

    def note(**_: object) -> None:
        is_leaving.set()

    try:
        client = clients.writer("sesv2")
        client.meta.events.register_last("before-send", note)
        answer = client.put_email_identity_dkim_signing_attributes(
            EmailIdentity=domain,
            SigningAttributesOrigin="EXTERNAL",
            SigningAttributes={
                "DomainSigningSelector": selector,
                "DomainSigningPrivateKey": private_key,
            },
        )
        shown = msgspec.convert(answer, _Put)
    except ClientError as error:
        is_refused = 400 <= status_of(error) < 500 and status_of(error) != 408
        result = PutAnswer("rejected" if is_refused else "unclear", code_of(error))
        return msgspec.structs.replace(result, request_id=request_id_of(error.response))
    except NOT_CONNECTED as error:
        return PutAnswer("rejected", code_of(error))
    except Exception as error:  # noqa: BLE001 - before or after the call left
        return PutAnswer("unclear" if is_leaving.is_set() else "rejected", code_of(error))
    fields = {"DkimStatus": shown.dkim_status, "DkimTokens": ", ".join(shown.dkim_tokens)}
    return PutAnswer("accepted", "", fields, request_id_of(answer))


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
        return value.astimezone(UTC).isoformat(timespec="seconds")
    return str(value)
