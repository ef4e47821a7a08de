"""Operations on messages that prove a switch: one sent through SES, and found again in an inbox.

Whoever asks chooses sender, recipient and a token, and nothing else. Of the inbox, only messages that bear a token
leave the custodian: other people's mail does not.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Sequence
from typing import Any, Final, TypeVar

from second_edition.aws import s3_objects
from second_edition.custody.refusal import DutyError, reading
from second_edition.custody.session import Session
from second_edition.dkim.signature import MessageInvalid, read

T = TypeVar("T")

SUBJECT: Final = "byodkim proof"
BODY: Final = "This message was sent to prove by which DKIM selector mail is signed. It needs no answer.\r\n"
TOKEN: Final = re.compile(rf"{SUBJECT} ([0-9a-f]{{32}})")


def send(client: Any, sender: str, recipient: str, token: str) -> str:
    """Send one message and return SES's id of it, in one attempt: the client must be made with retries off.

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
    return str(answer["MessageId"])


class Inbox:
    """An inbox from a time on: what lay in it before is never looked at."""

    def __init__(self, client: Any, bucket: str, prefix: str) -> None:
        self._client, self._bucket, self._prefix = client, bucket, prefix
        self._seen = set(s3_objects.keys(client, bucket, prefix))
        self._found: list[dict[str, str]] = []  # kept from a look that did not come to its end

    def arrived(self, tokens: Sequence[str]) -> list[dict[str, str]]:
        """Return the messages with one of ``tokens`` that came since the last call: token, key, message in base64."""
        for key, size in s3_objects.keys(self._client, self._bucket, self._prefix).items():
            if key in self._seen:
                continue
            message = s3_objects.fetch(self._client, self._bucket, key) if size <= s3_objects.LARGEST else None
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


def post(session: Session, sender: str, recipient: str, token: str) -> dict[str, str]:
    """Send a message of the custodian's own making that bears ``token``. Answers its ``message_id`` and time."""
    session.clients.sending.wait()
    message_id = reading("SendEmail", lambda: send(session.writer("sesv2"), sender, recipient, token))
    return {"message_id": message_id, "taken_at": session.clients.log.now().isoformat(timespec="milliseconds")}


def inbox(session: Session, bucket: str, prefix: str) -> None:
    """Open the inbox: what is in it now is passed over from then on."""
    session.inbox = _listing(lambda: Inbox(session.clients.get("s3", kept=False), bucket, prefix))


def arrived(session: Session, tokens: list[str]) -> list[dict[str, str]]:
    """Return the messages with one of ``tokens`` that came into the inbox since the last call."""
    if session.inbox is None:
        raise DutyError("ListObjectsV2", "NotOpen")
    found: list[dict[str, str]] = _listing(lambda: session.inbox.arrived(tokens))
    return found


def _listing(read: Callable[[], T]) -> T:
    try:
        return reading("ListObjectsV2", read)
    except s3_objects.TooMany:
        raise DutyError("ListObjectsV2", "TooManyMessages") from None
