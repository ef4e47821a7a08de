"""An HTTP server on loopback that answers as badly as it is told to, and counts what it was asked."""

from __future__ import annotations

import socket
import struct
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Loopback:
    """``answers``: what each method is answered with; the last one again and again. ``asked`` counts requests."""

    url: str
    answers: dict[str, list[Callable[[BaseHTTPRequestHandler], None]]] = field(default_factory=dict)
    asked: Counter[str] = field(default_factory=Counter)
    came: threading.Event = field(default_factory=threading.Event)


def status(code: int, body: bytes = b"{}", **headers: str) -> Callable[[BaseHTTPRequestHandler], None]:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(code)
        for name, value in {"Content-Type": "application/json", **headers}.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        if handler.command != "HEAD":
            handler.wfile.write(body)

    return answer


def reset(handler: BaseHTTPRequestHandler) -> None:
    """The connection is reset once the request is read."""
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.close_connection = True


def closed(handler: BaseHTTPRequestHandler) -> None:
    """The connection ends without an answer."""
    handler.close_connection = True


@contextmanager
def serving(**answers: list[Callable[[BaseHTTPRequestHandler], None]]) -> Iterator[Loopback]:
    """A server for as long as the block lasts; ``GET=[...]`` and so on say how it answers."""
    loopback = Loopback("", answers)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            loopback.asked[self.command] += 1
            loopback.came.set()
            answers = loopback.answers[self.command]
            (answers.pop(0) if len(answers) > 1 else answers[0])(self)

        do_GET = do_PUT = do_HEAD = do_POST = answer  # noqa: N815 - names that http.server asks for

        def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    loopback.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield loopback
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
