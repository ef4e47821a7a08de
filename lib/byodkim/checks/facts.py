"""What AWS, name servers and resolvers showed, as typed facts. The edges fill these in."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from msgspec import Struct

#: What SES takes as a selector (PutEmailIdentityDkimSigningAttributes, DomainSigningSelector).
SELECTOR: Final = r"[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"


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
    """

    address: str
    rcode: str = ""
    rcode_unchecked: str = ""

    @property
    def is_bogus(self) -> bool:
        """Return whether the resolver rejects the DNSSEC data of a name that exists (RFC 4035
        section 5.5).
        """
        return self.rcode == "SERVFAIL" and self.rcode_unchecked in ("NOERROR", "NXDOMAIN")


def names(servers: Iterable[Server]) -> list[str]:
    """Return servers as text, each once, in order."""
    return list(dict.fromkeys(str(server) for server in servers))
