"""Events of every procedure: how a run begins, what it saw, checked, planned and showed, and how it ended."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType, field

from second_edition.events.parts import Asker, Durable, Event, Part, Previous, Problem, Shown, Twin
from second_edition.messages import Language
from second_edition.plain import moment
from second_edition.rotation.approval import Overtaking, Presented, Use
from second_edition.rotation.facts import Facts, Store
from second_edition.rotation.findings import Finding
from second_edition.rotation.lock import Lock
from second_edition.rotation.observation import Caller as Who
from second_edition.rotation.observation import Identity, Observation
from second_edition.rotation.outcome import Outcome
from second_edition.rotation.plan import Plan
from second_edition.rotation.reading import Reading
from second_edition.rotation.rehearsal import Tried


class Parameter(Part):
    """A parameter in force, and its ``source``.

    ``parameter``, ``cell``, ``record``, ``profile``, ``sandbox`` or ``default``.
    """

    value: str
    source: str


class Zone(Part):
    """The reader's time zone: its name, and its offset from UTC in seconds."""

    name: str
    offset_s: Annotated[int, Meta(gt=-86400, lt=86400)]


class Code(Part):
    """Version of this program.

    Attributes:
        version: of the package.
        commit: of its git checkout, "" without one; ``dirty``: tracked files differ from it.
        lock_sha256: SHA-256 (hex) of requirements.lock there, "" without one.
    """

    version: str
    commit: str = ""
    dirty: bool = False
    lock_sha256: str = ""


class Keeping(Part):
    """Record how the profile wants the record archived.

    Attributes:
        seal_key: ARN of the KMS key that signs; "" for the user's local key.
        timestamp_url: RFC 3161 authority, "" for none.
        archive_s3: ``s3://bucket/prefix`` of the copies, "" for none.
        archive_retention_days: of S3 Object Lock, 0 for none.
    """

    seal_key: str
    timestamp_url: str
    archive_s3: str
    archive_retention_days: int


class Proving(Part):
    """By which message the switch is proved: a ``file``, or messages that the run sends.

    Attributes:
        file: name of the message's file.
        sender, recipient: addresses (``from`` and ``to``).
        inbox: ``s3://bucket/prefix`` where SES delivers them.
        messages: how many are sent.
        wait_s: seconds to wait for each.
    """

    file: str = ""
    sender: str = field(name="from", default="")
    recipient: str = field(name="to", default="")
    inbox: str = ""
    messages: int = 0
    wait_s: float = 0.0


class Begin(Durable, kw_only=True):
    """First event of a run: what was asked, by whom, with which code.

    Attributes:
        format: of the journal.
        run: id.
        procedure: ``rotate`` where it is not said.
        domain: the identity; "" in a campaign.
        account: AWS account that the profile allows, "" where it names none.
        target: ``aws``, ``twin`` or ``sandbox[:scenario]``.
        parameters: all in force, by name.
        selector: asked for.
        mode: ``plan`` or ``apply``.
        profile: section of byodkim.toml.
        language: of the texts for people; ``zone``: of their times.
        reason, ticket, requested_by: as given.
        waivers: reasons by ID of the check.
        approvals: how many are required to write; each counts for ``approvals_valid_days`` days.
        approvers: how many people the profile lists as such, where those are fewer.
        contacts: whom to turn to, by what they do; none where the profile names none.
        ttl: of the key record, in seconds.
        wait_minutes: for SES's verification; ``wait_dns_minutes``: for DNS; rollback_after_hours: 0 for never.
        late_write_seconds: for how long a write without a clear answer may still take effect.
        overlap_days: how long the old key record must stay.
        started_by: ``papermill``, ``jupyter`` or ``python``.
        record: name of the executed notebook, "" where it is not known; ``folder``: as its commands name it, in the
            folder ``below`` the project's.
        template: name of the notebook, with the SHA-256 (hex) of all its cells and of its code.
        keeping: how the record is archived.
        proving: by which message the switch is proved, where one is.
        python: version.
        previous: the run before this one; ``None`` for the first.
        shown: digest of the first output.
        code: version of this program.
        sandbox: id that a sandbox has from its start on; "" for AWS.
        twin: what the twin was made of, where the target is one; ``rehearsed``: by which run the change was.
        rehearsal: whether the profile requires one, of a campaign.
        of: the run whose DNS request is published, in publish.
        elsewhere: other accounts and Regions that the profile names, where the old key may sign longer.
        publisher: of key records, where the profile names another than ``request``.
    """

    format: Literal[1]
    run: str
    domain: str
    account: str
    target: str
    parameters: Mapping[str, Parameter]
    selector: str
    mode: str
    profile: str
    language: Language
    zone: Zone
    reason: str
    ticket: str
    requested_by: str
    ttl: int
    keeping: Keeping
    code: Code
    sandbox: str = ""
    waivers: Mapping[str, str]
    approvals: int
    approvals_valid_days: int
    wait_minutes: int
    rollback_after_hours: int
    late_write_seconds: Annotated[int, Meta(ge=0, le=86400)]
    overlap_days: Annotated[int, Meta(ge=0, le=36500)]
    wait_dns_minutes: int
    started_by: str
    record: str
    folder: str
    template: str
    template_sha256: str
    template_code_sha256: str
    python: str
    previous: Previous | None
    shown: tuple[Shown, ...]
    proving: Proving | UnsetType = UNSET
    approvers: int | UnsetType = UNSET
    contacts: Mapping[str, str] = {}
    procedure: str = "rotate"
    twin: Twin | UnsetType = UNSET
    rehearsed: Tried | UnsetType = UNSET
    rehearsal: Literal["required"] | UnsetType = UNSET
    of: Asker | UnsetType = UNSET
    elsewhere: tuple[str, ...] = ()
    publisher: Literal["route53", "rfc2136"] | UnsetType = UNSET
    below: str = ""

    def value(self, name: str) -> str:
        """Return a parameter in force; "" where the run has none of that name."""
        found = self.parameters.get(name)
        return found.value if found else ""


class Caller(Event):
    """Record who acts, as STS says; ``None`` where it could not be asked."""

    caller: Who | None


class Locked(Event, tag="lock"):
    """Record what came of taking the identity's lock."""

    lock: Lock


class Ready(Event):
    """Record whether the record can be archived, tried before a write.

    Attributes:
        tried: of ``key``, ``folder``, ``timestamp``, ``archive`` and ``heads``.
        faults: why it failed, by what failed.
        unknown: type of the error, by what could not be tried.
    """

    tried: tuple[str, ...]
    faults: Mapping[str, str]
    unknown: Mapping[str, str]


class Kept(Event):
    """An earlier run's missing seal, timestamp or copies, made up for.

    Attributes:
        of: name of its record and its id.
        sealed: whether it has a seal now.
        stamped: when a timestamp authority saw that (ISO 8601), "" for none.
        copies: where they are in the archive.
        faults: for people.
    """

    of: str
    sealed: bool
    stamped: str
    copies: tuple[str, ...]
    faults: tuple[str, ...]


class Observed(Event):
    """Record what the run saw of SES, of the key store and of DNS.

    Attributes:
        observation: all that every procedure looks at.
        store: besides, in prepare.
        retirement: besides, in retire.
    """

    observation: Observation
    store: Store | UnsetType = UNSET
    retirement: Facts | UnsetType = UNSET

    def __post_init__(self) -> None:
        """Refuse times that are none, with a ``ValueError``: later runs reckon with them."""
        Event.__post_init__(self)
        seen = self.observation
        for at in (seen.at, *(one.at for one in (*seen.dns.history, *seen.back_history))):
            moment(at)


class Checked(Event):
    """The checks, in the order in which they were made."""

    findings: tuple[Finding, ...]


class Planned(Event):
    """The plan. ``of``: in a campaign, the id of the run that made it."""

    plan: Plan
    of: str | UnsetType = UNSET


class Approvals(Event):
    """The approvals that were given.

    Attributes:
        required: how many there have to be.
        approvers: base64 of each Ed25519 public key, by name.
        presented: each file, and what it is.
        used: the run that an approval served already, by the SHA-256 (hex) of what was signed.
        overtaken: the run of another origin that wrote to SES after the campaign of this run was planned.
        unbegun: the campaign's run that did not begin this one, whose place in the plan was given all the same.
    """

    required: int
    approvers: Mapping[str, str]
    presented: tuple[Presented, ...]
    used: Mapping[str, Use]
    overtaken: Overtaking | UnsetType = UNSET
    unbegun: str | UnsetType = UNSET


class Read(Event):
    """The identity, read again. ``reading``: how, where it was read for several runs at once."""

    identity: Identity
    reading: Reading | UnsetType = UNSET


class Unread(Event):
    """A read that AWS refused: it is tried again, unless SES has no such identity (``GONE``)."""

    operation: str
    code: str


class ShownOutputs(Durable, tag="shown"):
    """Digests of the outputs that the run shows next."""

    shown: tuple[Shown, ...]


class Executed(Part):
    """Record how many code cells were executed, and the SHA-256 (hex) of their sources, and of the parameters' cell."""

    cells: int
    code_sha256: str
    injected_sha256: str


class Closed(Durable):
    """Last event of a run.

    Attributes:
        outcome: what it came to.
        error: that ended it; ``None`` for none.
        executed: the cells.
        shown: digests of what the last cell shows, and of the headline.
    """

    outcome: Outcome
    error: Problem | None
    executed: Executed | UnsetType = UNSET
    shown: tuple[Shown, ...] = ()
