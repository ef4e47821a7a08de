"""Publishing a key record, planned: what stands at its name, what is wanted there, and the exact change. Pure.

Only the TXT records at the key record's own name are ever part of a plan. A record that is none of ours is not touched,
unless the caller names the very value that is to be replaced.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final

from byodkim.dkim import character_string
from byodkim.dkim.character_string import CharacterString
from byodkim.dkim.key_record import KeyRecordInvalid, parse
from byodkim.plain import plain

REVOKED_VALUE: Final = "v=DKIM1; k=rsa; p="
"""A key record without a key: receivers take its signatures for invalid (RFC 6376 section 3.6.1, the tag ``p=``)."""

Txt = tuple[CharacterString, ...]
"""One TXT record: its character-strings."""


class Aim(StrEnum):
    """What is to become of the key record."""

    PUBLISH = "publish"
    REVOKE = "revoke"
    REMOVE = "remove"


class Outcome(StrEnum):
    """What came of a publication, in one word."""

    PLANNED = "PLANNED"
    STANDS = "STANDS"
    """It stands as wanted in the zone, and every authoritative server serves it."""
    PUBLISHED = "PUBLISHED"
    """Written, and every authoritative server serves it."""
    UNPROVED = "UNPROVED"
    """It stands in the zone, and not every authoritative server was seen to serve it."""
    REFUSED = "REFUSED"
    FAILED = "FAILED"


class NotPlanned(Exception):
    """No change may be made at this name. ``reason`` says why, ``values`` what stands there."""

    def __init__(self, reason: str, **values: str) -> None:
        self.reason, self.values = reason, values
        super().__init__(reason)


@dataclass(frozen=True)
class RecordSet:
    """The TXT records at one name.

    Attributes:
        ttl: in seconds.
        records: each as its character-strings, of at most 255 bytes.
        spelled: the same as the zone's keeper spells them, where only that very spelling names them (Route 53).
    """

    ttl: int
    records: tuple[Txt, ...]
    spelled: tuple[str, ...] = ()

    @property
    def values(self) -> tuple[bytes, ...]:
        """Return each record's character-strings joined with nothing between, sorted (RFC 6376 section 3.6.2.2)."""
        return tuple(sorted(b"".join(record) for record in self.records))

    def same(self, other: RecordSet | None) -> bool:
        """Return whether both say the same for as long: how they are spelled or cut does not count."""
        return other is not None and (self.ttl, self.values) == (other.ttl, other.values)


@dataclass(frozen=True)
class Standing:
    """What stands at the key record's name.

    Attributes:
        name: of the key record, without a closing dot.
        zone: the zone that holds it, without a closing dot.
        found: the TXT records there; ``None`` for none.
        other: what stands there in place of plain TXT records: ``CNAME target``, or a routing policy of Route 53.
        serial: of the zone as it was read, where its keeper tells one.
    """

    name: str
    zone: str
    found: RecordSet | None = None
    other: str = ""
    serial: int | None = None


@dataclass(frozen=True)
class Wanted:
    """What is wanted at a name.

    Attributes:
        name: of the key record, in lower case and without a closing dot.
        aim: what is to become of it.
        sha256: of the public key (SubjectPublicKeyInfo, hex) whose record it is.
        value: in one piece; "" where the record is to be removed.
        ttl: in seconds.
    """

    name: str
    aim: Aim
    sha256: str
    value: str = ""
    ttl: int = 3600

    @property
    def record_set(self) -> RecordSet | None:
        """Return the TXT records that are to stand there; ``None`` for none."""
        if self.aim is Aim.REMOVE:
            return None
        return RecordSet(self.ttl, (tuple(string.encode("ascii") for string in character_string.split(self.value)),))


@dataclass(frozen=True)
class Change:
    """The one change: at ``name`` in ``zone``, ``after`` in place of ``before`` (``None``: no TXT record)."""

    zone: str
    name: str
    before: RecordSet | None
    after: RecordSet | None


@dataclass(frozen=True)
class Publication:
    """The plan.

    Attributes:
        wanted: what it is for.
        zone: that holds the name.
        change: ``None`` where the name stands as wanted.
        replacing: the value that may be replaced although it is another's.
        digest: SHA-256 over its canonical JSON.
    """

    wanted: Wanted
    zone: str
    change: Change | None
    replacing: str
    digest: str


def publishing(name: str, value: str, ttl: int, sha256: str) -> Wanted:
    """Return the wish that the key record of a key stands at ``name``. ``ttl`` in seconds."""
    return Wanted(name.lower(), Aim.PUBLISH, sha256, value, ttl)


def revoking(name: str, ttl: int, sha256: str) -> Wanted:
    """Return the wish that the key is revoked: the record stays, with an empty ``p=``. ``ttl`` in seconds."""
    return Wanted(name.lower(), Aim.REVOKE, sha256, REVOKED_VALUE, ttl)


def removing(name: str, sha256: str) -> Wanted:
    """Return the wish that the record of the key, revoked or not, goes."""
    return Wanted(name.lower(), Aim.REMOVE, sha256)


def make(
    standing: Standing, wanted: Wanted, digest: Callable[[Mapping[str, Any]], str], replacing: str = ""
) -> Publication:
    """Return the plan that makes the name stand as wanted.

    Args:
        standing: what stands there now.
        wanted: what is to stand there.
        digest: of canonical JSON.
        replacing: the value (in one piece) of the one record that may be replaced although it is another.

    Raises:
        NotPlanned: another record stands there: a CNAME, several TXT records, or one that is none of ours.
    """
    made = Publication(wanted, standing.zone, _change(standing, wanted, replacing), replacing, "")
    content = plain(made)
    del content["digest"]
    return replace(made, digest=digest(content))


def _change(standing: Standing, wanted: Wanted, replacing: str) -> Change | None:
    found, after = standing.found, wanted.record_set
    if standing.other:
        raise NotPlanned("cname" if standing.other.startswith("CNAME ") else "policy", other=standing.other)
    if found is None:
        # A record that is gone need not be revoked.
        return Change(standing.zone, standing.name, None, after) if wanted.aim is Aim.PUBLISH else None
    if len(found.records) > 1:
        raise NotPlanned("several", count=str(len(found.records)))
    value = found.values[0]
    if not _ours(value, wanted) and value != replacing.encode():
        raise NotPlanned("another", value=character_string.escaped(value))
    return None if _stands(found, wanted) else Change(standing.zone, standing.name, found, after)


def _ours(value: bytes, wanted: Wanted) -> bool:
    """Return whether the record is the key's own: it holds the key, or held one and was revoked."""
    return _says(value) == wanted.sha256 or (wanted.aim is not Aim.PUBLISH and _says(value) == "revoked")


def _stands(found: RecordSet, wanted: Wanted) -> bool:
    """Return whether nothing is to be done: a record that says the same in other words is let be."""
    after, says = wanted.record_set, _says(found.values[0])
    if after is None:
        return False
    if found.values == after.values:
        return found.ttl == after.ttl
    return says == ("revoked" if wanted.aim is Aim.REVOKE else wanted.sha256)


def _says(value: bytes) -> str:
    """Return the SHA-256 of the key that a record holds, or ``revoked``; "" for anything else."""
    try:
        return parse((value,)).public_key.sha256
    except KeyRecordInvalid as invalid:
        return "revoked" if invalid.defect == "revoked" else ""


def resolved(standing: Standing, change: Change) -> bool | None:
    """Return whether a change was applied, by what stands now; ``None`` for neither what was nor what was wanted."""
    for known, applied in ((change.after, True), (change.before, False)):
        if (standing.found is None and known is None) or (standing.found and standing.found.same(known)):
            return applied if not standing.other else None
    return None
