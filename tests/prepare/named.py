"""A real BIND on loopback that takes dynamic updates signed with TSIG."""

import base64
import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tests.dns.daemons import free_port, running, wait_for_zone

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
  type primary; file "zone"; allow-update {{ key {key_name}; }};
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
def named(folder: Path) -> Iterator[Named]:
    """Run BIND until the block ends."""
    folder.mkdir()
    server = Named(free_port(), base64.b64encode(os.urandom(32)).decode())
    (folder / "zone").write_text(ZONE)
    configuration = CONFIGURATION.format(
        key_name=KEY_NAME, secret=server.secret, folder=folder, port=server.port
    )
    command = ["named", "-n", "1", "-g", "-c"]
    with running(folder, command, configuration, "127.0.0.1", server.port, "example.jp"):
        wait_for_zone(server.port, "example.jp")
        yield server
