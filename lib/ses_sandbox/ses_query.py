"""SES's API v1, as far as it reads identities by the hundred: the Query protocol, a form in and XML out.

Source: SES API v1 reference, GetIdentityDkimAttributes; shapes: botocore's ``ses`` service model.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import parse_qsl
from xml.sax.saxutils import escape

from ses_sandbox.dkim_state import DkimState
from ses_sandbox.http_server import Environ
from ses_sandbox.knobs import Knobs
from ses_sandbox.ses_shapes import ServiceError, dkim_attributes

OPERATION: Final = "GetIdentityDkimAttributes"
NAMESPACE: Final = "http://ses.amazonaws.com/doc/2010-12-01/"
MOST: Final = 100
_MEMBER: Final = "Identities.member."
STATUSES: Final = {
    "NOT_STARTED": "NotStarted",
    "PENDING": "Pending",
    "SUCCESS": "Success",
    "FAILED": "Failed",
    "TEMPORARY_FAILURE": "TemporaryFailure",
}
# API v1 has other words for the same refusals, and another HTTP status.
_CODES: Final = {"TooManyRequestsException": ("Throttling", 400, "Rate exceeded")}


def attributes(observed: Callable[[str], DkimState], members: dict[str, Any], knobs: Knobs) -> dict[str, Any]:
    """The answer of GetIdentityDkimAttributes; an identity that there is none of is not in it.

    Raises:
        ServiceError: there are no names, or too many.
    """
    names = members["Identities"]
    if not 1 <= len(names) <= MOST:
        raise ServiceError("ValidationError", 400, f"Identities takes 1 to {MOST} names.")
    return {"DkimAttributes": {name: found for name in names if (found := _shown(observed, name, knobs))}}


def _shown(observed: Callable[[str], DkimState], name: str, knobs: Knobs) -> dict[str, Any] | None:
    try:
        told = dkim_attributes(observed(name.lower()), knobs)
    except ServiceError:
        return None
    return {
        "DkimEnabled": told["SigningEnabled"],
        "DkimVerificationStatus": STATUSES[told["Status"]],
        "DkimTokens": told["Tokens"],
    }


def asked(environ: Environ) -> bool:
    """Return whether a request to SES speaks the Query protocol."""
    return str(environ["CONTENT_TYPE"]).startswith("application/x-www-form-urlencoded")


def respond(call: Callable[[str, str, bytes], dict[str, Any]], environ: Environ) -> tuple[str, str, str, Any, bytes]:
    """Service, operation, HTTP status, headers and body of the answer to a request.

    Args:
        call: ``Ses.call``.
        environ: the request.
    """
    form = dict(parse_qsl(environ["wsgi.input"].read().decode("latin-1"), keep_blank_values=True))
    operation, request_id = form.get("Action", "-"), str(uuid.uuid4())
    try:
        if operation != OPERATION:
            raise ServiceError("InvalidAction", 400, f"The sandbox's SES has {OPERATION} of API v1 only.")
        names = [name for key, name in form.items() if key.startswith(_MEMBER)]
        answer = call(operation, "", json.dumps({"Identities": names}).encode())
        status, body = "200 OK", _result(operation, answer, request_id)
    except ServiceError as problem:
        code, number, message = _CODES.get(problem.code, (problem.code, problem.status, problem.message))
        status, body = f"{number} {code}", _error(code, message, request_id)
    headers = [("Content-Type", "text/xml"), ("x-amzn-RequestId", request_id)]
    return "ses", operation, status, headers, body.encode()


def _result(operation: str, answer: dict[str, Any], request_id: str) -> str:
    entries = "".join(
        f"<entry><key>{escape(name)}</key><value>"
        f"<DkimEnabled>{str(told['DkimEnabled']).lower()}</DkimEnabled>"
        f"<DkimVerificationStatus>{told['DkimVerificationStatus']}</DkimVerificationStatus>"
        f"<DkimTokens>{''.join(f'<member>{escape(token)}</member>' for token in told['DkimTokens'])}</DkimTokens>"
        "</value></entry>"
        for name, told in answer["DkimAttributes"].items()
    )
    return (
        f'<{operation}Response xmlns="{NAMESPACE}"><{operation}Result><DkimAttributes>{entries}</DkimAttributes>'
        f"</{operation}Result><ResponseMetadata><RequestId>{request_id}</RequestId></ResponseMetadata>"
        f"</{operation}Response>"
    )


def _error(code: str, message: str, request_id: str) -> str:
    return (
        f'<ErrorResponse xmlns="{NAMESPACE}"><Error><Type>Sender</Type><Code>{escape(code)}</Code>'
        f"<Message>{escape(message)}</Message></Error>"
        f"<RequestId>{request_id}</RequestId></ErrorResponse>"
    )
