"""The records of all name servers of the world: set at all of them or at one, shown by each."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from ses_sandbox.dns_server import HOST, NameServer
from ses_sandbox.errors import SandboxError
from ses_sandbox.mail import AMAZON
from ses_sandbox.zones import TTL, RecordSet, Zone, character_strings, plain

KINDS: Final = ("A", "AAAA", "CNAME", "NS", "TXT")
LABEL: Final = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")


class DnsRecords:
    """What the name servers serve: the signing domain's zone and SES's own."""

    def __init__(self, servers: list[NameServer], domain: str) -> None:
        self._servers, self._domain = servers, domain
        self._own: dict[str, str] = {}
        self.told: Callable[[str, str, RecordSet | None], None] = lambda *_: None  # of what the primary was given

    def clear(self, now: datetime) -> None:
        """Begin with zones that hold their name servers and no key record but SES's own."""
        serial = int(f"{now:%Y%m%d}01")
        apexes, primary = (self._domain, AMAZON), self._servers[0].name
        zones = {apex: Zone(apex, serial, primary) for apex in apexes}
        hosts = tuple(server.name for server in self._servers)
        for zone in zones.values():
            zone.records[zone.apex, "NS"] = RecordSet(TTL, tuple(f"{host}." for host in hosts))
        for host in hosts:
            zones[self._domain].records[host, "A"] = RecordSet(TTL, (HOST,))
        for name, value in self._own.items():
            zones[AMAZON].records[name, "TXT"] = RecordSet(TTL, (character_strings(value.encode()),))
        for server in self._servers:
            server.zones = {apex: zone.copy() for apex, zone in zones.items()}

    def publish_own(self, name: str, value: str) -> None:
        """Put a TXT value at a name of SES's own zone, at every server, for good."""
        self._own[plain(name)] = value
        for server in self._servers:
            server.zones[AMAZON].put(name, "TXT", RecordSet(TTL, (character_strings(value.encode()),)))

    def set_record(
        self, name: str, kind: str, values: list[Any], *, ttl: int = TTL, server: str = "", tell: bool = True
    ) -> None:
        """Set all records of one type at one name of the signing domain's zone; see ``World.set_record``.

        Route 53 is told of it where the primary is one of the servers, unless it comes from there.
        """
        owner = plain(name)
        if owner != self._domain and not owner.endswith(f".{self._domain}"):
            raise SandboxError(f"The name {name!r} is outside {self._domain}.", todo="Choose one inside.")
        if kind not in KINDS or not 0 <= ttl < 2**31 or not _is_name(owner):
            raise SandboxError(f"The sandbox cannot serve {kind!r} at {name!r}.", todo=f"Types: {', '.join(KINDS)}.")
        read = RecordSet(ttl, tuple(_value(kind, value) for value in values)) if values else None
        chosen = self._chosen(server)
        for one in chosen:
            one.zones[self._domain].put(owner, kind, read)
        if tell and self._servers[0] in chosen:
            self.told(owner, kind, read)

    def add(self, records: dict[tuple[str, str], RecordSet]) -> None:
        """Put many record sets of the signing domain's zone, by name and type, at every server at once."""
        for server in self._servers if records else ():
            zone = server.zones[self._domain]
            zone.records, zone.serial = zone.records | records, zone.serial + 1

    def shown(self) -> list[dict[str, Any]]:
        """Each server's name, address, serial and TXT records of the signing domain, as plain data."""
        return [
            {
                "name": server.name,
                "address": server.address,
                "serial": server.zones[self._domain].serial,
                "txt": {
                    name: [b"".join(value).decode("latin-1") for value in found.values if isinstance(value, tuple)]
                    for (name, kind), found in sorted(server.zones[self._domain].records.items())
                    if kind == "TXT"
                },
            }
            for server in self._servers
        ]

    def _chosen(self, server: str) -> list[NameServer]:
        chosen = [one for one in self._servers if not server or server in (one.name, one.name.split(".")[0])]
        if not chosen:
            names = ", ".join(one.name for one in self._servers)
            raise SandboxError(f"The sandbox has no name server {server!r}.", todo=f"It has {names}.")
        return chosen


def _value(kind: str, value: Any) -> str | tuple[bytes, ...]:
    """A value as it is stored. TXT: text is cut into character-strings, a list is taken as it is; latin-1 is bytes."""
    if kind != "TXT":
        return _checked(kind, str(value))
    if isinstance(value, str):
        return character_strings(value.encode("latin-1"))
    strings = tuple(str(part).encode("latin-1") for part in value)
    if not strings or any(len(part) > 255 for part in strings):
        raise SandboxError("A TXT record is one or more character-strings of at most 255 bytes.")
    return strings


def _checked(kind: str, value: str) -> str:
    try:
        if kind in ("A", "AAAA"):
            {"A": ipaddress.IPv4Address, "AAAA": ipaddress.IPv6Address}[kind](value)
        elif not _is_name(plain(value)):
            raise ValueError
    except ValueError:
        raise SandboxError(f"{value!r} cannot stand in a record of type {kind}.") from None
    return value


def _is_name(name: str) -> bool:
    return len(name) <= 253 and all(LABEL.fullmatch(label) for label in name.split("."))
