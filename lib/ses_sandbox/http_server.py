"""A WSGI server on one loopback port that keeps connections open, as AWS's clients expect.

werkzeug's own server closes each connection after one answer; with keep-alive a client saves a connection a call.
"""

from __future__ import annotations

import contextlib
import io
import socket
import sys
from collections.abc import Callable, Iterable
from datetime import datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, Final
from urllib.parse import unquote_to_bytes, urlsplit

from ses_sandbox.errors import SandboxError

HOST: Final = "127.0.0.1"
Environ = dict[str, Any]
App = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]


class HttpServer(ThreadingHTTPServer):
    """Serves ``app`` in threads until it is stopped.

    Args:
        port: 0 takes any free one.
        app: what answers.
        now: the time for the Date header.
    """

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, port: int, app: App, now: Callable[[], datetime]) -> None:
        self.app, self.now = app, now
        self._open: set[socket.socket] = set()
        try:
            super().__init__((HOST, port), _Handler)
        except OSError as problem:
            raise SandboxError(
                f"Port {port} on {HOST} cannot be used: {problem.strerror}.",
                todo="Choose another with --port, or stop what uses it.",
            ) from problem
        Thread(target=self.serve_forever, args=(0.05,), daemon=True, name="aws").start()

    def server_bind(self) -> None:
        """Bind without asking DNS for this machine's name, as the base class does."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = HOST, self.server_address[1]

    def process_request(self, request: Any, client_address: Any) -> None:
        """Remember the connection, so that stopping can end it."""
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Forget a connection that is over."""
        self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no event; anything else is one, for standard error."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)

    def stop(self) -> None:
        """Stop answering, end open connections and free the port."""
        self.shutdown()
        self.server_close()
        for connection in list(self._open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


class _Handler(BaseHTTPRequestHandler):
    server: HttpServer
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = 1 << 16  # head and body leave in one piece

    def handle_expect_100(self) -> bool:
        """Let the client send its body at once: S3's clients ask first, and wait a second for an answer."""
        going_on = super().handle_expect_100()
        self.wfile.flush()
        return going_on

    def _answer(self) -> None:
        status: list[Any] = []

        def start_response(line: str, headers: list[tuple[str, str]], *_: object) -> None:
            status[:] = [line, headers]

        parts = self.server.app(self._environ(), start_response)
        try:
            body = b"".join(parts)
        finally:
            getattr(parts, "close", lambda: None)()
        self._send(status[0], status[1], body)

    def _send(self, line: str, headers: list[tuple[str, str]], body: bytes) -> None:
        code, _, reason = line.partition(" ")
        self.send_response_only(int(code), reason)
        given = {name.lower() for name, _ in headers}
        if "date" not in given:
            self.send_header("Date", format_datetime(self.server.now(), usegmt=True))
        for name, value in headers:
            if name.lower() not in ("connection", "transfer-encoding"):
                self.send_header(name, value)
        if "content-length" not in given and int(code) not in (204, 304):
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _environ(self) -> Environ:
        url = urlsplit(self.path)
        environ: Environ = {
            "REQUEST_METHOD": self.command,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote_to_bytes(url.path).decode("latin-1"),
            "QUERY_STRING": url.query,
            "RAW_URI": self.path,
            "REQUEST_URI": self.path,
            "SERVER_NAME": HOST,
            "SERVER_PORT": str(self.server.server_port),
            "SERVER_PROTOCOL": self.request_version,
            "REMOTE_ADDR": self.client_address[0],
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
        }
        for name, value in self.headers.items():
            key = "HTTP_" + name.upper().replace("-", "_")
            if "_" not in name and key not in ("HTTP_CONTENT_TYPE", "HTTP_CONTENT_LENGTH", "HTTP_TRANSFER_ENCODING"):
                environ[key] = f"{environ[key]},{value}" if key in environ else value
        body = self._body()
        return environ | {"CONTENT_LENGTH": str(len(body)), "wsgi.input": io.BytesIO(body)}

    def _body(self) -> bytes:
        if "chunked" not in self.headers.get("Transfer-Encoding", "").lower():
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        parts = []
        while size := int(self.rfile.readline(1024).split(b";")[0], 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline(1024)
        while self.rfile.readline(65536).strip():
            pass
        return b"".join(parts)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
        """Say nothing: the log of calls is the world's own."""

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = do_PATCH = do_OPTIONS = _answer  # noqa: N815 - as http.server looks
