"""What a run observes, as typed facts.

The edges (``aws``, ``dns``, ``record``) fill these in; checks only read them.
"""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from byodkim.checks.past import History as History
from byodkim.checks.past import Mode as Mode
from byodkim.checks.past import OpenRun as OpenRun
from byodkim.checks.past import PastRun as PastRun
from byodkim.checks.past import Sighting as Sighting
from byodkim.checks.served import Answer as Answer
from byodkim.checks.served import ResolverAnswer as ResolverAnswer
from byodkim.checks.served import Server as Server
from byodkim.checks.served import Zone as Zone
from byodkim.checks.served import names as names


class Unread(Struct, frozen=True, tag=True):
    """Stand in the place of something that could not be read.

    Attributes:
        code: AWS's error code (``AccessDenied``), or one of ours (``Timeout``, ``Malformed``).
            Never AWS's text.
        detail: which part, e.g. a field of the secret; "" where the code says all.
    """

    code: str
    detail: str = ""


class Caller(Struct, frozen=True, tag=True):
    """Who signs the requests (STS GetCallerIdentity), and how far this machine's clock is ahead of
    AWS's, in seconds.
    """

    account: str
    arn: str
    clock_ahead_s: float = 0.0


class Identity(Struct, frozen=True, tag=True):
    """An SES identity as GetEmailIdentity shows it, in SES's own spellings.

    Attributes:
        domain: the identity's name.
        kind: ``DOMAIN`` or ``EMAIL_ADDRESS``.
        selectors: DkimAttributes.Tokens. Empty means not known (AWS's guide shows that), not
            "none".
        status: ``NOT_STARTED``, ``PENDING``, ``SUCCESS``, ``FAILED`` or ``TEMPORARY_FAILURE``.
        signing_enabled: whether SES signs with DKIM.
        origin: ``EXTERNAL`` is BYODKIM.
        fields: every field of the answer that a before/after table shows, as text, by its API name.
    """

    domain: str
    kind: str
    selectors: tuple[str, ...]
    status: str
    signing_enabled: bool
    origin: str
    fields: dict[str, str] = {}

    @property
    def selector(self) -> str:
        """Return the selector in use; "" where SES does not show exactly one."""
        return self.selectors[0] if len(self.selectors) == 1 else ""

    @property
    def signs(self) -> bool:
        """Return whether SES signs with a key of ours: signing is enabled and the origin is
        EXTERNAL.
        """
        return self.signing_enabled and self.origin == "EXTERNAL"


class Entry(Struct, frozen=True, tag=True):
    """What the secret says of one selector.

    Attributes:
        selector: its name.
        domain: the signing domain that the entry names; "" where it names none.
        record: the key record's value, ``dns_record.value``.
        bucket, path: where the private key is, by ``s3_key_path``; "" where it does not say.
    """

    selector: str
    domain: str = ""
    record: str = ""
    bucket: str = ""
    path: str = ""


class Secret(Struct, frozen=True, tag=True):
    """The secret in Secrets Manager, without anything private.

    Attributes:
        arn: of the secret.
        version: VersionId of AWSCURRENT.
        pending: VersionId of AWSPENDING where that is another version than AWSCURRENT; ""
            otherwise.
        layout: ``single``, ``selectors``, ``domains`` or ``profile`` (dotted paths of the profile).
        entries: what it says, one entry a selector.
        holds_private_key: whether a private key stands anywhere in the secret.
    """

    arn: str
    version: str
    layout: str
    entries: tuple[Entry, ...]
    pending: str = ""
    holds_private_key: bool = False


class Store(Struct, frozen=True, tag=True):
    """What a new selector meets in the key store.

    Attributes:
        versioning: of the bucket: ``Enabled``, ``Suspended`` or "".
        misfit: which part of the secret is why it takes no new entry; "" where it takes one.
        pending: what AWSPENDING says of the selector; ``None`` where it says nothing.
    """

    versioning: str
    misfit: str = ""
    pending: Entry | None = None


class KeyObject(Struct, frozen=True, tag=True):
    """An object in S3 and the public half of the private key in it.

    Attributes:
        bucket, key, version: the object; ``version`` is "" in a bucket without versioning.
        modified: LastModified.
        form: ``PKCS#8 PEM``, ``PKCS#1 PEM``, ``PKCS#8 base64`` or ``PKCS#1 base64``; "" where it is
            no usable key.
        bits: of the modulus.
        public_key: SubjectPublicKeyInfo, DER in base64; "" where it is no usable key.
        sha256: SHA-256 of that DER, hexadecimal.
        defect: ``empty``, ``encrypted``, ``unreadable``, ``not-rsa``, ``wide-exponent`` or
            ``too-large``; "" for none.
    """

    bucket: str
    key: str
    version: str
    modified: datetime | None = None
    form: str = ""
    bits: int = 0
    public_key: str = ""
    sha256: str = ""
    defect: str = ""

    @property
    def place(self) -> str:
        """Return the object's address, with its version where it has one."""
        pinned = f"?versionId={self.version}" if self.version else ""
        return f"s3://{self.bucket}/{self.key}{pinned}"


class KeyVersions(Struct, frozen=True, tag=True):
    """Every version of a private key's object, newest first."""

    versions: tuple[KeyObject, ...]


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


class Place(Struct, frozen=True):
    """What SES signs with in one account and Region.

    Attributes:
        account, region: where; ``account`` "" where nothing names it.
        named_by: section of the profile, or record, that names this place.
        identity: as SES shows it there.
        runs: sealed runs of this folder about the domain there, oldest first.
    """

    account: str
    region: str
    named_by: str
    identity: Identity | Unread
    runs: tuple[PastRun, ...] = ()


class Retirement(Struct, frozen=True):
    """What only a retirement reads.

    Attributes:
        elsewhere: every other account and Region that the profile or a sealed run names for this
            domain.
        versions: of the key object.
        unused: what the servers answer for a name that nobody uses, beside the key record's: a
            wildcard shows there.
        overlap_days: for which the record stays published after the switch.
        deletes: whether the key object's versions are to be deleted.
        writer: who removes the record: ``request``, ``route53`` or ``rfc2136``.
    """

    elsewhere: tuple[Place, ...]
    versions: KeyVersions | Unread
    unused: tuple[Answer, ...]
    overlap_days: int
    deletes: bool
    writer: str

    def holding(self, keys: set[str]) -> list[KeyObject]:
        """Return the versions of the key object that hold one of these keys."""
        versions = self.versions.versions if isinstance(self.versions, KeyVersions) else ()
        return [version for version in versions if version.sha256 in keys]


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
        store: what a new selector meets in the key store; ``None`` where the procedure makes none.
        approvals: valid approvals of that plan.
        retirement: what only a retirement reads.
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
    retirement: Retirement | None = None

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
