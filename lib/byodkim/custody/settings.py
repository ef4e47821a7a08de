"""What client and custodian tell each other: how to reach AWS, what to do, and what came of it."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Annotated, Any, Final, Generic, Literal, TypeVar

import msgspec
from msgspec import Meta, Struct

from byodkim.checks.facts import (
    Caller,
    Identity,
    KeyObject,
    KeyVersions,
    Secret,
    Server,
    Store,
    Unread,
)

Result = TypeVar("Result")

#: Exit status of a custodian that met part of a private key in its own reply.
LEAKED: Final = 3
#: Whoever asks for a signature chooses domain and selector, and no other part of the message.
Domain = Annotated[str, Meta(pattern=r"\A[A-Za-z0-9._-]{1,253}\Z")]
#: Source: SES API v2, DkimSigningAttributes (DomainSigningSelector).
Selector = Annotated[str, Meta(pattern=r"\A[A-Za-z0-9-]{1,63}\Z")]


class AwsSettings(Struct, frozen=True):
    """How to reach AWS.

    Attributes:
        region: of the identity.
        aws_profile: of the AWS configuration; "" for botocore's own chain.
        endpoint_url: another endpoint for every service; "" for AWS's own.
        store_region, store_profile: of secret and key object, where they are elsewhere.
        requests_per_second: pace of SES's control plane.
        clock_offset_s: seconds that a sandbox's clock is ahead of this machine's.
        sandbox: fixed credentials; nothing of the environment counts.
    """

    region: str
    aws_profile: str = ""
    endpoint_url: str = ""
    store_region: str = ""
    store_profile: str = ""
    requests_per_second: float = 1.0
    clock_offset_s: float = 0.0
    sandbox: bool = False


class SecretLayout(Struct, frozen=True):
    """Dotted paths in the secret's JSON, for a layout of one's own. "" is the usual path."""

    selector: str = ""
    record: str = ""
    key_path: str = ""


class KeyPlace(Struct, frozen=True):
    """Where a private key is. ``version``: a version of the object; "" for the newest."""

    bucket: str
    key: str
    version: str = ""

    @classmethod
    def at(cls, address: str) -> KeyPlace:
        """Return the place of an address such as ``s3://bucket/key?versionId=version``."""
        path, _mark, version = address.removeprefix("s3://").partition("?versionId=")
        bucket, _slash, key = path.partition("/")
        return cls(bucket, key, version)


class Refused(Exception):
    """Something that is not read, or not sent. ``code`` and ``detail`` are those of ``Unread``."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code)
        self.code, self.detail = code, detail


class PutAnswer(Struct, frozen=True, tag=True):
    """What became of the write's one attempt.

    Attributes:
        result: ``accepted``; ``rejected``: AWS said no, or nothing was sent, so nothing changed;
            ``unclear``: no answer, or one that leaves open whether the write was applied.
        code: AWS's error code or one of ours; "" where it was accepted.
        answer: DkimStatus and DkimTokens of the answer.
        request_id: AWS's.
    """

    result: Literal["accepted", "rejected", "unclear"]
    code: str = ""
    answer: dict[str, str] = {}
    request_id: str = ""


class DnsWriter(Struct, frozen=True):
    """Where key records are written.

    Attributes:
        kind: ``route53``, or ``rfc2136`` for dynamic updates.
        hosted_zone_id: of Route 53.
        server: the zone's primary, which takes updates.
        tsig_secret_id: secret of Secrets Manager with the TSIG key.
    """

    kind: Literal["route53", "rfc2136"]
    hosted_zone_id: str = ""
    server: Server = Server("", "")
    tsig_secret_id: str = ""


class ZoneRecord(Struct, frozen=True, tag=True):
    """What stands at a name, as the zone's master has it.

    Attributes:
        zone: name of the zone, without a final dot.
        values: of the TXT records, each in one piece.
        ttl: of the TXT records, in seconds; 0 without one.
        other: type of what stands there besides, such as CNAME; "" for nothing.
    """

    zone: str
    values: tuple[str, ...] = ()
    ttl: int = 0
    other: str = ""


class IdentityPage(Struct, frozen=True, tag=True):
    """A page of identities.

    Attributes:
        identities: name and kind of each; kinds as in ``Identity``.
        token: of the next page; "" after the last one.
    """

    identities: tuple[tuple[str, str], ...]
    token: str = ""


class DkimStates(Struct, frozen=True, tag=True):
    """Identities as SES's first API shows many of them at once: without kind, origin and fields."""

    identities: tuple[Identity, ...]


class Operation(Struct, Generic[Result], frozen=True, tag=True):
    """What the custodian can be asked for. ``Result`` is the type of the answer."""


class GetCaller(Operation[Caller | Unread], frozen=True):
    """Ask who signs the requests (STS GetCallerIdentity)."""


class GetIdentity(Operation[Identity | Unread], frozen=True):
    """Ask for the identity (SES GetEmailIdentity)."""

    domain: str


class GetSecret(Operation[Secret | Unread], frozen=True):
    """Ask what the secret says, without anything private (Secrets Manager GetSecretValue).

    ``layout``: dotted paths; ``None`` for the three documented layouts. ``domain``: leave out
    entries of other domains; "" for none.
    """

    secret_id: str
    layout: SecretLayout | None = None
    domain: str = ""


class GetKey(Operation[KeyObject | Unread], frozen=True):
    """Fetch the private key at a place. The answer is public."""

    place: KeyPlace


class GetKeyDate(Operation[KeyObject | Unread], frozen=True):
    """Ask since when a key object is there (S3 HeadObject). The key is not fetched."""

    place: KeyPlace


class ListIdentities(Operation[IdentityPage | Unread], frozen=True):
    """Ask for up to 1,000 identities of the Region (SES ListEmailIdentities).

    ``token``: as the page before told it.
    """

    token: str = ""


class GetDkimStates(Operation[DkimStates | Unread], frozen=True):
    """Ask for the DKIM states of up to 100 identities (SES v1 GetIdentityDkimAttributes)."""

    names: Sequence[str]


class SignMessage(Operation[str | Unread], frozen=True):
    """Sign a fixed test message, which is never sent, with the key of this fingerprint."""

    domain: Domain
    selector: Selector
    key_sha256: str


class PutSigningKey(Operation[PutAnswer], frozen=True):
    """Set a selector with the key of this fingerprint in SES, in one attempt."""

    domain: Domain
    selector: Selector
    key_sha256: str


class GetRecord(Operation[ZoneRecord | Unread], frozen=True):
    """Ask what stands at a name, where key records are written."""

    writer: DnsWriter
    name: Domain


class GetRecordChange(Operation[str | Unread], frozen=True):
    """Ask whether a change has reached every server of the writer: PENDING or INSYNC."""

    writer: DnsWriter
    change: str


class GetStore(Operation[Store | Unread], frozen=True):
    """Ask what a new selector meets in the key store. The entry is tried, and not stored."""

    secret_id: str
    domain: Domain
    selector: Selector
    place: KeyPlace


class GetKeyVersions(Operation[KeyVersions | Unread], frozen=True):
    """Ask which versions of a private key's object there are, and what key each holds."""

    place: KeyPlace


class DeleteKeyVersion(Operation[PutAnswer], frozen=True):
    """Delete a version of an object for good, in one attempt, if it holds this key.

    ``OtherKey``: it holds another one. ``NoSuchVersion``: it is gone already.
    """

    place: KeyPlace
    key_sha256: str


class MakeKey(Operation[KeyObject | Unread], frozen=True):
    """Make a key pair of RSA-2048, which exists in the custodian only."""


class StoreKey(Operation[PutAnswer], frozen=True):
    """Store the private key of this fingerprint where no object is, in one attempt."""

    place: KeyPlace
    key_sha256: str
    kms_key: str = ""


class EnterSelector(Operation[PutAnswer], frozen=True):
    """Store a pending version of the secret with the selector, in one attempt.

    ``base``: VersionId that must be AWSCURRENT.
    """

    secret_id: str
    base: str
    domain: Domain
    selector: Selector
    place: KeyPlace
    key_sha256: str


class PromoteSecret(Operation[PutAnswer], frozen=True):
    """Make the pending version of a selector current in the place of ``base``, in one attempt."""

    secret_id: str
    base: str
    selector: Selector
    key_sha256: str


class ChangeRecord(Operation[PutAnswer], frozen=True):
    """Remove one TXT record that stands alone, or nothing, and add one, or none, in one attempt.

    An accepted answer of Route 53 has ``Id`` and ``Status``: ask ``GetRecordChange`` until it is
    INSYNC. ``NotAsExpected``: something else stands there.
    """

    writer: DnsWriter
    name: Domain
    remove: str = ""
    add: str = ""
    ttl: int = 0


Read = (
    GetCaller | GetIdentity | GetSecret | GetKey | SignMessage | GetRecord | GetRecordChange
    | GetKeyVersions | GetStore | GetKeyDate | ListIdentities | GetDkimStates
)  # fmt: skip
Write = (
    PutSigningKey | ChangeRecord | StoreKey | EnterSelector | PromoteSecret | DeleteKeyVersion
)  # fmt: skip


class Message(Struct, frozen=True, tag=True):
    """A signed message."""

    text: str


Answer = (
    Caller | Identity | Secret | KeyObject | Store | Unread | Message | PutAnswer | ZoneRecord
    | IdentityPage | DkimStates | KeyVersions
)  # fmt: skip


class Request(Struct, frozen=True):
    """One line to the custodian. ``operation``: of ``Read``, or of ``Write`` if it may write."""

    id: int
    operation: msgspec.Raw


class Reply(Struct, frozen=True):
    """One line from the custodian. ``calls``: AWS calls that were made since the last line."""

    id: int
    answer: Answer
    calls: list[dict[str, Any]] = []


def version_for(base: str, selector: str, key_sha256: str) -> str:
    """Return the VersionId of the version with a selector's key that is made from ``base``."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"byodkim:{base}:{selector}:{key_sha256}"))
