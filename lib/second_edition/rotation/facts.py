"""Define what prepare and retire see besides an observation: the key store, and the selector that was left."""

from __future__ import annotations

from msgspec import Struct, field

from second_edition.dkim.published import Answer
from second_edition.rotation.naming import Named
from second_edition.rotation.observation import Identity

REVOKE, REMOVE = "revoke", "remove"
KEEP, DELETE, EXPIRE = "keep", "delete", "expire"


class Staged(Struct, frozen=True, forbid_unknown_fields=True):
    """The versions of the secret by their stages: ids, "" where there is none.

    ``pending_value`` and ``pending_path`` are what AWSPENDING says of the selector, "" where it does not name it.
    """

    current: str = ""
    previous: str = ""
    pending: str = ""
    pending_value: str = ""
    pending_path: str = ""


class Store(Struct, frozen=True, forbid_unknown_fields=True):
    """The key store beside what an ``Observation`` holds of it.

    Attributes:
        named: the selector, and how it was found.
        bucket, key: where its private key belongs; where one stands already, that is where it stands.
        kms_key: the key in KMS by which it is encrypted, "" for the bucket's own setting.
        secret_id: the secret.
        staged: its versions.
        unfit: why no entry can be added to the version in force: a code, and the fields' names; "" where one can.
    """

    named: Named
    bucket: str
    key: str
    kms_key: str
    secret_id: str
    staged: Staged
    unfit: str = ""

    @property
    def place(self) -> str:
        """Return the key object's address."""
        return f"s3://{self.bucket}/{self.key}"


class Policy(Struct, frozen=True, forbid_unknown_fields=True):
    """Hold the profile's settings for retiring: see ``second_edition.settings``.

    Attributes:
        publisher: who writes the zone.
        secret: says nothing any more: the secret's entry is always kept.
    """

    overlap_days: int = 7
    by: str = REVOKE
    key: str = KEEP
    publisher: str = "request"
    secret: str = KEEP

    @property
    def asks(self) -> bool:
        """Return whether other people write the zone."""
        return self.publisher == "request"


class Elsewhere(Struct, frozen=True, forbid_unknown_fields=True):
    """The identity in another Region: ``None`` where SES knows none there; ``unread``: why it could not be read."""

    region: str
    identity: Identity | None = None
    unread: str = ""


class Left(Struct, frozen=True, forbid_unknown_fields=True):
    """Since when the selector is out of use, as far as anything tells. Times in ISO 8601, "" where nothing does.

    Attributes:
        last_active: when SES was last seen to sign with it.
        verified_at: when SES was first seen, after that, to sign with another one that it had verified.
        run: that saw it; "" where it is the present one.
        source: ``archive`` (it saw the switch), ``seen`` (it saw only the time after), ``sandbox`` (its scenario says)
            or ``now`` (this run is the first to look).
    """

    last_active: str = ""
    verified_at: str = ""
    run: str = ""
    source: str = "now"


class ObjectVersion(Struct, frozen=True, forbid_unknown_fields=True):
    """One version of the key object. ``sha256``: of the public key inside, "" where it holds no usable key."""

    version_id: str
    modified: str
    latest: bool
    sha256: str
    defect: str = ""


class Counted(Struct, frozen=True, forbid_unknown_fields=True):
    """Messages that bore a signature by the selector: ``day`` is the last one of the report's time, ISO 8601."""

    day: str
    messages: int
    reporter: str


class Reports(Struct, frozen=True, forbid_unknown_fields=True):
    """Hold what DMARC aggregate reports tell. ``folder`` is "" where none are read.

    Attributes:
        folder: as the profile names it.
        read: how many reports were read; ``unread``: the names of files that were not.
        counted: by day and reporter, oldest first.
        failure: why the folder could not be read.
    """

    folder: str = ""
    read: int = 0
    unread: tuple[str, ...] = ()
    counted: tuple[Counted, ...] = ()
    failure: str = ""


class Secret(Struct, frozen=True, forbid_unknown_fields=True):
    """Hold nothing: every journal of retire has these fields, and they say nothing."""

    name: str = ""
    versions: tuple[str, ...] = ()
    unfit: str = ""
    unread: str = ""


class Facts(Struct, frozen=True, forbid_unknown_fields=True):
    """Hold what was seen besides an ``Observation``.

    Attributes:
        policy: the profile's.
        elsewhere: the identity in the profile's other Regions.
        left: since when the selector is out of use.
        bucket, key: where its private key is, or would be; "" where that is not known.
        named_by: other selectors that the secret names with that very place.
        versions: of the key object; ``versions_unread``: why they could not be looked at.
        reports: what DMARC aggregate reports tell.
        secret: nothing.
        signing: where the identity signs by Easy DKIM, what every authoritative server has at its selectors' names.
        arriving: until when an earlier run's write without a clear answer may still set the selector (ISO 8601).
    """

    policy: Policy = Policy()
    elsewhere: tuple[Elsewhere, ...] = ()
    left: Left = Left()
    bucket: str = ""
    key: str = ""
    named_by: tuple[str, ...] = ()
    versions: tuple[ObjectVersion, ...] = ()
    versions_unread: str = ""
    reports: Reports = field(default_factory=Reports)
    secret: Secret = field(default_factory=Secret)
    signing: tuple[Answer, ...] = ()
    arriving: str = ""
