"""SES as moto has it, with DKIM states and the two operations that moto lacks.

moto finds an operation's method by its name, so a missing operation is a missing method.
"""

from __future__ import annotations

import json
import re
from datetime import timedelta
from types import SimpleNamespace
from typing import Any, Final, cast

from moto.core.exceptions import JsonRESTError
from moto.ses.exceptions import InvalidParameterValue
from moto.ses.models import EmailIdentity, SESBackend, ses_backends
from moto.ses.responses import EmailResponse
from moto.sesv2.models import SESV2Backend, sesv2_backends
from moto.sesv2.responses import SESV2Response

from byodkim.sandbox.dkim_states import EASY_ZONE, RECHECK, SES, Dkim, public_key_of

SELECTOR: Final = re.compile(r"[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?")
PRIVATE_KEY: Final = re.compile(r"(?=.{1,20480}$)[a-zA-Z0-9+/]+={0,2}")
MOST_IDENTITIES_A_CALL: Final = 100


class Identity(EmailIdentity):
    """An identity with DKIM states."""

    def __init__(
        self,
        email_identity: str,
        tags: list[dict[str, str]] | None,
        dkim_signing_attributes: object | None,
        configuration_set_name: str | None,
    ) -> None:
        super().__init__(email_identity, tags, None, configuration_set_name)
        self.feedback_forwarding_status = True
        self.dkim = Dkim(email_identity, signing_enabled=self.identity_type == "DOMAIN")
        if dkim_signing_attributes:
            self.dkim.sign_with(*_signing_key(dkim_signing_attributes))
        elif self.identity_type == "DOMAIN":
            self.dkim.sign_with_easy_dkim()
        self._show()

    @property
    def get_response_object(self) -> dict[str, Any]:
        """Return the answer to GetEmailIdentity."""
        self._show()
        answer = {**super().get_response_object, "Tags": self.tags or []}
        return {**answer, "VerificationInfo": self.dkim.verification_info()}

    @property
    def list_response_object(self) -> dict[str, Any]:
        """Return this identity's row of ListEmailIdentities."""
        self._show()
        return super().list_response_object

    def _show(self) -> None:
        """Fill in the attributes that moto's answers are made from."""
        self.dkim_attributes = self.dkim.shown()
        self.verified_for_sending_status = self.sending_enabled = self.dkim.is_verified
        is_failed = self.dkim.status == "FAILED"
        self.verification_status = "SUCCESS" if self.dkim.is_verified else "PENDING"
        self.verification_status = "FAILED" if is_failed else self.verification_status


class BackendV1(SESBackend):
    """moto's SES, which holds the identities of both versions of the API."""

    _url_module = SimpleNamespace(
        url_bases=[r"https?://email\.(.+)\.amazonaws\.com"],
        url_paths={"{0}/$": EmailResponse.dispatch},
    )

    def create_email_identity_v2(
        self,
        email_identity: str,
        tags: list[dict[str, str]] | None,
        dkim_signing_attributes: object | None,
        configuration_set_name: str | None,
    ) -> Identity:
        """Create an identity, by default with Easy DKIM."""
        if email_identity in self.email_identities:
            raise JsonRESTError("AlreadyExistsException", f"{email_identity} already exists.")
        identity = Identity(email_identity, tags, dkim_signing_attributes, configuration_set_name)
        self.email_identities[email_identity] = identity
        return identity

    def get_identity_dkim_attributes(self, identities: list[str]) -> dict[str, dict[str, Any]]:
        """Return DKIM attributes of up to 100 identities, in the spellings of SES's first API."""
        if len(identities) > MOST_IDENTITIES_A_CALL:
            raise InvalidParameterValue("Identities has more than 100 members.")
        known = [self.email_identities.get(name) for name in identities]
        states = [each.dkim if isinstance(each, Identity) else Dkim("") for each in known]
        return {
            name: {
                "DkimEnabled": dkim.signing_enabled,
                "DkimVerificationStatus": dkim.status.title().replace("_", ""),
                "DkimTokens": dkim.tokens,
            }
            for name, dkim in zip(identities, states, strict=True)
        }


class Responses(SESV2Response):
    """moto's sesv2 with the two operations that it lacks."""

    def _identity(self) -> Identity:
        name = self._get_param("EmailIdentity")
        return cast(Identity, self.sesv2_backend.get_email_identity(name))

    def delete_email_identity(self) -> str:
        """Refuse to delete what there is not."""
        self._identity()
        return super().delete_email_identity()

    def put_email_identity_dkim_attributes(self) -> str:
        """Switch signing on or off."""
        self._identity().dkim.signing_enabled = bool(json.loads(self.body).get("SigningEnabled"))
        return "{}"

    def put_email_identity_dkim_signing_attributes(self) -> str:
        """Set selector and key, or Easy DKIM. The answer says NOT_STARTED, a later GET PENDING."""
        dkim, asked = self._identity().dkim, json.loads(self.body)
        origin = asked.get("SigningAttributesOrigin", "")
        attributes = asked.get("SigningAttributes") or {}
        if "DomainSigningAttributesOrigin" in attributes or origin not in ("EXTERNAL", "AWS_SES"):
            raise _bad_request("The signing attributes origin is not one that can be set here.")
        if origin == "EXTERNAL":
            dkim.sign_with(*_signing_key(attributes))
            return json.dumps({"DkimStatus": "NOT_STARTED", "DkimTokens": dkim.tokens})
        dkim.sign_with_easy_dkim()
        answer = {"DkimStatus": "NOT_STARTED", "DkimTokens": dkim.tokens}
        return json.dumps({**answer, "SigningHostedZone": EASY_ZONE})


class BackendV2(SESV2Backend):
    """moto's sesv2 backend, answered by ``Responses``."""

    _url_module = SimpleNamespace(
        url_bases=[r"https?://email\.(.+)\.amazonaws\.com"],
        url_paths={"{0}/v2/(?P<path>.+)$": Responses.dispatch},
    )


ses_backends.backend = BackendV1
sesv2_backends.backend = BackendV2


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
        for _account, region, backend in ses_backends.iter_backends()
        for identity in cast(BackendV1, backend).email_identities.values()
        if isinstance(identity, Identity)
    ]


def tick() -> None:
    """Let every identity do what its time has come for."""
    with SES.lock:
        for _region, each in identities():
            each.dkim.pass_time(SES.now())


def advance(by: timedelta) -> None:
    """Move the clock forward, hour by hour, so that SES looks at DNS in between."""
    with SES.lock:
        while by > timedelta():
            step = min(by, RECHECK)
            SES.offset, by = SES.offset + step, by - step
            tick()


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
    if "NextSigningKeyLength" in attributes:
        raise _bad_request("NextSigningKeyLength belongs to Easy DKIM.")
    if not SELECTOR.fullmatch(selector):
        raise _bad_request("Member domainSigningSelector must satisfy its pattern.")
    if not PRIVATE_KEY.fullmatch(private_key):
        raise _bad_request("Member domainSigningPrivateKey must satisfy its pattern.")
    return selector, public_key_of(private_key)
