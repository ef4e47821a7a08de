"""Define what a run saw: plain, frozen, JSON-able data. Nothing here holds or may hold a private key."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct, field

from second_edition.dkim.matrix import judge_together
from second_edition.dkim.published import Answer, Judgement, Verdict, judge
from second_edition.rotation.resolution import Resolution, Sighting

SUCCESS = "SUCCESS"
TEMPORARY = "TEMPORARY_FAILURE"  # it was SUCCESS, and SES no longer finds the key record
# Defects of a secret as a whole.
UNREADABLE = (
    "not-json", "binary", "no-entry", "no-path", "private-key-inside", "unlike-selector", "unlike-path",
    "unlike-bucket",
)  # fmt: skip
UNFETCHED = ("absent", "ambiguous", "two-buckets")  # defects of a key object that was not fetched
EXTERNAL = "EXTERNAL"
CHANGED_MEANWHILE = "ChangedMeanwhile"  # the code of a write that is not made, as SES shows another selector by now
UNREADABLE_ANSWER = "UnreadableAnswer"  # the code of an answer of AWS that is not such as its API describes


class Caller(Struct, frozen=True, forbid_unknown_fields=True):
    """Hold who acts, and where: STS GetCallerIdentity, the Region in force, and how far the clocks are apart."""

    account: str
    arn: str
    user_id: str
    partition: str
    region: str
    endpoint: str
    clock_skew_s: float | None = None


#: Who acts where STS could not be asked.
NOBODY = Caller("", "", "", "", "", "")


class Identity(Struct, frozen=True, forbid_unknown_fields=True):
    """An SES identity as GetEmailIdentity shows it. Spellings are SES's own.

    ``selectors`` is SES's ``Tokens``: one selector where the origin is EXTERNAL, three where it is Easy
    DKIM, and empty where SES does not say (unknown, not "none").
    Source: SES API v2, GetEmailIdentity, DkimAttributes and VerificationInfo.
    """

    name: str
    identity_type: str
    selectors: tuple[str, ...]
    status: str
    signing_enabled: bool | None
    signing_origin: str
    verified_for_sending: bool | None
    verification_status: str
    signing_hosted_zone: str = ""
    next_signing_key_length: str = ""
    current_signing_key_length: str = ""
    last_key_generation: str = ""
    last_checked: str = ""
    last_success: str = ""
    error_type: str = ""

    @property
    def selector(self) -> str:
        """Return the selector SES signs with, or "" where SES does not say or there is not exactly one."""
        return self.selectors[0] if len(self.selectors) == 1 else ""

    @property
    def signs(self) -> bool:
        """Return whether SES signs the domain's mail with your key: signing is enabled and the origin is EXTERNAL.

        Source: SES API v2, DkimAttributes, SigningEnabled and SigningAttributesOrigin.
        """
        return self.signing_enabled is True and self.signing_origin == EXTERNAL

    @property
    def easy(self) -> bool:
        """Return whether SES signs with its own keys (Easy DKIM): AWS_SES, or a Region's, as AWS_SES_US_EAST_1."""
        return self.signing_origin.startswith("AWS_SES")


class SecretVersion(Struct, frozen=True, forbid_unknown_fields=True):
    """The public part of one version of the secret: the entry of one selector, and what stands beside it.

    ``bucket`` is the secret's ``s3_bucket``, ``elsewhere`` the domains whose entry has the selector where this domain's
    has none. ``defect`` is "" or says why the version could not be understood (``not-json``, ``binary``, ``no-entry``,
    ``no-path``, ``selector-absent``, ``selector-twice``, ``two-values``, ``private-key-inside``, ``unlike-selector``,
    ``unlike-path``, ``unlike-bucket``).
    """

    name: str
    version_id: str
    stage: str
    created: str
    selectors: tuple[str, ...]
    dns_value: str = ""
    key_path: str = ""
    pending_version_id: str = ""
    defect: str = ""
    bucket: str = ""
    elsewhere: str = ""


class KeyObject(Struct, frozen=True, forbid_unknown_fields=True):
    """A key object in S3, one version of it, and the public side of the private key inside.

    ``form`` is ``PKCS#8 PEM``, ``PKCS#1 PEM``, ``PKCS#8 base64`` or ``PKCS#1 base64``; ``public_key`` is the
    SubjectPublicKeyInfo in base64, ``sha256`` its SHA-256 in hex, ``bits`` the length of the modulus. ``defect``
    is "" or ``absent``, ``ambiguous``, ``two-buckets``, ``empty``, ``too-large``, ``encrypted``, ``unreadable``,
    ``not-rsa``, ``wide-exponent``. ``etag`` is S3's ETag, which changes with the content in a bucket without versions
    too.
    """

    bucket: str
    key: str
    version_id: str = ""
    last_modified: str = ""
    size: int = 0
    form: str = ""
    bits: int = 0
    public_key: str = ""
    sha256: str = ""
    candidates: tuple[str, ...] = ()
    defect: str = ""
    etag: str = ""


class Stored(Struct, frozen=True, forbid_unknown_fields=True):
    """Hold what Secrets Manager and S3 hold for one selector. ``None``: could not be read (see the failures)."""

    selector: str
    secret: SecretVersion | None = None
    key: KeyObject | None = None


class Unread(Struct, frozen=True, forbid_unknown_fields=True):
    """Something that could not be read: never "absent", never "fine"."""

    what: str
    operation: str
    code: str
    message: str


class Rehearsed(Struct, frozen=True, forbid_unknown_fields=True):
    """Hold what one place's key record makes of the rehearsed message.

    ``where`` is ``secret`` or a name server, ``sha256`` that of the public key it gave ("" for the secret, or where it
    gave no sound one), ``defect`` is "" where the signature verifies.
    """

    where: str
    sha256: str
    defect: str


class Rehearsal(Struct, frozen=True, forbid_unknown_fields=True):
    """A message that the custodian signed with the next key, and what each key record makes of it."""

    message: str
    results: tuple[Rehearsed, ...]


class Used(Struct, frozen=True, forbid_unknown_fields=True):
    """A selector and the SHA-256 of the public key that SES was given for it, or signed with; ``run`` is who knows.

    ``worked``: SES was seen to sign with the selector, verified, while DNS served this key. ``place``: the S3 address
    of its private key then, "" where it is not known. ``unsigned``: no trusted key signed a run that tells of it, or
    that saw it work, if one did.
    """

    selector: str
    sha256: str
    run: str
    worked: bool = False
    place: str = ""
    unsigned: bool = False


class Observation(Struct, frozen=True, forbid_unknown_fields=True):
    """The identity, the stored keys and DNS as they stood at one time (``at``: UTC, ISO 8601).

    ``next_key`` belongs to the selector asked for, ``current_key`` to ``back_selector``: the one SES signs with, or,
    where that is the one asked for, the one that was left for it. ``records`` holds one answer an authoritative server
    and name; ``current_records`` the same for ``back_selector``, ``other_records`` for the other selectors that the
    secret names. ``used``: what earlier runs tell, ``given`` what SES was given last as far as they know; ``dns`` what
    was seen of DNS besides. ``back_rehearsal`` and ``back_history`` are for ``back_selector`` what ``rehearsal`` and
    ``dns.history`` are for the one asked for.
    ``reading``: how the identity was read, as a plain ``Reading``, where it was read for several runs at once.
    ``retired``: when an earlier run retired the selector asked for (ISO 8601), "" where none did; ``unsigned``: the
    newest run that saw it work since, and that no trusted key signed.
    ``leftovers``: files with private keys that the manual procedure left on the operator's machine.
    """

    at: str
    domain: str
    selector: str
    caller: Caller | None
    identity: Identity | None
    next_key: Stored
    current_key: Stored | None
    records: tuple[Answer, ...]
    current_records: tuple[Answer, ...]
    unread: tuple[Unread, ...] = field(default_factory=tuple)
    identity_absent: bool = False
    other_records: tuple[Answer, ...] = ()
    used: tuple[Used, ...] = ()
    given: Used | None = None
    rehearsal: Rehearsal | None = None
    dns: Resolution = field(default_factory=Resolution)
    reading: Mapping[str, Any] = field(default_factory=dict)
    back_selector: str = ""
    back_rehearsal: Rehearsal | None = None
    back_history: tuple[Sighting, ...] = ()
    retired: str = ""
    leftovers: tuple[str, ...] = ()
    unsigned: str = ""

    @property
    def current_selector(self) -> str:
        """Return the selector SES signs with, or "" where it is not known."""
        return self.identity.selector if self.identity else ""

    @property
    def goes_back(self) -> bool:
        """Return whether an earlier run, which a trusted key signed, saw the selector asked for work: a rollback."""
        return any(used.worked and not used.unsigned and used.selector == self.selector for used in self.used)

    @property
    def dns_answered(self) -> bool:
        """Return whether any server that was asked for the key record said something of it, "none" included."""
        authoritative = any(not judge(answer).unknown for answer in self.records)
        return authoritative or any(not judge(answer, recursive=True).unknown for answer in self.dns.encrypted)

    def judged(self, records: Sequence[Answer], sha256: str | None) -> list[tuple[Answer, Judgement]]:
        """Return the answers that count, each with its judgement by the key ``sha256`` (any sound key for ``None``).

        They are the authoritative servers', or the encrypted resolvers' where port 53 is blocked and the profile takes
        those as evidence. IPv6 addresses are left out where this machine has no IPv6 (which DNS-V6 says).
        """
        if self.dns.by_encrypted:
            return [(answer, judge(answer, sha256, recursive=True)) for answer in self.encrypted(records)]
        pairs = zip(records, judge_together(records, sha256, self.dns.followed), strict=True)
        return [(answer, judgement) for answer, judgement in pairs if judgement.verdict is not Verdict.NO_IPV6]

    def asked(self, records: Sequence[Answer]) -> frozenset[str]:
        """Return the addresses whose answers count, as ``judged`` tells."""
        return frozenset(str(answer.server) for answer, _ in self.judged(records, None))

    def encrypted(self, records: Sequence[Answer]) -> list[Answer]:
        """Return what resolvers answered over HTTPS or TLS to the question that ``records`` answer."""
        return [answer for answer in self.dns.encrypted if records and answer.name == records[0].name]

    def failure(self, what: str) -> Unread | None:
        """Return why ``what`` could not be read, if so."""
        return next((entry for entry in self.unread if entry.what == what), None)
