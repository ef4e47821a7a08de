"""The steps of a procedure in a process of their own, without a kernel around them: ``python -m tests.second_edition.kills.play``.

Arguments: the endpoint, the selector, and the procedure where that is not rotate. The exit code is 0, or 1 after the
error's paragraph on standard error.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping

from second_edition import steps
from second_edition.errors import ByodkimError

STEPS = {
    "rotate": ("observe", "prove", "check", "plan", "apply", "verify", "compare", "hand_over", "close"),
    "retire": ("observe", "check", "plan", "apply", "verify", "hand_over", "close"),
    "publish": ("observe", "check", "plan", "apply", "verify", "close"),
    "fleet": ("observe", "plan", "check", "apply", "hand_over", "close"),
    "prepare": ("observe", "check", "plan", "apply", "prove", "hand_over", "close"),
}


def play(procedure: str, given: Mapping[str, object]) -> int:
    """Every step in its order; gives the exit code."""
    try:
        run = steps.begin(procedure, **given)
        for step in STEPS[procedure]:
            getattr(steps, step)(run)
    except ByodkimError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def main(endpoint_url: str, selector: str, procedure: str = "rotate") -> int:
    return play(procedure, {"selector": selector, "target": "sandbox", "endpoint_url": endpoint_url, "mode": "apply"})


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
