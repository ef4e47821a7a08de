"""Words for an identity that was read together with others."""

from __future__ import annotations

from typing import Final

TEXTS: Final[dict[str, str]] = {
    "batch": (
        "Selector, DKIM status and signing were read for the campaign at {at}, by {by} (identities in the call: "
        "{count}; request id {request_id})."
    ),
    "carried": "That call tells nothing else: all else is as GetEmailIdentity showed it at {full_at}.",
    "untold": "Not known, since the selector or its status has changed since: {fields}.",
    "full": "Read for the campaign at {at}, by {by} (request id {request_id}).",
}
