"""A wire to AWS that breaks where it is told to: an HTTP proxy on loopback, in front of the sandbox's endpoint."""

from __future__ import annotations

import http.client
import json
import re
import socket
import ssl
import struct
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

from tests.second_edition.evidence.authority import openssl

PUT = "PutEmailIdentityDkimSigningAttributes"
JSON, XML = "application/json", "text/xml"
Fault = Callable[["Handler"], bool]  # whether the request has been dealt with


def refuse(status: int, code: str, message: str = "not now") -> Fault:
    """AWS's own refusal, in the form of the service that was asked; the request goes no further."""

    def fault(handler: Handler) -> bool:
        handler.answer(status, *handler.error(code, message))
        return True

    return fault


def applied_then(then: Fault) -> Fault:
    """The request reaches SES, but its answer does not come back: ``then`` does."""

    def fault(handler: Handler) -> bool:
        handler.forward()
        return then(handler)

    return fault


def held(handler: Handler) -> bool:
    """The connection is reset, and the request is held back: it reaches SES with ``deliver``."""
    handler.server.held.append(handler.forward)
    return reset(handler)


def delivering(handler: Handler) -> bool:
    """Return what was held back reaches SES once SES has been read twice since: the first reading does not show it."""
    seen = handler.server.seen
    if handler.server.held and seen[seen.index(PUT) :].count(handler.operation) > 1:
        handler.server.deliver()
    return False


def reset(handler: Handler) -> bool:
    """The connection is reset."""
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.connection.close()
    handler.close_connection = True
    return True


def silent(handler: Handler) -> bool:
    """No answer comes, until the client has given up."""
    handler.connection.settimeout(120)
    handler.connection.recv(1)  # nothing, once the connection is closed at its other end
    handler.close_connection = True
    return True


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    server: Wire
    body = b""

    def handle_request(self) -> None:
        self.body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        fault = self.server.meet(self.operation, self.region)
        if fault is None or not fault(self):
            status, headers, body = self.forward()
            self.answer(status, headers, body)

    do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = handle_request  # noqa: N815 - http.server's names

    def do_CONNECT(self) -> None:
        """Ends TLS and reads what comes: a proxy that inspects."""
        self.answer(200, {}, b"")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.server.certificate)
        self.connection = context.wrap_socket(self.connection, server_side=True)
        self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb", 0)
        self.close_connection = False

    def finish(self) -> None:
        """Closes what TLS was spoken on, too."""
        super().finish()
        self.connection.close()

    @property
    def region(self) -> str:
        """The Region that the request is signed for."""
        scope = self.headers.get("Authorization", "").partition("Credential=")[2].split("/")
        return scope[2] if len(scope) > 2 else ""

    @property
    def operation(self) -> str:
        """The operation as AWS spells it."""
        if target := self.headers.get("X-Amz-Target"):
            return target.rpartition(".")[2]
        if action := re.search(rb"Action=(\w+)", self.body):
            return action[1].decode()
        path = urlsplit(self.path).path
        if path.startswith("/v2/email/identities/"):
            return PUT if path.endswith("/dkim/signing") else "GetEmailIdentity"
        if path == "/byodkim-keys" and urlsplit(self.path).query.startswith("versions"):
            return "ListObjectVersions"
        if path.startswith("/byodkim-keys"):
            return "ListObjectsV2" if "list-type" in self.path else f"{self.command.capitalize()}Object"
        return path

    def error(self, code: str, message: str) -> tuple[dict[str, str], bytes]:
        """Headers and body of an error."""
        if self.path.startswith("/v2/") or self.headers.get("X-Amz-Target"):
            said = json.dumps({"__type": code, "message": message}).encode()
            return {"Content-Type": JSON, "x-amzn-ErrorType": code}, said
        inner = f"<Error><Code>{code}</Code><Message>{message}</Message></Error>"
        if b"Action=" in self.body:
            inner = f"<ErrorResponse>{inner}<RequestId>r</RequestId></ErrorResponse>"
        return {"Content-Type": XML}, inner.encode()

    def forward(self) -> tuple[int, dict[str, str], bytes]:
        """Sends the request on and takes the answer."""
        url = urlsplit(self.server.upstream)
        connection = http.client.HTTPConnection(url.hostname or "", url.port, timeout=600)
        try:
            connection.request(self.command, self.path, self.body, dict(self.headers.items()))
            response = connection.getresponse()
            kept = {name: value for name, value in response.getheaders() if name.lower() not in ("connection",)}
            return response.status, kept, response.read()
        finally:
            connection.close()

    def answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
        """Answers the client."""
        self.send_response_only(status)
        for name, value in headers.items():
            if name.lower() != "content-length" or self.command == "HEAD":
                self.send_header(name, value)
        if self.command != "HEAD":
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
        """Says nothing."""


class Wire(ThreadingHTTPServer):
    """The proxy. ``faults``: what happens at an operation, and how many times (0: always).

    An operation may be that of one Region: ``<operation> <Region>``. ``certificate``: a file with one for AWS's hosts
    that vouches for itself, and its key, with which it opens TLS.
    """

    daemon_threads = True

    def __init__(self, upstream: str, faults: dict[str, tuple[Fault, int]], certificate: Path = Path()) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.upstream, self.faults, self.certificate = upstream, faults, certificate
        self.after_put: dict[str, Fault] = {}
        self.seen: list[str] = []
        self.held: list[Callable[[], object]] = []
        self._lock = threading.Lock()

    @property
    def url(self) -> str:
        """The address to give as endpoint_url."""
        return f"http://127.0.0.1:{self.server_port}"

    def deliver(self) -> None:
        """Sends on what was held back."""
        self.held.pop()()

    def meet(self, operation: str, region: str) -> Fault | None:
        """Notes a request, and says what is to befall it."""
        with self._lock:
            self.seen.append(operation)
            if f"{operation} {region}" in self.faults:
                operation = f"{operation} {region}"
                self.seen.append(operation)
            if operation in self.after_put and PUT in self.seen:
                return self.after_put[operation]
            fault, times = self.faults.get(operation, (None, 0))
            befalls = fault is not None and (not times or self.seen.count(operation) <= times)
            return fault if befalls else None

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away is no concern of the proxy."""

    def __enter__(self) -> Wire:
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05})
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.shutdown()
        self._thread.join()
        self.server_close()


def own_authority(file: Path) -> Path:
    """Make a certificate for AWS's hosts that no public authority signed, with its key, in one file."""
    names = ",".join(f"DNS:*.{service}ap-northeast-1.amazonaws.com" for service in ("", "s3."))
    new = ("-newkey", "rsa:2048", "-nodes", "-subj", "/CN=Proxy of tests", "-addext", f"subjectAltName={names}")
    file.write_bytes(openssl("req", "-x509", *new, "-days", "2", "-keyout", "-"))
    return file
