"""A twin of what a run observed: the description of a sandbox's world, with nothing in it that may be secret.

The description (``second_edition.ses_sandbox.description``) names key pairs by labels, and the sandbox makes new ones. Of a secret it
has names of fields and the public parts of entries; every other value becomes a random word. What a record cannot tell
is said, and assumed.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, count
from typing import Any, Final

import msgspec

from second_edition.aws.key_store import place_of
from second_edition.aws.secret_shape import PUBLIC, RECORD, TEXT, TIME
from second_edition.dkim.defect import KeyRecordInvalid
from second_edition.dkim.public_key import PublicKey
from second_edition.dkim.published import Answer
from second_edition.events.run import Observed
from second_edition.evidence.record import Record
from second_edition.plain import plain
from second_edition.rotation.observation import EXTERNAL, UNFETCHED, Identity, Observation
from second_edition.rotation.rehearsal import servers_of

Json = dict[str, Any]

#: Seconds that SES is taken to need, where no earlier run tells.
USUAL_S: Final = 300.0
#: What may differ between two twins of one record (``second_edition.ses_sandbox.description``).
OWN: Final = frozenset({"sha256", "verification_seconds"})
_A_TIME: Final = "2026-01-01T00:00:00+00:00"
SLOW_MS: Final = 5_000.0
_KEY: Final = re.compile(r"((?:^|;)\s*p\s*=)([^;]*)")
#: Tags of a key record that hold words of the RFC alone (RFC 6376 section 3.6.1); a note (``n``) may hold anything.
_PLAIN: Final = re.compile(r"(?:\s*(?:v|k|h|s|t)\s*=\s*[A-Za-z0-9:*-]*\s*;)*\s*p=\s*;?\s*")
_FAULTS: Final = {"SERVFAIL": "servfail", "REFUSED": "refused"}
STAGES: Final = ("AWSPREVIOUS", "AWSCURRENT")


@dataclass
class Twin:
    """Hold what is made of a record.

    Attributes:
        description: of the world, as JSON.
        unknown: what the record does not tell: keys of the catalogue ``twin``, each with its values.
    """

    description: Json = field(default_factory=dict)
    unknown: list[tuple[str, dict[str, str]]] = field(default_factory=list)


class _Labels:
    """Names of key pairs: a selector's first key is called as the selector is, further ones have a number."""

    def __init__(self) -> None:
        self.bits: dict[str, int] = {}
        self._known: dict[bytes, str] = {}

    def of(self, der: bytes, selector: str) -> str:
        """Return the label of a public key, as good as the key is for SES."""
        if der not in self._known:
            self._known[der] = self.new(selector, PublicKey.from_der(der).bits)
        return self._known[der]

    def new(self, selector: str, bits: int = 2048) -> str:
        """Return a label that nothing has."""
        name = re.sub(r"[^A-Za-z0-9-]", "", selector)[:63] or "key"
        numbered = (f"{name}~{number}" for number in count(2))
        label = next(one for one in chain([name], numbered) if one not in self.bits)
        self.bits[label] = min(max(bits, 1024), 4096)
        return label

    def holes(self, value: str, selector: str, *, public: bool) -> str:
        """Return a key record's value with a hole for its key. ``public``: what stands beside the key is in DNS."""

        def hole(found: re.Match[str]) -> str:
            text = "".join(found[2].split())
            return f"{found[1]}{self._hole(text, selector)}"

        kept = _KEY.sub(hole, value, count=1)
        alone = _KEY.sub("p=", value, count=1).replace(";p=", "; p=")
        if public or _PLAIN.fullmatch(alone):
            return kept
        found = _KEY.search(kept)
        return f"v=DKIM1; k=rsa; p={found[2]}" if found else "{new}"

    def _hole(self, text: str, selector: str) -> str:
        if not text or text == "customerProvidedPublicKey":
            return text
        try:
            return f"{{key:{self.of(base64.b64decode(text, validate=True), selector)}}}"
        except (ValueError, KeyRecordInvalid):
            pass
        whole = {base64.b64encode(der).decode(): label for der, label in self._known.items()}
        label = next((label for key, label in whole.items() if key.startswith(text)), "") or self.new(selector)
        return f"{{key:{label}:{len(text)}}}"


def of(record: Record, verification_s: float = 0.0) -> Twin:
    """Return the twin of the world that a run observed last.

    Args:
        record: of the run.
        verification_s: how long SES took to verify a selector, as earlier runs saw it; 0 where none did.

    Raises:
        LookupError: the run observed no identity.
    """
    seen, twin, labels = record.seen, Twin(), _Labels()
    if seen is None or seen.identity is None:
        raise LookupError("identity")
    parameters, observed = record.begin.parameters, record.of(Observed)
    for stored in filter(None, (seen.next_key, seen.current_key)):
        if stored.key and stored.key.public_key:
            labels.of(base64.b64decode(stored.key.public_key), stored.selector)
    secrets = _secrets(record, labels, twin)
    answers = [*seen.records, *seen.current_records, *seen.other_records, *seen.dns.followed]
    zone = _zone(seen.domain, answers, labels, twin)
    bucket = next((one.key.bucket for one in (seen.next_key, seen.current_key) if one and one.key), "")
    identity = seen.identity
    used = identity.selector or seen.back_selector
    label = _served(zone, f"{used}._domainkey.{seen.domain}") or (used if used in labels.bits else labels.new(used))
    if identity.status != "SUCCESS":
        twin.unknown.append(("ses-key", {"selector": used or "-"}))
    if not verification_s:
        twin.unknown.append(("verification", {"seconds": f"{USUAL_S:.0f}"}))
    if seen.caller is None:
        twin.unknown.append(("account", {}))
    twin.description = {
        "domain": seen.domain,
        "current_selector": used,
        "next_selector": record.selector,
        "secret_id": secrets[0]["name"] if secrets else parameters["secret_id"].value,
        "key_bucket": parameters["key_bucket"].value or bucket,
        "identities": [described(identity, label) | {"selectors": list(identity.selectors) or [used]}],
        "secrets": secrets,
        "objects": [*_objects(record, seen, labels, twin)],
        **zone,
        "keys": labels.bits,
        "verification_seconds": verification_s or USUAL_S,
        "switched_at": observed.retirement.left.verified_at if observed and observed.retirement else "",
        "about": about(record),
    }
    return twin


def described(identity: Identity, label: str) -> Json:
    """Return an identity as a description has it. ``label``: of the key that it signs with, where that is yours."""
    return {
        "name": identity.name,
        "selectors": list(identity.selectors),
        "key": label if identity.signing_origin == EXTERNAL else "",
        "origin": identity.signing_origin,
        "status": identity.status,
        "signing_enabled": identity.signing_enabled is not False,
        "verified": identity.verified_for_sending is not False,
    }


def fingerprint(made: Twin) -> str:
    """Return the SHA-256 of a twin's description, as a sandbox that holds that one says it."""
    described = made.description
    about = {name: value for name, value in described["about"].items() if name not in OWN}
    content = {name: value for name, value in described.items() if name not in OWN} | {"about": about}
    text = json.dumps(msgspec.to_builtins(content), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _served(zone: Json, name: str) -> str:
    """Return the label of the key that DNS has at a name, "" where it has none: what SES has verified is that one."""
    values = (value for one in zone.get("records", ()) if one["name"] == name for value in one["values"])
    return next((found[1] for value in values if (found := re.search(r"\{key:([^{}:]+)\}", value))), "")


def about(record: Record) -> Json:
    """Return what a run in the twin says of where it comes from, and what it compares its own plan with."""
    seen = record.seen
    caller = seen.caller if seen else None
    return {
        "run": record.begin.run,
        "account": caller.account if caller else record.begin.account,
        "region": caller.region if caller else "",
        "at": seen.at if seen else record.begin.at.isoformat(timespec="milliseconds"),
        "procedure": record.procedure,
        "plan": plain(record.made) if record.made else None,
        "servers": servers_of(seen.records if seen else ()),
    }


def _versions(record: Record) -> dict[str, Mapping[str, Any]]:
    """Return what was kept raw of each version of the secret, by its stage; the newest answer counts."""
    found = {}
    for call in record.calls:
        fields = call.raw.fields or {} if call.raw else {}
        for stage in fields.get("VersionStages", ()):
            found[stage] = fields
    return found


def _secrets(record: Record, labels: _Labels, twin: Twin) -> list[Json]:
    versions = _versions(record)
    if not versions:
        twin.unknown.append(("secret", {}))
        return []
    if "AWSPENDING" in versions and versions["AWSPENDING"] not in (versions.get(one) for one in STAGES):
        twin.unknown.append(("pending", {}))
    found = [versions[stage] for stage in STAGES if stage in versions]
    if any("shape" not in one for one in found):
        twin.unknown.append(("shape", {}))
    return [{"name": found[-1]["Name"], "versions": [_text(one, labels) for one in found]}]


def _text(fields: Mapping[str, Any], labels: _Labels) -> Any:
    """Return a version of the secret: in its shape, or its entries one after another."""
    values = {one["selector"]: one["dns_record"]["value"] for one in fields["entries"]}
    records = {selector: labels.holes(value, selector, public=False) for selector, value in values.items()}
    if "shape" in fields:
        return _shaped(fields["shape"], records)
    entries = [
        {name: value for name, value in entry.items() if value} | {"dns_record": {"value": records[entry["selector"]]}}
        for entry in fields["entries"]
    ]
    return entries[0] if len(entries) == 1 else entries


def _shaped(shape: Any, records: Mapping[str, str], record: str = "") -> Any:
    """Return a shape with holes: ``records`` are values of key records by selector, ``record`` the entry's own."""
    if isinstance(shape, str):
        return {TEXT: "{new}", TIME: _A_TIME, RECORD: record}[shape]
    if isinstance(shape, list):
        return [_shaped(one, records, record) for one in shape]
    if not isinstance(shape, dict):
        return shape
    if PUBLIC in shape:
        return shape[PUBLIC]
    named = shape.get("selector")
    record = records[named[PUBLIC]] if isinstance(named, dict) and PUBLIC in named else record
    return {name: _shaped(one, records, record) for name, one in shape.items()}


def _objects(record: Record, seen: Observation, labels: _Labels, twin: Twin) -> Iterator[Json]:
    """Yield the key objects: those that were read, and those that the secret names besides, taken for sound."""
    made, assumed = set[str](), []
    for stored in filter(None, (seen.next_key, seen.current_key)):
        made.add(stored.selector)
        key = stored.key
        if key is None or key.defect in UNFETCHED:
            continue
        sound = {"key": labels.of(base64.b64decode(key.public_key), stored.selector)} if key.public_key else {}
        form = {"form": key.form} if key.form else {}
        yield {"bucket": key.bucket, "path": key.key, **sound, **form}
    for fields in _versions(record).values():
        for entry in fields["entries"]:
            place = place_of(entry["s3_key_path"], entry["s3_bucket"] or record.begin.value("key_bucket"))
            if place and entry["selector"] in labels.bits and entry["selector"] not in made:
                made.add(entry["selector"])
                assumed.append(entry["selector"])
                yield {"bucket": place.bucket, "path": place.key, "key": entry["selector"]}
    if assumed:
        twin.unknown.append(("objects", {"selectors": ", ".join(sorted(assumed))}))


def _zone(domain: str, answers: Sequence[Answer], labels: _Labels, twin: Twin) -> Json:
    """Return servers, their zone, and the records that each of them served."""
    firsts = list({str(one.server): one for one in reversed(answers)}.values())[::-1]  # one of each, as they were asked
    if not firsts:
        twin.unknown.append(("servers", {}))
        return {"servers": [{"name": f"ns{number}.{domain}"} for number in (1, 2)], "zones": [{"apex": domain}]}
    numbers = {str(one.server): number for number, one in enumerate(firsts)}
    servers = [
        {
            "name": f"ns{number + 1}.{domain}",
            "fault": _fault([one for one in answers if str(one.server) == str(first.server)]),
            "latency_ms": min(first.latency_ms or 0.0, SLOW_MS),
        }
        for number, first in enumerate(firsts)
    ]
    serials = [max((one.serial or 0 for one in answers if one.server == first.server), default=0) for first in firsts]
    if not all(serials):
        twin.unknown.append(("serials", {}))
    timed = [one for one in answers if one.negative_ttl is not None]
    times = {"negative_ttl": timed[0].negative_ttl, "refresh": timed[0].refresh or 0} if timed else {}
    known = [serial for serial in serials if serial]
    filled = [serial or max(known, default=1) for serial in serials]
    sets = _sets(domain, answers, labels, numbers, twin)
    return {"servers": servers, "zones": [{"apex": domain, "serials": filled, **times}], "records": sets}


def _fault(answers: Sequence[Answer]) -> str:
    """Return how a server fails, by all that it answered."""
    if all(one.failure for one in answers):
        return "silent"
    rcodes = dict.fromkeys(one.rcode for one in answers if not one.failure)
    if wrong := next((_FAULTS[one] for one in rcodes if one in _FAULTS), ""):
        return wrong
    return "" if any(one.authoritative for one in answers) else "lame"


def _sets(
    domain: str, answers: Sequence[Answer], labels: _Labels, numbers: Mapping[str, int], twin: Twin
) -> list[Json]:
    """Return each record set once, with the servers that had it."""
    found: dict[tuple[str, str, int, tuple[str, ...]], set[int]] = defaultdict(set)
    for one in answers:
        selector, owner, number = one.name.partition("._domainkey")[0], one.name, numbers[str(one.server)]
        for target in one.cname:
            found[owner, "CNAME", one.ttl or 0, (f"{target.rstrip('.')}.",)].add(number)
            owner = target.rstrip(".")
        inside = owner == domain or owner.endswith(f".{domain}")
        if one.records and inside:
            texts = (b"".join(strings).decode("latin-1") for strings in one.records)
            values = tuple(labels.holes(text, selector, public=True) for text in texts)
            found[owner, "TXT", one.ttl or 0, values].add(number)
        elif one.records:
            twin.unknown.append(("outside", {"name": owner}))
    return [
        {"name": name, "type": kind, "ttl": ttl, "values": list(values), "servers": sorted(at)}
        for (name, kind, ttl, values), at in found.items()
    ]
