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
from typing import TYPE_CHECKING, Any, Final

from byodkim.aws.session import Clients, write
from byodkim.custody.settings import DnsWriter, PutAnswer, Refused, ZoneRecord
from byodkim.dkim.record import character_strings

if TYPE_CHECKING:
    from byodkim.dns.update import UpdateServer

#: Record sets of a name come first in a listing that begins with it; so many are read.
MOST_ITEMS: Final = "10"
_STRING: Final = re.compile(r'"((?:[^"\\]|\\.)*)"')
_ESCAPE: Final = re.compile(r"\\([0-7]{3}|.)")


@dataclass(frozen=True)
class HostedZone:
    """A public hosted zone. ``zone_id`` is spelled as ``Z0123456789ABCDEFGHIJ``."""

    clients: Clients
    zone_id: str

    def read(self, name: str) -> ZoneRecord:
        """Return what stands at a name (ListResourceRecordSets)."""
        return self._read(name)[0]

    def change(self, name: str, remove: str, add: str, ttl: int) -> PutAnswer:
        """Send one change batch, in one attempt (ChangeResourceRecordSets).

        Args:
            name: of the record, absolute, without a final dot.
            remove: value that must stand there alone, and goes; "" where nothing may stand there.
            add: value that comes; "" for none.
            ttl: of what comes, in seconds.
        """
        here, record_set = self._read(name)
        if here.values != ((remove,) if remove else ()) or here.other:
            return PutAnswer("rejected", "NotAsExpected")
        changes = [{"Action": "DELETE", "ResourceRecordSet": record_set}] if remove else []
        if add:
            changes.append({"Action": "CREATE", "ResourceRecordSet": _txt(name, add, ttl)})
        return write(
            self.clients,
            "route53",
            lambda client: client.change_resource_record_sets(
                HostedZoneId=self.zone_id, ChangeBatch={"Changes": changes}
            ),
            _told,
        )

    def state(self, change: str) -> str:
        """Return PENDING, or INSYNC once every server of Route 53 has a change (GetChange)."""
        answer = self.clients.reader("route53").get_change(Id=change)
        return str(answer["ChangeInfo"]["Status"])

    def _read(self, name: str) -> tuple[ZoneRecord, dict[str, Any]]:
        """Return what stands at a name, and the TXT record set as Route 53 spells it.

        Raises:
            BotoCoreError, ClientError: Route 53 did not say.
            Refused: the zone is another one.
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


def open_zone(clients: Clients, writer: DnsWriter) -> HostedZone | UpdateServer:
    """Return the zone that a profile names.

    The TSIG key is a secret of Secrets Manager: {"name": …, "algorithm": "hmac-sha256",
    "secret": base64}.

    Raises:
        BotoCoreError, ClientError: the TSIG key could not be read.
        Refused: it is none.
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


def _told(answer: dict[str, Any]) -> dict[str, str]:
    info = answer["ChangeInfo"]
    return {"Id": str(info["Id"]).rpartition("/")[2], "Status": str(info["Status"])}


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
