"""An identity's selectors over time as a picture: SVG of shapes and text, with a table of the same beside it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import pairwise, zip_longest
from typing import Final

from markupsafe import Markup
from msgspec import Struct

from byodkim.display import history
from byodkim.display.html import part
from byodkim.display.words import Words
from byodkim.evidence import past
from byodkim.evidence.archive import Listed
from byodkim.evidence.past import Span, Switch
from byodkim.messages import say

WIDTH, RIGHT, TOP, ROW, BAR, FOOT = 1000, 24, 10, 40, 18, 46  # units of the picture
NAME, LETTER = 8.0, 7.4  # width of a letter of a selector's name, and of a tick's label
DAY: Final = timedelta(days=1)
STEPS: Final = (
    *(timedelta(seconds=n) for n in (1, 5, 15)),
    *(timedelta(minutes=n) for n in (1, 5, 15)),
    *(timedelta(hours=n) for n in (1, 6)),
    *(DAY * n for n in (1, 2, 7, 14, 28, 91, 182, 365, 730, 1826)),
)


class Mark(Struct, frozen=True):
    """A run on the axis: when, how it ended (``good``, ``wait`` or ``bad``), and what is told of it when pointed at."""

    at: datetime
    tone: str
    text: str


def picture_of(runs: Sequence[Listed], words: Words) -> tuple[Markup | None, str]:
    """Return a picture of an identity's runs in one world (one at least, newest first), and its caption.

    The picture is ``None`` where no run saw what the identity signs with.
    """
    traced = [(one, one.trace) for one in runs if one.trace]
    traces = [trace for _, trace in traced]
    marks = [
        Mark(
            trace.began.astimezone(words.zone), history.tone(one.outcome),
            f"{history.minute(one.at, words)} {history.ended(one.outcome, words)} {one.run}",
        )
        for one, trace in traced
    ]  # fmt: skip
    first, last = (history.minute(one.at, words) for one in (runs[-1], runs[0]))
    title = say("site", "history.picture", words.language, domain=runs[0].domain, first=first, last=last)
    return lifeline(past.spans(traces), past.switches(traces), marks, title), title


class Scale(Struct, frozen=True):
    """From times to places along the picture."""

    first: datetime
    last: datetime
    left: float

    def __call__(self, at: datetime) -> float:
        """Return the place of a time, in units from the left."""
        share = (at - self.first) / max(self.last - self.first, timedelta(seconds=1))
        return round(self.left + min(max(share, 0), 1) * (WIDTH - self.left - RIGHT), 1)


def lifeline(spans: Sequence[Span], switches: Sequence[Switch], marks: Sequence[Mark], title: str) -> Markup | None:
    """Render the picture as SVG; ``None`` where nothing is known.

    One row a selector: a bar while it is known to have signed, dotted where nobody looked; a triangle at each switch
    and, from there, a hatched part until SES was seen to have verified it. Below, one mark a run. The time goes from
    the first to the last thing that is known, in the zone that ``marks`` have.
    """
    if not spans or not marks:
        return None
    rows = {selector: number for number, selector in enumerate(dict.fromkeys(span.selector for span in spans))}
    ends = [*(span.seen for span in spans), *(mark.at for mark in marks)]
    left = max(map(len, rows)) * NAME + 2 * RIGHT
    scale = Scale(min(span.since for span in spans), max(ends), left)
    height = TOP + len(rows) * ROW + FOOT
    return part(
        "lifeline.svg", title=title, width=WIDTH, height=height, left=left, right=WIDTH - RIGHT, top=TOP,
        axis=height - FOOT + 10, bar=BAR, names=[(name, _middle(row)) for name, row in rows.items()],
        bars=list(_bars(spans, rows, scale)), gaps=list(_gaps(spans, rows, scale)),
        switched=list(_switched(switches, rows, scale)),
        ticks=[(scale(at), label) for at, label in _ticks(scale, marks[0].at)],
        marks=[(scale(one.at), one.tone, one.text) for one in sorted(marks, key=lambda mark: mark.at)],
    )  # fmt: skip


def _middle(row: int) -> float:
    return TOP + row * ROW + ROW / 2


def _bars(spans: Sequence[Span], rows: dict[str, int], scale: Scale) -> Iterator[tuple[float, float, float]]:
    """Yield left end, upper edge and length of each bar."""
    for span in spans:
        left, right = scale(span.since), scale(span.until or span.seen)
        yield left, _middle(rows[span.selector]) - BAR / 2, max(right - left, 2)


def _gaps(spans: Sequence[Span], rows: dict[str, int], scale: Scale) -> Iterator[tuple[float, float, float]]:
    """Yield both ends and the height where somebody else switched, at a time that no run knows."""
    for one, other in pairwise(spans):
        if one.until is None:
            for y in (_middle(rows[one.selector]), _middle(rows[other.selector])):
                yield scale(one.seen), scale(other.since), y


def _switched(switches: Sequence[Switch], rows: dict[str, int], scale: Scale) -> Iterator[tuple[float, float, float]]:
    """Yield place and upper edge of each switch, and how long it took until SES was seen to have verified it."""
    for switch, later in zip_longest(switches, switches[1:]):
        if switch.taken in rows:
            left = scale(switch.written_at)
            right = scale(switch.verified_at or (later.written_at if later else scale.last))
            yield left, _middle(rows[switch.taken]) - BAR / 2, right - left


def _ticks(scale: Scale, like: datetime) -> Iterator[tuple[datetime, str]]:
    """Yield round times, at most seven, each with a label that fits."""
    whole = scale.last - scale.first
    step = next((step for step in STEPS if whole / step <= 7), STEPS[-1])
    form = "%Y-%m-%d" if step >= DAY else "%H:%M" if step >= timedelta(minutes=1) else "%H:%M:%S"
    first = scale.first.astimezone(like.tzinfo)
    midnight = first.replace(hour=0, minute=0, second=0, microsecond=0)
    at = midnight + -(-(first - midnight) // step) * step
    half = len(f"{first:{form}}") * LETTER / 2
    while at <= scale.last:
        if scale.left + half <= scale(at) <= WIDTH - half:
            yield at, f"{at:{form}}"
        at += step
