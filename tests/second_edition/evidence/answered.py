"""AWS's answers to facts, as a journal keeps them: the other way round than a run reads them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

Json = Mapping[str, Any]


def call(operation: str, at: datetime, raw: Json, request_id: str = "6b2f") -> dict[str, Any]:
    """A call that was answered."""
    made = {"at": at.isoformat(timespec="milliseconds"), "service": "x", "operation": operation}
    return {**made, "request_id": request_id, "status": 200, "ms": 1, "retries": 0, "raw": dict(raw)}


def caller(facts: Json, at: datetime) -> dict[str, Any]:
    """GetCallerIdentity."""
    names = {"Account": "account", "Arn": "arn", "UserId": "user_id"}
    told = "".join(f"<{name}>{facts[fact]}</{name}>" for name, fact in names.items())
    result = f"<GetCallerIdentityResult>{told}</GetCallerIdentityResult>"
    return call("GetCallerIdentity", at, {"body": f"<GetCallerIdentityResponse>{result}</GetCallerIdentityResponse>"})


def identity(facts: Json, at: datetime) -> dict[str, Any]:
    """GetEmailIdentity."""
    return call("GetEmailIdentity", at, {"body": body(facts)})


def body(facts: Json) -> str:
    """What SES answers of an identity."""

    def seconds(name: str) -> float | None:
        return datetime.fromisoformat(facts[name]).timestamp() if facts.get(name) else None

    told = {
        "IdentityType": facts["identity_type"],
        "VerifiedForSendingStatus": facts["verified_for_sending"],
        "VerificationStatus": facts["verification_status"],
        "DkimAttributes": {
            "Tokens": list(facts["selectors"]),
            "Status": facts["status"],
            "SigningEnabled": facts["signing_enabled"],
            "SigningAttributesOrigin": facts["signing_origin"],
        },
        "VerificationInfo": {
            "LastCheckedTimestamp": seconds("last_checked"),
            "LastSuccessTimestamp": seconds("last_success"),
            "ErrorType": facts.get("error_type") or None,
        },
    }
    return json.dumps(told)


def write(answer: Json, at: datetime) -> dict[str, Any]:
    """PutEmailIdentityDkimSigningAttributes."""
    fields = {"DkimStatus": answer["dkim_status"], "DkimTokens": list(answer["dkim_tokens"])}
    return call("PutEmailIdentityDkimSigningAttributes", at, {"fields": fields}, answer["request_id"])
