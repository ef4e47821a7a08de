"""The steps of a procedure, no kernel around them, with the folder's profile: ``python -m tests.access.played``.

Arguments: the procedure, then parameters as NAME=VALUE. The exit code is 0, or 1 after the error's paragraph.
"""

from __future__ import annotations

import sys

from byodkim import steps
from byodkim.errors import ByodkimError
from tests.kills.play import STEPS


def main(procedure: str, *words: str) -> int:
    given = dict(word.split("=", 1) for word in words)
    try:
        run = steps.begin(procedure, **given)
        for step in STEPS[procedure]:
            getattr(steps, step)(run)
    except ByodkimError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
