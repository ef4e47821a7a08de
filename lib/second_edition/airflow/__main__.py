"""``python -m second_edition.airflow``: a pool for each lane, for ``airflow pools import``."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path

from second_edition.airflow import lanes
from second_edition.errors import ByodkimError


def main(arguments: list[str] | None = None) -> int:
    """Print them as JSON. Return 0, or 2 with one paragraph on standard error."""
    own = Path(os.environ.get("BYODKIM_PROJECT", ""), lanes.FILE)
    parser = argparse.ArgumentParser(prog="python -m second_edition.airflow", description="Pools for airflow pools import.")
    parser.add_argument("profile", type=Path, nargs="?", default=own, metavar="FILE", help=f"({own})")
    given = parser.parse_args(arguments)
    try:
        print(json.dumps(lanes.pools(lanes.read(given.profile.read_text("utf-8"))), indent=2, ensure_ascii=False))
    except (ByodkimError, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
