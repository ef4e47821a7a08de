"""Figures and their table: what was measured, its bound, and whether the bound holds."""

import os
import platform
import statistics
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

BEGIN, END = "<!-- bench -->", "<!-- /bench -->"
HEADS = ("Figure", "Measured", "Bound", "Holds")
HOLDS = {True: "yes", False: "**no**", None: ""}


class Figure(NamedTuple):
    """One row. ``holds``: whether the bound is kept; ``None`` where there is none."""

    label: str
    measured: str
    bound: str = ""
    holds: bool | None = None


class Times(NamedTuple):
    """Seconds of one command, one value for each time that it was run. None is left out."""

    values: Sequence[float]

    @property
    def median(self) -> float:
        return statistics.median(self.values)

    @property
    def p90(self) -> float:
        return statistics.quantiles(self.values, n=10, method="inclusive")[-1]

    def __str__(self) -> str:
        return f"{min(self.values):.2f} / {self.median:.2f} / {self.p90:.2f} s"


def at_most(label: str, value: float, bound: float, form: str = "{:,.0f}") -> Figure:
    """Return a figure that must not be above its bound."""
    return Figure(label, form.format(value), f"≤ {form.format(bound)}", value <= bound)


def table(figures: Sequence[Figure]) -> str:
    """Return the figures in Markdown, below the day and the machine."""
    rows = [HEADS, ("---", "---:", "---:", "---")]
    for figure in figures:
        rows.append((figure.label, figure.measured, figure.bound, HOLDS[figure.holds]))
    lines = [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join([machine(), "", *lines])


def machine() -> str:
    """Return day, machine, Python, and the load when the table is printed."""
    cores, load, day = os.cpu_count(), os.getloadavg()[0], f"{datetime.now(UTC):%Y-%m-%d}"
    system = f"{platform.system()} {platform.machine()}"
    python = f"Python {platform.python_version()}"
    where = f"{day}, {system}, {cores} cores, {python}, load {load:.1f}."
    return f"{where} Times: minimum / median / p90."


def between_marks(text: str, replacement: str) -> str:
    """Return a document with the part between the marks replaced.

    Raises:
        ValueError: the document lacks a mark.
    """
    before, begin, rest = text.partition(BEGIN)
    _old, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"no {BEGIN} … {END}")
    return f"{before}{BEGIN}\n{replacement}\n{END}{after}"
