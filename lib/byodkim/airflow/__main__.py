"""``python -m byodkim.airflow``: the pools of all accounts and Regions, for ``airflow pools import``."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from byodkim.airflow.campaign import FILE, places, pools
from byodkim.errors import ByodkimError


def main(arguments: list[str] | None = None) -> int:
    """Prints them as JSON. Gives 0, or 2 with one paragraph on standard error."""
    parser = argparse.ArgumentParser(prog="python -m byodkim.airflow", description="Pools for airflow pools import.")
    parser.add_argument("profile", type=Path, nargs="?", default=Path(FILE), metavar="FILE", help=f"({FILE})")
    what = "in each pool, where all runs go on one machine (1 / ses_requests_per_second)"
    parser.add_argument("--slots", type=int, default=0, metavar="NUMBER", help=what)
    given = parser.parse_args(arguments)
    try:
        print(json.dumps(pools(places(given.profile.read_text("utf-8")), given.slots), indent=2, ensure_ascii=False))
    except (ByodkimError, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
