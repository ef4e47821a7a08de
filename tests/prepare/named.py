"""A real BIND on loopback that takes dynamic updates signed with TSIG."""

import base64
import contextlib
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

KEY_NAME = "byodkim-test"
ZONE = """\
$TTL 300
@ IN SOA ns1 hostmaster 1 3600 900 604800 5
@ IN NS ns1
ns1 IN A 127.0.0.1
*.wild IN TXT "anything"
alias._domainkey IN CNAME elsewhere.example.jp.
"""
CONFIGURATION = """\
key "{key_name}" {{ algorithm hmac-sha256; secret "{secret}"; }};
options {{
  directory "{folder}"; pid-file "named.pid"; session-keyfile "session.key";
  managed-keys-directory "{folder}";
  listen-on port {port} {{ 127.0.0.1; }}; listen-on-v6 {{ none; }};
  recursion no; dnssec-validation no; allow-transfer {{ none; }}; notify no;
}};
controls {{ }};
zone "example.jp" {{
  type primary; file "zone"; allow-update {{ {allowed} }};
}};
"""


class Named(NamedTuple):
    """A running server. ``tsig``: content of the secret with its key."""

    port: int
    secret: str

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def tsig(self) -> dict[str, str]:
        return {"name": KEY_NAME, "algorithm": "hmac-sha256", "secret": self.secret}


@contextlib.contextmanager
def named(folder: Path, allowed: str = f"key {KEY_NAME};") -> Iterator[Named]:
    """Run BIND until the block ends. ``allowed``: who may update."""
    folder.mkdir()
    server = Named(_free_port(), base64.b64encode(os.urandom(32)).decode())
    (folder / "zone").write_text(ZONE)
    configuration = CONFIGURATION.format(
        key_name=KEY_NAME, secret=server.secret, folder=folder, port=server.port, allowed=allowed
    )
    (folder / "named.conf").write_text(configuration)
    command = ["named", "-g", "-c", str(folder / "named.conf"), "-n", "1"]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, stderr=log, stdout=log)
        try:
            _wait_until_it_answers(server, folder / "log")
            yield server
        finally:
            process.terminate()
            process.wait(timeout=10)


def _wait_until_it_answers(server: Named, log: Path) -> None:
    question = ["dig", "+tries=1", "+time=1", "@127.0.0.1", "-p", str(server.port)]
    deadline = time.monotonic() + 15
    while True:
        words = [*question, "example.jp", "SOA"]
        if "flags: qr aa" in subprocess.run(words, capture_output=True, text=True).stdout:
            return
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.05)


def _free_port() -> int:
    """Return a port that is free for UDP and TCP."""
    while True:
        with socket.create_server(("127.0.0.1", 0)) as tcp, socket.socket(type=2) as udp:
            port: int = tcp.getsockname()[1]
            with contextlib.suppress(OSError):
                udp.bind(("127.0.0.1", port))
                return port
