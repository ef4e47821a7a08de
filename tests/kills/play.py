"""The notebook's steps in a process of their own, without a kernel around them: ``python -m tests.kills.play``.

Arguments: the endpoint, the selector. The exit code is 0, or 1 after the error's paragraph on standard error.
"""

from __future__ import annotations

import sys

from byodkim.custody.client import Custodian
from byodkim.errors import ByodkimError
from byodkim.procedure import stepping

STEPS = ("observe", "prove", "check", "plan", "apply", "verify", "compare", "hand_over", "close")


def main(endpoint_url: str, selector: str) -> int:
    given = {"selector": selector, "target": "sandbox", "endpoint_url": endpoint_url, "mode": "apply"}
    try:
        run = stepping.begin(given, Custodian())
        for step in STEPS:
            getattr(stepping, step)(run)
    except ByodkimError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
