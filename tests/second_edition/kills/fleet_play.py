"""The steps of a campaign in a process of their own, killed at one of its journal writes.

``python -m tests.second_edition.kills.fleet_play ENDPOINT TABLE APPROVED WHEN NUMBER``: ``WHEN`` is before, torn or after the write of
that ``NUMBER`` (from 0); "" for none. The runs of its identities are the real ones, in processes of their own, and are
not struck.
"""

from __future__ import annotations

import os
import signal
import sys

from tests.second_edition.kills.play import play

_write = os.write


def strike(when: str, number: int) -> None:
    """From now on the write of that number ends the process."""
    count = 0

    def watched(file: int, data: bytes) -> int:
        nonlocal count
        if b'"previous_line"' not in data or b'"event":"shown"' in data:
            return _write(file, data)
        at, count = count, count + 1
        if at == number:
            part = {"before": b"", "torn": data[: len(data) // 2], "after": data}[when]
            _write(file, part)
            os.kill(os.getpid(), signal.SIGKILL)
        return _write(file, data)

    os.write = watched  # type: ignore[assignment]


def main(endpoint_url: str, table: str, approved: str, when: str, number: str) -> int:
    if when:
        strike(when, int(number))
    given = {"target": "sandbox", "endpoint_url": endpoint_url, "identities": table, "at_once": 2, "wave": 2}
    mode = {"mode": "apply", "approved": approved} if approved else {}
    return play("fleet", {**given, "pause_minutes": 0, "selector": "mail-20261124-1", **mode})


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
