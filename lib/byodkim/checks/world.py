"""What a decision rests on: one observation, and what earlier runs of the same folder tell.

Checks only read it.
"""

from datetime import datetime
from typing import Literal

from msgspec import Struct

from byodkim.checks.facts import (
    Answer as Answer,
    Caller as Caller,
    Entry as Entry,
    Identity as Identity,
    KeyObject as KeyObject,
    KeyVersions as KeyVersions,
    ResolverAnswer as ResolverAnswer,
    Secret as Secret,
    Server as Server,
    Store as Store,
    Unread as Unread,
    Zone as Zone,
    names as names,
)

Mode = Literal["plan", "apply"]


#: SES shows these of a selector that it verified once.
HAS_WORKED = ("SUCCESS", "TEMPORARY_FAILURE")


class Sighting(Struct, frozen=True):
    """How the servers stood to one selector's key record when a run looked.

    Attributes:
        at: when.
        key_sha256: of the key that every server published; "" where not all of them published one
            and the same key.
        ttl: the longest TTL seen, in seconds.
        negative_ttl: the longest negative-caching time seen, in seconds.
    """

    at: datetime
    key_sha256: str
    ttl: int = 0
    negative_ttl: int = 0


class PastRun(Struct, frozen=True):
    """What a sealed run of the same folder tells later runs. It is the predicate of its seal.

    Attributes:
        name: of the record's files, without an ending.
        run: its id.
        procedure: ``rotate``, ``prepare``, ``retire`` or ``fleet``.
        mode, outcome: as the record says.
        target: ``aws``, or ``sandbox/`` and which one: each sandbox has keys of its own.
        account, region, domain: the identity.
        selector: the selector it asked for.
        previous: the selector that SES showed before; previous_status: the status that SES showed
            for it.
        key_sha256: the requested selector's key; previous_key_sha256: the previous one's.
        key_place, previous_key_place: ``s3://`` addresses of the key objects, with version.
        wrote: whether SES has or may have the key by this run.
        written_at: when the write was made.
        verified_at: when SES was first seen to have verified the requested selector; ``None`` where
            it was not.
        sightings: by selector, oldest first, one or two for each state.
        opened_at, closed_at: when the run began and ended.
        signer: fingerprint of the sealing key (filled in by whoever verified the seal).
    """

    name: str
    run: str
    procedure: str
    mode: Mode
    outcome: str
    target: str
    account: str
    region: str
    domain: str
    selector: str
    opened_at: datetime
    closed_at: datetime
    previous: str = ""
    previous_status: str = ""
    key_sha256: str = ""
    previous_key_sha256: str = ""
    key_place: str = ""
    previous_key_place: str = ""
    wrote: bool = False
    written_at: datetime | None = None
    verified_at: datetime | None = None
    sightings: dict[str, tuple[Sighting, ...]] = {}
    signer: str = ""

    @property
    def selector_after(self) -> str:
        """Return the selector that SES had after a rotation, as far as the run knew it; "" where it
        did not, and for other procedures.
        """
        if self.procedure not in ("rotate", "fleet"):
            return ""
        has_requested = self.wrote or self.outcome in ("UNCHANGED", "SWITCHED", "SWITCHED-PENDING")
        return self.selector if has_requested else self.previous


class OpenRun(Struct, frozen=True):
    """A run that was killed before it closed its record. Nothing in it is proved.

    Attributes:
        name: of its journal, without the ending.
        selector: the selector it asked for.
        intended_at: when it recorded that it was about to write to SES; ``None`` where it did not
            come so far.
        answered: whether the journal holds a clear answer to that write.
        before: the selector that it was about to replace.
        key_sha256: of the key that it was about to set.
        domain, account, region: the identity.
        procedure: that it was of.
    """

    name: str
    selector: str
    domain: str
    account: str
    region: str
    intended_at: datetime | None = None
    answered: bool = False
    before: str = ""
    key_sha256: str = ""
    procedure: str = ""


class History(Struct, frozen=True):
    """Runs of this folder about the same identity, oldest first, and those that were killed."""

    runs: tuple[PastRun, ...] = ()
    unfinished: tuple[OpenRun, ...] = ()

    @property
    def keys(self) -> list[tuple[str, str]]:
        """Return selectors and fingerprints of the keys that runs saw or gave SES for them."""
        requested = [(run.selector, run.key_sha256) for run in self.runs]
        return requested + [(run.previous, run.previous_key_sha256) for run in self.runs]

    def keys_of(self, selector: str) -> set[str]:
        """Return the fingerprints of every key that a run saw or gave SES for a selector."""
        return {sha256 for name, sha256 in self.keys if name == selector and sha256}

    def worked(self, selector: str) -> list[PastRun]:
        """Return the runs that saw SES sign with a selector, verified."""
        return [
            run
            for run in self.runs
            if (run.selector == selector and run.verified_at)
            or (run.previous == selector and run.previous_status in HAS_WORKED)
        ]

    def retired(self, selector: str) -> list[str]:
        """Return the names of the runs that retired a selector, in any account and Region."""
        return [r.name for r in self.runs if (r.outcome, r.selector) == ("RETIRED", selector)]

    def last_write(self) -> PastRun | None:
        """Return the newest run that gave SES a key."""
        return next((run for run in reversed(self.runs) if run.wrote), None)


class Side(Struct, frozen=True):
    """One of the two selectors: the requested one, or the one in use, which a rollback would
    request.

    Attributes:
        selector: its name; "" where SES does not show the one in use.
        entry: what the secret says of it; ``None`` where it says nothing.
        key: the key object.
        answers: of every authoritative server, for its key record.
        signed_message: a message that was signed with the private key and never sent; "" where
            there is no key.
        sightings: how earlier looks, of this run and of sealed runs, found its key record, oldest
            first.
    """

    selector: str
    entry: Entry | None = None
    key: KeyObject | Unread | None = None
    answers: tuple[Answer, ...] = ()
    signed_message: str = ""
    sightings: tuple[Sighting, ...] = ()

    @property
    def key_sha256(self) -> str:
        """Return the fingerprint of the key object's public key; "" where it could not be read."""
        return self.key.sha256 if isinstance(self.key, KeyObject) else ""


class Approval(Struct, frozen=True):
    """A valid approval of a plan: who gave it, when, in which file."""

    approver: str
    digest: str
    at: datetime
    file: str


class Lock(Struct, frozen=True):
    """The operators' lock: ``held`` by this run, or by ``holder``.

    A plan run takes none (``needed`` is false).
    """

    needed: bool = False
    held: bool = False
    holder: str = ""


class Wanted(Struct, frozen=True):
    """What a run was asked to do, after parameters and profile were read.

    Attributes:
        domain: the signing domain, in ASCII (A-labels).
        account, region: where runs are allowed; ``account`` "" where the profile names none.
        mode: plan or apply.
        waivers: reasons by check ID.
        approvals: how many people must have approved the plan.
        store_region: Region of secret and key object.
    """

    domain: str
    account: str
    region: str
    mode: Mode = "plan"
    waivers: dict[str, str] = {}
    approvals: int = 0
    store_region: str = ""


class Observation(Struct, frozen=True):
    """Everything that a decision rests on, as it was seen at one time.

    Attributes:
        at: when the last part of it was read.
        wanted: what was asked for.
        caller: who acts.
        identity: the SES identity.
        secret: the secret.
        requested: the selector asked for.
        current: the selector in use; where SES has the requested one already, the one in use
            before.
        zone: who serves the key records.
        resolvers: what recursive resolvers say of the requested key record.
        history: sealed runs of this folder about this identity.
        lock: the operators' lock.
        plan_digest: SHA-256 over the plan that follows from all this.
        plan_writes: whether that plan writes anything.
        store: what a new selector meets in the key store; ``None`` where the procedure makes none.
        approvals: valid approvals of that plan.
    """

    at: datetime
    wanted: Wanted
    caller: Caller | Unread
    identity: Identity | Unread
    secret: Secret | Unread
    requested: Side
    current: Side
    zone: Zone | Unread
    resolvers: tuple[ResolverAnswer, ...] = ()
    history: History = History()
    lock: Lock = Lock()
    plan_digest: str = ""
    approvals: tuple[Approval, ...] = ()
    store: Store | Unread | None = None
    plan_writes: bool = True

    def status_of(self, selector: str) -> str:
        """Return the status of a selector; "" where SES does not show it."""
        if not isinstance(self.identity, Identity) or self.identity.selector != selector:
            return ""
        return self.identity.status

    @property
    def is_switched(self) -> bool:
        """Return whether SES shows the requested selector already."""
        shown = self.identity.selector if isinstance(self.identity, Identity) else None
        return shown == self.requested.selector

    @property
    def was_at_work(self) -> bool:
        """Return whether a sealed run of this folder saw SES sign with the requested selector."""
        return bool(self.history.worked(self.requested.selector))

    @property
    def is_rollback(self) -> bool:
        """Return whether the requested selector was at work before, by a sealed run of this
        folder.
        """
        return not self.is_switched and self.was_at_work
