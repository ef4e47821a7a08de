"""The message that proves a switch: one that the run sends to a mailbox, or one that was received already."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from second_edition.dkim.signature import MessageInvalid
from second_edition.dkim.signature import read as read_head
from second_edition.errors import ParameterError
from second_edition.evidence.folders import opened
from second_edition.messages import Language
from second_edition.settings import Parameters, Profile

SEND: Final = "send"
NONE: Final = "none"
LARGEST: Final = 40 * 1024 * 1024  # bytes: SES takes no more (Service quotas in Amazon SES, "Message size")
PLACE: Final = re.compile(r"s3://([a-z0-9][a-z0-9.-]+)/?(.*)\Z")
ADDRESS: Final = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@([A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+)\Z")


@dataclass(frozen=True)
class Proving:
    """Hold how a run proves its switch by a message.

    Attributes:
        sender, recipient: addresses; "" where nothing is sent.
        bucket, prefix: of the inbox in S3; the prefix is "" or ends as the profile has it.
        messages: how many are sent, the last of them after SES has verified or waiting has ended.
        wait_s: seconds for which they are waited for.
        file: name of a message that was received already; "" for none.
        data: its bytes.
    """

    sender: str = ""
    recipient: str = ""
    bucket: str = ""
    prefix: str = ""
    messages: int = 1
    wait_s: int = 120
    file: str = ""
    data: bytes = field(default=b"", repr=False)

    @property
    def sends(self) -> bool:
        """Return whether the run sends messages itself."""
        return not self.file

    def plain(self) -> dict[str, Any]:
        """Return what the run's first event says of it."""
        if self.file:
            return {"file": self.file}
        place = f"s3://{self.bucket}/{self.prefix}"
        return {
            "from": self.sender, "to": self.recipient, "inbox": place, "messages": self.messages, "wait_s": self.wait_s,
        }  # fmt: skip

    def in_sandbox(self, domain: str, bucket: str) -> Proving:
        """Return the same with the mailbox that a sandbox has, where messages are sent at all."""
        if not self.sends:
            return self
        sender, recipient = f"byodkim-proof@{domain}", f"byodkim-inbox@{domain}"
        return replace(self, sender=sender, recipient=recipient, bucket=bucket, prefix="inbox/")


def of(requested: Parameters, section: Profile, folder: Path, language: Language) -> Proving | None:
    """Return what the parameters and the profile ask for; ``None`` where no message is to prove anything.

    A rehearsal sends nothing unless it is told to, and its mailbox is the sandbox's (see ``Proving.in_sandbox``).

    Args:
        requested: the run's parameters.
        section: its profile.
        folder: where a file's name starts from.
        language: of an error.

    Raises:
        ParameterError: half a mailbox is named, an address is none, or the file is no message.
    """
    if requested.message == NONE:
        return None
    named = mailbox_of(section, requested.domain or section.domain, language) if requested.target == "aws" else None
    if requested.message not in ("", SEND):
        return received(folder / requested.message, language)
    if requested.target != "aws":
        return (
            Proving(messages=section.proof_messages, wait_s=section.proof_wait_seconds) if requested.message else None
        )
    if requested.message and named is None:
        raise _wrong("no-mailbox", language)
    return named


def received(path: Path, language: Language) -> Proving:
    """Return a message that lies in a file, as it was received.

    Raises:
        ParameterError: it cannot be read, or is no message.
    """
    try:
        with opened(path) as file:
            data = file.read(LARGEST + 1)
    except OSError as error:
        raise _wrong("unread", language, path=path.name, reason=error.strerror or error) from None
    if len(data) > LARGEST:
        raise _wrong("too-large", language, path=path.name)
    try:
        read_head(data)
    except MessageInvalid:
        raise _wrong("no-message", language, path=path.name) from None
    return Proving(file=path.name, data=data)


def mailbox_of(section: Profile, domain: str, language: Language) -> Proving | None:
    """Return the mailbox that a profile names for the messages of ``domain``; ``None`` where it names none.

    Raises:
        ParameterError: half a mailbox is named, or an address is none, or one of another domain.
    """
    given = (section.proof_from, section.proof_to, section.inbox)
    if not any(given):
        return None
    if not all(given):
        raise _wrong("half", language)
    place = PLACE.match(section.inbox)
    addresses = {"proof_from": section.proof_from, "proof_to": section.proof_to}
    found = {name: ADDRESS.match(address) for name, address in addresses.items()}
    if lacking := next((name for name, match in found.items() if match is None), ""):
        raise _wrong("address", language, name=lacking)
    sender, domain = found["proof_from"], domain.lower().removesuffix(".")
    if place is None or sender is None or not f".{sender[1].lower()}".endswith(f".{domain}"):
        raise _wrong("other-domain", language, domain=domain)
    return Proving(
        section.proof_from, section.proof_to, place[1], place[2], section.proof_messages, section.proof_wait_seconds
    )


def _wrong(key: str, language: Language, **values: object) -> ParameterError:
    return ParameterError.said("message", f"wrong.{key}", language, "parameters/untouched", **values)
