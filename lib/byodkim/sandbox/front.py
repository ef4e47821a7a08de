"""The sandbox's HTTP endpoint: AWS calls for moto, with faults, and the control interface."""

import contextlib
import io
import threading
import time
import uuid
from collections import defaultdict
from collections.abc import Callable
from typing import Any, Final, Literal
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

import msgspec
from moto.core.request import Request as MotoRequest
from moto.core.routing import get_service_router
from moto.moto_server import werkzeug_app as moto_server
from msgspec import Struct
from werkzeug.exceptions import HTTPException
from werkzeug.http import http_date
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from byodkim.sandbox.name_servers import HOST
from byodkim.sandbox.ses import SES

CONTROL: Final = "/sandbox/"
#: What SES answers above its pace: code and status.
TOO_FAST: Final = {"ses": ("Throttling", 400), "sesv2": ("TooManyRequestsException", 429)}


class Fault(Struct, forbid_unknown_fields=True):
    """What happens to calls of one AWS operation, as the control interface takes it.

    Attributes:
        operation: e.g. ``GetSecretValue``; ``*`` for every one.
        identity: only calls about this domain: it stands in the path of SES v2 and of a key object.
        times: so many calls; -1 for all; 0 removes the fault.
        skip: so many calls pass before.
        code, status: error that is answered; without ``code`` the call is carried out.
        delay_s: seconds to wait first.
        cut: close the connection without an answer, before or after the call is carried out.
        late_s: with ``cut="before"``: carry the call out so many seconds later; negative for never.
    """

    operation: str
    identity: str = ""
    times: int = -1
    skip: int = 0
    code: str = ""
    status: int = 400
    delay_s: float = 0.0
    cut: Literal["", "before", "after"] = ""
    late_s: float = -1.0


class Call(Struct):
    """One AWS call that was received.

    Attributes:
        service, operation, region: of the call.
        identity: that SES v2 is asked about; "" for other calls.
        status: of the answer; 0 without one.
    """

    service: str
    operation: str
    region: str
    identity: str = ""
    status: int = 0


class Aws:
    """Answer AWS calls, one at a time: what moto looks up and then writes is one step."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.faults: dict[tuple[str, str], Fault] = {}
        self._admitted: dict[str, float] = defaultdict(float)
        self._lock = threading.Lock()
        self._moto = moto_server.DomainDispatcherApplication(moto_server.create_backend_app)

    def respond(self, request: Request) -> Response:
        """Answer a call, as its fault has it.

        Raises:
            ConnectionAbortedError: the connection was cut.
        """
        body = request.get_data()
        service, region = _scope(request)
        with SES.lock:  # moto builds its routers at the first call, and not safely
            operation = _operation(service, request, body)
        places = request.path.split("/")
        identity = places[4] if places[1:4] == ["v2", "email", "identities"] and places[4:] else ""
        call = Call(service, operation, region, identity)
        with self._lock:
            self.calls.append(call)
            fault = self._fault_for(call.operation, places)
            is_too_fast = service in TOO_FAST and not self._admit(call)
        time.sleep(fault.delay_s)
        if fault.cut == "before":
            if fault.late_s >= 0:
                environ = dict(request.environ)
                threading.Timer(fault.late_s, self._carry_out, (environ, body)).start()
            _cut(request)
        if fault.code:
            response = _error(service, fault.code, fault.status)
        elif is_too_fast:
            response = _error(service, *TOO_FAST[service])
        else:
            response = self._carry_out(dict(request.environ), body)
        if fault.cut == "after":
            _cut(request)
        call.status = response.status_code
        response.headers.setdefault("x-amzn-RequestId", str(uuid.uuid4()))
        return response

    def _carry_out(self, environ: dict[str, Any], body: bytes) -> Response:
        environ |= {"wsgi.input": io.BytesIO(body), "CONTENT_LENGTH": str(len(body))}
        environ.pop("HTTP_TRANSFER_ENCODING", None)
        with SES.lock:
            return Response.from_app(self._moto, environ, buffered=True)

    def set_fault(self, fault: Fault) -> None:
        """Set, replace or remove the fault of an operation, for one identity or all."""
        with self._lock:
            self.faults[fault.operation, fault.identity] = fault

    def _fault_for(self, operation: str, places: list[str]) -> Fault:
        fitting = [
            each
            for each in self.faults.values()
            if each.times and each.operation in (operation, "*") and each.identity in ("", *places)
        ]
        fault = max(fitting, key=lambda each: (each.identity, each.operation), default=Fault(""))
        if fault.skip > 0:
            fault.skip -= 1
            return Fault("")
        fault.times = max(fault.times - 1, -1)
        return fault

    def _admit(self, call: Call) -> bool:
        """Return whether SES's pace in this Region allows the call."""
        if SES.calls_per_second == 0:
            return True
        now = time.monotonic()
        if now < self._admitted[call.region] + 1 / SES.calls_per_second:
            return False
        self._admitted[call.region] = now
        return True


class _Handler(moto_server.MotoRequestHandler):
    disable_nagle_algorithm = True

    def date_time_string(self, timestamp: float | None = None) -> str:
        """Return the sandbox's time for the Date header."""
        return http_date(timestamp or SES.now())

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002
        """Log nothing: ``/sandbox/calls`` lists the calls."""


def serve(aws: Aws, control: Callable[[str, bytes], Any], port: int) -> int:
    """Answer on a loopback port, in threads, and return it. Port 0 takes a free one."""

    @Request.application
    def application(request: Request) -> Response:
        if "Origin" in request.headers:
            return Response("The sandbox answers no web page.", 403)
        if request.path.startswith(CONTROL):
            return _controlled(control, request)
        return aws.respond(request)

    server = make_server(HOST, port, application, threaded=True, request_handler=_Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.port


def _controlled(control: Callable[[str, bytes], Any], request: Request) -> Response:
    try:
        path, body = request.path.removeprefix(CONTROL), request.get_data() or b"{}"
        answer, status = control(path, body), 200
    except (KeyError, ValueError) as problem:  # msgspec's errors are ValueErrors
        answer, status = {"error": f"{type(problem).__name__}: {problem}"}, 400
    return Response(msgspec.json.encode(answer), status, mimetype="application/json")


def _scope(request: Request) -> tuple[str, str]:
    """Return service and Region that a request was signed for."""
    scope = request.headers.get("Authorization", "").partition("Credential=")[2].split("/")
    service, region = (scope[3], scope[2]) if len(scope) >= 5 else ("", "")
    is_v2 = service == "ses" and request.path.startswith("/v2/")
    return ("sesv2" if is_v2 else service), region


def _operation(service: str, request: Request, body: bytes) -> str:
    """Return the operation of a request; "" where botocore's model knows none."""
    if target := request.headers.get("X-Amz-Target"):
        return target.rpartition(".")[2]
    if request.mimetype == "application/x-www-form-urlencoded":
        return parse_qs(body.decode("latin-1")).get("Action", [""])[0]
    with contextlib.suppress(HTTPException, NotImplementedError, LookupError):
        return str(get_service_router(service).match(MotoRequest(request.environ))[0].name)
    return ""


def _cut(request: Request) -> None:
    """Close the connection without an answer."""
    request.environ["werkzeug.socket"].shutdown(2)
    raise ConnectionAbortedError


def _error(service: str, code: str, status: int) -> Response:
    """Return an error in the form of the service's protocol."""
    message = f"The sandbox answers {code}."
    if service in ("sesv2", "secretsmanager"):
        body = msgspec.json.encode({"__type": code, "message": message})
        return Response(body, status, {"x-amzn-ErrorType": code}, mimetype="application/json")
    error = f"<Error><Code>{escape(code)}</Code><Message>{escape(message)}</Message></Error>"
    if service != "s3":
        error = f"<ErrorResponse>{error}<RequestId>{uuid.uuid4()}</RequestId></ErrorResponse>"
    return Response(error, status, mimetype="text/xml")
