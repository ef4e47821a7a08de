"""SES's ``sesv2`` operations on domain identities, over the state machine in ``dkim_state``."""

from __future__ import annotations

import base64
import json
import secrets
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final
from urllib.parse import unquote

from second_edition.ses_sandbox import dkim_state, ses_query, ses_shapes
from second_edition.ses_sandbox.clock import SandboxClock
from second_edition.ses_sandbox.dkim_state import STANDING, WAITING, DkimState, Look, SigningKey
from second_edition.ses_sandbox.keys import make_key_pair, read_ses_key
from second_edition.ses_sandbox.knobs import Knobs
from second_edition.ses_sandbox.mail import Postman
from second_edition.ses_sandbox.ses_shapes import (
    DOMAIN,
    EASY_ZONE,
    KEY_LENGTHS,
    ServiceError,
    bad_request,
    not_implemented,
    one_of,
)

IDENTITY: Final = "{identity}"
ROUTES: Final = {
    ("POST", "identities"): "CreateEmailIdentity",
    ("GET", f"identities/{IDENTITY}"): "GetEmailIdentity",
    ("DELETE", f"identities/{IDENTITY}"): "DeleteEmailIdentity",
    ("PUT", f"identities/{IDENTITY}/dkim"): "PutEmailIdentityDkimAttributes",
    ("PUT", f"identities/{IDENTITY}/dkim/signing"): "PutEmailIdentityDkimSigningAttributes",
    ("POST", "list-identities"): "ListEmailIdentities",
    ("POST", "outbound-emails"): "SendEmail",
}


def route(method: str, path: str) -> tuple[str, str]:
    """Return operation and identity of a request, ("", "") for what the sandbox does not have.

    Args:
        method: the HTTP method.
        path: the path as it came, still percent-encoded.
    """
    parts = path.strip("/").split("/")
    if parts[:2] != ["v2", "email"]:
        return "", ""
    parts, name = parts[2:], ""
    if parts[0:1] == ["identities"] and len(parts) > 1:
        name, parts[1] = unquote(parts[1]), IDENTITY
    return ROUTES.get((method, "/".join(parts)), ""), name


class Ses:
    """The account's SES in one Region.

    Args:
        clock: the sandbox's time.
        knobs: the settings in force, asked anew for each call.
        look_up: asks DNS: (signing domain, owner name) to what it answered.
        publish: puts a TXT value at a name of SES's own zone.
        postman: takes mail that SES has accepted.
        blind: whether SES finds no key record of a key that it has yet to verify.
    """

    def __init__(
        self,
        clock: SandboxClock,
        knobs: Callable[[], Knobs],
        look_up: Callable[[str, str], Look],
        publish: Callable[[str, str], None],
        postman: Postman,
        blind: Callable[[], bool] = lambda: False,
    ) -> None:
        self.identities: dict[str, DkimState] = {}
        self._clock, self._knobs, self._look_up, self._publish = clock, knobs, look_up, publish
        self._postman, self._blind = postman, blind
        self._lock, self._counting = threading.RLock(), threading.Lock()
        self._recent: deque[float] = deque()

    def call(self, operation: str, identity: str, body: bytes) -> dict[str, Any]:
        """Return the answer to one request, as the members of its output shape.

        Raises:
            ServiceError: the error that SES answers with.
        """
        if not operation:
            raise not_implemented("The sandbox's SES has the DKIM operations on domain identities and SendEmail only.")
        try:
            members = json.loads(body) if body.strip() else {}
        except ValueError:
            members = None
        if not isinstance(members, dict):
            raise ServiceError("SerializationException", 400, "The body is not a JSON object.")
        if operation != "SendEmail":
            self._count()
        with self._lock:
            operations: dict[str, Callable[[str, dict[str, Any]], dict[str, Any]]] = {
                "CreateEmailIdentity": self._create,
                "GetEmailIdentity": self._get,
                "DeleteEmailIdentity": self._delete,
                "PutEmailIdentityDkimAttributes": self._put_enabled,
                "PutEmailIdentityDkimSigningAttributes": self._put_signing,
                "ListEmailIdentities": self._list,
                "GetIdentityDkimAttributes": self._batch,
                "SendEmail": self._send,
            }
            try:
                return operations[operation](identity.lower(), members)
            except (AttributeError, KeyError, TypeError, ValueError):
                # A member of the wrong type, somewhere inside: what it is must not be repeated.
                raise ServiceError("SerializationException", 400, "A member has the wrong type or form.") from None

    def observe(self, *, at_once: bool = False) -> None:
        """Let SES look at DNS where it is due. Called before and after whatever changes DNS or time."""
        with self._lock:
            for name in self.identities:
                self._observed(name, at_once=at_once)

    def clear(self) -> None:
        """Forget all identities and all calls."""
        with self._lock:
            self.identities.clear()
            self._recent.clear()

    def easy_key(self, bits: int = 2048) -> SigningKey:
        """Make a key pair as Easy DKIM does, published in SES's own zone under three tokens."""
        pair, tokens = make_key_pair(bits), tuple(secrets.token_hex(16) for _ in range(3))
        for token in tokens:
            self._publish(f"{token}.{EASY_ZONE}", pair.dns_value)
        return SigningKey(tokens, pair)

    @property
    def _interval(self) -> timedelta:
        return timedelta(seconds=self._knobs().check_interval)

    def _count(self) -> None:
        """Count a call as it comes, whatever it asks for and however long the one before it takes.

        No more than the limit in any second; one that is refused does not count.
        """
        limit = self._knobs().requests_per_second
        with self._counting:
            now = time.monotonic()
            while self._recent and self._recent[0] <= now - 1:
                self._recent.popleft()
            if limit and len(self._recent) >= limit:
                said = "Too many requests have been made to the operation."
                raise ServiceError("TooManyRequestsException", 429, said)
            self._recent.append(now)

    def _observed(self, name: str, *, at_once: bool = False) -> DkimState:
        if name not in self.identities:
            raise ServiceError("NotFoundException", 404, f"Email identity {name} does not exist.")

        state = self.identities[name]
        blind = self._blind() and state.status in WAITING

        def look_up(owner: str) -> Look:
            return Look(error="HOST_NOT_FOUND") if blind else self._look_up(name, owner)

        state = dkim_state.observed(state, self._clock.now(), look_up, self._interval, at_once=at_once)
        self.identities[name] = state
        return state

    def _get(self, name: str, _: dict[str, Any]) -> dict[str, Any]:
        return ses_shapes.identity(self._observed(name), self._knobs())

    def _delete(self, name: str, _: dict[str, Any]) -> dict[str, Any]:
        self._observed(name)
        del self.identities[name]
        return {}

    def _create(self, _: str, members: dict[str, Any]) -> dict[str, Any]:
        name = one_of(members, "EmailIdentity", str, default="").lower()
        if "@" in name:
            raise not_implemented("The sandbox's SES has domain identities only.")
        if not DOMAIN.fullmatch(name):
            raise bad_request(f"Invalid domain name {name}.")
        if name in self.identities:
            raise ServiceError("AlreadyExistsException", 400, f"Email identity {name} already exist.")
        attributes = one_of(members, "DkimSigningAttributes", dict, default={})
        given = "EXTERNAL" if "DomainSigningSelector" in attributes else "AWS_SES"
        origin = attributes.get("DomainSigningAttributesOrigin", given)
        key = self._key(origin, {k: v for k, v in attributes.items() if k != "DomainSigningAttributesOrigin"})
        state = dkim_state.put(None, name, origin, key, self._clock.now(), self._interval)
        self.identities[name] = state
        knobs = self._knobs()
        return {
            "IdentityType": "DOMAIN",
            "VerifiedForSendingStatus": ses_shapes.sendable(state, knobs),
            "DkimAttributes": ses_shapes.dkim_attributes(state, knobs),
        }

    def _put_enabled(self, name: str, members: dict[str, Any]) -> dict[str, Any]:
        state = self._observed(name)
        enabled = one_of(members, "SigningEnabled", bool, default=False)
        self.identities[name] = replace(state, signing_enabled=enabled)
        return {}

    def _put_signing(self, name: str, members: dict[str, Any]) -> dict[str, Any]:
        before = self._observed(name)
        origin = one_of(members, "SigningAttributesOrigin", str, default="")
        attributes = one_of(members, "SigningAttributes", dict, default={})
        if not origin:
            raise bad_request("SigningAttributesOrigin is needed.")
        if "DomainSigningAttributesOrigin" in attributes:
            raise bad_request("DomainSigningAttributesOrigin can only be given to CreateEmailIdentity.")
        key = self._key(origin, attributes)
        state = dkim_state.put(before, name, origin, key, self._clock.now(), self._interval)
        self.identities[name] = state
        answer = {"DkimStatus": state.status, "DkimTokens": list(key.selectors)}
        return answer if origin == "EXTERNAL" else answer | {"SigningHostedZone": EASY_ZONE}

    def _key(self, origin: str, attributes: dict[str, Any]) -> SigningKey:
        if origin == "EXTERNAL":
            selector, text = ses_shapes.signing_key_of(attributes)
            pair = read_ses_key(text)
            if pair is None and self._knobs().garbage_keys == "refused":
                raise bad_request("DomainSigningPrivateKey is not an RSA private key of 1024 to 2048 bits.")
            return SigningKey((selector,), pair)
        if origin != "AWS_SES":
            if origin.startswith("AWS_SES_"):
                raise not_implemented("The sandbox's SES has one Region: no replica of another one's Easy DKIM.")
            raise bad_request(f"SigningAttributesOrigin does not take {origin!r}.")
        if attributes.keys() & {"DomainSigningSelector", "DomainSigningPrivateKey"}:
            raise bad_request("A selector or a private key can only be given with EXTERNAL.")
        length = attributes.get("NextSigningKeyLength", "RSA_2048_BIT")
        if length not in KEY_LENGTHS:
            raise bad_request("NextSigningKeyLength takes RSA_1024_BIT or RSA_2048_BIT.")
        return self.easy_key(int(length.split("_")[1]))

    def _list(self, _: str, members: dict[str, Any]) -> dict[str, Any]:
        size = one_of(members, "PageSize", int, default=1000)
        token = one_of(members, "NextToken", str, default="")
        if not 1 <= size <= 1000:
            raise bad_request("PageSize is from 1 to 1000.")
        try:
            start = int(base64.b64decode(token, validate=True)) if token else 0
        except ValueError:
            raise bad_request("NextToken is not one that this operation gave.") from None
        names, knobs = sorted(self.identities), self._knobs()
        states = [self._observed(name) for name in names[start : start + size]]
        shown = [
            {
                "IdentityType": "DOMAIN",
                "IdentityName": state.domain,
                "SendingEnabled": ses_shapes.sendable(state, knobs),
                "VerificationStatus": ses_shapes.verification_status(state, knobs),
            }
            for state in states
        ]
        more = start + size < len(names)
        following = {"NextToken": base64.b64encode(str(start + size).encode()).decode()} if more else {}
        return {"EmailIdentities": shown} | following

    def _batch(self, _: str, members: dict[str, Any]) -> dict[str, Any]:
        return ses_query.attributes(self._observed, members, self._knobs())

    def _send(self, _: str, members: dict[str, Any]) -> dict[str, Any]:
        letter = self._postman.read(members)
        domain = letter.sender_domain
        known = [name for name in self.identities if domain == name or domain.endswith("." + name)]
        state = self._observed(max(known, key=len)) if known else None
        knobs = self._knobs()
        if state is None or not ses_shapes.sendable(state, knobs):
            raise ServiceError(
                "MessageRejected",
                400,
                "Email address is not verified. The following identities failed the check in region "
                f"{self._postman.region.upper()}: {letter.sender}",
            )
        key = dkim_state.signs_with(state, knobs.signing_while_pending, knobs.signing_when_verified)
        if key is not None and state.status in STANDING and knobs.signing_when_verified == "stranger":
            key = replace(key, pair=make_key_pair(1024))
        return {"MessageId": self._postman.send(letter, state.domain, key)}
