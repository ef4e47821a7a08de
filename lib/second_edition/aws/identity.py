"""SES identities: reading one or many, and the one write. Shapes: botocore's service models.

A call of the control plane is what is scarce, one a second, whatever it asks for: by pages of names from API v2, and
DKIM attributes by a hundred from API v1, 10,000 identities take 110 calls, where GetEmailIdentity takes 10,000.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from second_edition.aws.discreet import discreet
from second_edition.plain import from_plain
from second_edition.rotation.inventory import BATCH, PAGE
from second_edition.rotation.observation import EXTERNAL, Identity

#: How API v1 spells what API v2 and all else here spells in capitals.
STATUSES: Final = {
    "NotStarted": "NOT_STARTED",
    "Pending": "PENDING",
    "Success": "SUCCESS",
    "Failed": "FAILED",
    "TemporaryFailure": "TEMPORARY_FAILURE",
}


def read_identity(client: Any, name: str) -> Identity:
    """Return the identity ``name`` as GetEmailIdentity shows it.

    Raises:
        botocore.exceptions.ClientError: with the code ``NotFoundException`` where there is no such identity.
    """
    return described(name, client.get_email_identity(EmailIdentity=name))


def described(name: str, answer: Mapping[str, Any]) -> Identity:
    """Return the identity ``name`` from the answer's fields. Times are datetimes, or seconds since 1970 as in JSON.

    Raises:
        ValueError: a field is of another type than SES's API has it.
    """
    if not answer.get("DkimAttributes"):  # a proxy's page, say: SES always tells them
        raise ValueError("no DkimAttributes")
    dkim, verification = answer["DkimAttributes"], answer.get("VerificationInfo", {})
    found = {
        "name": name,
        "identity_type": answer.get("IdentityType", ""),
        "selectors": tuple(dkim.get("Tokens", ())),
        "status": dkim.get("Status", ""),
        "signing_enabled": dkim.get("SigningEnabled"),
        "signing_origin": dkim.get("SigningAttributesOrigin", ""),
        "verified_for_sending": answer.get("VerifiedForSendingStatus"),
        "verification_status": answer.get("VerificationStatus", ""),
        "signing_hosted_zone": dkim.get("SigningHostedZone", ""),
        "next_signing_key_length": dkim.get("NextSigningKeyLength", ""),
        "current_signing_key_length": dkim.get("CurrentSigningKeyLength", ""),
        "last_key_generation": _time(dkim.get("LastKeyGenerationTimestamp")),
        "last_checked": _time(verification.get("LastCheckedTimestamp")),
        "last_success": _time(verification.get("LastSuccessTimestamp")),
        "error_type": verification.get("ErrorType", ""),
    }
    return from_plain(Identity, found)


def page(client: Any, following: str = "") -> dict[str, Any]:
    """Return one page of the names of account and Region, at most 1,000.

    Args:
        client: of API v2.
        following: the token of the page before, "" for the first page.

    Returns:
        ``identities`` with ``name``, ``kind`` (SES's IdentityType) and ``sending_enabled`` each, and ``following``, ""
        on the last page.
    Source: SES API v2, ListEmailIdentities.
    """
    answer = client.list_email_identities(PageSize=PAGE, **({"NextToken": following} if following else {}))
    found = [
        {"name": one["IdentityName"], "kind": one["IdentityType"], "sending_enabled": one.get("SendingEnabled")}
        for one in answer.get("EmailIdentities", ())
    ]
    return {"identities": found, "following": answer.get("NextToken") or ""}


def attributes(client: Any, names: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Return the DKIM attributes of at most 100 identities, by name; one that SES does not know is not among them.

    Returns:
        ``signing_enabled``, ``status`` (as API v2 spells it) and ``selectors`` for each name.

    Raises:
        ValueError: there are more names than the call takes.
        botocore.exceptions.ClientError: SES refused.
    Source: SES API v1, GetIdentityDkimAttributes. It tells no origin: a BYODKIM identity shows its one selector, one
    with Easy DKIM its three tokens.
    """
    if len(names) > BATCH:
        raise ValueError("more identities than one call takes")
    answer = client.get_identity_dkim_attributes(Identities=list(names))
    return {
        name: {
            "signing_enabled": fields.get("DkimEnabled"),
            "status": _status(str(fields.get("DkimVerificationStatus", ""))),
            "selectors": list(fields.get("DkimTokens", ())),
        }
        for name, fields in answer.get("DkimAttributes", {}).items()
    }


def _status(word: str) -> str:
    return STATUSES[word] if word in STATUSES else discreet(word)


def put_signing_attributes(client: Any, name: str, selector: str, private_key: str) -> dict[str, Any]:
    """Make SES sign ``name`` with ``selector`` and ``private_key`` (base64 DER without headers).

    One attempt: the client must be made with retries off. ``NextSigningKeyLength`` belongs to Easy DKIM and
    ``DomainSigningAttributesOrigin`` is not allowed here, so neither is sent.
    Source: SES API v2, PutEmailIdentityDkimSigningAttributes.
    """
    if not isinstance(private_key, str):  # botocore would print a wrongly typed key whole
        raise TypeError("the private key must be text")
    answer: dict[str, Any] = client.put_email_identity_dkim_signing_attributes(
        EmailIdentity=name,
        SigningAttributesOrigin=EXTERNAL,
        SigningAttributes={"DomainSigningSelector": selector, "DomainSigningPrivateKey": private_key},
    )
    return answer


def taken(answer: Mapping[str, Any]) -> dict[str, Any]:
    """Return the status and the tokens that SES answers to the write.

    Raises:
        ValueError: SES always tells the status; a proxy's page, say, does not.
    """
    if not answer.get("DkimStatus"):
        raise ValueError("no DkimStatus")
    tokens = from_plain(tuple[str, ...], answer.get("DkimTokens") or ())
    return {"dkim_status": from_plain(str, answer["DkimStatus"]), "dkim_tokens": list(tokens)}


def _time(value: datetime | float | None) -> str:
    if isinstance(value, int | float):
        value = datetime.fromtimestamp(value, UTC)
    return value.astimezone(UTC).isoformat(timespec="seconds") if value else ""
