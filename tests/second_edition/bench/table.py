"""Figures as a table, with the machine and the day: what one benchmark prints, and ``make bench`` for all of them."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime

Row = tuple[str, str, str]


def machine() -> str:
    """Day, machine, Python and the load of the last minute."""
    load = os.getloadavg()[0]
    return (
        f"{datetime.now(UTC):%Y-%m-%d}, {platform.system()} {platform.machine()}, {os.cpu_count()} cores, "
        f"Python {platform.python_version()}, load {load:.1f}"
    )


def markdown(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table in Markdown."""
    lines = [head, *rows]
    told = [f"| {' | '.join(cell.strip() for cell in line)} |" for line in lines]
    return "\n".join([told[0], "|---" * len(head) + "|", *told[1:]])


def printed(rows: Sequence[Row]) -> None:
    """Prints what one benchmark measured."""
    print(f"{machine()}\n\n{markdown(('what', 'measured', 'ratio'), rows)}")


@contextmanager
def stated(folder: str) -> Iterator[None]:
    """Keys and what else is kept of this user are in ``folder`` meanwhile."""
    before = os.environ.get("XDG_STATE_HOME")
    os.environ["XDG_STATE_HOME"] = folder
    try:
        yield
    finally:
        if before is None:
            del os.environ["XDG_STATE_HOME"]
        else:
            os.environ["XDG_STATE_HOME"] = before
