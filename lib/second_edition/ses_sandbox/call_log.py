"""The AWS calls that were made: service, operation, time, status and request id, never what was sent or answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl

from werkzeug.wrappers import Request

from second_edition.ses_sandbox.moto_aws import operation_of

BY_PATH: Final = ("s3", "route53")
"""Services whose requests name their operation by method, path, parameters and headers."""


@dataclass(frozen=True)
class Call:
    """One call that was answered; ``at`` in sandbox time, UTC; ``place``: account and Region that it was signed for.

    ``operation`` is its name, or the head of a request that botocore's model has the name for.
    """

    at: str
    service: str
    operation: str | Mapping[str, str]
    status: int
    request_id: str
    place: str = ""

    def as_dict(self) -> dict[str, object]:
        """Return it as plain data for JSON."""
        name = self.operation if isinstance(self.operation, str) else operation_of(self.service, self.operation)
        return {**vars(self), "operation": name}


def operation(service: str, request: Request) -> str | Mapping[str, str]:
    """Return the operation's name as AWS spells it, or what it can be named by when somebody wants to know."""
    if service == "ses":
        return ""  # ``front`` knows
    if service in BY_PATH:
        return {name: value for name, value in request.environ.items() if isinstance(value, str)}
    target = request.headers.get("X-Amz-Target", "").rpartition(".")[2]
    form = dict(parse_qsl(request.get_data(as_text=True))) if "form" in request.mimetype else {}
    return target or form.get("Action") or request.args.get("Action") or f"{request.method} -"
