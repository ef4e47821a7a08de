"""The operations about messages that prove a switch. What carries them out is loaded where it is asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from byodkim.aws.inbox import TooMany
from byodkim.aws.session import WRITE, Clients
from byodkim.custody import mailbox
from byodkim.custody.refusal import DutyError, reading

T = TypeVar("T")


class MailOperations:
    """A part of the custodian's duties."""

    _inbox: Any = None

    @property
    def clients(self) -> Clients:
        """The clients, once ``open`` was asked for."""
        raise NotImplementedError

    def post(self, sender: str, recipient: str, token: str) -> dict[str, str]:
        """Sends a message of the custodian's own making that bears ``token``. Answers its ``message_id`` and time."""
        self.clients.sending.wait()
        client = self.clients.get("sesv2", WRITE)
        message_id = reading("SendEmail", lambda: mailbox.send(client, sender, recipient, token))
        return {"message_id": message_id, "taken_at": self.clients.log.now().isoformat(timespec="milliseconds")}

    def inbox(self, bucket: str, prefix: str) -> None:
        """Opens the inbox: what is in it now is passed over from then on."""
        self._inbox = _listing(lambda: mailbox.Inbox(self.clients.get("s3", kept=False), bucket, prefix))

    def arrived(self, tokens: list[str]) -> list[dict[str, str]]:
        """The messages with one of ``tokens`` that came into the inbox since it was asked last."""
        if self._inbox is None:
            raise DutyError("ListObjectsV2", "NotOpen", "the inbox was not opened")
        found: list[dict[str, str]] = _listing(lambda: self._inbox.arrived(tokens))
        return found


def _listing(read: Callable[[], T]) -> T:
    try:
        return reading("", read)
    except TooMany:
        raise DutyError("ListObjectsV2", "TooManyMessages", "the inbox holds too much") from None
