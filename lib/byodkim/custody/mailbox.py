"""A message sent through SES, and found again in an inbox. Imported by the custodian only, where one is asked for.

Whoever asks chooses sender, recipient and a token, and nothing else. Of the inbox, only messages that bear a token
leave the custodian: other people's mail does not.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from typing import Any, Final, Protocol

from byodkim.aws import inbox
from byodkim.dkim.signature import MessageInvalid, read

SUBJECT: Final = "byodkim proof"
BODY: Final = "This message was sent to prove by which DKIM selector mail is signed. It needs no answer.\r\n"
TOKEN: Final = re.compile(rf"{SUBJECT} ([0-9a-f]{{32}})")


class MailClient(Protocol):
    """The call of boto3's ``sesv2`` client that sends."""

    def send_email(self, **request: Any) -> dict[str, Any]:
        """SendEmail."""


def send(client: MailClient, sender: str, recipient: str, token: str) -> str:
    """Sends one message; SES's id of it. One attempt: the client must be made with retries off.

    ``Auto-Submitted`` keeps programs from answering (RFC 3834 section 5).
    Source: SES API v2, SendEmail.
    """
    simple = {
        "Subject": {"Data": f"{SUBJECT} {token}"},
        "Body": {"Text": {"Data": BODY}},
        "Headers": [{"Name": "Auto-Submitted", "Value": "auto-generated"}],
    }
    answer = client.send_email(
        FromEmailAddress=sender, Destination={"ToAddresses": [recipient]}, Content={"Simple": simple}
    )
    return str(answer.get("MessageId", ""))


class Inbox:
    """An inbox from a time on: what lay in it before is never looked at."""

    def __init__(self, client: inbox.InboxClient, bucket: str, prefix: str) -> None:
        self._client, self._bucket, self._prefix = client, bucket, prefix
        self._seen = set(inbox.keys(client, bucket, prefix))
        self._found: list[dict[str, str]] = []  # kept from a look that did not come to its end

    def arrived(self, tokens: Sequence[str]) -> list[dict[str, str]]:
        """The messages with one of ``tokens`` that came since it was asked last: token, key, message in base64."""
        for key, size in inbox.keys(self._client, self._bucket, self._prefix).items():
            if key in self._seen:
                continue
            message = inbox.fetch(self._client, self._bucket, key) if size <= inbox.LARGEST else None
            self._seen.add(key)
            if message is not None and (token := _token(message)) in tokens:
                self._found.append({"token": token, "key": key, "message": base64.b64encode(message).decode()})
        found, self._found = self._found, []
        return found


def _token(message: bytes) -> str:
    try:
        found = TOKEN.fullmatch(read(message).subject)
    except MessageInvalid:
        return ""
    return found[1] if found else ""
