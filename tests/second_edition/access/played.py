"""The steps of a procedure, no kernel around them, with the folder's profile: ``python -m tests.second_edition.access.played``.

Arguments: the procedure, then parameters as NAME=VALUE. The exit code is 0, or 1 after the error's paragraph.
"""

from __future__ import annotations

import sys

from tests.second_edition.kills.play import play


def main(procedure: str, *words: str) -> int:
    return play(procedure, dict(word.split("=", 1) for word in words))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
