"""What the custodian does about a zone that may be written: it has what the zone's keeper wants to see for it.

The one name that is asked for is a key record's; no other is read, and none is written.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from byodkim.aws.route53 import HostedZone
from byodkim.aws.session import WRITE, Clients
from byodkim.custody import tsig_secret
from byodkim.custody.refusal import DutyError, reading
from byodkim.custody.windows import Windows
from byodkim.dkim.published import Server
from byodkim.dns.dynamic_update import UpdateServer
from byodkim.dns.publisher import Publisher, ZoneRefused
from byodkim.rotation.publication import Change

# The answer to a read or a write names this, in place of an AWS operation, where the zone's keeper is a name server.
_KEEPERS: Final = {"route53": "Route53", "rfc2136": "DnsUpdate"}
_NAME: Final = re.compile(r"[a-z0-9-]{1,63}\._domainkey\.[a-z0-9.-]{1,190}")


@dataclass
class ZoneDuties:
    """The zones of one custodian.

    Attributes:
        clients: of AWS.
        learn: takes the windows of a secret, for which texts are searched from now on.
    """

    clients: Clients
    learn: Callable[[Windows], None]
    _known: dict[tuple[str, ...], Publisher] = field(default_factory=dict, repr=False)

    def read(self, way: Mapping[str, Any], name: str) -> dict[str, Any]:
        """Return what stands at the key record's name, as plain ``Standing``."""
        return dict(self._asked(way, lambda zone: zone.read(_checked(name)).plain()))

    def write(self, way: Mapping[str, Any], change: Mapping[str, Any]) -> dict[str, Any]:
        """One attempt at a planned change, as plain ``Written``."""
        made = Change.from_plain(change)
        _checked(made.name)
        return dict(self._asked(way, lambda zone: zone.write(made).plain()))

    def settled(self, way: Mapping[str, Any], receipt: str) -> bool:
        """Return whether a change has settled."""
        return bool(self._asked(way, lambda zone: zone.settled(receipt)))

    def _asked(self, way: Mapping[str, Any], ask: Callable[[Publisher], Any]) -> Any:
        try:
            return ask(self._zone(way))
        except ZoneRefused as refused:
            raise DutyError(_KEEPERS[way["publisher"]], refused.code, refused.message) from None

    def _zone(self, way: Mapping[str, Any]) -> Publisher:
        named = tuple(str(way[name]) for name in ("publisher", "hosted_zone_id", "update_server", "tsig_secret_id"))
        if named not in self._known:
            self._known[named] = self._update_server(way) if way["publisher"] == "rfc2136" else self._hosted_zone(way)
        return self._known[named]

    def _hosted_zone(self, way: Mapping[str, Any]) -> Publisher:
        return HostedZone(way["hosted_zone_id"], self.clients.get("route53"), self.clients.get("route53", WRITE))

    def _update_server(self, way: Mapping[str, Any]) -> Publisher:
        client, address = self.clients.get("secretsmanager"), way["update_server"]
        answer = reading("GetSecretValue", lambda: client.get_secret_value(SecretId=way["tsig_secret_id"]))
        try:
            key, windows = tsig_secret.parse(answer.get("SecretString", ""))
        except tsig_secret.TsigDefect as defect:
            raise DutyError("TsigSecret", defect.code, "") from None
        self.learn(windows)
        return UpdateServer(Server("", address["address"], int(address["port"])), key)


def _checked(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise DutyError("Zone", "NoKeyRecord", "only a key record may be asked for")
    return name
