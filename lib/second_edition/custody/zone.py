"""Operations on a zone that may be written, and the TSIG key for that as its secret holds it, searched for in texts.

The one name that is asked for is a key record's; no other is read, and none is written.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Callable
from typing import Any, Final, TypeVar

import dns.exception
import dns.name

from second_edition.aws.route53 import HostedZone
from second_edition.custody import windows
from second_edition.custody.refusal import DutyError, Json, failure, reading
from second_edition.custody.session import Session
from second_edition.custody.windows import Windows
from second_edition.dkim.published import Server
from second_edition.dns.dynamic_update import ALGORITHMS, TsigKey, UpdateServer
from second_edition.dns.publisher import Publisher, ZoneRefused
from second_edition.plain import from_plain, plain
from second_edition.rotation.record_set import Change

FEWEST_BYTES: Final = 16  # what is shorter can be guessed, and is too short to be searched for
# As ``tsig-keygen`` writes it, and as BIND's configuration takes it.
_CLAUSE: Final = re.compile(r'\s*key\s+"?([^\s"{]+)"?\s*\{([^{}]*)\}\s*;?\s*\Z')
_STATEMENT: Final = re.compile(r'\s*(algorithm|secret)\s+"?([^\s";]+)"?\s*;')


class TsigDefect(Exception):
    """The secret holds no usable key. ``code`` says why; nothing of the text is kept."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


def parse(text: str) -> tuple[TsigKey, Windows]:
    """Return the key, and the windows by which it is found in a text.

    Args:
        text: of the secret: JSON ``{"name", "algorithm", "secret"}``, or what ``tsig-keygen`` prints.

    Raises:
        TsigDefect: ``form``, ``name``, ``algorithm`` (weaker than hmac-sha256), ``base64`` or ``short``.
    """
    fields = _clause(text) or _json(text)
    algorithm = fields["algorithm"].lower().removesuffix(".")
    if algorithm not in ALGORITHMS:
        raise TsigDefect("algorithm")
    try:
        name = dns.name.from_text(fields["name"]).to_text().lower()
    except (dns.exception.DNSException, UnicodeError):
        raise TsigDefect("name") from None
    try:
        secret = base64.b64decode(fields["secret"], validate=True)
    except (binascii.Error, ValueError):
        raise TsigDefect("base64") from None
    if len(secret) < FEWEST_BYTES:
        raise TsigDefect("short")
    return TsigKey(name, algorithm, secret), windows.of((secret,))


def _clause(text: str) -> dict[str, str] | None:
    found = _CLAUSE.match(text)
    if found is None:
        return None
    fields = {"name": found[1], **dict(_STATEMENT.findall(found[2]))}
    return fields if fields.keys() == {"name", "algorithm", "secret"} else None


def _json(text: str) -> dict[str, str]:
    try:
        fields = json.loads(text)
    except (ValueError, RecursionError):
        raise TsigDefect("form") from None
    names = ("name", "algorithm", "secret")
    if not isinstance(fields, dict) or not all(isinstance(fields.get(name), str) and fields[name] for name in names):
        raise TsigDefect("form")
    return {name: fields[name] for name in names}


T = TypeVar("T")
# The answer to a read or a write names this, in place of an AWS operation, where the zone's keeper is a name server.
_KEEPERS: Final = {"route53": "Route53", "rfc2136": "DnsUpdate"}
_NAME: Final = re.compile(r"[a-z0-9-]{1,63}\._domainkey\.[a-z0-9.-]{1,190}")


def zone_read(session: Session, way: Json, name: str) -> Json:
    """Return what stands at a key record's name, as plain ``Standing``; ``way``: how the zone is reached."""
    return dict(_ask_zone(session, way, lambda zone: plain(zone.read(_checked(name)))))


def zone_write(session: Session, way: Json, change: Json) -> Json:
    """Make one attempt at one planned change of a key record. Answers ``{"answer": ...}`` or ``{"error": ...}``."""
    made = from_plain(Change, change)
    _checked(made.name)
    came = _ask_zone(session, way, lambda zone: zone.write(made))
    if not came.error:
        return {"answer": {"receipt": came.receipt, "request_id": came.request_id}}
    found = failure(came.error, request_id=came.request_id, unclear=came.unclear)["error"]
    return {"error": {**found, "message": came.message}}


def zone_settled(session: Session, way: Json, receipt: str) -> bool:
    """Return whether the zone's servers have taken up the change that ``receipt`` names."""
    return _ask_zone(session, way, lambda zone: zone.settled(receipt))


def _ask_zone(session: Session, way: Json, ask: Callable[[Publisher], T]) -> T:
    named = tuple(str(way[name]) for name in ("publisher", "hosted_zone_id", "update_server", "tsig_secret_id"))
    try:
        if named not in session.zones:
            reach = _update_server if way["publisher"] == "rfc2136" else _hosted_zone
            session.zones[named] = reach(session, way)
        return ask(session.zones[named])
    except ZoneRefused as refused:
        raise DutyError(_KEEPERS[way["publisher"]], refused.code, refused.message) from None


def _hosted_zone(session: Session, way: Json) -> Publisher:
    return HostedZone(way["hosted_zone_id"], session.client("route53"), session.writer("route53"))


def _update_server(session: Session, way: Json) -> Publisher:
    client, address = session.client("secretsmanager"), way["update_server"]
    answer: Any = reading("GetSecretValue", lambda: client.get_secret_value(SecretId=way["tsig_secret_id"]))
    try:
        key, windows = parse(answer.get("SecretString", ""))
    except TsigDefect as defect:
        raise DutyError("TsigSecret", defect.code) from None
    session.learn(windows)
    return UpdateServer(Server("", address["address"], int(address["port"])), key)


def _checked(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise DutyError("Zone", "NoKeyRecord")
    return name
