"""The operations about a zone that may be written. What carries them out is loaded where it is asked for."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, Any

from byodkim.aws.session import Clients
from byodkim.custody.windows import Windows
from byodkim.custody.zone_duties import ZoneDuties

if TYPE_CHECKING:
    from byodkim.custody.zone_duties import ZoneDuties


class ZoneOperations:
    """A part of the custodian's duties."""

    _zones: ZoneDuties | None = None
    _one_zone = Lock()

    @property
    def clients(self) -> Clients:
        """The clients, once ``open`` was asked for."""
        raise NotImplementedError

    def learn(self, windows: Windows) -> None:
        """Searches texts for this secret too from now on."""
        raise NotImplementedError

    def zone_read(self, way: dict[str, Any], name: str) -> dict[str, Any]:
        """Return what stands at a key record's name, as plain ``Standing``; ``way``: how the zone is reached."""
        return self._zone_duties.read(way, name)

    def zone_write(self, way: dict[str, Any], change: dict[str, Any]) -> dict[str, Any]:
        """One attempt at one planned change of a key record, as plain ``Written``."""
        return self._zone_duties.write(way, change)

    def zone_settled(self, way: dict[str, Any], receipt: str) -> bool:
        """Return whether the zone's servers have taken up the change that ``receipt`` names."""
        return self._zone_duties.settled(way, receipt)

    @property
    def _zone_duties(self) -> ZoneDuties:
        with self._one_zone:
            self._zones = self._zones or ZoneDuties(self.clients, self.learn)
            return self._zones
