"""A gate before the sandbox: an HTTP proxy that lets through what policies allow, and refuses the rest as AWS does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from tests.second_edition.access.asked import ACCOUNT, Estate, asked
from tests.second_edition.access.evaluator import Policy, Request, verdict
from tests.second_edition.notebooks.wire import Handler, Wire, reset

LOCKED = "x-amz-object-lock-"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/tested"


@dataclass(frozen=True)
class Decision:
    """Hold what the gate decided on one permission of who asked, and by which statement."""

    who: str
    request: Request
    allowed: bool
    sid: str


class _Handler(Handler):
    """One connection through the gate."""

    def handle_request(self) -> None:
        self.body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        gate = cast("Gate", self.server)
        if not gate.passes(self.command, self.path, dict(self.headers.items()), self.body):
            self.answer(403 if self._xml else 400, *self.error("AccessDenied", "not allowed"))
            return
        gate.forwarded += 1
        if gate.loses and self.command == "PUT" and self.path.startswith(gate.loses):
            gate.loses = ""
            self.forward()
            reset(self)
            return
        status, headers, body = self.forward()
        s3 = self._xml and not self.path.startswith("/2013-04-01/")  # else Route 53
        if status == 404 and s3 and not gate.tells_absence(self.path):
            # S3 does not tell that an object is absent to who may not list the bucket.
            status, (headers, body) = 403, self.error("AccessDenied", "not allowed")
        if not gate.tells_retention(self.command, self.path):
            headers = {name: value for name, value in headers.items() if not name.lower().startswith(LOCKED)}
        self.answer(status, headers, body)

    @property
    def _xml(self) -> bool:
        return "X-Amz-Target" not in self.headers and not self.path.startswith("/v2/")

    def error(self, code: str, message: str) -> tuple[dict[str, str], bytes]:
        named = code if self._xml or self.path.startswith("/v2/") else f"{code}Exception"
        return super().error(named, message)

    do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = handle_request  # noqa: N815 - http.server's names


class Gate(Wire):
    """The gate, for one role.

    Args:
        upstream: the sandbox's endpoint.
        policy: of the role.
        estate: what stands in the sandbox.
        guards: policies of resources by ARN: a bucket's may deny, a key's must allow.
        role: its ARN.
    """

    def __init__(
        self,
        upstream: str,
        policy: Policy,
        estate: Estate,
        guards: Mapping[str, Policy] | None = None,
        role: str = ROLE,
    ) -> None:
        super().__init__(upstream, {})
        self.RequestHandlerClass = _Handler
        self.policy, self.estate, self.guards, self.role = policy, estate, guards or {}, role
        self.decisions: list[Decision] = []
        self.forwarded, self.who = 0, "rotate"
        self.loses = ""  # how the path of a PUT begins whose answer does not come back, once

    def __enter__(self) -> Gate:
        super().__enter__()
        return self

    def passes(self, method: str, path: str, headers: dict[str, str], body: bytes) -> bool:
        """Return whether the role may make this request; what it asks for is written down."""
        decided = [self._decide(request) for request in asked(method, path, headers, body, self.estate)]
        self.decisions += decided
        return all(one.allowed for one in decided)

    def tells_absence(self, path: str) -> bool:
        """Return whether the role may know that an object is not there."""
        bucket = path.lstrip("/").partition("/")[0]
        decided = self._decide(Request("s3:ListBucket", f"arn:aws:s3:::{bucket}"))
        self.decisions.append(decided)
        return decided.allowed

    def tells_retention(self, method: str, path: str) -> bool:
        """Return whether the role may see until when an object is held: S3 leaves that out otherwise (HeadObject)."""
        object_ = path.lstrip("/").partition("?")[0]
        decided = self._decide(Request("s3:GetObjectRetention", f"arn:aws:s3:::{object_}"))
        if method == "HEAD" and decided.allowed:
            self.decisions.append(decided)
        return decided.allowed

    def _decide(self, asked_for: Request) -> Decision:
        context = {"aws:PrincipalArn": self.role, "aws:SecureTransport": "true", **asked_for.context}
        request = Request(asked_for.action, asked_for.resource, context)
        own, sid = verdict([self.policy], request)
        guard = self.guards.get(_guarded(request.resource))
        said, by = verdict([guard], _at_home(request)) if guard else ("", "")
        if said == "Deny":
            return Decision(self.who, asked_for, False, by)
        delegated = said == "Allow" or not request.action.startswith("kms:") or guard is None
        return Decision(self.who, asked_for, own == "Allow" and delegated, sid)

    @property
    def refused(self) -> list[Request]:
        """Return what was asked for and not allowed."""
        return [one.request for one in self.decisions if not one.allowed]

    @property
    def used(self) -> set[tuple[str, str, str]]:
        """Return who, statement and action of all that was allowed."""
        return {(one.who, one.sid, one.request.action) for one in self.decisions if one.allowed}


def _guarded(arn: str) -> str:
    """The resource whose own policy speaks of this one: an object's bucket."""
    return arn.partition("/")[0] if arn.startswith("arn:aws:s3:::") else arn


def _at_home(request: Request) -> Request:
    """The request as a key's own policy sees it: there the resource is "*"."""
    return request if request.resource.startswith("arn:aws:s3:::") else Request(request.action, "*", request.context)
