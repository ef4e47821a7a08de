"""A timestamp authority on loopback: OpenSSL's, behind a few lines of HTTP."""

from __future__ import annotations

import subprocess
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from types import TracebackType

CONFIG = """
[tsa]
serial = {folder}/serial
crypto_device = builtin
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:1
ess_cert_id_chain = no
[extensions]
basicConstraints = critical, CA:false
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, timeStamping
"""


def openssl(*words: str, data: bytes | None = None) -> bytes:
    """Return what OpenSSL prints."""
    done = subprocess.run(["openssl", *words], input=data, capture_output=True, timeout=600)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


class Authority:
    """An authority with a root of its own. ``answer`` is what it says in place of a timestamp, if anything."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        self.folder, self.root, self.answer, self.asked = folder, folder / "root.pem", b"", 0
        (folder / "serial").write_text("01\n")
        (folder / "tsa.cnf").write_text(CONFIG.format(folder=folder))
        subject = ("-subj", "/CN=Root of tests")
        openssl(*_key(folder / "root.key"), "-x509", *subject, "-days", "3650", "-out", str(self.root))
        request = openssl(*_key(folder / "tsa.key"), "-subj", "/CN=Authority of tests")
        signing = ("-CA", str(self.root), "-CAkey", str(folder / "root.key"), "-CAcreateserial", "-days", "3650")
        extended = ("-extfile", str(folder / "tsa.cnf"), "-extensions", "extensions")
        openssl("x509", "-req", *signing, *extended, "-out", str(folder / "tsa.pem"), data=request)
        self._server = HTTPServer(("127.0.0.1", 0), _handler(self))
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    @property
    def url(self) -> str:
        """Return where it is asked."""
        return f"http://127.0.0.1:{self._server.server_port}/tsa"

    def reply(self, query: bytes) -> bytes:
        """Its word on a query."""
        self.asked += 1
        if self.answer:
            return self.answer
        (self.folder / "query").write_bytes(query)
        who = ("-inkey", str(self.folder / "tsa.key"), "-signer", str(self.folder / "tsa.pem"))
        how = ("-config", str(self.folder / "tsa.cnf"), "-section", "tsa")
        return openssl("ts", "-reply", *how, "-queryfile", str(self.folder / "query"), *who)

    def verifies(self, response: Path, signature: Path) -> bool:
        """Return whether OpenSSL takes a response for this authority's word on a file."""
        words = ["openssl", "ts", "-verify", "-in", str(response), "-data", str(signature), "-CAfile", str(self.root)]
        return subprocess.run(words, capture_output=True).returncode == 0

    def __enter__(self) -> Authority:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()


def _key(path: Path) -> tuple[str, ...]:
    return ("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", str(path))


def _handler(authority: Authority) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            query = self.rfile.read(int(self.headers["Content-Length"]))
            sound = self.headers["Content-Type"] == "application/timestamp-query" and self.path == "/tsa"
            reply = authority.reply(query) if sound else b""
            self.send_response(200 if sound else 415)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.send_header("Content-Length", str(len(reply)))
            self.end_headers()
            self.wfile.write(reply)

        def log_message(self, *_: object) -> None:
            pass

    return Handler
