"""The events of a journal.

Their fields are the journal's format, and their docstrings its documentation.

A line of a journal is one event in JSON, with ``event`` (its tag), ``n`` (from 0) and ``at`` (UTC).
Events are written in the order in which things happened; what has not happened yet is not in the
journal.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, TypeVar

import msgspec
from msgspec import Struct

from byodkim.checks.check import Finding
from byodkim.checks.world import Approval, Identity, Observation
from byodkim.words import Sentence


class Event(Struct, frozen=True, kw_only=True, tag_field="event", omit_defaults=True):
    """An event. ``n`` counts the journal's lines from 0; ``at`` is the run's time in UTC.

    Both are set by the journal.
    """

    n: int = -1
    at: datetime | None = None


E = TypeVar("E", bound=Event)


class Durable(Event, frozen=True, kw_only=True):
    """An event that is on the disk (fsync) before the run goes on."""


class Begun(Durable, frozen=True, kw_only=True, tag="begun"):
    """A run began. The first line of every journal.

    Attributes:
        run: id of the run, 16 hexadecimal digits.
        procedure: ``rotate``, ``prepare``, ``retire`` or ``fleet``.
        mode: ``plan`` or ``apply``.
        target: ``aws``, or ``sandbox/`` and which one: each sandbox has keys of its own.
        scenario: of the sandbox; "" for the plain one.
        account, region, domain, selector: what it is about, as the parameters and the profile have
            it.
        parameters: every parameter that was passed in, as text.
        settings: every setting that is in force, as text (after profile and defaults).
        operator: login name and host.
        reason, ticket, requested_by: as passed in.
        version: of byodkim; code: commit of the checkout, with ``+changed``, or "".
        folder: of the record, as seen from the folder in which the run was started.
        notebook: file name of the notebook that papermill writes; "" outside papermill.
        language, timezone: of the record.
        campaign: of a campaign's row, the name of the run that planned it; "" otherwise.
    """

    run: str
    procedure: str
    mode: str
    target: str
    account: str
    region: str
    domain: str
    selector: str
    parameters: dict[str, str]
    settings: dict[str, str]
    operator: str
    version: str
    scenario: str = ""
    reason: str = ""
    ticket: str = ""
    requested_by: str = ""
    code: str = ""
    notebook: str = ""
    folder: str = "outputs"
    language: str = "en"
    timezone: str = "UTC"
    campaign: str = ""


class Observed(Event, frozen=True, kw_only=True, tag="observed"):
    """Everything was read once. ``purpose``: ``plan``, ``write`` (again, before the write) or
    ``after``.
    """

    purpose: str
    observation: Observation


class Checked(Event, frozen=True, kw_only=True, tag="checked"):
    """The checks were evaluated on the last observation. ``rollback``: what the rollback's own
    checks came to.
    """

    findings: list[Finding]
    rollback: list[Finding] = []


class Planned(Durable, frozen=True, kw_only=True, tag="planned"):
    """The plan was made and shown.

    Attributes:
        digest: SHA-256 over the facts, hexadecimal. The write is one of them.
        facts: what the plan relies on, as text by name. Another value is another plan.
        writes: what it would change, one sentence each; empty where nothing is to be done.
        approvals: valid approvals of this digest.
    """

    digest: str
    facts: dict[str, str]
    writes: list[Sentence]
    approvals: list[Approval] = []


class Waiting(Event, frozen=True, kw_only=True, tag="waiting"):
    """The run waits.

    Attributes:
        what: ``dns``, ``ses``, ``late-write``, or ``pause`` between two waves.
        state: what was seen last.
        until: when waiting ends.
    """

    what: str
    state: str
    until: datetime


class WriteIntended(Durable, frozen=True, kw_only=True, tag="write-intended"):
    """A write is about to be sent. On the disk before the call.

    Attributes:
        operation: AWS operation or DNS update, e.g. ``PutEmailIdentityDkimSigningAttributes``.
        target: what it changes, e.g. the identity's domain.
        before, after: selector before and after.
        key_sha256: SHA-256 of the SubjectPublicKeyInfo, hexadecimal.
        seen: the identity as SES showed it directly before.
    """

    operation: str
    target: str
    before: str
    after: str
    key_sha256: str
    seen: Identity | None = None


class WriteAnswered(Durable, frozen=True, kw_only=True, tag="write-answered"):
    """The write's one attempt came to an end.

    Attributes:
        result: ``accepted``, ``rejected`` (AWS said no: nothing changed) or ``unclear`` (it may
            have been applied).
        code: AWS's error code; "" where it was accepted.
        answer: AWS's answer as text by field, e.g. DkimStatus and DkimTokens.
        request_id: AWS's.
    """

    operation: str
    result: str
    code: str = ""
    answer: dict[str, str] = {}
    request_id: str = ""


class ReadBack(Durable, frozen=True, kw_only=True, tag="read-back"):
    """After an unclear answer, SES was read until the write showed or could no longer arrive.

    Attributes:
        result: ``landed``, ``not-landed`` or ``not-known-yet``.
        identity: as SES showed it last.
    """

    operation: str
    result: str
    identity: Identity | None = None


class IdentitySeen(Event, frozen=True, kw_only=True, tag="identity-seen"):
    """SES was read after the write."""

    identity: Identity


class MessageJudged(Event, frozen=True, kw_only=True, tag="message-judged"):
    """A received message was judged. ``finding``: what it proves; ``sha256``: of the file."""

    sha256: str
    finding: Finding


class Requested(Event, frozen=True, kw_only=True, tag="requested"):
    """The DNS request was written. ``file``: name of the CSV; ``sha256``: of its bytes; ``name``,
    ``value``, ``ttl``. ``action``: ``publish`` or ``remove``.
    """

    file: str
    sha256: str
    name: str
    value: str
    ttl: int
    action: str = "publish"


class Called(Event, frozen=True, kw_only=True, tag="called"):
    """AWS calls that were made since the last such event: who was asked what, never the content.

    Each call has ``at``, ``service``, ``operation``, ``region``, ``status`` (HTTP), ``code`` (AWS's
    error code), ``request_id``, ``ms`` and ``retries``.
    """

    calls: list[dict[str, Any]]


class RowPlanned(Event, frozen=True, kw_only=True, tag="row-planned"):
    """A row of a campaign's table was observed, checked and planned.

    Attributes:
        line: of the table; its header is line 1.
        section: of the profile.
        wave: in which it is switched, from 1; 0 where it is not.
        facts, digest: of the row's plan, as ``planned`` has them.
        finding: the first that stops it; ``None`` for none.
        state: ``ready``, ``done`` (SES signs with the selector already) or ``stopped``.
        request: the key record's value where the DNS team has to publish it; "" otherwise.
    """

    line: int
    section: str
    wave: int
    facts: dict[str, str]
    digest: str
    state: str
    finding: Finding | None = None
    request: str = ""


class PlanTaken(Durable, frozen=True, kw_only=True, tag="plan-taken"):
    """A campaign applies the plan of a signed run. ``plan``: its name; ``head``: SHA-256 of its
    journal; ``wave``: the only one that is applied, 0 for all; ``rows``: how many these are.
    """

    plan: str
    head: str
    wave: int
    rows: int


class RowEnded(Durable, frozen=True, kw_only=True, tag="row-ended"):
    """The run of a row is closed and signed, or SES was seen to have what it asks for already.

    Attributes:
        line: of the table.
        domain, selector, section, region, previous: of the row; previous is the selector to
            go back to.
        outcome, headline: of the row's run.
        record, head: name of its record and SHA-256 of its journal; of an earlier run where this
            campaign had nothing to do.
        wrote: whether SES has or may have the selector by that record's run.
    """

    line: int
    domain: str
    selector: str
    section: str
    region: str
    previous: str
    outcome: str
    headline: Sentence
    record: str
    head: str
    wrote: bool = False


class Interrupted(Event, frozen=True, kw_only=True, tag="interrupted"):
    """Something ended the run before its last step. ``what``: the sentence that the operator was
    shown.
    """

    kind: str
    what: Sentence
    todo: Sentence | None = None


class Closed(Durable, frozen=True, kw_only=True, tag="closed"):
    """The run ended. The last line of a journal.

    Attributes:
        outcome: PLANNED, REFUSED, UNCHANGED, SWITCHED, SWITCHED-PENDING, FAILED (PREPARED,
            RETIRED).
        headline: the outcome in one sentence.
        previous_record: name of the folder's last sealed run; "" for the first.
        previous_head: SHA-256 of that run's journal file; "" for the first.
    """

    outcome: str
    headline: Sentence
    previous_record: str = ""
    previous_head: str = ""


AnyEvent = (
    Begun | Observed | Checked | Planned | Waiting | WriteIntended | WriteAnswered | ReadBack
    | IdentitySeen | MessageJudged | Requested | Called | RowPlanned | PlanTaken | RowEnded
    | Interrupted | Closed
)  # fmt: skip

_decoder: msgspec.json.Decoder[AnyEvent] = msgspec.json.Decoder(AnyEvent)


def of_kind(kind: type[E], events: Iterable[Event]) -> list[E]:
    """Return the events of one kind, in order."""
    return [event for event in events if isinstance(event, kind)]


def encode(event: Event) -> bytes:
    """Return an event as one line of JSON, without the line's end."""
    return msgspec.json.encode(event)


def decode(line: bytes) -> AnyEvent:
    """Return the event in a line.

    Raises:
        msgspec.ValidationError: the line is no event of this format.
        msgspec.DecodeError: the line is no JSON.
    """
    return _decoder.decode(line)
