"""The one AWS endpoint: SES is ours, the rest is moto's, and every call is logged and as slow as the knob says."""

from __future__ import annotations

import contextlib
import io
import json
import socket
import threading
import time
import uuid
from collections.abc import Callable
from typing import Any, Final

from werkzeug.http import http_date
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Request, Response

from second_edition.ses_sandbox import ses, ses_query
from second_edition.ses_sandbox.call_log import Call, operation
from second_edition.ses_sandbox.clock import SandboxClock
from second_edition.ses_sandbox.control import Control
from second_edition.ses_sandbox.dns_server import HOST
from second_edition.ses_sandbox.errors import TAKEN, SandboxError
from second_edition.ses_sandbox.knobs import Knobs
from second_edition.ses_sandbox.moto_aws import ACCOUNT, Moto
from second_edition.ses_sandbox.places import Place, Places, place_of
from second_edition.ses_sandbox.ses_shapes import ServiceError

CONTROL: Final = "/_sandbox/"


class Front:
    """Answer every request.

    Args:
        places: SES, in each account and Region.
        moto: all other services.
        control: what is answered below ``/_sandbox/``.
        log: where calls are noted.
        clock: the sandbox's time.
        knobs: the settings in force.
    """

    def __init__(
        self,
        places: Places,
        moto: Moto,
        control: Control,
        log: list[Call],
        clock: SandboxClock,
        knobs: Callable[[], Knobs],
    ) -> None:
        self._places, self._moto, self._control = places, moto, control
        self._log, self._clock, self._knobs = log, clock, knobs
        self._one_put = threading.Lock()

    def respond(self, request: Request) -> Response:
        """Answer one request."""
        if "Origin" in request.headers:
            response = _json(403, {"error": "The sandbox answers no web page."})
        elif request.path.startswith(CONTROL):
            response = _json(*self._control.respond(request, request.path.removeprefix(CONTROL)))
        else:
            response = self._aws(request)
        response.headers.setdefault("Date", http_date(self._clock.now()))
        return response

    def _aws(self, request: Request) -> Response:
        started = time.monotonic()
        scope = request.headers.get("Authorization", "").partition("Credential=")[2].split(",")[0].split("/")
        service, place = scope[3] if len(scope) == 5 else "-", place_of(scope)
        named = operation(service, request)
        if service == "ses" or request.path.startswith("/v2/email/"):
            service, named, response = self._ses(request, place)
        else:
            response = self._moto_answer(request, service, place)
        request_id = response.headers.setdefault("x-amzn-RequestId", str(uuid.uuid4()))
        if service == "s3":
            response.headers.setdefault("x-amz-request-id", request_id)
        at = self._clock.now().isoformat(timespec="milliseconds")
        self._log.append(Call(at, service, named, response.status_code, request_id, str(place)))
        # An answer leaves no sooner than the knob says: SES's own looks at DNS are in that time, not on top of it.
        time.sleep(max(0.0, started + self._knobs().aws_latency_ms / 1000 - time.monotonic()))
        return response

    def _ses(self, request: Request, place: Place) -> tuple[str, str, Response]:
        call = self._places.at(place).call
        if request.mimetype == "application/x-www-form-urlencoded":
            return ("ses", *ses_query.respond(call, request.form))
        named, identity = ses.route(request.method, request.environ["RAW_URI"].partition("?")[0])
        try:
            response = _json(200, call(named, identity, request.get_data()))
        except ServiceError as problem:
            response = _json(problem.status, {"message": problem.message})
            response.headers["x-amzn-ErrorType"] = problem.code
        return "sesv2", named or "-", response

    def _moto_answer(self, request: Request, service: str, place: Place) -> Response:
        body, environ = request.get_data(), dict(request.environ)
        if request.headers.get("X-Amz-Target") == "secretsmanager.GetSecretValue":
            body = _in_force(body)
        environ |= {"wsgi.input": io.BytesIO(body), "CONTENT_LENGTH": str(len(body))}
        environ.pop("HTTP_TRANSFER_ENCODING", None)
        if service == "sts" and place.account != ACCOUNT:
            environ["HTTP_X_MOTO_ACCOUNT_ID"] = place.account  # moto's own way of saying who calls
        # S3 decides a conditional write in one step; moto looks first and writes then.
        one_step = service == "s3" and request.method == "PUT"
        with self._one_put if one_step else contextlib.nullcontext():
            return Response.from_app(self._moto.app, environ, buffered=True)


class Endpoint:
    """A server on a loopback port, in threads, until it is stopped.

    Args:
        port: 0 takes any free one.
        respond: answers a request.

    Raises:
        SandboxError: the port is taken.
    """

    def __init__(self, port: int, respond: Callable[[Request], Response]) -> None:
        try:
            self._socket = socket.create_server((HOST, port), backlog=64)
        except OSError as problem:
            raise SandboxError(
                "Port {port} on {host} cannot be used ({reason}).",
                TAKEN,
                port=port,
                host=HOST,
                reason=problem.strerror or "",
            ) from problem
        self.url = f"http://{HOST}:{self._socket.getsockname()[1]}"
        fd = self._socket.fileno()
        self._server = make_server(
            HOST, 0, Request.application(respond), threaded=True, request_handler=_Handler, fd=fd
        )
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True, name="aws").start()

    def stop(self) -> None:
        """Stop answering and free the port."""
        self._server.shutdown()
        self._server.server_close()
        self._socket.close()


class _Handler(WSGIRequestHandler):
    disable_nagle_algorithm = True

    def send_response(self, code: int, message: str | None = None) -> None:
        """Send the status, and nothing of this machine's own: the time is the sandbox's, and calls are logged by it."""
        self.send_response_only(code, message)


def _in_force(body: bytes) -> bytes:
    """Return a GetSecretValue request that names AWSCURRENT where it names no version, which moto does not look up."""
    asked = json.loads(body)
    if {"VersionId", "VersionStage"} & asked.keys():
        return body
    return json.dumps(asked | {"VersionStage": "AWSCURRENT"}).encode()


def _json(status: int, answer: dict[str, Any]) -> Response:
    headers = {"Cache-Control": "no-store"}
    return Response(json.dumps(answer), status, headers, mimetype="application/json")
