"""The Region's SES identities: all names in pages, and the DKIM state of many in one call."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import msgspec
from botocore.exceptions import BotoCoreError, ClientError
from msgspec import Struct

from byodkim.aws.errors import MISREAD, unread
from byodkim.aws.session import Clients, read_ses
from byodkim.checks.world import Identity, Unread
from byodkim.custody.settings import DkimStates, IdentityPage

#: The most that a page takes. Source: SES API v2, ListEmailIdentities (PageSize).
PAGE: Final = 1000
#: The first API's spellings of a status, in those of the second.
STATUSES: Final = {
    "NotStarted": "NOT_STARTED", "Pending": "PENDING", "Success": "SUCCESS", "Failed": "FAILED",
    "TemporaryFailure": "TEMPORARY_FAILURE",
}  # fmt: skip


class _Listed(Struct, rename="pascal"):
    """A row of ListEmailIdentities."""

    identity_name: str
    identity_type: str


class _Page(Struct, rename="pascal"):
    """ListEmailIdentities' answer."""

    email_identities: list[_Listed]
    next_token: str | None = None


class _Dkim(Struct, rename="pascal"):
    """What the first API says of an identity."""

    dkim_enabled: bool
    dkim_verification_status: str
    dkim_tokens: tuple[str, ...] = ()


class _States(Struct, rename="pascal"):
    """GetIdentityDkimAttributes' answer."""

    dkim_attributes: dict[str, _Dkim]


def read_identity_page(clients: Clients, token: str) -> IdentityPage | Unread:
    """Return a page of identities (ListEmailIdentities). ``token``: "" for the first page."""

    def read() -> dict[str, Any]:
        more = {"NextToken": token} if token else {}
        answer: dict[str, Any] = client.list_email_identities(PageSize=PAGE, **more)
        return answer

    try:
        client = clients.reader("sesv2")
        page = msgspec.convert(read_ses(read), _Page)
    except (BotoCoreError, ClientError, *MISREAD) as error:
        return unread(error)
    rows = tuple((each.identity_name, each.identity_type) for each in page.email_identities)
    return IdentityPage(rows, page.next_token or "")


def read_dkim_states(clients: Clients, names: Sequence[str]) -> DkimStates | Unread:
    """Return the DKIM states of up to 100 identities; one that SES does not know is left out.

    A BYODKIM identity shows one token, its selector; one with Easy DKIM shows three.
    Source: SES API v1, GetIdentityDkimAttributes.
    """

    def read() -> dict[str, Any]:
        answer: dict[str, Any] = client.get_identity_dkim_attributes(Identities=list(names))
        return answer

    try:
        client = clients.reader("ses")
        shown = msgspec.convert(read_ses(read), _States).dkim_attributes
    except (BotoCoreError, ClientError, *MISREAD) as error:
        return unread(error)
    return DkimStates(tuple(_identity(name, dkim) for name, dkim in shown.items()))


def _identity(name: str, dkim: _Dkim) -> Identity:
    status = STATUSES.get(dkim.dkim_verification_status, dkim.dkim_verification_status)
    return Identity(name, "", dkim.dkim_tokens, status, dkim.dkim_enabled, "")
