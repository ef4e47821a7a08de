"""Knot DNS as the primary, which takes dynamic updates; NSD as its secondary; Unbound resolves."""

import base64
import contextlib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from tests.dns.daemons import NSD, free_port, running, unbound, wait_for_zone

ZONE = "example.jp"
KEY_NAME = "byodkim-update"
#: Caches forget within a second that there was no record.
START = "@ 300 SOA ns1 hostmaster 1 3600 900 604800 1\n@ 300 NS ns1\n@ 300 NS ns2\n"
HOSTS = "ns1 300 A 127.0.0.1\nns2 300 A 127.0.0.1\n"
KNOT = """\
server:
    listen: 127.0.0.1@{primary}
    rundir: "{folder}"
    pidfile: "{folder}/pid"
log:
  - target: stderr
    any: info
database:
    storage: "{folder}"
key:
  - id: {key_name}
    algorithm: hmac-sha256
    secret: {secret}
remote:
  - id: secondary
    address: 127.0.0.1@{secondary}
acl:
  - id: updates
    key: {key_name}
    action: update
  - id: transfers
    address: 127.0.0.1
    action: transfer
zone:
  - domain: {zone}
    storage: "{folder}"
    file: zone
    notify: secondary
    acl: [updates, transfers]
"""
SECONDARY = """\
zone:
  name: "{zone}"
  zonefile: "{zone}"
  allow-notify: 127.0.0.1 NOKEY
  request-xfr: AXFR 127.0.0.1@{primary} NOKEY
"""


class NameServers(NamedTuple):
    """Ports of the three servers. ``tsig``: content of the secret with the key for updates."""

    primary: int
    secondary: int
    resolver: int
    tsig: Mapping[str, str]

    @property
    def addresses(self) -> list[str]:
        """Return the authoritative servers."""
        return [f"127.0.0.1:{port}" for port in (self.primary, self.secondary)]


@contextlib.contextmanager
def name_servers(folder: Path, records: Mapping[str, str]) -> Iterator[NameServers]:
    """Serve key records, values by selector, until the block ends."""
    primary, secondary = free_port(), free_port()
    secret = base64.b64encode(os.urandom(32)).decode()
    places = {name: folder / name for name in ("knot", "nsd", "unbound")}
    for name in ("knot", "nsd"):
        places[name].mkdir(parents=True)
    lines = [_line(selector, value) for selector, value in records.items()]
    (places["knot"] / "zone").write_text(START + HOSTS + "".join(lines))
    given = {"primary": primary, "secondary": secondary, "zone": ZONE, "key_name": KEY_NAME}
    knot = KNOT.format(folder=places["knot"], secret=secret, **given)
    interface = f"  ip-address: 127.0.0.1@{secondary}\n"
    nsd = NSD.format(interfaces=interface, folder=places["nsd"]) + SECONDARY.format(**given)
    stubs = {ZONE: f"127.0.0.1@{secondary}"}
    tsig = {"name": KEY_NAME, "algorithm": "hmac-sha256", "secret": secret}
    with (
        running(places["knot"], ["knotd", "-c"], knot, "127.0.0.1", primary, ZONE),
        running(places["nsd"], ["nsd", "-d", "-c"], nsd, "127.0.0.1", secondary, ZONE),
        unbound(places["unbound"], stubs=stubs) as resolver,
    ):
        wait_for_zone(secondary, ZONE)
        yield NameServers(primary, secondary, resolver, tsig)


def _line(selector: str, value: str) -> str:
    strings = (f'"{value[start : start + 255]}"' for start in range(0, len(value), 255))
    return f"{selector}._domainkey 300 TXT {' '.join(strings)}\n"
