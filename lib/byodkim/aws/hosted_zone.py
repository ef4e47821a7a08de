"""Where key records are written: in a hosted zone of Amazon Route 53, or at a server that takes
updates.

A change batch is carried out whole or not at all. CREATE fails where a record stands, DELETE where
it is not exactly as named.
Source: Amazon Route 53 API Reference, ChangeResourceRecordSets and GetChange.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from dataclasses import dataclass
from typing import Any, Final, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from byodkim.aws.errors import MISREAD, Refused, code_of, request_id_of, status_of, unread
from byodkim.aws.session import Clients
from byodkim.checks.facts import Unread
from byodkim.custody.settings import DnsWriter, PutAnswer, ZoneRecord
from byodkim.dkim.record import character_strings

#: Record sets of a name come first in a listing that begins with it; so many are read.
MOST_ITEMS: Final = "10"
_STRING: Final = re.compile(r'"((?:[^"\\]|\\.)*)"')
_ESCAPE: Final = re.compile(r"\\([0-7]{3}|.)")


class WritableZone(Protocol):
    """What both writers can do."""

    def read(self, name: str) -> ZoneRecord | Unread:
        """Return what stands at a name, as the zone's master has it."""

    def change(self, name: str, remove: str, add: str, ttl: int) -> PutAnswer:
        """Remove one value that stands there alone, or nothing, and add one, or none, at once."""

    def state(self, change: str) -> str | Unread:
        """Return PENDING or INSYNC."""


@dataclass(frozen=True)
class HostedZone:
    """A public hosted zone. ``zone_id`` is spelled as ``Z0123456789ABCDEFGHIJ``."""

    clients: Clients
    zone_id: str

    def read(self, name: str) -> ZoneRecord | Unread:
        """Return what stands at a name (ListResourceRecordSets)."""
        try:
            return self._read(name)[0]
        except (BotoCoreError, ClientError, *MISREAD) as error:
            return unread(error)

    def change(self, name: str, remove: str, add: str, ttl: int) -> PutAnswer:
        """Send one change batch, in one attempt (ChangeResourceRecordSets).

        Args:
            name: of the record, absolute, without a final dot.
            remove: value that must stand there alone, and goes; "" where nothing may stand there.
            add: value that comes; "" for none.
            ttl: of what comes, in seconds.
        """
        try:
            here, record_set = self._read(name)
            writer = self.clients.writer("route53")
        except (BotoCoreError, ClientError, *MISREAD) as error:
            return PutAnswer("rejected", code_of(error))
        if here.values != ((remove,) if remove else ()) or here.other:
            return PutAnswer("rejected", "NotAsExpected")
        changes = [{"Action": "DELETE", "ResourceRecordSet": record_set}] if remove else []
        if add:
            changes.append({"Action": "CREATE", "ResourceRecordSet": _txt(name, add, ttl)})
        try:
            answer = writer.change_resource_record_sets(
                HostedZoneId=self.zone_id, ChangeBatch={"Changes": changes}
            )
            info = answer["ChangeInfo"]
            told = {"Id": str(info["Id"]).rpartition("/")[2], "Status": str(info["Status"])}
        except (BotoCoreError, ClientError, *MISREAD) as error:
            is_no = isinstance(error, ClientError) and 400 <= status_of(error) < 500
            request_id = request_id_of(getattr(error, "response", {}))
            return PutAnswer(
                "rejected" if is_no else "unclear", code_of(error), request_id=request_id
            )
        return PutAnswer("accepted", answer=told, request_id=request_id_of(answer))

    def state(self, change: str) -> str | Unread:
        """Return PENDING, or INSYNC once every server of Route 53 has a change (GetChange)."""
        try:
            answer = self.clients.reader("route53").get_change(Id=change)
            return str(answer["ChangeInfo"]["Status"])
        except (BotoCoreError, ClientError, *MISREAD) as error:
            return unread(error)

    def _read(self, name: str) -> tuple[ZoneRecord, dict[str, Any]]:
        """Return what stands at a name, and the TXT record set as Route 53 spells it.

        Raises:
            BotoCoreError, ClientError: Route 53 did not say, or the zone is another one.
        """
        client = self.clients.reader("route53")
        zone = client.get_hosted_zone(Id=self.zone_id)["HostedZone"]
        apex = str(zone["Name"]).rstrip(".").lower()
        if zone.get("Config", {}).get("PrivateZone"):
            raise Refused("PrivateZone", apex)
        if not name.endswith(f".{apex}"):
            raise Refused("OtherZone", apex)
        listed = client.list_resource_record_sets(
            HostedZoneId=self.zone_id, StartRecordName=f"{name}.", MaxItems=MOST_ITEMS
        )["ResourceRecordSets"]
        here = [each for each in listed if each["Name"].rstrip(".").lower() == name.lower()]
        plain = [each for each in here if each["Type"] == "TXT" and "SetIdentifier" not in each]
        plain = [each for each in plain if "ResourceRecords" in each]
        other = next((each["Type"] for each in here if each not in plain), "")
        record_set = plain[0] if plain else {}
        values = sorted(_joined(each["Value"]) for each in record_set.get("ResourceRecords", ()))
        ttl = int(record_set.get("TTL", 0))
        return ZoneRecord(apex, tuple(values), ttl, other), record_set


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


def _txt(name: str, value: str, ttl: int) -> dict[str, Any]:
    spelled = " ".join(f'"{string}"' for string in character_strings(value))
    return {
        "Name": f"{name}.",
        "Type": "TXT",
        "TTL": ttl,
        "ResourceRecords": [{"Value": spelled}],
    }


def _joined(spelled: str) -> str:
    """Return a TXT record as Route 53 spells it, in one piece."""
    return "".join(_ESCAPE.sub(_meant, string) for string in _STRING.findall(spelled))


def _meant(escape: re.Match[str]) -> str:
    return chr(int(escape[1], 8) & 0xFF) if len(escape[1]) == 3 else escape[1]
