"""Real Knot DNS and BIND that take signed updates, and a zone told whole before and after.

What the key may do is what the README advises to allow it.
"""

from __future__ import annotations

import base64
import secrets
import socket
import socketserver
import struct
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import dns.query
import dns.zone

from tests.second_edition.dns import daemons
from tests.second_edition.project.readme import only, text_of
from tests.second_edition.project.tracked import ROOT

UPDATE = 5  # the opcode (RFC 2136 section 1.3)
NAME = "mail-20261124-1._domainkey.example.jp"
ZONE = """\
$TTL 3600
@ SOA ns1.example.jp. hostmaster.example.jp. 1 7200 900 1209600 300
@ NS ns1.example.jp.
ns1 A 127.0.0.1
www A 192.0.2.80
@ TXT "v=spf1 include:amazonses.com -all"
mail-20260912-1._domainkey TXT "v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQC"
mail-20261124-1._domainkey.other TXT "let be"
alias._domainkey CNAME elsewhere.example.net.
several._domainkey TXT "one"
several._domainkey TXT "two"
"""


def zone_of(records: Mapping[str, str]) -> str:
    """The zone with these key records alone, by selector."""
    kept = [line for line in ZONE.splitlines() if "_domainkey" not in line]
    for selector, value in records.items():
        if not value:
            continue
        strings = " ".join(f'"{value[start : start + 255]}"' for start in range(0, len(value), 255))
        kept.append(f"{selector}._domainkey TXT {strings}")
    return "\n".join([*kept, ""])


@dataclass(frozen=True)
class Key:
    """A TSIG key as a server's operator makes it."""

    name: str = "byodkim-update."
    algorithm: str = "hmac-sha256"
    secret: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)

    @property
    def base64(self) -> str:
        return base64.b64encode(self.secret).decode()

    @property
    def document(self) -> dict[str, str]:
        """As the secret in Secrets Manager holds it."""
        return {"name": self.name, "algorithm": self.algorithm, "secret": self.base64}

    @property
    def clause(self) -> str:
        """As tsig-keygen prints it."""
        return f'key "{self.name}" {{\n\talgorithm {self.algorithm};\n\tsecret "{self.base64}";\n}};\n'


Updated = Callable[[Path, Key], AbstractContextManager[int]]


def knot(folder: Path, key: Key, zone: str = ZONE) -> AbstractContextManager[int]:
    """A Knot DNS whose zone anybody may transfer."""
    more = (
        f"key:\n  - id: {key.name}\n    algorithm: {key.algorithm}\n    secret: {key.base64}\n"
        f"{only(text_of(ROOT, 'en'), 'knot').text}"
        "  - id: all\n    address: 127.0.0.1\n    action: [transfer, query]\n"
    )
    return daemons.knot(folder, {"example.jp": zone}, more, "    acl: [byodkim, all]\n    journal-content: changes\n")


def bind(folder: Path, key: Key, zone: str = ZONE) -> AbstractContextManager[int]:
    """A BIND whose zone anybody may transfer."""
    of_zone = f" allow-transfer {{ any; }};{only(text_of(ROOT, 'en'), 'bind').text}"
    return daemons.bind(folder, {"example.jp": zone}, key.clause, of_zone)


def whole(port: int) -> dict[tuple[str, str], tuple[int, tuple[str, ...]]]:
    """Every record set of the zone but its SOA, by AXFR and with dnspython's own reading: TTL and records."""
    zone = dns.zone.from_xfr(dns.query.xfr("127.0.0.1", "example.jp", port=port, relativize=False), relativize=False)
    return {
        (name.to_text(), rdataset.rdtype.name): (rdataset.ttl, tuple(sorted(record.to_text() for record in rdataset)))
        for name, rdataset in zone.iterate_rdatasets()
        if rdataset.rdtype.name != "SOA"
    }


def serial(port: int) -> int:
    """The zone's serial."""
    zone = dns.zone.from_xfr(dns.query.xfr("127.0.0.1", "example.jp", port=port, relativize=False), relativize=False)
    return int(zone.get_soa().serial)


@contextmanager
def between(port: int, answer: Callable[[bytes], bytes | None], only: int = UPDATE) -> Iterator[int]:
    """A port that hands messages on to the server at ``port``, and answers with what ``answer`` makes of the answers.

    ``None`` breaks the connection off; messages of another opcode than ``only`` pass as they are.
    """

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            size = self.request.recv(2)
            if len(size) < 2:
                return
            question = self._read(self.request, struct.unpack("!H", size)[0])
            with socket.create_connection(("127.0.0.1", port)) as there:
                there.sendall(size + question)
                came = self._read(there, struct.unpack("!H", self._read(there, 2))[0])
            made = answer(came) if question[2] >> 3 & 15 == only else came
            if made is not None:
                self.request.sendall(struct.pack("!H", len(made)) + made)

        def _read(self, tcp: socket.socket, size: int) -> bytes:
            data = b""
            while len(data) < size:
                data += tcp.recv(size - len(data))
            return data

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()
