"""The signing domain's hosted zone in Route 53, and the name servers that serve it.

moto keeps the record sets. What it does not do is done here: a change batch is judged as a whole before any of it is
carried out, a DELETE must name exactly what stands there, and the name servers serve what was written.
Source: Amazon Route 53 API Reference, ChangeResourceRecordSets and GetChange.
"""

from __future__ import annotations

import re
import threading
import time
import uuid
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final

from dns.name import Name
from dns.rdataset import Rdataset
from dns.rdatatype import RdataType
from moto.core.responses import ActionResult
from moto.route53.exceptions import Route53ClientError
from moto.route53.models import route53_backends
from moto.route53.responses import Route53

from second_edition.ses_sandbox.moto_aws import ACCOUNT

KINDS: Final = ("A", "AAAA", "CNAME", "TXT")
Held = tuple[int, list[str]]
"""TTL and values, as Route 53 spells them."""


class HostedZone:
    """One hosted zone; there is one in a process, as moto has one state.

    Args:
        domain: its name.
        serve: told of each record set of a type in ``KINDS`` that was changed: name, type, TTL, values.
        seconds: how long a change takes to reach the name servers, in real seconds.
        now: the sandbox's time.
    """

    def __init__(
        self,
        domain: str,
        serve: Callable[[str, str, int, list[Any]], None],
        seconds: Callable[[], float],
        now: Callable[[], datetime],
    ) -> None:
        self._domain, self._serve, self._seconds, self._now = domain, serve, seconds, now
        self._due: dict[str, float] = {}
        self._lock = threading.Lock()
        # moto's own answers to these two know no time; of all others nothing is changed.
        hooks = {
            "change_resource_record_sets": lambda call: self._change(
                call._get_param("HostedZoneId"), call._get_param("ChangeBatch.Changes")
            ),
            "get_change": lambda call: self._info(call._get_param("Id")),
        }
        for name, hook in hooks.items():
            setattr(Route53, name, hook)

    def make(self) -> None:
        """Make it anew; changes that are under way reach nobody any more."""
        self._moto = route53_backends[ACCOUNT]["aws"]
        self._zone = self._moto.create_hosted_zone(f"{self._domain}.", private_zone=False, caller_reference="sandbox")
        self.id, self._due = str(self._zone.id).rpartition("/")[2], {}

    def mirror(self, name: Name, kind: RdataType, records: Rdataset | None) -> None:
        """Keep what the primary name server was given by other hands."""
        spelled = [_quoted(one.strings) if kind == RdataType.TXT else one.to_text() for one in records or ()]
        if kind.name in KINDS:
            self._keep(str(name).lower(), kind.name, records.ttl if records else 0, spelled)

    def _keep(self, name: str, kind: str, ttl: int, values: list[str]) -> None:
        record_set = {"Name": name, "Type": kind, "TTL": ttl, "ResourceRecords": values}
        self._zone.delete_rrset(record_set)
        if values:
            self._zone.add_rrset(record_set)

    def _change(self, zone: str, batch: Sequence[dict[str, Any]]) -> ActionResult:
        self._moto.get_hosted_zone(zone)  # which refuses another one
        changes = [(change["Action"], *_read(change["ResourceRecordSet"])) for change in batch]
        with self._lock:
            wrong = _wrong(changes, self._held(), f"{self._domain}.")
            if wrong:
                raise Route53ClientError("InvalidChangeBatch", f"[{wrong}]")
            for action, (name, kind), (ttl, values) in changes:
                self._keep(name, kind, ttl, [] if action == "DELETE" else values)
        identifier, seconds = f"C{uuid.uuid4().hex[:20].upper()}", self._seconds()
        self._due[identifier] = time.monotonic() + seconds
        keys = [key for _, key, _ in changes]
        if seconds:
            timer = threading.Timer(seconds, self._reach, (identifier, keys))
            timer.daemon = True
            timer.start()
        else:
            self._reach(identifier, keys)
        return self._info(identifier, status="PENDING")

    def _reach(self, identifier: str, keys: Sequence[tuple[str, str]]) -> None:
        """Let the name servers take up a change, unless the world has begun anew."""
        held = self._held()
        for name, kind in keys if identifier in self._due else ():
            if kind in KINDS:
                ttl, values = held.get((name, kind), (0, []))
                self._serve(name, kind, ttl, [_unquoted(value) if kind == "TXT" else value for value in values])

    def _info(self, identifier: str, status: str = "") -> ActionResult:
        identifier = identifier.rpartition("/")[2]
        status = status or ("PENDING" if time.monotonic() < self._due.get(identifier, 0) else "INSYNC")
        info = {"Id": f"/change/{identifier}", "Status": status, "SubmittedAt": self._now()}
        return ActionResult({"ChangeInfo": info})

    def _held(self) -> dict[tuple[str, str], Held]:
        return {(one.name, str(one.type)): (int(one.ttl or 0), list(one.records)) for one in self._zone.rrsets}


def _read(record_set: dict[str, Any]) -> tuple[tuple[str, str], Held]:
    values = [record["Value"] for record in record_set.get("ResourceRecords") or ()]
    name = f"{record_set['Name'].lower().rstrip('.')}."
    return (name, record_set["Type"]), (int(record_set.get("TTL") or 0), values)


def _wrong(changes: Sequence[tuple[str, tuple[str, str], Held]], held: dict[tuple[str, str], Held], apex: str) -> str:
    """Return why the batch cannot be carried out; "" where it can."""
    left = dict(held)
    for action, key, (ttl, values) in changes:
        (name, kind), named = key, f"resource record set [name='{key[0]}', type='{key[1]}']"
        if name != apex and not name.endswith(f".{apex}"):
            return f"RRSet with DNS name {name} is not permitted in zone {apex}"
        if kind == "TXT" and any(len(part) > 255 for value in values for part in _unquoted(value)):
            return f"Invalid Resource Record: 'FATAL problem: CharacterStringTooLong' in {named}"
        if action == "DELETE":
            if key not in left:
                return f"Tried to delete {named} but it was not found"
            there = left.pop(key)
            if (there[0], sorted(there[1])) != (ttl, sorted(values)):
                return f"Tried to delete {named} but the values provided do not match the current values"
            continue
        if action == "CREATE" and key in left:
            return f"Tried to create {named} but it already exists"
        if any(owner == name and (other == "CNAME") != (kind == "CNAME") for owner, other in left):
            return f"RRSet of type {kind} with DNS name {name} is not permitted beside a CNAME"
        left[key] = (ttl, values)
    return ""


def _quoted(strings: tuple[bytes, ...]) -> str:
    """Spell a TXT record as Route 53 does: character-strings in quotes, bytes that are not plain in octal."""
    plain_bytes = frozenset(range(0x20, 0x7F)) - frozenset(b'"\\')
    spelled = ("".join(chr(byte) if byte in plain_bytes else f"\\{byte:03o}" for byte in one) for one in strings)
    return " ".join(f'"{one}"' for one in spelled)


def _unquoted(value: str) -> list[str]:
    """Return the character-strings of a TXT record that Route 53 spells, each character one byte."""
    strings = re.findall(r'\s*"((?:[^"\\]|\\.)*)"', value)
    return [re.sub(r"\\([0-7]{3}|.)", _meant, string) for string in strings]


def _meant(escape: re.Match[str]) -> str:
    return chr(int(escape[1], 8) & 0xFF) if len(escape[1]) == 3 else escape[1]
