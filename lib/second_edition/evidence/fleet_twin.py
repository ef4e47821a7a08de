"""A twin of what a campaign's plan read: every identity in its own place, and what the plan does not record assumed.

The plan has no secret, no bits of a key and no other selector's key record. So all current selectors share one new key
pair and all requested ones another, secrets have two plain versions, and the current key records stand at every server.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from second_edition.aws.key_store import place_of
from second_edition.events.campaign import Surveyed
from second_edition.evidence import fleet_record, twin
from second_edition.evidence.record import FLEET, Record
from second_edition.evidence.twin import Twin
from second_edition.plain import from_plain, plain
from second_edition.rotation.fleet import Member
from second_edition.rotation.observation import Identity

Json = dict[str, Any]
#: Until the twin's SES verifies: a campaign's runs share one clock, and none of them moves it.
SOON_S: Final = 2.0
_CURRENT, _NEXT = "current", "next"
_DNS: Final = "dns."
_KEY: Final = ("the-key", "a-key")


class SeveralPlaces(ValueError):
    """A plan has a domain in several accounts or Regions. A twin has one of each, and holds no name twice."""


def of(record: Record, members: Sequence[Member]) -> Twin:
    """Return the twin of the world that a campaign's plan run read.

    Raises:
        LookupError: it read no identity.
        SeveralPlaces: a domain is in several accounts or Regions.
    """
    made = Twin()
    known = [one for one in members if one.identity is not None and one.plan is not None]
    first = known[0]
    if twice := [domain for domain, count in Counter(one.domain for one in known).items() if count > 1]:
        raise SeveralPlaces(", ".join(twice))
    if left := [one.domain for one in members if one not in known]:
        made.unknown.append(("members", {"domains": ", ".join(left)}))
    made.unknown.append(("fleet", {"seconds": f"{SOON_S:.0f}"}))
    servers = list(dict.fromkeys(name for one in known for name in _servers(one)))
    made.description = {
        "domain": first.domain,
        "current_selector": first.current_selector,
        "next_selector": first.selector,
        "secret_id": _secret_id(first),
        "key_bucket": next((_place(one)[0] for one in known if _place(one)[0]), "keys"),
        "identities": [_identity(one) for one in known],
        "secrets": _secrets([one for one in known if _place(one)[1]]),
        "objects": [stored for one in known for stored in _objects(one)],
        "servers": [{"name": f"ns{number}.{first.domain}"} for number in range(1, (len(servers) or 2) + 1)],
        "zones": [{"apex": domain} for domain in dict.fromkeys(one.domain for one in known)],
        "records": [found for one in known for found in _records(one, servers)],
        "keys": {_CURRENT: 2048, _NEXT: 2048},
        "verification_seconds": SOON_S,
        "about": twin.about(record)
        | {
            "account": first.account,
            "region": first.region,
            "at": min(one.at for one in known),
            "plan": None,
            "plans": {one.domain: plain(one.plan) for one in known},
            "servers": servers,
        },
    }
    return made


def read(record: Record, folder: Path, verification_s: float = 0.0) -> Twin:
    """Return the twin of a plan run, of a campaign or not.

    Args:
        record: of the run.
        folder: of its files.
        verification_s: as ``twin.of`` takes it.

    Raises:
        LookupError: it read no identity.
        SeveralPlaces: a domain is in several accounts or Regions.
        ValueError, OSError: the file of a campaign's plan is not there, or another one.
    """
    if record.procedure != FLEET:
        return twin.of(record, verification_s)
    surveyed = record.of(Surveyed)
    if surveyed is None:
        raise LookupError("surveyed")
    return of(record, fleet_record.Planned(folder / surveyed.file, surveyed.sha256).members)


def _facts(member: Member) -> Mapping[str, str]:
    return member.plan.relies_on if member.plan else {}


def _servers(member: Member) -> list[str]:
    return [name.removeprefix(_DNS) for name in _facts(member) if name.startswith(_DNS)]


def _place(member: Member) -> tuple[str, str]:
    """Return bucket and path of the requested selector's key object; "" where none was found."""
    found = place_of(_facts(member).get("key.object", ""), "") if _facts(member).get("key.sha256") else None
    return (found.bucket, found.key) if found else ("", "")


def _paths(member: Member) -> dict[str, tuple[str, str]]:
    """Return selector and path of each key object, by the label of its key: the current one's path is the like."""
    path, current = _place(member)[1], member.current_selector
    found = {_NEXT: (member.selector, path)} if path else {}
    if current and current != member.selector and member.selector in path:
        found = {_CURRENT: (current, path.replace(member.selector, current)), **found}
    return found


def _identity(member: Member) -> Json:
    label = _NEXT if member.current_selector == member.selector else _CURRENT
    return twin.described(from_plain(Identity, member.identity), label)


def _value(label: str) -> str:
    return f"v=DKIM1; k=rsa; p={{key:{label}}}"


def _secrets(members: Sequence[Member]) -> list[Json]:
    """Return each secret once. Each version of one that several domains share is a map with the domains' names."""
    sharing = defaultdict[str, list[Member]](list)
    for member in members:
        sharing[_secret_id(member)].append(member)
    return [
        {"name": name, "versions": _entries(some[0]) if len(some) == 1 else _maps(some)}
        for name, some in sharing.items()
    ]


def _entries(member: Member) -> list[Json]:
    return [
        {"selector": selector, "dns_record": {"value": _value(label)}, "s3_key_path": path}
        for label, (selector, path) in _paths(member).items()
    ]


def _maps(members: Sequence[Member]) -> list[Json]:
    found = {member.domain: _entries(member) for member in members}
    before = {domain: entries[0] for domain, entries in found.items()}
    after = {domain: entries[-1] for domain, entries in found.items()}
    return [before, after] if before != after else [after]


def _secret_id(member: Member) -> str:
    """Return the secret's name in the twin: the plan does not record one that the profile names."""
    return member.parameters.get("secret_id") or f"byodkim/{member.domain}"


def _objects(member: Member) -> list[Json]:
    bucket = _place(member)[0]
    return [{"bucket": bucket, "path": path, "key": label} for label, (_, path) in _paths(member).items()]


def _records(member: Member, servers: Sequence[str]) -> list[Json]:
    """Return the key records; a server that was not asked about the domain, for another one's, has them too."""
    facts, everywhere = _facts(member), list(range(len(servers) or 2))
    has = [number for number, name in enumerate(servers) if facts.get(f"{_DNS}{name}", _KEY[0]).startswith(_KEY)]
    found = {_NEXT: (member.selector, has or ([] if servers else everywhere))}
    if member.current_selector not in ("", member.selector):
        found[_CURRENT] = (member.current_selector, everywhere)
    return [
        {"name": f"{selector}._domainkey.{member.domain}", "values": [_value(label)], "servers": at}
        for label, (selector, at) in found.items()
        if at
    ]
