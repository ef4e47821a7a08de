"""Run real name servers on loopback: nsd for zones, Unbound as a resolver."""

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import dns.exception
import dns.message
import dns.query
from dns.rdatatype import SOA

PATH = "/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin"

SOA_LINE = "@ 3600 SOA ns1.example.jp. hostmaster.example.jp. 2026112401 7200 900 1209600 300\n"

NSD = """\
server:
{interfaces}  username: ""
  chroot: ""
  zonesdir: "{folder}"
  pidfile: ""
  xfrdfile: ""
  zonelistfile: ""
  xfrdir: "{folder}"
  server-count: 1
  rrl-ratelimit: 0
remote-control:
  control-enable: no
"""
UNBOUND = """\
server:
  interface: 127.0.0.1@{port}
  do-not-query-localhost: no
  username: ""
  chroot: ""
  directory: "{folder}"
  pidfile: ""
  use-syslog: no
  num-threads: 1
  do-daemonize: no
  module-config: "{modules}"
{more}remote-control:
  control-enable: no
{stubs}"""


@contextmanager
def nsd(
    folder: Path,
    zones: Mapping[str, str],
    addresses: Sequence[str] = ("127.0.0.1",),
    port: int = 0,
    *,
    soa: str = SOA_LINE,
) -> Iterator[int]:
    """Serve zones, texts by name; without a port, on a free one, which the block is given."""
    folder.mkdir()
    port = port or free_port()
    interfaces = "".join(f"  ip-address: {address}@{port}\n" for address in addresses)
    config = NSD.format(interfaces=interfaces, folder=folder)
    for number, (zone, text) in enumerate(zones.items()):
        (folder / f"{number}.zone").write_text(soa + text)
        config += f'zone:\n  name: "{zone}"\n  zonefile: "{number}.zone"\n'
    with running(folder, ["nsd", "-d", "-c"], config, addresses[0], port, next(iter(zones))):
        yield port


@contextmanager
def unbound(
    folder: Path, *, stubs: Mapping[str, str] = {}, anchor: str = "", root: str = ""
) -> Iterator[int]:
    """Resolve: ``stubs`` are addresses by zone, ``anchor`` a trust anchor, ``root`` root hints."""
    folder.mkdir()
    port = free_port()
    more = f'  trust-anchor: "{anchor}"\n' if anchor else ""
    if root:
        (folder / "hints").write_text(f". 3600 NS a.root.\na.root. 3600 A {root}\n")
        more += '  root-hints: "hints"\n'
    config = UNBOUND.format(
        port=port,
        folder=folder,
        modules="validator iterator" if anchor else "iterator",
        more=more,
        stubs="".join(
            f'stub-zone:\n  name: "{zone}"\n  stub-addr: {address}\n'
            for zone, address in stubs.items()
        ),
    )
    with running(folder, ["unbound", "-d", "-c"], config, "127.0.0.1", port, "example.jp"):
        yield port


@contextmanager
def running(
    folder: Path, command: list[str], config: str, address: str, port: int, name: str
) -> Iterator[None]:
    """Run a daemon until the block ends; the block begins when it answers."""
    file, log = folder / "server.conf", folder / "server.log"
    file.write_text(config)
    program = shutil.which(command[0], path=PATH)
    assert program, f"{command[0]} is not installed"
    with log.open("w") as output:
        arguments = [program, *command[1:], str(file)]
        daemon = subprocess.Popen(arguments, cwd=folder, stdout=output, stderr=output)
        try:
            wait_for(daemon, address, port, name, log)
            yield
        finally:
            daemon.terminate()
            daemon.wait(30)


def wait_for(
    daemon: subprocess.Popen[bytes], address: str, port: int, name: str, log: Path
) -> None:
    deadline = time.monotonic() + 30
    query = dns.message.make_query(name, SOA)
    while time.monotonic() < deadline:
        assert daemon.poll() is None, log.read_text()
        try:
            dns.query.udp(query, address, 0.3, port)
        except (OSError, dns.exception.DNSException):
            time.sleep(0.02)
        else:
            return
    raise AssertionError(log.read_text())


def wait_for_zone(port: int, zone: str) -> None:
    """Wait until a server that answers has loaded a zone."""
    deadline = time.monotonic() + 30
    question = dns.message.make_query(zone, SOA)
    while not dns.query.udp(question, "127.0.0.1", 5, port).answer:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def free_port() -> int:
    """Return a port that nothing uses, for UDP and TCP."""
    while True:
        with (
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp,
            socket.socket(socket.AF_INET, socket.SOCK_STREAM) as tcp,
        ):
            udp.bind(("127.0.0.1", 0))
            port: int = udp.getsockname()[1]
            try:
                tcp.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
