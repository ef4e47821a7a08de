"""Where the custodian writes key records: in Route 53, or at a server that takes updates."""

from __future__ import annotations

import base64
import binascii
import json
from typing import Protocol

from byodkim.aws.errors import Refused
from byodkim.aws.hosted_zone import HostedZone
from byodkim.aws.session import Clients
from byodkim.checks.facts import Unread
from byodkim.custody.settings import DnsWriter, PutAnswer, ZoneRecord


class WritableZone(Protocol):
    """What both writers can do."""

    def read(self, name: str) -> ZoneRecord | Unread:
        """Return what stands at a name, as the zone's master has it."""

    def change(self, name: str, remove: str, add: str, ttl: int) -> PutAnswer:
        """Remove one value that stands there alone, or nothing, and add one, or none, at once."""

    def state(self, change: str) -> str | Unread:
        """Return PENDING or INSYNC."""


def open_zone(clients: Clients, writer: DnsWriter) -> WritableZone:
    """Return the zone that a profile names.

    The TSIG key is a secret of Secrets Manager: {"name": …, "algorithm": "hmac-sha256",
    "secret": base64}.

    Raises:
        BotoCoreError, ClientError: the TSIG key could not be read, or is none.
    """
    if writer.kind == "route53":
        return HostedZone(clients, writer.hosted_zone_id)
    from byodkim.dns.update import ALGORITHMS, TsigKey, UpdateServer  # only where it is used

    client = clients.reader("secretsmanager")
    answer = client.get_secret_value(SecretId=writer.tsig_secret_id)
    try:
        content = json.loads(answer["SecretString"])
        secret = base64.b64decode(content["secret"], validate=True)
        key = TsigKey(str(content["name"]), str(content["algorithm"]).rstrip(".").lower(), secret)
    except (LookupError, TypeError, ValueError, binascii.Error):
        raise Refused("TsigMalformed") from None
    if key.algorithm not in ALGORITHMS or not secret:
        raise Refused("TsigMalformed", "algorithm")
    return UpdateServer(writer.server, key)
