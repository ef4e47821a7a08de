"""The records of all name servers of the world: set at all of them or at one, shown by each."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import dns.exception
import dns.name
import dns.rdata
import dns.rdataset
from dns.name import Name
from dns.rdata import Rdata
from dns.rdataclass import IN
from dns.rdataset import Rdataset
from dns.rdatatype import NS, TXT, A, RdataType

from second_edition.ses_sandbox.dns_server import CHANGING, HOST, TTL, Key, NameServer, Zone, text_record, text_set
from second_edition.ses_sandbox.errors import SandboxError
from second_edition.ses_sandbox.mail import AMAZON

KINDS: Final = ("A", "AAAA", "CNAME", "NS", "TXT")
HOST_NAME: Final = re.compile(r"(?:[a-z0-9_-]+\.)*[a-z0-9_-]+\.?", re.IGNORECASE)


class DnsRecords:
    """Hold what the name servers serve: the signing domain's zone and SES's own."""

    def __init__(self, servers: list[NameServer], domain: str) -> None:
        self._servers, self._apex = servers, dns.name.from_text(domain)
        self._amazon = dns.name.from_text(AMAZON)
        self._own: dict[Key, Rdataset] = {}
        self.on_change: Callable[[Name, RdataType, Rdataset | None], None] = lambda *_: (
            None
        )  # what the primary was given

    def clear(self, now: datetime) -> None:
        """Begin with zones that hold their name servers and no key record but SES's own."""
        hosts = [f"{server.name}." for server in self._servers]
        for server in self._servers:
            server.zones = {}
            for apex in (self._apex, self._amazon):
                zone = Zone(apex, int(f"{now:%Y%m%d}00"), self._servers[0].name)
                zone.put({(apex, NS): dns.rdataset.from_text_list(IN, NS, TTL, hosts)})
                server.zones[apex] = zone
            zone = server.zones[self._apex]
            addresses = dns.rdataset.from_text(IN, A, TTL, HOST)
            zone.records = {**zone.records, **{(dns.name.from_text(host), A): addresses for host in hosts}}
            zone = server.zones[self._amazon]
            zone.records = {**zone.records, **self._own}

    def publish_own(self, name: str, value: str) -> None:
        """Put a TXT value at a name of SES's own zone, at every server, for good."""
        key = (dns.name.from_text(name), TXT)
        self._own[key] = text_set(value)
        _put([server.zones[self._amazon] for server in self._servers], {key: self._own[key]})

    def set_record(
        self, name: str, kind: str, values: list[Any], *, ttl: int = TTL, server: str = "", tell: bool = True
    ) -> None:
        """Set all records of one type at one name of the signing domain's zone; see ``World.set_record``.

        Route 53 is told of it where the primary is one of the servers, unless it comes from there.
        """
        if kind not in KINDS or not 0 <= ttl < 2**31 or not HOST_NAME.fullmatch(name):
            raise SandboxError(
                "The sandbox cannot serve {kind!r} at {name!r}.",
                "Types: {kinds}.",
                kind=kind,
                name=name,
                kinds=", ".join(KINDS),
            )
        try:
            owner, found = dns.name.from_text(name), [_record(kind, value) for value in values]
        except (dns.exception.DNSException, ValueError):
            raise SandboxError(
                "The sandbox cannot serve this at {name!r} as a record of type {kind}.", name=name, kind=kind
            ) from None
        records = dns.rdataset.from_rdata_list(ttl, found) if found else None
        chosen = self._chosen(server)
        zones = [one.zone_of(owner) for one in chosen]
        if None in zones or any(zone.apex == self._amazon for zone in zones if zone):
            raise SandboxError("The name {name!r} is outside {apex}.", "Choose one inside.", name=name, apex=self._apex)
        _put(zones, {(owner, RdataType[kind]): records})
        if tell and self._servers[0] in chosen and owner.is_subdomain(self._apex):
            self.on_change(owner, RdataType[kind], records)

    def add(self, records: Mapping[Key, Rdataset]) -> None:
        """Put many record sets of the signing domain's zone at every server at once."""
        if records:
            _put([server.zones[self._apex] for server in self._servers], records)

    def shown(self) -> list[dict[str, Any]]:
        """Return each server's name, address, serial and TXT records of the signing domain, as plain data."""
        return [
            {
                "name": server.name,
                "address": server.address,
                "serial": server.zones[self._apex].serial,
                "txt": {
                    name.to_text(omit_final_dot=True): [b"".join(one.strings).decode("latin-1") for one in found]
                    for (name, kind), found in sorted(server.zones[self._apex].records.items(), key=lambda one: one[0])
                    if kind == TXT
                },
            }
            for server in self._servers
        ]

    def _chosen(self, server: str) -> list[NameServer]:
        chosen = [one for one in self._servers if not server or server in (one.name, one.name.split(".")[0])]
        if not chosen:
            names = ", ".join(one.name for one in self._servers)
            raise SandboxError(
                "The sandbox has no name server {server!r}.", "It has {names}.", server=server, names=names
            )
        return chosen


def _put(zones: Sequence[Zone | None], changes: Mapping[Key, Rdataset | None]) -> None:
    """Change the zones of several servers at once, as far as any answer shows."""
    with CHANGING:
        for zone in filter(None, zones):
            zone.put(changes)


def _record(kind: str, value: Any) -> Rdata:
    """Return a record. TXT: text is cut into character-strings, a list is taken as it is; latin-1 is bytes."""
    if kind != "TXT":
        return dns.rdata.from_text(IN, kind, str(value), dns.name.root, relativize=False)
    if isinstance(value, str):
        return text_record(value.encode("latin-1"))
    return text_record([str(part).encode("latin-1") for part in value])
