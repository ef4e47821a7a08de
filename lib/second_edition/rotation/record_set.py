"""TXT records at a key record's name: what stands there, what is wanted, and the change between the two. Pure data."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from second_edition.dkim import character_string
from second_edition.dkim.character_string import CharacterString

Txt = tuple[CharacterString, ...]
"""One TXT record: its character-strings."""


class Aim(StrEnum):
    """Hold what is to become of the key record."""

    PUBLISH = "publish"
    REVOKE = "revoke"
    REMOVE = "remove"


class RecordSet(Struct, frozen=True, forbid_unknown_fields=True):
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


class Standing(Struct, frozen=True, forbid_unknown_fields=True):
    """Hold what stands at the key record's name.

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


class Wanted(Struct, frozen=True, forbid_unknown_fields=True):
    """Hold what is wanted at a name.

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


class Change(Struct, frozen=True, forbid_unknown_fields=True):
    """The one change: at ``name`` in ``zone``, ``after`` in place of ``before`` (``None``: no TXT record)."""

    zone: str
    name: str
    before: RecordSet | None
    after: RecordSet | None


class Publication(Struct, frozen=True, forbid_unknown_fields=True):
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
