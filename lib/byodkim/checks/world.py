"""What a run observes, as typed facts.

The edges (``aws``, ``dns``, ``record``) fill these in; checks only read them.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Literal

from msgspec import Struct

Mode = Literal["plan", "apply"]


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


class Server(Struct, frozen=True, order=True):
    """One address of an authoritative name server."""

    name: str
    address: str
    port: int = 53

    def __str__(self) -> str:
        """Return name and address, e.g. ``ns1.example.jp (192.0.2.53)``."""
        address = f"[{self.address}]" if ":" in self.address and self.port != 53 else self.address
        place = address if self.port == 53 else f"{address}:{self.port}"
        return place if self.name in ("", self.address) else f"{self.name} ({place})"


class Answer(Struct, frozen=True):
    r"""What one server said of one name's TXT records.

    Attributes:
        server: who was asked.
        name: the name asked for, without a final dot.
        failure: why there is no usable answer: ``timeout``, ``unreachable``, ``malformed``,
            ``truncated`` (TCP gave no answer); "" where there is one.
        rcode: ``NOERROR``, ``NXDOMAIN``, ``SERVFAIL``, ``REFUSED`` and so on; "" without an answer.
        authoritative: whether the AA bit is set.
        texts: the TXT records at the name, each as its character-strings. A byte outside ASCII is
            spelled ``\xNN``.
        cname: the target of a CNAME at the name; "" for none.
        ttl: of the TXT records, in seconds.
        serial: of the zone's SOA at this server.
        negative_ttl: seconds for which "no such record" may be cached: min(SOA TTL, SOA MINIMUM),
            RFC 2308 section 5.
        transport: ``udp`` or ``tcp``.
        ms: milliseconds until the answer.
    """

    server: Server
    name: str
    failure: str = ""
    rcode: str = ""
    authoritative: bool = False
    texts: tuple[tuple[str, ...], ...] = ()
    cname: str = ""
    ttl: int | None = None
    serial: int | None = None
    negative_ttl: int | None = None
    transport: str = "udp"
    ms: int = 0


class Zone(Struct, frozen=True, tag=True):
    """The zone that holds the signing domain's key records, and who serves it.

    Attributes:
        name: of the zone, without a final dot; "" where the name servers were given by hand.
        servers: every address of every name server.
        unresolved: name servers without an address.
        parent: the NS names that the parent zone gives; child: those that the zone itself gives.
        given: whether ``nameservers`` of the profile or a parameter named the servers.
        unasked: addresses that this machine has no route to, such as IPv6 without IPv6. They are
            not in ``servers``.
    """

    name: str
    servers: tuple[Server, ...]
    unresolved: tuple[str, ...] = ()
    parent: tuple[str, ...] = ()
    child: tuple[str, ...] = ()
    given: bool = False
    unasked: tuple[Server, ...] = ()


class ResolverAnswer(Struct, frozen=True):
    """What one recursive resolver said of the requested key record.

    It informs; authoritative servers decide.

    Attributes:
        address: of the resolver.
        rcode: with DNSSEC checked, "" without an answer.
        rcode_unchecked: asked again with CD=1 after a SERVFAIL: NOERROR then means that the DNSSEC
            data are bogus.
        texts: as in ``Answer``.
    """

    address: str
    rcode: str = ""
    rcode_unchecked: str = ""
    texts: tuple[tuple[str, ...], ...] = ()

    @property
    def is_bogus(self) -> bool:
        """Return whether the resolver rejects the DNSSEC data of a name that exists (RFC 4035
        section 5.5).
        """
        return self.rcode == "SERVFAIL" and self.rcode_unchecked in ("NOERROR", "NXDOMAIN")


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


class OpenRun(Struct, frozen=True):
    """A run that was killed before it closed its record. Nothing in it is proved.

    Attributes:
        name: of its journal, without the ending.
        selector: the selector it asked for.
        intended_at: when it recorded that it was about to write to SES; ``None`` where it did not
            come so far.
        answered: whether the journal holds a clear answer to that write.
        before: the selector that it was about to replace.
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
    procedure: str = ""


class History(Struct, frozen=True):
    """Runs of this folder about the same identity, oldest first, and those that were killed."""

    runs: tuple[PastRun, ...] = ()
    unfinished: tuple[OpenRun, ...] = ()

    def keys_of(self, selector: str) -> set[str]:
        """Return the fingerprints of every key that a run saw or gave SES for a selector."""
        pairs = [(run.selector, run.key_sha256) for run in self.runs]
        pairs += [(run.previous, run.previous_key_sha256) for run in self.runs]
        return {sha256 for name, sha256 in pairs if name == selector and sha256}

    def worked(self, selector: str) -> list[PastRun]:
        """Return the runs that saw SES sign with a selector, verified."""
        return [
            run
            for run in self.runs
            if (run.selector == selector and run.verified_at)
            or (run.previous == selector and run.previous_status == "SUCCESS")
        ]

    def retired(self, selector: str) -> list[str]:
        """Return the names of the runs that retired a selector, in any account and Region."""
        return [r.name for r in self.runs if (r.outcome, r.selector) == ("RETIRED", selector)]

    def last_write(self) -> PastRun | None:
        """Return the newest run that gave SES a key."""
        return next((run for run in reversed(self.runs) if run.wrote), None)


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

    @property
    def is_switched(self) -> bool:
        """Return whether SES shows the requested selector already."""
        return (
            isinstance(self.identity, Identity)
            and self.identity.selector == self.requested.selector
        )

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


def names(servers: Iterable[Server]) -> list[str]:
    """Return servers as text, each once, in order."""
    return list(dict.fromkeys(str(server) for server in servers))
