"""The DKIM states of one SES identity. SES looks for the key record in the sandbox's DNS.

    put -> NOT_STARTED -> PENDING -> SUCCESS <-> TEMPORARY_FAILURE
                             |                         |
                             +-------- 72 hours -------+-> FAILED, until the next put

Source: https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_DkimAttributes.html
"""

from __future__ import annotations

import base64
import secrets
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_private_key,
)
from msgspec import Struct, field

#: After this long without the key record SES gives up.
PATIENCE: Final = timedelta(hours=72)
#: A verified record is looked for again after this long.
RECHECK: Final = timedelta(hours=1)
EASY_ZONE: Final = "dkim.amazonses.com"
NEVER: Final = datetime.max.replace(tzinfo=UTC)


class Look(Struct):
    """What SES saw at a name: TXT records, or an error in SES's spelling; and the zone's SOA."""

    texts: list[bytes] = []
    error: str = ""
    soa: dict[str, object] = {}


class Ses:
    """What all identities share. moto keeps its state in the process: one process, one world.

    Attributes:
        lock: held while AWS calls are carried out and while time passes.
        offset: how far the sandbox's clock is ahead.
        verify_after_s: seconds until SES looks for a record, and between such looks.
        calls_per_second: pace of the control plane in each Region; AWS has 1; 0 is no limit.
        look_up: looks for the TXT records at a name.
    """

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.offset = timedelta()
        self.verify_after_s, self.calls_per_second = 1.0, 0.0
        self.look_up: Callable[[str], Look] = _look_nowhere

    def now(self) -> datetime:
        """Return the sandbox's time, in UTC."""
        return datetime.now(UTC) + self.offset


def _look_nowhere(_: str) -> Look:
    return Look(error="DNS_SERVER_ERROR")


SES: Final = Ses()


class Dkim(Struct):
    """The DKIM side of one identity.

    Attributes:
        domain: the signing domain.
        tokens: DkimAttributes.Tokens.
        origin: ``EXTERNAL`` or ``AWS_SES``.
        status, signing_enabled: as GetEmailIdentity shows them.
        public_key: of the key that was put, SubjectPublicKeyInfo in base64; "" never verifies.
        since: when SES began to look for the record: at the last put, or when it was lost.
        next_look: when SES looks at DNS again.
        is_verified: whether the identity may send.
        checked, succeeded: when SES last looked, and last found the record.
        look: what it saw then.
    """

    domain: str
    tokens: list[str] = []
    origin: str = "AWS_SES"
    status: str = "NOT_STARTED"
    signing_enabled: bool = False
    public_key: str = ""
    since: datetime = NEVER
    next_look: datetime = NEVER
    is_verified: bool = False
    checked: datetime | None = None
    succeeded: datetime | None = None
    look: Look = field(default_factory=Look)

    def pass_time(self, now: datetime) -> None:
        """Do what SES does until ``now``."""
        if self.origin != "EXTERNAL" or self.status == "FAILED":
            return
        if now >= self.next_look:
            self._look_at_dns(now)
        if self.status != "SUCCESS" and now >= self.since + PATIENCE:
            self.status, self.is_verified = "FAILED", False

    def _look_at_dns(self, now: datetime) -> None:
        self.look, self.checked = SES.look_up(f"{self.tokens[0]}._domainkey.{self.domain}"), now
        keys = [_published_key(text) for text in self.look.texts]
        if self.public_key and keys == [self.public_key]:
            self.verify(now)
            return
        self.look.error = self.look.error or "INVALID_VALUE"
        self.next_look = now + timedelta(seconds=SES.verify_after_s)
        if self.status == "SUCCESS":
            self.status, self.since = "TEMPORARY_FAILURE", now

    def sign_with(self, selector: str, public_key: str) -> None:
        """Begin to look for a selector's record, whatever was there before."""
        self.tokens, self.origin, self.public_key = [selector], "EXTERNAL", public_key
        self.since, self.status = SES.now(), "PENDING"
        self.next_look = self.since + timedelta(seconds=SES.verify_after_s)
        self.look = Look()

    def verify(self, now: datetime) -> None:
        """Note that the record was found."""
        self.status, self.is_verified = "SUCCESS", True
        self.checked = self.succeeded = now
        self.next_look = now + RECHECK

    def sign_with_easy_dkim(self) -> None:
        """Go over to Easy DKIM. It stays PENDING: its CNAME records are not in the zone."""
        self.tokens, self.origin = [secrets.token_hex(16) for _ in range(3)], "AWS_SES"
        self.status, self.public_key = "PENDING", ""

    def shown(self) -> dict[str, Any]:
        """Return DkimAttributes of GetEmailIdentity."""
        shown = {
            "SigningEnabled": self.signing_enabled,
            "Status": self.status,
            "Tokens": self.tokens,
            "SigningAttributesOrigin": self.origin,
        }
        if self.origin != "EXTERNAL":
            length = "RSA_2048_BIT"
            shown |= {"NextSigningKeyLength": length, "CurrentSigningKeyLength": length}
            shown |= {"SigningHostedZone": EASY_ZONE}
        return shown

    def verification_info(self) -> dict[str, Any]:
        """Return VerificationInfo of GetEmailIdentity."""
        info: dict[str, Any] = {"SOARecord": self.look.soa} if self.look.soa else {}
        if self.checked:
            info["LastCheckedTimestamp"] = self.checked.timestamp()
        if self.succeeded:
            info["LastSuccessTimestamp"] = self.succeeded.timestamp()
        if self.look.error:
            info["ErrorType"] = self.look.error
        return info


def public_key_of(private_key: str) -> str:
    """Return the public key of a private key, both DER in base64; "" where SES cannot use it."""
    try:
        key = load_der_private_key(base64.b64decode(private_key), None)
    except (ValueError, TypeError):
        return ""
    is_usable = isinstance(key, RSAPrivateKey) and 1024 <= key.key_size <= 2048
    return base64_of(key.public_key()) if is_usable else ""


def base64_of(public_key: PublicKeyTypes) -> str:
    """Return the SubjectPublicKeyInfo in base64."""
    der = public_key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(der).decode()


def _published_key(record: bytes) -> str:
    """Return the ``p`` tag of an RSA key record (RFC 6376 section 3.6.1); "" for any other text."""
    pairs = [part.partition("=") for part in record.decode("latin-1").split(";")]
    tags = {name.strip(): "".join(value.split()) for name, _, value in pairs}
    is_rsa = tags.get("v", "DKIM1") == "DKIM1" and tags.get("k", "rsa") == "rsa"
    return tags.get("p", "") if is_rsa else ""
