"""What earlier runs saw of a selector's key record, from their journals."""

from __future__ import annotations

from pathlib import Path

from byodkim.evidence.journal import earlier
from byodkim.rotation.observation import Observation
from byodkim.rotation.resolution import Sighting
from byodkim.rotation.timing import sighting


def sightings(folder: Path, domain: str, selector: str, target: str) -> tuple[Sighting, ...]:
    """How the key record stood in the newest earlier run of this selector, after what that run remembered itself.

    Args:
        folder: where the journals lie.
        domain: the signing domain.
        selector: the selector asked for.
        target: ``aws`` or ``sandbox...``: a rehearsal remembers nothing of the real world, nor the other way round.

    Returns:
        Sightings, oldest first; none where no such run observed anything.
    """
    for account in earlier(folder, domain):
        begin, observed = account.events[0], account.last("observed")
        if observed is None or begin.get("selector") != selector or begin.get("target") != target:
            continue
        try:
            seen = Observation.from_plain(observed["observation"])
        except (KeyError, TypeError, ValueError):  # of another version of this procedure
            continue
        return (*seen.dns.history, sighting(seen))
    return ()
