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
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from ses_sandbox.moto_aws import Moto
from ses_sandbox.zones import RecordSet, plain

XMLNS: Final = "https://route53.amazonaws.com/doc/2013-04-01/"
KINDS: Final = ("A", "AAAA", "CNAME", "TXT")
XML: Final = {"Content-Type": "text/xml"}
_TAG: Final = f"{{{XMLNS}}}"

Key = tuple[str, str]
Held = tuple[int, tuple[str, ...]]
Headers = list[tuple[str, str]]


@dataclass(frozen=True)
class Change:
    """One change of a batch: ``CREATE``, ``DELETE`` or ``UPSERT`` of a record set."""

    action: str
    name: str
    kind: str
    held: Held


class HostedZone:
    """One hosted zone.

    Args:
        moto: where its record sets are kept.
        domain: its name.
        serve: told of each record set of a type in ``KINDS`` that was changed: name, type, TTL, values.
        seconds: how long a change takes to reach the name servers, in real seconds.
        now: the sandbox's time.
    """

    def __init__(
        self,
        moto: Moto,
        domain: str,
        serve: Callable[[str, str, int, list[Any]], None],
        seconds: Callable[[], float],
        now: Callable[[], datetime],
    ) -> None:
        self._moto, self._domain, self._serve, self._seconds, self._now = moto, domain, serve, seconds, now
        self._due: dict[str, float] = {}
        self._lock = threading.Lock()
        self.id = ""

    def make(self) -> None:
        """Makes it anew; changes that are under way reach nobody any more."""
        body = (
            f'<CreateHostedZoneRequest xmlns="{XMLNS}"><Name>{escape(self._domain)}.</Name>'
            f"<CallerReference>{uuid.uuid4()}</CallerReference></CreateHostedZoneRequest>"
        )
        answer = self._moto.call("route53", "POST", "/2013-04-01/hostedzone", body.encode(), XML)
        found = re.search(rb"<Id>(?:/hostedzone/)?(\w+)</Id>", answer)
        self.id, self._due = found[1].decode() if found else "", {}

    def mirror(self, name: str, kind: str, records: RecordSet | None) -> None:
        """Keeps what the primary name server was given by other hands."""
        if kind not in KINDS:
            return
        if records is None:
            held = self._held().get((plain(name), kind))
            if held is None:
                return
            change = Change("DELETE", plain(name), kind, held)
        else:
            spelled = tuple(_quoted(value) if isinstance(value, tuple) else value for value in records.values)
            change = Change("UPSERT", plain(name), kind, (records.ttl, spelled))
        self._moto.call("route53", "POST", self._path, _batch(change), XML)

    def respond(self, method: str, path: str, body: bytes) -> tuple[str, Headers, bytes] | None:
        """The answer to a call that is about this zone's changes; ``None`` for what moto is to answer."""
        if method == "POST" and path.rstrip("/") == self._path.rstrip("/"):
            with self._lock:
                return self._change(_changes(body))
        change = re.fullmatch(r"/2013-04-01/change/(\w+)", path)
        if method == "GET" and change and change[1] in self._due:
            return _answer("200 OK", "GetChangeResponse", self._info(change[1]))
        return None

    @property
    def _path(self) -> str:
        return f"/2013-04-01/hostedzone/{self.id}/rrset/"

    def _change(self, changes: Sequence[Change]) -> tuple[str, Headers, bytes]:
        wrong = _wrong(changes, self._held(), self._domain)
        if wrong:
            told = (
                f"<Error><Type>Sender</Type><Code>InvalidChangeBatch</Code><Message>[{escape(wrong)}]</Message></Error>"
            )
            return _answer("400 Bad Request", "ErrorResponse", told)
        for change in changes:
            self._moto.call("route53", "POST", self._path, _batch(change), XML)
        identifier, seconds = f"C{uuid.uuid4().hex[:20].upper()}", self._seconds()
        self._due[identifier] = time.monotonic() + seconds
        if seconds:
            timer = threading.Timer(seconds, self._reach, (identifier, changes))
            timer.daemon = True
            timer.start()
        else:
            self._reach(identifier, changes)
        return _answer("200 OK", "ChangeResourceRecordSetsResponse", self._info(identifier, status="PENDING"))

    def _reach(self, identifier: str, changes: Sequence[Change]) -> None:
        """The name servers take up a change, unless the world has begun anew."""
        if identifier not in self._due:
            return
        held = self._held()
        for change in changes:
            if change.kind in KINDS:
                ttl, values = held.get((change.name, change.kind), (0, ()))
                self._serve(change.name, change.kind, ttl, [_value(change.kind, value) for value in values])

    def _info(self, identifier: str, status: str = "") -> str:
        status = status or ("INSYNC" if time.monotonic() >= self._due[identifier] else "PENDING")
        at = f"{self._now():%Y-%m-%dT%H:%M:%SZ}"
        return (
            f"<ChangeInfo><Id>/change/{identifier}</Id><Status>{status}</Status>"
            f"<SubmittedAt>{at}</SubmittedAt></ChangeInfo>"
        )

    def _held(self) -> dict[Key, Held]:
        listed = ElementTree.fromstring(self._moto.call("route53", "GET", self._path))  # noqa: S314 - moto's own answer
        found = {}
        for one in listed.iter():
            if one.tag.rpartition("}")[2] == "ResourceRecordSet":
                change = _read("", one)
                found[change.name, change.kind] = change.held
        return found


def _changes(body: bytes) -> list[Change]:
    batch = ElementTree.fromstring(body)  # noqa: S314 - a client of this machine's own
    return [
        _read(one.findtext(f"{_TAG}Action", ""), one.find(f"{_TAG}ResourceRecordSet"))
        for one in batch.iter(f"{_TAG}Change")
    ]


def _read(action: str, record_set: ElementTree.Element | None) -> Change:
    told: dict[str, list[str]] = {}
    for one in record_set.iter() if record_set is not None else ():
        told.setdefault(one.tag.rpartition("}")[2], []).append(one.text or "")
    ttl = int(told.get("TTL", ["0"])[0])
    return Change(action, plain(told["Name"][0]), told["Type"][0], (ttl, tuple(told.get("Value", ()))))


def _wrong(changes: Sequence[Change], held: dict[Key, Held], domain: str) -> str:
    """Return why the batch cannot be carried out; "" where it can."""
    left = dict(held)
    for change in changes:
        key, named = (change.name, change.kind), f"resource record set [name='{change.name}.', type='{change.kind}']"
        if change.name != domain and not change.name.endswith(f".{domain}"):
            return f"RRSet with DNS name {change.name}. is not permitted in zone {domain}."
        if change.kind == "TXT" and any(len(part) > 255 for value in change.held[1] for part in _unquoted(value)):
            return f"Invalid Resource Record: 'FATAL problem: CharacterStringTooLong' in {named}"
        if change.action == "DELETE":
            if key not in left:
                return f"Tried to delete {named} but it was not found"
            if _same(left.pop(key)) != _same(change.held):
                return f"Tried to delete {named} but the values provided do not match the current values"
            continue
        if change.action == "CREATE" and key in left:
            return f"Tried to create {named} but it already exists"
        if any(
            kind == "CNAME" != change.kind or change.kind == "CNAME" != kind for name, kind in left if name == key[0]
        ):
            return f"RRSet of type {change.kind} with DNS name {change.name}. is not permitted beside a CNAME"
        left[key] = change.held
    return ""


def _same(held: Held) -> tuple[int, list[str]]:
    return held[0], sorted(held[1])


def _value(kind: str, value: str) -> Any:
    return [part.decode("latin-1") for part in _unquoted(value)] if kind == "TXT" else value


def _batch(change: Change) -> bytes:
    ttl, values = change.held
    records = "".join(f"<ResourceRecord><Value>{escape(value)}</Value></ResourceRecord>" for value in values)
    return (
        f'<ChangeResourceRecordSetsRequest xmlns="{XMLNS}"><ChangeBatch><Changes><Change>'
        f"<Action>{change.action}</Action><ResourceRecordSet><Name>{escape(change.name)}.</Name>"
        f"<Type>{change.kind}</Type><TTL>{ttl}</TTL><ResourceRecords>{records}</ResourceRecords></ResourceRecordSet>"
        "</Change></Changes></ChangeBatch></ChangeResourceRecordSetsRequest>"
    ).encode()


def _answer(status: str, root: str, inner: str) -> tuple[str, Headers, bytes]:
    text = f'<?xml version="1.0"?>\n<{root} xmlns="{XMLNS}">{inner}</{root}>'
    return status, [("Content-Type", "text/xml")], text.encode()


def _quoted(strings: tuple[bytes, ...]) -> str:
    """Spell a TXT record as Route 53 does: character-strings in quotes, bytes that are not plain in octal."""
    plain_bytes = frozenset(range(0x20, 0x7F)) - frozenset(b'"\\')
    spelled = ("".join(chr(byte) if byte in plain_bytes else f"\\{byte:03o}" for byte in one) for one in strings)
    return " ".join(f'"{one}"' for one in spelled)


def _unquoted(value: str) -> tuple[bytes, ...]:
    """Return the character-strings of a TXT record that Route 53 spells."""
    strings = re.findall(r'\s*"((?:[^"\\]|\\.)*)"', value)
    return tuple(re.sub(r"\\([0-7]{3}|.)", _meant, string).encode("latin-1") for string in strings)


def _meant(escape: re.Match[str]) -> str:
    return chr(int(escape[1], 8) & 0xFF) if len(escape[1]) == 3 else escape[1]
