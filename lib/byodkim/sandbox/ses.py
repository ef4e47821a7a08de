"""SES as moto has it, with DKIM states and the two operations that moto lacks. SES looks for key
records in the sandbox's DNS.

    put -> NOT_STARTED -> PENDING -> SUCCESS <-> TEMPORARY_FAILURE
                             |                         |
                             +-------- 72 hours -------+-> FAILED, until the next put

Source: https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_DkimAttributes.html
"""

import base64
import json
import re
import secrets
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final, cast

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_private_key as load_key,
)
from moto.core.exceptions import JsonRESTError
from moto.ses import models
from moto.ses.exceptions import InvalidParameterValue
from moto.ses.models import EmailIdentity, SESBackend, ses_backends
from moto.sesv2.responses import SESV2Response
from moto.sesv2.urls import url_paths

SELECTOR: Final = re.compile(r"[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?")
PRIVATE_KEY: Final = re.compile(r"(?=.{1,20480}$)[a-zA-Z0-9+/]+={0,2}")
MOST_IDENTITIES_A_CALL: Final = 100
#: After this long without the key record SES gives up.
PATIENCE: Final = timedelta(hours=72)
#: A verified record is looked for again after this long.
RECHECK: Final = timedelta(hours=1)
NEVER: Final = datetime.max.replace(tzinfo=UTC)


class Ses:
    """What all identities share. moto keeps its state in the process: one process, one world.

    Attributes:
        lock: held while AWS calls are carried out and while time passes.
        offset: how far the sandbox's clock is ahead.
        verify_after_s: seconds until SES looks for a record, and between such looks.
        calls_per_second: pace of the control plane in each Region; AWS has 1; 0 is no limit.
        look_up: returns the TXT records at a name, and an error in SES's spelling.
    """

    look_up: Callable[[str], tuple[list[bytes], str]]

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.offset = timedelta()
        self.verify_after_s, self.calls_per_second = 1.0, 0.0

    def now(self) -> datetime:
        """Return the sandbox's time, in UTC."""
        return datetime.now(UTC) + self.offset


SES: Final = Ses()


class Identity(EmailIdentity):
    """An identity with DKIM states.

    Attributes:
        tokens: DkimAttributes.Tokens.
        origin: ``EXTERNAL`` or ``AWS_SES``.
        status, signing_enabled: as GetEmailIdentity shows them.
        public_key: of the key that was put, SubjectPublicKeyInfo in base64; "" never verifies.
        since: when SES began to look for the record: at the last put, or when it was lost.
        next_look: when SES looks at DNS again.
        checked, succeeded: when SES last looked, and last found the record, in seconds.
        error: what was wrong then.
    """

    def __init__(self, dkim_signing_attributes: object | None, **given: Any) -> None:
        super().__init__(dkim_signing_attributes=None, **given)
        self.tags = self.tags or []
        self.feedback_forwarding_status = True
        self.signing_enabled = self.identity_type == "DOMAIN"
        self.tokens: list[str] = []
        self.origin, self.status, self.public_key, self.error = "AWS_SES", "NOT_STARTED", "", ""
        self.since = self.next_look = NEVER
        self.checked = self.succeeded = 0.0
        if dkim_signing_attributes:
            self.sign_with(*_signing_key(dkim_signing_attributes))
        elif self.identity_type == "DOMAIN":
            self.sign_with_easy_dkim()
        self._show()

    def pass_time(self, now: datetime) -> None:
        """Do what SES does until ``now``."""
        if self.origin != "EXTERNAL" or self.status == "FAILED":
            return
        if now >= self.next_look:
            self._look_at_dns(now)
        if self.status != "SUCCESS" and now >= self.since + PATIENCE:
            self.set_status("FAILED")

    def _look_at_dns(self, now: datetime) -> None:
        texts, error = SES.look_up(f"{self.tokens[0]}._domainkey.{self.email_identity}")
        self.checked = now.timestamp()
        if self.public_key and [_published_key(text) for text in texts] == [self.public_key]:
            self.set_status("SUCCESS")
            return
        self.error = error or "INVALID_VALUE"
        self.next_look = now + timedelta(seconds=SES.verify_after_s)
        if self.status == "SUCCESS":
            self.set_status("TEMPORARY_FAILURE")

    def set_status(self, status: str) -> None:
        """Come to a status. A verified identity may send until it fails."""
        now, self.status = SES.now(), status
        if status == "SUCCESS":
            self.verified_for_sending_status, self.error = True, ""
            self.checked = self.succeeded = now.timestamp()
            self.next_look = now + RECHECK
        else:
            self.since = now
            self.verified_for_sending_status &= status != "FAILED"

    def sign_with(self, selector: str, public_key: str) -> None:
        """Begin to look for a selector's record, whatever was there before."""
        self.tokens, self.origin, self.public_key = [selector], "EXTERNAL", public_key
        self.since, self.status, self.error = SES.now(), "PENDING", ""
        self.next_look = self.since + timedelta(seconds=SES.verify_after_s)

    def sign_with_easy_dkim(self) -> None:
        """Go over to Easy DKIM. It stays PENDING: its CNAME records are not in the zone."""
        self.tokens, self.origin = [secrets.token_hex(16) for _ in range(3)], "AWS_SES"
        self.status, self.public_key = "PENDING", ""

    @property
    def get_response_object(self) -> dict[str, Any]:
        """Return the answer to GetEmailIdentity."""
        self._show()
        info = {
            "LastCheckedTimestamp": self.checked,
            "LastSuccessTimestamp": self.succeeded,
            "ErrorType": self.error,
        }
        given = {name: value for name, value in info.items() if value}
        return {**super().get_response_object, "VerificationInfo": given}

    @property
    def list_response_object(self) -> dict[str, Any]:
        """Return this identity's row of ListEmailIdentities."""
        self._show()
        return super().list_response_object

    def _show(self) -> None:
        """Fill in the attributes that moto's answers are made from."""
        self.dkim_attributes = {
            "SigningEnabled": self.signing_enabled,
            "Status": self.status,
            "Tokens": self.tokens,
            "SigningAttributesOrigin": self.origin,
        }
        self.sending_enabled = self.verified_for_sending_status
        unverified = "FAILED" if self.status == "FAILED" else "PENDING"
        self.verification_status = "SUCCESS" if self.sending_enabled else unverified


def get_identity_dkim_attributes(backend: SESBackend, names: list[str]) -> dict[str, Any]:
    """Return DKIM attributes of up to 100 identities, in the spellings of SES's first API."""
    if len(names) > MOST_IDENTITIES_A_CALL:
        raise InvalidParameterValue("Identities has more than 100 members.")
    known = cast(dict[str, Identity], backend.email_identities)
    shown: dict[str, Any] = {
        name: {"DkimEnabled": False, "DkimVerificationStatus": "NotStarted", "DkimTokens": []}
        for name in names
    }
    for name in known.keys() & shown.keys():
        identity = known[name]
        status = identity.status.title().replace("_", "")
        shown[name] = {
            "DkimEnabled": identity.signing_enabled,
            "DkimVerificationStatus": status,
            "DkimTokens": identity.tokens,
        }
    return shown


def _asked(response: SESV2Response) -> tuple[Identity, dict[str, Any]]:
    """Return the identity that a call is about, and what the call asks for."""
    name = response._get_param("EmailIdentity")
    identity = cast(Identity, response.sesv2_backend.get_email_identity(name))
    return identity, json.loads(response.body)


def put_email_identity_dkim_attributes(response: SESV2Response) -> str:
    """Switch signing on or off."""
    identity, asked = _asked(response)
    identity.signing_enabled = bool(asked.get("SigningEnabled"))
    return "{}"


def put_email_identity_dkim_signing_attributes(response: SESV2Response) -> str:
    """Set selector and key. The answer says NOT_STARTED, a later GET PENDING."""
    identity, asked = _asked(response)
    if asked.get("SigningAttributesOrigin") != "EXTERNAL":
        raise _bad_request("The sandbox takes no origin but EXTERNAL here.")
    identity.sign_with(*_signing_key(asked.get("SigningAttributes") or {}))
    return json.dumps({"DkimStatus": "NOT_STARTED", "DkimTokens": identity.tokens})


# moto finds what it calls by name.
for operation in put_email_identity_dkim_attributes, put_email_identity_dkim_signing_attributes:
    setattr(SESV2Response, operation.__name__, operation)
setattr(SESBackend, get_identity_dkim_attributes.__name__, get_identity_dkim_attributes)
setattr(models, EmailIdentity.__name__, Identity)
url_paths["{0}/v2/(?P<path>.+)$"] = SESV2Response.dispatch


def identities_in(account: str, region: str) -> dict[str, Identity]:
    """Return the identities of one account and Region, by name. The dictionary is moto's own."""
    return cast(dict[str, Identity], ses_backends[account][region].email_identities)


def identity(domain: str, region: str, account: str) -> Identity:
    """Return an identity, created where there is none."""
    if domain not in identities_in(account, region):
        ses_backends[account][region].create_email_identity_v2(domain, None, None, None)
    return identities_in(account, region)[domain]


def identities() -> list[tuple[str, Identity]]:
    """Return every identity with its Region."""
    return [
        (region, identity)
        for account, region, _backend in ses_backends.iter_backends()
        for identity in identities_in(account, region).values()
    ]


def tick() -> None:
    """Let every identity do what its time has come for."""
    with SES.lock:
        for _region, each in identities():
            each.pass_time(SES.now())


def advance(by: timedelta) -> None:
    """Move the clock forward, hour by hour, so that SES looks at DNS in between."""
    with SES.lock:
        while by > timedelta():
            step = min(by, RECHECK)
            SES.offset, by = SES.offset + step, by - step
            tick()


def base64_of(public_key: PublicKeyTypes) -> str:
    """Return the SubjectPublicKeyInfo in base64."""
    der = public_key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(der).decode()


def _bad_request(message: str) -> JsonRESTError:
    return JsonRESTError("BadRequestException", message)


def _signing_key(attributes: Any) -> tuple[str, str]:
    """Return selector and public key of SigningAttributes.

    SES takes almost any base64. For what is no usable key, the public key is "".

    Raises:
        JsonRESTError: one of them does not match the documented pattern.
    """
    selector = str(attributes.get("DomainSigningSelector", ""))
    private_key = str(attributes.get("DomainSigningPrivateKey", ""))
    if not SELECTOR.fullmatch(selector):
        raise _bad_request("Member domainSigningSelector must satisfy its pattern.")
    if not PRIVATE_KEY.fullmatch(private_key):
        raise _bad_request("Member domainSigningPrivateKey must satisfy its pattern.")
    return selector, _public_key_of(private_key)


def _public_key_of(private_key: str) -> str:
    """Return the public key of a private key, both DER in base64; "" where SES cannot use it."""
    try:
        key = load_key(base64.b64decode(private_key), None)
    except (ValueError, TypeError):
        return ""
    is_usable = isinstance(key, RSAPrivateKey) and 1024 <= key.key_size <= 2048
    return base64_of(key.public_key()) if is_usable else ""


def _published_key(record: bytes) -> str:
    """Return the ``p`` tag of an RSA key record (RFC 6376 section 3.6.1); "" for any other text."""
    pairs = [part.partition("=") for part in record.decode("latin-1").split(";")]
    tags = {name.strip(): "".join(value.split()) for name, _, value in pairs}
    is_rsa = tags.get("v", "DKIM1") == "DKIM1" and tags.get("k", "rsa") == "rsa"
    return tags.get("p", "") if is_rsa else ""
