"""Define what several events share: their base, calls to AWS, answers to a write, the digests of a cell's outputs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Final

from msgspec import UNSET, Meta, Struct, UnsetType

from second_edition.plain import moment
from second_edition.rotation.plan import Plan

#: A time with its offset, ISO 8601.
Time = Annotated[datetime, Meta(tz=True)]
#: The years in which a clock may stand as it writes an event: 1970 where a machine has lost the time.
YEARS: Final = range(1970, 3000)
#: SHA-256 in hexadecimal.
Sha256 = Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]


class Part(Struct, kw_only=True, forbid_unknown_fields=True):
    """A part of an event: strict, like the event itself."""


class RawAnswer(Part):
    """Hold what is kept of an answer of AWS, without anything secret.

    Attributes:
        body: as it came.
        too_long: how many characters a body has that is too long to be kept; nothing can be compared with it.
        headers: of an object, without the object.
        fields: of SES's answer to the write, or of a secret's version.
        same_as: SHA-256 (hex) of what was kept of an earlier answer, which is the same.
    """

    body: str | UnsetType = UNSET
    too_long: int | UnsetType = UNSET
    headers: Mapping[str, str] | UnsetType = UNSET
    fields: Mapping[str, Any] | UnsetType = UNSET
    same_as: Sha256 | UnsetType = UNSET


class Call(Part):
    """One call to AWS, without anything secret.

    Attributes:
        at: when it was made.
        service: botocore's name of the service, e.g. ``sesv2``.
        operation: AWS's name, e.g. ``GetEmailIdentity``.
        request_id: AWS's; "" where no answer came.
        status: HTTP status; 0 where no answer came.
        ms: milliseconds from the call to its answer, retries included.
        retries: by botocore.
        region: where it is another one than the run's.
        failure: type of botocore's error, where no answer came.
        raw: what is kept of the answer.
    """

    at: Time
    service: str
    operation: str
    request_id: str
    status: int
    ms: int
    retries: int
    region: str | UnsetType = UNSET
    failure: str | UnsetType = UNSET
    raw: RawAnswer | UnsetType = UNSET

    def __post_init__(self) -> None:
        """Refuse a time that no clock shows, with a ``ValueError``."""
        _check(self.at)


class Twin(Part):
    """The run of production that a twin is a copy of.

    Attributes:
        run: its id.
        id: the twin's own, another one after each start and reset.
        account, region: that it observed; "" where it does not say.
        at: when that was (ISO 8601).
        plan: that it made of this identity; ``None`` for none.
        procedure: that the plan is of.
        servers: the name servers that it asked, in their order in the twin.
        began: when the run in the twin began, by this machine's clock (UTC, ISO 8601): the twin's goes its own way.
        sha256: of the description that the twin was made of.
    """

    run: str
    id: str
    account: str
    region: str
    at: str
    plan: Plan | None
    servers: tuple[str, ...]
    began: str
    sha256: str = ""
    procedure: str = "rotate"


def _check(at: datetime) -> None:
    if at.year not in YEARS:
        raise ValueError("a time that no clock shows")


def _tag(name: str) -> str:
    """Return ``write-intended`` for ``WriteIntended``."""
    return re.sub(r"(?<!^)(?=[A-Z])", "-", name).lower()


class Event(Struct, kw_only=True, forbid_unknown_fields=True, tag_field="event", tag=_tag):
    """One line of a journal.

    Attributes:
        n: number of the line, from 0.
        at: when it was written, by the run's clock.
        previous_line: SHA-256 (hex) of the line before, its line feed included; 64 zeros in the first line.
        calls: the calls to AWS made since the last event.
    """

    n: Annotated[int, Meta(ge=0)]
    at: Time
    previous_line: Sha256
    calls: tuple[Call, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a time that no clock shows, with a ``ValueError``."""
        _check(self.at)


class Durable(Event):
    """An event that is on the disk before the run goes on, and with it all events before it.

    What is about to be done is there before it is done, and what came back after; so are a run's ends.
    """


class Shown(Part):
    """The digest of one output of the notebook.

    Attributes:
        step: whose cell shows it; ``headline`` for the first cell.
        output: its place in the cell, from 0, or ``error`` for the error that ends it.
        sha256: of the canonical JSON of its MIME bundle, or of the error's type and text.
        perhaps: the run may have been stopped before it showed this.
    """

    step: str
    output: int | str
    sha256: Sha256
    perhaps: bool = False


class Accepted(Part):
    """AWS's answer to a write: its request id, and the HTTP status."""

    request_id: str
    status: int


class Refusal(Part):
    """Why a write has no good answer. AWS's messages are left out: they may quote what was given.

    Attributes:
        code: AWS's code, or the type of the error where no answer came.
        status: HTTP status, 0 without an answer.
        request_id: AWS's, "" without an answer.
        unclear: whether the write may have been made all the same.
        message: of the zone's keeper; "" for any other write.
        operation: AWS's name of it.
    """

    code: str
    status: int
    request_id: str
    unclear: bool
    message: str = ""
    operation: str = ""


class Unsuccessful(Part):
    """A read or a message that AWS refused: operation and code."""

    operation: str
    code: str


class Asker(Part):
    """The run whose record asked for what another run publishes.

    Attributes:
        run: its id.
        record: name of its notebook.
        head: SHA-256 (hex) of its journal's last line, "" where none holds.
    """

    run: str
    record: str
    head: str


class Beside(Part, omit_defaults=True):
    """Another earlier run of the identity that no run has named as it stands, or that never closed.

    Attributes:
        run: its id.
        head: SHA-256 (hex) of its journal's last line.
        gone: for one that never closed, whether no process wrote it any more.
    """

    run: str
    head: str
    gone: bool | UnsetType = UNSET

    @property
    def ended(self) -> bool:
        """Return whether it had closed by then, or no process wrote it any more."""
        return self.gone is not False


class Previous(Part, omit_defaults=True):
    """The newest earlier run of the identity, to which this one is chained, and what rotate's newest one left open.

    Attributes:
        run: its id.
        outcome: of that run; "" where it never closed.
        head: SHA-256 (hex) of its journal's last line.
        selector: that rotate's newest run was asked for.
        left_selector: that it left; "" where that was retired since.
        written_at: since when its write waits to be seen verified (ISO 8601), "" where none does.
        rotated: outcome of rotate's newest run, where that is another one; see ``came``.
        open_until: until when a write without a clear answer may still land (ISO 8601), and set ``open_selector``.
        gone: for one that never closed, whether no process wrote it any more.
        beside: other earlier runs that are named for the first time as they stand, or that never closed.
    """

    run: str
    outcome: str
    head: str
    selector: str
    left_selector: str
    written_at: str
    rotated: str | UnsetType = UNSET
    open_until: str = ""
    open_selector: str = ""
    gone: bool | UnsetType = UNSET
    beside: tuple[Beside, ...] = ()

    def __post_init__(self) -> None:
        """Refuse times that are none, with a ``ValueError``: what an unsigned journal says may stand here."""
        for at in filter(None, (self.written_at, self.open_until)):
            moment(at)

    @property
    def came(self) -> str:
        """Return the outcome of rotate's newest run; "" where it never closed."""
        return self.outcome if self.rotated is UNSET else self.rotated


#: What a run knows of those before it that follows none.
NO_RUN: Final = Previous(run="", outcome="", head="", selector="", left_selector="", written_at="")


class Problem(Part):
    """An error as people read it: what happened, what it means for mail, what to do next.

    ``type``: the error's class.
    """

    what: str
    means: str
    todo: str
    type: str = ""
