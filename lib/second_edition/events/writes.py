"""Events of what is written to SES and to the key store, of what DNS serves, and of messages that prove a switch."""

from __future__ import annotations

from msgspec import UNSET, UnsetType

from second_edition.dkim.published import Answer as ServerAnswer
from second_edition.events.parts import Accepted, Durable, Event, Refusal, Time, Unsuccessful
from second_edition.rotation.findings import Finding
from second_edition.rotation.message import Received as Message
from second_edition.rotation.plan import Write


class Intent(Durable):
    """A write to SES that is about to be sent. On the disk before the call."""

    change: Write


class SesAccepted(Accepted):
    """SES's answer to PutEmailIdentityDkimSigningAttributes: its DKIM status and tokens."""

    dkim_status: str
    dkim_tokens: tuple[str, ...]


class Answer(Durable):
    """Record what came back of the write that was intended: ``answer`` or ``error``."""

    answer: SesAccepted | UnsetType = UNSET
    error: Refusal | UnsetType = UNSET


class Resolved(Durable):
    """A write without a good answer was found applied when SES was read back. ``found``: the status that SES shows."""

    applied: bool
    found: str = ""


class Waited(Event):
    """The wait for SES's verification is over. ``ran_out``: without it. ``seconds``: how long it took.

    ``wall_s``: the same by this machine's clock, where the world's is a twin's.
    """

    seconds: float
    ran_out: bool
    wall_s: float | UnsetType = UNSET


class Rollback(Durable):
    """The write by which the run goes back is about to be sent, ``hours`` after the switch."""

    change: Write
    hours: int


class Rolled(Answer):
    """Record what came back of it: ``answer`` or ``error``."""


class Named(Event):
    """The selector that a run of prepare is about.

    Attributes:
        selector: its name, "" where none could be found.
        how: ``given``, ``standing``, ``new`` or ``unknown``.
        pattern: by which it was named.
        known: every selector of that form.
    """

    selector: str
    how: str
    pattern: str
    known: tuple[str, ...]


class Erasing(Durable):
    """A deletion that is about to be sent. ``sha256``: of the public key (hex)."""

    write: Write
    sha256: str


class Storing(Erasing, kw_only=True):
    """A write to the key store that is about to be sent.

    Attributes:
        write: the operation.
        sha256: SHA-256 (hex) of the public key.
        version: id of the secret's version, "" for an object.
    """

    version: str


class Stored(Durable):
    """Record what came back of it: ``answer`` or ``error``."""

    answer: Accepted | UnsetType = UNSET
    error: Refusal | UnsetType = UNSET


class Settled(Event):
    """The key store, read back. ``found``: SHA-256 (hex) of the public key, or the version's id."""

    applied: bool
    found: str


class Erased(Stored):
    """Record what came back of it: ``answer`` or ``error``."""


class Gone(Settled):
    """The key store, read back after a deletion. ``found``: what is left there."""


class Handed(Event):
    """The request for a key record, as it was made for the DNS team.

    Attributes:
        name: of the record, without a closing dot.
        value: in one piece.
        ttl: in seconds.
        sha256: of the public key (hex).
        files: names of the sheet's files beside the record; none where it is only shown.
        files_sha256: SHA-256 (hex) of each, in that order.
    """

    name: str
    value: str
    ttl: int
    sha256: str
    files: tuple[str, ...]
    files_sha256: tuple[str, ...] = ()


class Requested(Handed, kw_only=True):
    """The request to revoke or to remove a key record. ``aim``: which."""

    aim: str


class Polled(Event):
    """Record how the authoritative servers stand, each time that this changes.

    Attributes:
        servers: ``address:port``.
        verdicts: of each, in the same order.
        good: how many serve the key.
        by: when caches have forgotten what stood before (ISO 8601), "" where that is not known.
    """

    servers: tuple[str, ...]
    verdicts: tuple[str, ...]
    good: int
    by: str


class PollingEnded(Event):
    """The wait for DNS is over. ``needed``: minutes that are needed at least, 0 where that is not known.

    ``wall_s``: the same by this machine's clock, where the world's is a twin's.
    """

    seconds: float
    ran_out: bool
    needed: int
    wall_s: float | UnsetType = UNSET


class Sent(Event):
    """A message given to SES, or refused by it.

    Attributes:
        token: in its subject.
        when: ``before`` or ``after`` the write, or ``proof``.
        message_id: SES's; ``taken_at``: when it had taken it.
        error: why it did not.
    """

    token: str
    when: str
    message_id: str | UnsetType = UNSET
    taken_at: Time | UnsetType = UNSET
    error: Unsuccessful | UnsetType = UNSET


class Received(Event):
    """A message that arrived, or that was given as a file.

    Attributes:
        token: of the one that was sent, "" for a file's.
        file: its name; ``place``: the ``s3://`` address.
        message: its digest and signatures, not its text.
    """

    token: str
    file: str
    place: str
    message: Message


class Weighed(Event):
    """The checks of the message.

    Attributes:
        findings: the checks.
        waited_s: seconds until it was there.
        records: the key records that each authoritative server served.
    """

    findings: tuple[Finding, ...]
    waited_s: float
    records: tuple[ServerAnswer, ...]
