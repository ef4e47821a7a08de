"""A small internet on loopback: a root, top-level domains and zones, at documentation addresses that lead to ports."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import dns.rdatatype

from second_edition.dkim.published import Server
from second_edition.dns.exchange import Reply, exchange
from tests.second_edition.dns.daemons import Daemon

ROOTS = (Server("a.root-servers.net", "192.0.2.1"),)


@dataclass
class Internet:
    """Addresses of documentation networks, and the port of loopback where each is served.

    An address that leads nowhere is one that does not answer.
    """

    ports: dict[str, int] = field(default_factory=dict)
    asked: list[tuple[str, str, str]] = field(default_factory=list)
    without_ipv6: bool = False

    def ask(self, server: Server, name: str, kind: dns.rdatatype.RdataType) -> Reply:
        """One question to a documentation address."""
        self.asked.append((server.address, name.lower(), dns.rdatatype.to_text(kind)))
        if self.without_ipv6 and ":" in server.address:
            return Reply(None, "udp", failure="no-route")
        if server.address not in self.ports:
            return Reply(None, "udp", failure="timeout")
        return exchange(self.at(server), name, kind, timeout_s=10.0, attempts=2)

    def at(self, server: Server) -> Server:
        """Return where a server of this internet really is."""
        host = "::1" if ":" in server.address else "127.0.0.1"
        return Server(server.name, host, self.ports[server.address])


def zone(name: str, servers: Mapping[str, str], *more: str, serial: int = 2026112401) -> str:
    """A zone's text: its SOA, NS records for ``servers`` (addresses by host, for those within it), and more lines."""
    apex = name if name == "." else f"{name}."
    first = next(iter(servers), "ns.invalid")
    lines = [f"{apex} 3600 SOA {first}. hostmaster.{apex.lstrip('.')} {serial} 7200 900 1209600 300"]
    lines += [f"{apex} 3600 NS {host}." for host in servers]
    return "\n".join((*lines, *_addresses(servers), *more)) + "\n"


def delegation(name: str, servers: Mapping[str, str]) -> str:
    """The lines by which a zone delegates another, with the addresses that are given."""
    return "\n".join((*(f"{name}. 3600 NS {host}." for host in servers), *_addresses(servers)))


def above(parent: Mapping[str, str]) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """The zones of the root, and the top-level domains: jp delegates example.jp to ``parent``."""
    tops = (delegation("jp", {"a.dns.jp": "192.0.2.2"}), delegation("com", {"a.gtld.net": "192.0.2.2"}))
    jp = zone("jp", {"a.dns.jp": "192.0.2.2"}, delegation("example.jp", parent))
    com = zone("com", {"a.gtld.net": ""}, delegation("example.com", {"ns.example.com": "198.51.100.54"}))
    return {".": zone(".", {"a.root-servers.net": "192.0.2.1"}, *tops)}, {"jp": jp, "com": com}


def _addresses(servers: Mapping[str, str]) -> list[str]:
    return [
        f"{host}. 3600 {'AAAA' if ':' in address else 'A'} {address}"
        for host, addresses in servers.items()
        for address in addresses.split()
    ]


@contextmanager
def serve(folder: Path, *machines: tuple[Daemon, Mapping[str, str], str]) -> Iterator[Internet]:
    """An internet of machines: a program, its zones by name, and the addresses it has, with spaces between."""
    internet = Internet()
    with ExitStack() as stack:
        for number, (daemon, zones, addresses) in enumerate(machines):
            port = stack.enter_context(daemon(folder / str(number), zones))
            internet.ports |= dict.fromkeys(addresses.split(), port)
        yield internet
