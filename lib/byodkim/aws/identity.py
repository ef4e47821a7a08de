"""SES identities: read one in full or many in pages, and set the key with which one signs."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

import msgspec
from msgspec import Struct

from byodkim.aws.session import Clients, read_ses, write
from byodkim.checks.facts import Identity
from byodkim.custody.settings import DkimStates, IdentityPage, PutAnswer

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
#: The most that a page takes. Source: SES API v2, ListEmailIdentities (PageSize).
PAGE: Final = 1000
#: The first API's spellings of a status, in those of the second.
STATUSES: Final = {
    "NotStarted": "NOT_STARTED", "Pending": "PENDING", "Success": "SUCCESS", "Failed": "FAILED",
    "TemporaryFailure": "TEMPORARY_FAILURE",
}  # fmt: skip


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


class _Listed(Struct, rename="pascal"):
    """A row of ListEmailIdentities."""

    identity_name: str
    identity_type: str


class _Page(Struct, rename="pascal"):
    """ListEmailIdentities' answer."""

    email_identities: list[_Listed]
    next_token: str | None = None


#: The origin that a number of tokens implies. Source: SES API v2, DkimAttributes (Tokens).
ORIGINS: Final = {1: "EXTERNAL", 3: "AWS_SES"}


class _OldDkim(Struct, rename="pascal"):
    """What the first API says of an identity."""

    dkim_enabled: bool
    dkim_verification_status: str
    dkim_tokens: tuple[str, ...] = ()


class _States(Struct, rename="pascal"):
    """GetIdentityDkimAttributes' answer."""

    dkim_attributes: dict[str, _OldDkim]


def read_identity(clients: Clients, domain: str) -> Identity:
    """Return the identity (GetEmailIdentity). A throttled read is repeated at SES's pace."""
    client = clients.reader("sesv2")
    answer = read_ses(lambda: client.get_email_identity(EmailIdentity=domain))
    shown = msgspec.convert(answer, _Identity)
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


def read_identity_page(clients: Clients, token: str) -> IdentityPage:
    """Return a page of identities (ListEmailIdentities). ``token``: "" for the first page."""
    client, more = clients.reader("sesv2"), {"NextToken": token} if token else {}
    answer = read_ses(lambda: client.list_email_identities(PageSize=PAGE, **more))
    page = msgspec.convert(answer, _Page)
    rows = tuple((each.identity_name, each.identity_type) for each in page.email_identities)
    return IdentityPage(rows, page.next_token or "")


def read_dkim_states(clients: Clients, names: Sequence[str]) -> DkimStates:
    """Return the DKIM states of up to 100 identities; one that SES does not know is left out.

    A BYODKIM identity shows one token, its selector; one with Easy DKIM shows three.
    Source: SES API v1, GetIdentityDkimAttributes.
    """
    client = clients.reader("ses")
    answer = read_ses(lambda: client.get_identity_dkim_attributes(Identities=list(names)))
    shown = msgspec.convert(answer, _States).dkim_attributes
    return DkimStates(tuple(_identity(name, dkim) for name, dkim in shown.items()))


def put_signing_key(clients: Clients, domain: str, selector: str, private_key: str) -> PutAnswer:
    """Set an identity's selector and private key, in one attempt.

    Source: SES API v2, PutEmailIdentityDkimSigningAttributes.
    """
    return write(
        clients,
        "sesv2",
        lambda client: client.put_email_identity_dkim_signing_attributes(
            EmailIdentity=domain,
            SigningAttributesOrigin="EXTERNAL",
            SigningAttributes={
                "DomainSigningSelector": selector,
                "DomainSigningPrivateKey": private_key,
            },
        ),
        _told,
    )


def _told(answer: dict[str, Any]) -> dict[str, str]:
    shown = msgspec.convert(answer, _Put)
    return {"DkimStatus": shown.dkim_status, "DkimTokens": ", ".join(shown.dkim_tokens)}


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


def _identity(name: str, dkim: _OldDkim) -> Identity:
    status = STATUSES.get(dkim.dkim_verification_status, dkim.dkim_verification_status)
    origin = ORIGINS.get(len(dkim.dkim_tokens), "")
    return Identity(name, "", dkim.dkim_tokens, status, dkim.dkim_enabled, origin)
