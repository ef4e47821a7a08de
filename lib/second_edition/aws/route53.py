"""Publishing in a hosted zone of Amazon Route 53.

A change batch is carried out whole or not at all, and a DELETE must name what stands there exactly: a record that was
changed since it was read makes the batch fail.
Source: Amazon Route 53 API Reference, ChangeResourceRecordSets and GetChange; Developer Guide, "TXT record type".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError
from msgspec import Struct

from second_edition.aws.discreet import discreet
from second_edition.dns.publisher import Written, ZoneRefused
from second_edition.rotation.record_set import Change, RecordSet, Standing

MOST_ITEMS: Final = "10"  # those of the name come first; what follows them is none of ours
INSYNC: Final = "INSYNC"
_PLAIN: Final = frozenset(range(0x20, 0x7F)) - frozenset(b'"\\')
_STRING: Final = re.compile(r'\s*"((?:[^"\\]|\\.)*)"')
_ESCAPE: Final = re.compile(r"\\([0-7]{3}|.)")


class HostedZone(Struct, frozen=True):
    """One hosted zone.

    Attributes:
        zone_id: as ``Z0123456789ABCDEFGHIJ``.
        client: for what may be tried again.
        writer: for what is tried once.
    """

    zone_id: str
    client: Any
    writer: Any

    def read(self, name: str) -> Standing:
        """Return the record sets at ``name``.

        Raises:
            ZoneRefused: Route 53 refused, or the hosted zone is a private one or does not hold the name.
        """
        try:
            zone = self.client.get_hosted_zone(Id=self.zone_id)["HostedZone"]
            listed = self.client.list_resource_record_sets(
                HostedZoneId=self.zone_id, StartRecordName=f"{name}.", MaxItems=MOST_ITEMS
            )
        except (ClientError, BotoCoreError) as error:
            raise _refused(error) from None
        apex = str(zone["Name"]).rstrip(".").lower()
        if zone.get("Config", {}).get("PrivateZone"):
            raise ZoneRefused("private-zone", apex)
        if not name.endswith(f".{apex}"):
            raise ZoneRefused("other-zone", apex)
        here = [one for one in listed["ResourceRecordSets"] if one["Name"].rstrip(".").lower() == name]
        found = next((one for one in here if one["Type"] == "TXT"), None)
        if other := _other(here):
            return Standing(name, apex, other=other)
        return Standing(name, apex, found=_record_set(found) if found else None)

    def write(self, change: Change) -> Written:
        """Send one change batch, once: DELETE with the values that were read, CREATE with those that are wanted."""
        batch = {"Changes": list(_changes(change))}
        try:
            answer = self.writer.change_resource_record_sets(HostedZoneId=self.zone_id, ChangeBatch=batch)
        except ClientError as error:
            status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
            refusal = _refused(error)
            return Written(refusal.code, refusal.message, unclear=status >= 500, request_id=_request_id(error.response))
        except BotoCoreError as error:
            return Written(type(error).__name__, unclear=True)
        info = answer.get("ChangeInfo", {})
        if not info.get("Id"):  # a proxy's page, say
            return Written("UnreadableAnswer", unclear=True, request_id=_request_id(answer))
        receipt = "" if info.get("Status") == INSYNC else str(info["Id"]).rpartition("/")[2]
        return Written(receipt=receipt, request_id=_request_id(answer))

    def settled(self, receipt: str) -> bool:
        """Return whether the change has reached all of Route 53's servers (status INSYNC).

        Raises:
            ZoneRefused: Route 53 refused.
        """
        if not receipt:
            return True
        try:
            return bool(self.client.get_change(Id=receipt)["ChangeInfo"]["Status"] == INSYNC)
        except (ClientError, BotoCoreError) as error:
            raise _refused(error) from None


def quoted(strings: tuple[bytes, ...]) -> str:
    r"""Return a TXT record as Route 53 takes it: quoted character-strings, unprintable bytes in octal."""
    return " ".join(f'"{"".join(_character(byte) for byte in string)}"' for string in strings)


def unquoted(value: str) -> tuple[bytes, ...]:
    """Return the character-strings of a TXT record as Route 53 gives it."""
    return tuple(_ESCAPE.sub(_meant, string).encode("latin-1") for string in _STRING.findall(value))


def _character(byte: int) -> str:
    if byte in b'"\\':
        return f"\\{chr(byte)}"
    return chr(byte) if byte in _PLAIN else f"\\{byte:03o}"


def _meant(escape: re.Match[str]) -> str:
    return chr(int(escape[1], 8) & 0xFF) if len(escape[1]) == 3 else escape[1]


def _other(here: list[dict[str, Any]]) -> str:
    """Return what stands there besides plain TXT: a CNAME, or records of a routing policy or an alias."""
    for one in here:
        if one["Type"] == "CNAME":
            records = one.get("ResourceRecords") or [{"Value": one.get("AliasTarget", {}).get("DNSName", "")}]
            return f"CNAME {records[0]['Value'].rstrip('.')}"
        if one["Type"] == "TXT" and not {"TTL", "ResourceRecords"} <= one.keys() - {"SetIdentifier"}:
            return "TXT AliasTarget"
        if one["Type"] == "TXT" and "SetIdentifier" in one:
            return f"TXT SetIdentifier {one['SetIdentifier']}"
    return ""


def _record_set(found: dict[str, Any]) -> RecordSet:
    spelled = tuple(str(record["Value"]) for record in found["ResourceRecords"])
    return RecordSet(int(found["TTL"]), tuple(map(unquoted, spelled)), spelled)


def _changes(change: Change) -> Iterator[dict[str, Any]]:
    for action, found in (("DELETE", change.before), ("CREATE", change.after)):
        if found is not None:
            spelled = found.spelled or tuple(map(quoted, found.records))
            yield {
                "Action": action,
                "ResourceRecordSet": {
                    "Name": f"{change.name}.",
                    "Type": "TXT",
                    "TTL": found.ttl,
                    "ResourceRecords": [{"Value": value} for value in spelled],
                },
            }


def _refused(error: Exception) -> ZoneRefused:
    if isinstance(error, ClientError):
        inner = error.response.get("Error", {})
        return ZoneRefused(*(discreet(str(inner.get(name, ""))) for name in ("Code", "Message")))
    return ZoneRefused(type(error).__name__)


def _request_id(answer: Any) -> str:
    return str(answer.get("ResponseMetadata", {}).get("RequestId", ""))
