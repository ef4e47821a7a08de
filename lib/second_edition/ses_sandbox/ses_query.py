"""SES's API v1, as far as it reads identities by the hundred: the Query protocol, a form in and XML out.

Source: SES API v1 reference, GetIdentityDkimAttributes; shapes: botocore's ``ses`` service model.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping
from typing import Any, Final
from xml.sax.saxutils import escape

from moto.core.serialize import QuerySerializer, SerializationContext
from moto.core.utils import get_service_model
from werkzeug.wrappers import Response

from second_edition.ses_sandbox.dkim_state import DkimState
from second_edition.ses_sandbox.knobs import Knobs
from second_edition.ses_sandbox.ses_shapes import ServiceError, dkim_attributes

OPERATION: Final = "GetIdentityDkimAttributes"
MOST: Final = 100
_MEMBER: Final = "Identities.member."
# API v1 has other words for the same refusals.
_CODES: Final = {"TooManyRequestsException": ("Throttling", "Rate exceeded")}


def attributes(observed: Callable[[str], DkimState], members: dict[str, Any], knobs: Knobs) -> dict[str, Any]:
    """Return the answer of GetIdentityDkimAttributes; an identity that there is none of is not in it.

    Raises:
        ServiceError: there are no names, or too many.
    """
    names = members["Identities"]
    if not 1 <= len(names) <= MOST:
        raise ServiceError("ValidationError", 400, f"Identities takes 1 to {MOST} names.")
    return {"DkimAttributes": {name: found for name in names if (found := _shown(observed, name, knobs))}}


def _shown(observed: Callable[[str], DkimState], name: str, knobs: Knobs) -> dict[str, Any] | None:
    try:
        fields = dkim_attributes(observed(name.lower()), knobs)
    except ServiceError:
        return None
    return {
        "DkimEnabled": fields["SigningEnabled"],
        "DkimVerificationStatus": "".join(part.capitalize() for part in fields["Status"].split("_")),
        "DkimTokens": fields["Tokens"],
    }


def respond(call: Callable[[str, str, bytes], dict[str, Any]], form: Mapping[str, str]) -> tuple[str, Response]:
    """Return the operation of a request, and the answer.

    Args:
        call: ``Ses.call``.
        form: the request.
    """
    name, request_id = form.get("Action", "-"), str(uuid.uuid4())
    try:
        if name != OPERATION:
            raise ServiceError("InvalidAction", 400, f"The sandbox's SES has {OPERATION} of API v1 only.")
        names = [value for key, value in form.items() if key.startswith(_MEMBER)]
        answer = call(name, "", json.dumps({"Identities": names}).encode())
        model = get_service_model("ses").operation_model(OPERATION)
        body, status = QuerySerializer(model, SerializationContext(request_id)).serialize(answer)["body"], 200
    except ServiceError as problem:
        status, (code, message) = 400, _CODES.get(problem.code, (problem.code, problem.message))
        error = f"<Error><Type>Sender</Type><Code>{code}</Code><Message>{escape(message)}</Message></Error>"
        body = f"<ErrorResponse>{error}<RequestId>{request_id}</RequestId></ErrorResponse>"
    return name, Response(body, status, {"x-amzn-RequestId": request_id}, mimetype="text/xml")
