"""The sign-in to AWS: why there is none, said once, before any check is made."""

from __future__ import annotations

from typing import Final

from second_edition.custody.client import Refused
from second_edition.errors import AccessError
from second_edition.messages import Language, say
from second_edition.rotation.checks.case import EXPIRED, MISSING, NOT_ACCEPTED, UNREACHED, UNTRUSTED
from second_edition.rotation.observation import UNREADABLE_ANSWER

#: botocore's errors for a Region that there is not.
NO_REGION: Final = ("NoRegion", "NoRegionError", "UnknownRegionError", "InvalidRegionError")
#: By what botocore or STS says. Source: botocore.exceptions; AWS IAM User Guide, "Troubleshoot IAM and STS errors".
KINDS: Final = {
    "ProfileNotFound": "no-profile",
    **dict.fromkeys(MISSING, "no-credentials"),
    **dict.fromkeys(EXPIRED, "expired"),
    **dict.fromkeys(NOT_ACCEPTED, "not-accepted"),
    UNTRUSTED: "untrusted",
    "Apart": "apart",
    "Unencrypted": "unencrypted",
    "UserPart": "user-part",
    "NoAddress": "no-address",
    "Elsewhere": "no-address",
}


def missing(refused: Refused) -> bool:
    """Return whether a call was refused for want of a sign-in, or of a TLS connection that ends at AWS."""
    return refused.code in KINDS


def unread(code: str) -> str:
    """Return why AWS was not read where neither the sign-in nor a permission is lacking; "" for another code."""
    if code in NO_REGION:
        return "region"
    return "unreached" if code in UNREACHED else "unreadable" if code == UNREADABLE_ANSWER else ""


def error(refused: Refused, aws_profile: str, language: Language, means: str) -> AccessError:
    """Return why no session with AWS stands, with the profile's name and the command that mends it.

    Args:
        refused: what the custodian was told.
        aws_profile: "" for the default one.
        language: of what is said.
        means: what that means for mail.
    """
    kind = KINDS.get(refused.code) or unread(refused.code) or "other"
    named = say("sign_in", "profile" if aws_profile else "default", language, profile=aws_profile)
    key = "" if aws_profile else ".default"
    values = {
        "profile": refused.message if kind == "no-profile" else named,
        "code": refused.code,
        "operation": refused.operation,
        "message": f": {refused.message}" if refused.message else "",
        "command": say("sign_in", f"command{key}", language, profile=aws_profile),
    }
    todo = "todo" if kind in ("no-credentials", "expired", "not-accepted") else f"{kind}.todo"
    return AccessError(say("sign_in", kind, language, **values), means, say("sign_in", todo, language, **values))
