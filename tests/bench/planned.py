"""Plan many rows in this process, and print the most memory that it took, in KiB.

One row is observed in a sandbox. The answers about all others are made of it.
"""

import resource
import sys
import tempfile
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from byodkim import steps
from byodkim.checks.world import Observation
from byodkim.engine.observe import observe as observe_world, sighting
from byodkim.engine.run import Run
from byodkim.procedures import fleet
from byodkim.record.record import tell
from byodkim.show.page import page


def main(rows: int) -> None:
    """Plan so many rows and render their page."""
    folder = Path(tempfile.mkdtemp())
    lines = [f"d{number}.example.jp,mail-20261124-1" for number in range(rows)]
    (folder / "f.csv").write_text("\n".join(["domain,selector", "example.jp,mail-20261124-1"]))
    run = steps.begin("fleet", table=str(folder / "f.csv"), target="sandbox")
    seen: list[Observation] = []

    def simulated(own: Run, purpose: Any, *more: Any) -> Observation:
        if not seen:
            seen.append(observe_world(own, purpose, *more))
        domain = own.wanted.domain
        identity = replace(seen[0].identity, domain=domain)
        made = replace(seen[0], wanted=own.wanted, identity=identity)
        own.sightings.append(sighting(made.requested, made))
        return made

    vars(fleet)["observe_world"] = simulated
    fleet.observe(run)
    (folder / "f.csv").write_text("\n".join(["domain,selector", *lines]))
    fleet.observe(run)
    fleet.make_plan(run)
    assert len(page(tell(run.journal.events))) > 100 * rows
    run.release()
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)


if __name__ == "__main__":
    main(int(sys.argv[1]))
