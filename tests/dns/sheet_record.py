"""The key record that every sheet of the table of formats asks for."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Record:
    """``name`` absolute, without a closing dot."""

    name: str
    value: str
    kind: str = "TXT"
    ttl: int = 3600
    apex: str = ""

    @property
    def strings(self) -> list[str]:
        return [self.value[start : start + 255] for start in range(0, max(len(self.value), 1), 255)]

    @property
    def quoted(self) -> str:
        return " ".join('"' + one.replace("\\", "\\\\").replace('"', '\\"') + '"' for one in self.strings)

    @property
    def zone(self) -> str:
        return self.apex or self.name.partition("_domainkey.")[2] or self.name.partition("domainkey.")[2]

    @property
    def owner(self) -> str:
        return self.name.removesuffix(f".{self.zone}")
