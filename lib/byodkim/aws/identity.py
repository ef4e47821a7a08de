"""The SES identity: reading it, and the one write. Shapes: botocore's ``sesv2`` service model."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Protocol

from byodkim.aws import identity_batch
from byodkim.rotation.observation import EXTERNAL, Identity


class SesClient(Protocol):
    """The calls of boto3's ``sesv2`` client that this project makes."""

    def get_email_identity(self, *, EmailIdentity: str) -> dict[str, Any]:  # noqa: N803
        """GetEmailIdentity."""

    def list_email_identities(self, **request: Any) -> dict[str, Any]:
        """ListEmailIdentities."""

    def put_email_identity_dkim_signing_attributes(self, **request: Any) -> dict[str, Any]:
        """PutEmailIdentityDkimSigningAttributes."""


def read_identity(client: SesClient, name: str) -> Identity:
    """The identity ``name`` as GetEmailIdentity shows it.

    Raises:
        botocore.exceptions.ClientError: with the code ``NotFoundException`` where there is no such identity.
    """
    return described(name, client.get_email_identity(EmailIdentity=name))


def listed(client: SesClient) -> list[dict[str, Any]]:
    """Every identity of account and Region: ``name``, ``kind`` (SES's IdentityType), ``sending_enabled``.

    It carries no DKIM fields. One call for 1,000 identities.
    """
    found: list[dict[str, Any]] = []
    following = ""
    while True:
        told = identity_batch.page(client, following)
        found += told["identities"]
        following = told["following"]
        if not following:
            return found


def described(name: str, answer: Mapping[str, Any]) -> Identity:
    """The identity ``name`` from the answer's fields; times are moments, or seconds since 1970 as they are in JSON."""
    dkim, verification = answer.get("DkimAttributes", {}), answer.get("VerificationInfo", {})
    return Identity(
        name=name,
        identity_type=answer.get("IdentityType", ""),
        selectors=tuple(dkim.get("Tokens", ())),
        status=dkim.get("Status", ""),
        signing_enabled=dkim.get("SigningEnabled"),
        signing_origin=dkim.get("SigningAttributesOrigin", ""),
        verified_for_sending=answer.get("VerifiedForSendingStatus"),
        verification_status=answer.get("VerificationStatus", ""),
        signing_hosted_zone=dkim.get("SigningHostedZone", ""),
        next_signing_key_length=dkim.get("NextSigningKeyLength", ""),
        current_signing_key_length=dkim.get("CurrentSigningKeyLength", ""),
        last_key_generation=_time(dkim.get("LastKeyGenerationTimestamp")),
        last_checked=_time(verification.get("LastCheckedTimestamp")),
        last_success=_time(verification.get("LastSuccessTimestamp")),
        error_type=verification.get("ErrorType", ""),
    )


def put_signing_attributes(client: SesClient, name: str, selector: str, private_key: str) -> dict[str, Any]:
    """Makes SES sign ``name`` with ``selector`` and ``private_key`` (base64 DER without headers).

    One attempt: the client must be made with retries off. ``NextSigningKeyLength`` belongs to Easy DKIM and
    ``DomainSigningAttributesOrigin`` is not allowed here, so neither is sent.
    Source: SES API v2, PutEmailIdentityDkimSigningAttributes.
    """
    if not isinstance(private_key, str):  # botocore would print a wrongly typed key whole
        raise TypeError("the private key must be text")
    return client.put_email_identity_dkim_signing_attributes(
        EmailIdentity=name,
        SigningAttributesOrigin=EXTERNAL,
        SigningAttributes={"DomainSigningSelector": selector, "DomainSigningPrivateKey": private_key},
    )


def _time(value: datetime | float | None) -> str:
    if isinstance(value, int | float):
        value = datetime.fromtimestamp(value, UTC)
    return value.astimezone(UTC).isoformat(timespec="seconds") if value else ""
