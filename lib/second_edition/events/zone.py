"""Events of the zone that holds a key record: what stands there, what is written, what every server then serves."""

from __future__ import annotations

from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from second_edition.dkim.published import Answer as ServerAnswer
from second_edition.events.parts import Durable, Event, Part, Refusal
from second_edition.rotation.record_set import Change, Publication, Standing


class UpdateServer(Part):
    """The zone's primary server."""

    address: str
    port: Annotated[int, Meta(ge=0, le=65535)]


class Way(Part):
    """The way into DNS.

    Attributes:
        publisher: ``request``, ``route53`` or ``rfc2136``.
        hosted_zone_id: of Route 53, "" for none.
        update_server: that takes updates by RFC 2136.
        tsig_secret_id: of the secret in Secrets Manager with the TSIG key.
    """

    publisher: str
    hosted_zone_id: str
    update_server: UpdateServer | None
    tsig_secret_id: str


class ZoneRead(Event):
    """Record what stands at the key record's name in the zone itself."""

    way: Way
    standing: Standing


class ZonePlanned(Event):
    """The plan for the zone."""

    plan: Publication


class ZoneIntent(Durable):
    """A write to the zone that is about to be sent. ``digest``: of the plan."""

    way: Way
    change: Change
    digest: str


class ZoneAccepted(Part):
    """The zone keeper's answer: AWS's request id, and the receipt by which Route 53 says that all servers have it."""

    request_id: str
    receipt: str


class ZoneAnswer(Durable):
    """Record what came back of it: ``answer`` or ``error``."""

    answer: ZoneAccepted | UnsetType = UNSET
    error: Refusal | UnsetType = UNSET


class ZoneResolved(Durable):
    """Record whether a write without a good answer was applied, by reading the zone back. ``found``: always ""."""

    applied: bool
    found: str = ""


class ZoneSettled(Event):
    """Record whether Route 53 says that its servers have the change, and after how many seconds."""

    settled: bool
    seconds: float


class ZonePolled(Event):
    """Record how many of the authoritative servers serve the name as wanted, each time that this changes.

    Attributes:
        good: how many; ``counted``: of how many.
        wait_s: for how many seconds they are asked at most.
    """

    good: int
    counted: int
    wait_s: float


class ZoneProved(Event):
    """Record what every authoritative server served at last.

    Attributes:
        proved: all of them serve the name as wanted.
        good, counted: how many do, of how many.
        seconds: how long it took.
        sha256: of the public key (hex).
        aim: ``publish``, ``revoke`` or ``remove``.
        answers: of each server.
    """

    proved: bool
    good: int
    counted: int
    seconds: float
    sha256: str
    aim: str
    answers: tuple[ServerAnswer, ...]
