"""What one authoritative name server holds and answers: data and rules, no sockets (RFC 1034 section 4.3.2)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

TTL: Final = 3600
NEGATIVE_TTL: Final = 300
TYPES: Final = ("A", "AAAA", "CNAME", "NS", "SOA", "TXT")


@dataclass(frozen=True)
class RecordSet:
    """All records of one type at one name.

    Attributes:
        ttl: seconds.
        values: for TXT each record as a tuple of character-strings of at most 255 bytes, else each as text.
    """

    ttl: int
    values: tuple[str | tuple[bytes, ...], ...]


@dataclass(frozen=True)
class Row:
    """One record of an answer."""

    name: str
    kind: str
    ttl: int
    value: str | tuple[bytes, ...]


@dataclass(frozen=True)
class Reply:
    """An answer before it is put on the wire: ``rcode`` as RFC 6895 spells it."""

    rcode: str
    authoritative: bool
    answers: tuple[Row, ...] = ()
    authority: tuple[Row, ...] = ()


def plain(name: str) -> str:
    """A name as it is compared: lower case, no trailing dot (RFC 4343)."""
    return name.lower().rstrip(".")


def character_strings(value: bytes) -> tuple[bytes, ...]:
    """``value`` cut into character-strings of at most 255 bytes (RFC 1035 section 3.3.14)."""
    return tuple(value[at : at + 255] for at in range(0, len(value), 255)) or (b"",)


@dataclass
class Zone:
    """One zone as one server holds it: servers have copies of their own, so that one can be stale."""

    apex: str
    serial: int
    primary: str
    records: dict[tuple[str, str], RecordSet] = field(default_factory=dict)

    def put(self, name: str, kind: str, records: RecordSet | None) -> None:
        """Set all records of one type at one name, or take them away, and count the serial up."""
        changed = dict(self.records)
        changed.pop((plain(name), kind), None)
        if records is not None:
            changed[plain(name), kind] = records
        self.records, self.serial = changed, self.serial + 1

    def copy(self) -> Zone:
        """The same content, for another server."""
        return Zone(self.apex, self.serial, self.primary, dict(self.records))

    def soa(self) -> Row:
        """The start of authority."""
        times = f"7200 900 1209600 {NEGATIVE_TTL}"
        return Row(self.apex, "SOA", TTL, f"{self.primary}. hostmaster.{self.apex}. {self.serial} {times}")

    def rows(self, name: str, kind: str) -> tuple[Row, ...]:
        """The records of one type at one name."""
        if kind == "SOA" and name == self.apex:
            return (self.soa(),)
        found = self.records.get((name, kind))
        return tuple(Row(name, kind, found.ttl, value) for value in found.values) if found else ()

    def holds(self, name: str) -> bool:
        """Return whether the name exists, be it only as the parent of another (RFC 8020)."""
        return name == self.apex or any(owner == name or owner.endswith("." + name) for owner, _ in self.records)


def answer(zones: dict[str, Zone], name: str, kind: str) -> Reply:
    """Return what a server that holds ``zones`` answers to a question.

    Follows a CNAME as far as its own zones go, and says REFUSED outside of them.
    """
    wanted, rows = plain(name), []
    zone = _zone_of(zones, wanted)
    if zone is None:
        return Reply("REFUSED", authoritative=False)
    for _ in range(8):
        found = zone.rows(wanted, kind)
        alias = () if found or kind == "CNAME" else zone.rows(wanted, "CNAME")
        rows += [*found, *alias]
        if not alias:
            break
        wanted = plain(str(alias[0].value))
        target = _zone_of(zones, wanted)
        if target is None:
            return Reply("NOERROR", authoritative=True, answers=tuple(rows))
        zone = target
    if rows and rows[-1].kind == kind:
        return Reply("NOERROR", authoritative=True, answers=tuple(rows))
    rcode = "NOERROR" if zone.holds(wanted) else "NXDOMAIN"
    return Reply(rcode, authoritative=True, answers=tuple(rows), authority=(zone.soa(),))


def _zone_of(zones: dict[str, Zone], name: str) -> Zone | None:
    fitting = [apex for apex in zones if name == apex or name.endswith("." + apex)]
    return zones[max(fitting, key=len)] if fitting else None
