"""Real name servers as child processes on loopback: nsd, Knot DNS and BIND with zones, Unbound as a resolver.

Each serves 127.0.0.1 and ::1 on a free port, from a folder of its own, and ends with its block.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import dns.flags
import dns.rcode
import dns.rdatatype

from second_edition.dkim.published import Server
from second_edition.dns.exchange import exchange
from tests.second_edition.dns.servers import free_port

PATH = "/usr/sbin:/usr/local/sbin:/opt/homebrew/sbin:/usr/bin:/usr/local/bin:/opt/homebrew/bin"

_TAKEN = re.compile("address (already )?in use", re.IGNORECASE)

Daemon = Callable[[Path, Mapping[str, str]], AbstractContextManager[int]]
"""From a folder and the texts of zones by name to a running server; the block is given its port."""


def nsd(folder: Path, zones: Mapping[str, str]) -> AbstractContextManager[int]:
    """A running nsd."""
    listed = "".join(f'zone:\n  name: "{zone}"\n  zonefile: "{file}"\n' for zone, file in _files(folder, zones).items())

    def config(port: int) -> str:
        return (
            f'server:\n  ip-address: 127.0.0.1@{port}\n  ip-address: ::1@{port}\n  username: ""\n  chroot: ""\n'
            f'  zonesdir: "{folder}"\n  database: ""\n  pidfile: "{folder}/pid"\n  xfrdfile: ""\n  zonelistfile: ""\n'
            f'  xfrdir: "{folder}"\n  server-count: 1\n'
            f"remote-control:\n  control-enable: no\n{listed}"
        )

    return _running(folder, config, lambda file: ["nsd", "-d", "-c", file], _loaded(zones), authoritative=True)


def knot(folder: Path, zones: Mapping[str, str], more: str = "", of_each: str = "") -> AbstractContextManager[int]:
    """A running Knot DNS; ``more`` stands before its zones, and ``of_each`` in each of them."""
    listed = "".join(
        f'  - domain: "{zone}"\n    file: "{file}"\n{of_each}' for zone, file in _files(folder, zones).items()
    )

    def config(port: int) -> str:
        return (
            f'server:\n    rundir: "{folder}"\n    listen: [127.0.0.1@{port}, ::1@{port}]\n'
            "    udp-workers: 1\n    tcp-workers: 1\n    background-workers: 1\n"
            f'database:\n    storage: "{folder}/db"\n    journal-db-max-size: 64M\n'
            "log:\n  - target: stderr\n    any: warning\n"
            f'template:\n  - id: default\n    storage: "{folder}"\n    zonefile-sync: -1\n    journal-content: none\n'
            f"{more}zone:\n{listed}"
        )

    return _running(folder, config, lambda file: ["knotd", "-c", file], _loaded(zones), authoritative=True)


def bind(folder: Path, zones: Mapping[str, str], more: str = "", of_each: str = "") -> AbstractContextManager[int]:
    """A running BIND; ``more`` stands before its zones, and ``of_each`` in each of them."""
    listed = "".join(
        f'zone "{zone}" {{ type primary; file "{file}"; check-integrity no;{of_each} }};\n'
        for zone, file in _files(folder, zones).items()
    )

    def config(port: int) -> str:
        return (
            f'options {{ directory "{folder}"; pid-file none; session-keyfile none; recursion no;'
            " empty-zones-enable no;"
            f" listen-on port {port} {{ 127.0.0.1; }}; listen-on-v6 port {port} {{ ::1; }};"
            f" dnssec-validation no; allow-query {{ any; }}; }};\ncontrols {{ }};\n{more}{listed}"
        )

    return _running(
        folder, config, lambda file: ["named", "-g", "-n", "1", "-c", file], _loaded(zones), authoritative=True
    )


def unbound(
    folder: Path, stubs: Mapping[str, int], tls: tuple[int, Path, Path] | None = None, anchors: Sequence[str] = ()
) -> AbstractContextManager[int]:
    """A running Unbound that asks 127.0.0.1 for each zone, on the port that stands beside it.

    ``tls``: a port on which it speaks TLS too, with the files of its certificate and private key. ``anchors``: DNSKEY
    records to validate by; without any, it does not validate.
    """
    modules = "validator iterator" if anchors else "iterator"
    trusted = "".join(f"  trust-anchor: '{anchor}'\n" for anchor in anchors)
    secure = ""
    if tls is not None:
        secure = (
            f"  interface: 127.0.0.1@{tls[0]}\n  tls-port: {tls[0]}\n"
            f'  tls-service-pem: "{tls[1]}"\n  tls-service-key: "{tls[2]}"\n'
        )
    listed = "".join(f'stub-zone:\n  name: "{zone}"\n  stub-addr: 127.0.0.1@{port}\n' for zone, port in stubs.items())

    def config(port: int) -> str:
        return (
            f"server:\n  interface: 127.0.0.1@{port}\n  interface: ::1@{port}\n  do-not-query-localhost: no\n"
            f'  username: ""\n  chroot: ""\n  directory: "{folder}"\n  pidfile: ""\n  use-syslog: no\n'
            f'{secure}{trusted}  num-threads: 1\n  module-config: "{modules}"\n  outgoing-range: 60\n'
            "  do-daemonize: no\n"
            f"remote-control:\n  control-enable: no\n{listed}"
        )

    return _running(folder, config, lambda file: ["unbound", "-d", "-c", file], list(stubs), authoritative=False)


def _files(folder: Path, zones: Mapping[str, str]) -> dict[str, str]:
    folder.mkdir(parents=True, exist_ok=True)
    named = {zone: f"{zone.strip('.') or 'root'}.zone" for zone in zones}
    for zone, text in zones.items():
        if text:
            (folder / named[zone]).write_text(text)
    return named


def _loaded(zones: Mapping[str, str]) -> list[str]:
    """The zones that have a text: another is configured, and its file is missing."""
    return [zone for zone, text in zones.items() if text]


@contextmanager
def _running(
    folder: Path,
    config: Callable[[int], str],
    command: Callable[[str], list[str]],
    zones: Sequence[str],
    *,
    authoritative: bool,
) -> Iterator[int]:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "db").mkdir(exist_ok=True)
    file, log = folder / "server.conf", folder / "server.log"
    program, *arguments = command(str(file))
    found = shutil.which(program, path=PATH)
    assert found, f"{program} is not installed"
    for _ in range(3):
        port = free_port()
        file.write_text(config(port))
        with log.open("w") as errors:
            child = subprocess.Popen([found, *arguments], cwd=folder, stdout=errors, stderr=subprocess.STDOUT)
            try:
                if all(_serves(child, Server("", "127.0.0.1", port), zone, log, authoritative) for zone in zones):
                    yield port
                    return
            finally:
                child.terminate()
                child.wait(600)
    raise AssertionError(log.read_text())


def _serves(child: subprocess.Popen[bytes], server: Server, zone: str, log: Path, authoritative: bool) -> bool:
    """Wait until the zone is served, or return False where another process has taken the server's port meanwhile."""
    for _ in range(500):
        reply = exchange(
            server, zone, dns.rdatatype.SOA, timeout_s=0.5, attempts=1, recursion=not authoritative,
            checking_disabled=not authoritative,
        )  # fmt: skip
        message = reply.message
        served = message is not None and message.rcode() == dns.rcode.NOERROR
        if message is not None and served and bool(message.flags & dns.flags.AA) is authoritative:
            return not _TAKEN.search(log.read_text())  # BIND goes on without TCP
        if child.poll() is not None:
            said = log.read_text()
            assert _TAKEN.search(said), said
            return False
        time.sleep(0.02)
    raise AssertionError(log.read_text())
