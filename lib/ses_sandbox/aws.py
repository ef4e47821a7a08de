"""The one AWS endpoint: SES is ours, the rest is moto's, and every call is logged and as slow as the knob says."""

from __future__ import annotations

import contextlib
import json
import threading
import time
import uuid
from collections.abc import Callable, Iterable
from typing import Any, Final

from ses_sandbox import ses, ses_query
from ses_sandbox.call_log import CallLog, operation_name
from ses_sandbox.clock import SandboxClock
from ses_sandbox.control import Control
from ses_sandbox.hosted_zone import HostedZone
from ses_sandbox.http_server import Environ
from ses_sandbox.knobs import Knobs
from ses_sandbox.moto_aws import ACCOUNT, Moto
from ses_sandbox.places import Places, place_of
from ses_sandbox.ses_shapes import ServiceError

CONTROL: Final = "/_sandbox/"
Headers = list[tuple[str, str]]


class Front:
    """The WSGI application that stands before everything.

    Args:
        places: SES, in each account and Region.
        moto: all other services.
        zone: the hosted zone, whose changes moto does not judge.
        control: what is answered below ``/_sandbox/``.
        log: where calls are noted.
        clock: the sandbox's time.
        knobs: the settings in force.
    """

    def __init__(
        self,
        places: Places,
        moto: Moto,
        zone: HostedZone,
        control: Control,
        log: CallLog,
        clock: SandboxClock,
        knobs: Callable[[], Knobs],
    ) -> None:
        self._places, self._moto, self._zone, self._control = places, moto, zone, control
        self._log, self._clock, self._knobs = log, clock, knobs
        self._one_put = threading.Lock()

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer one request."""
        path = environ["PATH_INFO"]
        if "HTTP_ORIGIN" in environ:
            return _json(start_response, 403, {"error": "The sandbox answers no web page."})
        if path.startswith(CONTROL):
            return _json(start_response, *self._control.respond(environ, path.removeprefix(CONTROL)))
        started, request_id = time.monotonic(), str(uuid.uuid4())
        service = _service(environ)
        if service == "ses" or path.startswith("/v2/email/"):
            service, operation, status, headers, body = self._answer_ses(environ)
        else:
            operation, status, headers, body = self._answer_moto(environ, service)
        request_id = next((value for name, value in headers if name.lower() == "x-amzn-requestid"), request_id)
        place = str(place_of(_scope(environ)))
        self._log.add(self._clock.now(), service, operation, int(status[:3]), request_id, place)
        # An answer leaves no sooner than the knob says: SES's own looks at DNS are in that time, not on top of it.
        time.sleep(max(0.0, started + self._knobs().aws_latency_ms / 1000 - time.monotonic()))
        known = {name.lower() for name, _ in headers}
        start_response(status, headers + [(n, request_id) for n in _id_headers(service) if n.lower() not in known])
        return [body]

    def _answer_ses(self, environ: Environ) -> tuple[str, str, str, Headers, bytes]:
        if ses_query.asked(environ):
            return ses_query.respond(self._places.at(place_of(_scope(environ))).call, environ)
        operation, identity = ses.route(environ["REQUEST_METHOD"], environ["RAW_URI"].partition("?")[0])
        headers: Headers = [("Content-Type", "application/json")]
        try:
            service = self._places.at(place_of(_scope(environ)))
            answer = service.call(operation, identity, environ["wsgi.input"].read())
            status = "200 OK"
        except ServiceError as problem:
            answer, status = {"message": problem.message}, f"{problem.status} {problem.code}"
            headers.append(("x-amzn-ErrorType", problem.code))
        return "sesv2", operation or "-", status, headers, json.dumps(answer).encode()

    def _answer_moto(self, environ: Environ, service: str) -> tuple[str, str, Headers, bytes]:
        stream = environ["wsgi.input"]
        form = environ["CONTENT_TYPE"].startswith("application/x-www-form-urlencoded")
        body = stream.read() if form else b""
        stream.seek(0)
        operation = operation_name(
            service,
            environ["REQUEST_METHOD"],
            environ["PATH_INFO"],
            environ["QUERY_STRING"],
            environ.get("HTTP_X_AMZ_TARGET", ""),
            body,
        )
        if service == "route53":
            own = self._zone.respond(environ["REQUEST_METHOD"], environ["PATH_INFO"], stream.read())
            stream.seek(0)
            if own is not None:
                return operation, *own
        if service == "sts" and (account := place_of(_scope(environ)).account) != ACCOUNT:
            environ["HTTP_X_MOTO_ACCOUNT_ID"] = account  # moto's own way of saying who calls
        answered: list[Any] = []

        def start_response(status: str, headers: Headers, *_: object) -> None:
            answered[:] = [status, list(headers)]

        # S3 decides a conditional write in one step; moto looks first and writes then.
        one_step = service == "s3" and environ["REQUEST_METHOD"] == "PUT"
        with self._one_put if one_step else contextlib.nullcontext():
            content = b"".join(self._moto.app(environ, start_response))
        return operation, answered[0], answered[1], content


def _service(environ: Environ) -> str:
    """The service named in the credential scope of a signature (SigV4)."""
    scope = _scope(environ)
    return scope[3] if len(scope) == 5 else "-"


def _scope(environ: Environ) -> list[str]:
    authorization = str(environ.get("HTTP_AUTHORIZATION", ""))
    return authorization.partition("Credential=")[2].split(",")[0].split("/")


def _id_headers(service: str) -> tuple[str, ...]:
    return ("x-amzn-RequestId", "x-amz-request-id") if service == "s3" else ("x-amzn-RequestId",)


def _json(start_response: Callable[..., Any], status: int, answer: dict[str, Any]) -> Iterable[bytes]:
    start_response(f"{status} -", [("Content-Type", "application/json"), ("Cache-Control", "no-store")])
    return [json.dumps(answer).encode()]
