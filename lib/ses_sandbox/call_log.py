"""Which AWS calls were made: service, operation, time, status and request id, and never what was sent or answered."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, NamedTuple
from urllib.parse import parse_qsl

from botocore.loaders import Loader
from werkzeug.wrappers import Request

BY_PATH: Final = ("s3", "route53")
"""Services whose requests name their operation by method, path and parameters."""


@dataclass(frozen=True)
class Call:
    """One call that was answered; ``at`` in sandbox time, UTC; ``place``: account and Region that it was signed for.

    ``operation`` is its name, or method, path and words of a request that botocore's model has the name for.
    """

    at: str
    service: str
    operation: str | tuple[str, str, frozenset[str]]
    status: int
    request_id: str
    place: str = ""

    def as_dict(self) -> dict[str, object]:
        """Return it as plain data for JSON."""
        name = self.operation if isinstance(self.operation, str) else _named(self.service, *self.operation)
        return {**vars(self), "operation": name}


def operation(service: str, request: Request) -> str | tuple[str, str, frozenset[str]]:
    """Return the operation's name as AWS spells it, or what it can be named by when somebody wants to know."""
    if service == "ses":
        return ""  # ``front`` knows
    if service in BY_PATH:
        words = {word for name, value in request.args.items() for word in (name, f"{name}={value}")}
        headers = {name.lower() for name in request.headers.keys()}  # noqa: SIM118 - it is no mapping
        return request.method, request.path.rstrip("/"), frozenset(words | headers)
    target = request.headers.get("X-Amz-Target", "").rpartition(".")[2]
    form = dict(parse_qsl(request.get_data(as_text=True))) if "form" in request.mimetype else {}
    return target or form.get("Action") or request.args.get("Action") or f"{request.method} -"


class _Operation(NamedTuple):
    method: str
    path: re.Pattern[str]
    needed: set[str]
    name: str


def _named(service: str, method: str, path: str, words: frozenset[str]) -> str:
    """Return the operation that needs most of what the request has; of equals, the one with the shorter name."""
    fitting = [
        (len(one.needed), -len(one.name), one.name)
        for one in _operations(service)
        if one.method == method and one.path.fullmatch(path) and one.needed <= words
    ]
    return max(fitting)[2] if fitting else f"{method} -"


@cache
def _operations(service: str) -> list[_Operation]:
    return list(_read(Loader().load_service_model(service, "service-2")))


def _read(model: dict[str, Any]) -> Iterator[_Operation]:
    for name, operation in model["operations"].items():
        path, _, query = operation["http"]["requestUri"].partition("?")
        template = re.sub(r"{\w+}", "[^/]+", re.sub(r"{\w+\+}", ".+", path.rstrip("/")))
        shape = model["shapes"].get(operation.get("input", {}).get("shape"), {})
        members = [shape["members"][one] for one in shape.get("required", ())]
        needed = {one["locationName"].lower() if one["location"] == "header" else one["locationName"]
                  for one in members if one.get("location") in ("header", "querystring")}  # fmt: skip
        yield _Operation(operation["http"]["method"], re.compile(template), needed | set(filter(None, [query])), name)
