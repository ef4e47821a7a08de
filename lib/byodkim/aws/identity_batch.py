"""Reading many identities: pages of names from SES's API v2, and DKIM attributes by a hundred from its API v1.

A call of the control plane is what is scarce, one a second, whatever it asks for: by these two 10,000 identities take
110 of them, where GetEmailIdentity takes 10,000.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, Protocol

from byodkim.aws.discreet import discreet
from byodkim.rotation.inventory import BATCH, PAGE

#: How API v1 spells what API v2 and all else here spells in capitals.
STATUSES: Final = {
    "NotStarted": "NOT_STARTED",
    "Pending": "PENDING",
    "Success": "SUCCESS",
    "Failed": "FAILED",
    "TemporaryFailure": "TEMPORARY_FAILURE",
}


class BatchClient(Protocol):
    """The call of boto3's ``ses`` client that this project makes."""

    def get_identity_dkim_attributes(self, *, Identities: Sequence[str]) -> dict[str, Any]:  # noqa: N803
        """GetIdentityDkimAttributes."""


class ListClient(Protocol):
    """The call of boto3's ``sesv2`` client that lists."""

    def list_email_identities(self, **request: Any) -> dict[str, Any]:
        """ListEmailIdentities."""


def page(client: ListClient, following: str = "") -> dict[str, Any]:
    """One page of the names of account and Region, at most 1,000.

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


def attributes(client: BatchClient, names: Sequence[str]) -> dict[str, dict[str, Any]]:
    """The DKIM attributes of at most 100 identities, by name; one that SES does not know is not among them.

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
            "signing_enabled": told.get("DkimEnabled"),
            "status": _status(str(told.get("DkimVerificationStatus", ""))),
            "selectors": list(told.get("DkimTokens", ())),
        }
        for name, told in answer.get("DkimAttributes", {}).items()
    }


def _status(word: str) -> str:
    return STATUSES[word] if word in STATUSES else discreet(word)
