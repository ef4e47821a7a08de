"""Define what goes into SES and what comes out of it, in the shapes of botocore's ``sesv2`` model.

Patterns and lengths: https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_DkimSigningAttributes.html
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any, Final

from second_edition.ses_sandbox.dkim_state import DkimState
from second_edition.ses_sandbox.knobs import Knobs

SELECTOR: Final = re.compile(r"(([a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9\-]*[a-zA-Z0-9]))")
PRIVATE_KEY: Final = re.compile(r"[a-zA-Z0-9+\/]+={0,2}")
DOMAIN: Final = re.compile(r"(?=.{1,253}$)([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z0-9-]{2,63}")
KEY_LENGTHS: Final = ("RSA_1024_BIT", "RSA_2048_BIT")
EASY_ZONE: Final = "dkim.amazonses.com"


class ServiceError(Exception):
    """An error as SES answers it; the message never holds a value that was sent as a key."""

    def __init__(self, code: str, status: int, message: str) -> None:
        self.code, self.status, self.message = code, status, message
        super().__init__(f"{code}: {message}")


def bad_request(message: str) -> ServiceError:
    """Return BadRequestException, 400."""
    return ServiceError("BadRequestException", 400, message)


def not_implemented(message: str) -> ServiceError:
    """Return what AWS has and the sandbox has not, 501."""
    return ServiceError("NotImplemented", 501, message)


def one_of(body: dict[str, Any], member: str, kind: type, *, default: Any = None) -> Any:
    """Return the member of a request if it is of the right type.

    Raises:
        ServiceError: it is of another type.
    """
    value = body.get(member)
    if value is None:
        return default
    if not isinstance(value, kind):
        raise ServiceError("SerializationException", 400, f"The member {member} is of the wrong type.")
    return value


def signing_key_of(attributes: dict[str, Any]) -> tuple[str, str]:
    """Return selector and private key of a BYODKIM ``SigningAttributes``.

    Raises:
        ServiceError: BadRequestException when one is missing or does not match the documented pattern.
    """
    if "NextSigningKeyLength" in attributes:
        raise bad_request("NextSigningKeyLength can only be given for Easy DKIM.")
    selector = one_of(attributes, "DomainSigningSelector", str, default="")
    private_key = one_of(attributes, "DomainSigningPrivateKey", str, default="")
    if not selector or not private_key:
        raise bad_request("DomainSigningSelector and DomainSigningPrivateKey are both needed with EXTERNAL.")
    _matches("domainSigningSelector", selector, SELECTOR, 63)
    _matches("domainSigningPrivateKey", private_key, PRIVATE_KEY, 20480)
    return selector, private_key


def _matches(member: str, value: str, pattern: re.Pattern[str], longest: int) -> None:
    start = f"1 validation error detected: Value at 'signingAttributes.{member}' failed to satisfy constraint: "
    if len(value) > longest:
        raise bad_request(f"{start}Member must have length less than or equal to {longest}")
    if not pattern.fullmatch(value):
        raise bad_request(f"{start}Member must satisfy regular expression pattern: ^{pattern.pattern}$")


def dkim_attributes(state: DkimState, knobs: Knobs) -> dict[str, Any]:
    """Return ``DkimAttributes`` of GetEmailIdentity and CreateEmailIdentity."""
    easy = state.origin != "EXTERNAL"
    shown: dict[str, Any] = {
        "SigningEnabled": state.signing_enabled,
        "Status": state.status,
        "Tokens": list(state.key.selectors) if easy or knobs.tokens == "selector" else [],
        "SigningAttributesOrigin": state.origin,
    }
    if easy:
        length = f"RSA_{state.key.pair.private_key.key_size if state.key.pair else 2048}_BIT"
        shown |= {
            "SigningHostedZone": EASY_ZONE,
            "NextSigningKeyLength": length,
            "CurrentSigningKeyLength": length,
            "LastKeyGenerationTimestamp": _epoch(state.since),
        }
    return shown


def sendable(state: DkimState, knobs: Knobs) -> bool:
    """Return whether the identity may send: until DKIM has failed, or always when something else verifies it too."""
    return state.verified or not knobs.only_verification


def verification_status(state: DkimState, knobs: Knobs) -> str:
    """Return the identity's own status: that of DKIM when DKIM is all that verifies it."""
    return state.status if knobs.only_verification else "SUCCESS"


def identity(state: DkimState, knobs: Knobs) -> dict[str, Any]:
    """Return the answer of GetEmailIdentity."""
    return {
        "IdentityType": "DOMAIN",
        "FeedbackForwardingStatus": True,
        "VerifiedForSendingStatus": sendable(state, knobs),
        "DkimAttributes": dkim_attributes(state, knobs),
        "Policies": {},
        "Tags": [],
        "VerificationStatus": verification_status(state, knobs),
        "VerificationInfo": _verification_info(state),
    }


def _verification_info(state: DkimState) -> dict[str, Any]:
    info: dict[str, Any] = {}
    if state.last_checked:
        info["LastCheckedTimestamp"] = _epoch(state.last_checked)
    if state.last_success:
        info["LastSuccessTimestamp"] = _epoch(state.last_success)
    if state.error and state.status not in ("SUCCESS", "NOT_STARTED"):
        info["ErrorType"] = state.error
    if state.soa:
        info["SOARecord"] = {
            "PrimaryNameServer": state.soa.primary,
            "AdminEmail": state.soa.admin,
            "SerialNumber": state.soa.serial,
        }
    return info


def _epoch(moment: datetime) -> float:
    return round(moment.timestamp(), 3)
