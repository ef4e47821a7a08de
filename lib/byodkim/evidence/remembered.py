"""What earlier runs of rotate saw of a selector's key record, from their journals.

What prepare saw does not count: it looks at a name that it has just made up, which nobody can have asked for before.
"""

from __future__ import annotations

from pathlib import Path

from byodkim.evidence.journal import earlier
from byodkim.evidence.record import ROTATE
from byodkim.evidence.world import World
from byodkim.rotation.observation import Observation
from byodkim.rotation.resolution import Sighting
from byodkim.rotation.timing import remembered


def sightings(folder: Path, world: World | None, selector: str) -> tuple[Sighting, ...]:
    """How the key record stood in the newest earlier run of this selector, after what that run remembered itself.

    Args:
        folder: where the journals lie.
        world: where the run acts; a sandbox of its own (``None``) has no past.
        selector: the selector asked for.

    Returns:
        Sightings, oldest first; none where no such run observed anything.
    """
    for account in earlier(folder, world.same_dns) if world else ():
        observed, begin = account.last("observed"), account.events[0]
        if observed is None or begin.get("selector") != selector or begin.get("procedure", ROTATE) != ROTATE:
            continue
        try:
            seen = Observation.from_plain(observed["observation"])
        except (KeyError, TypeError, ValueError):  # of another version of this procedure
            continue
        return (*seen.dns.history, *remembered(seen))
    return ()
