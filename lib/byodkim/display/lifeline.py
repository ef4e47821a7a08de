"""An identity's selectors over time as a picture: SVG of shapes and text, with a table of the same beside it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise, zip_longest
from typing import Final

from markupsafe import Markup

from byodkim.display import history
from byodkim.display.svg import INK, drawing, shape
from byodkim.display.words import Words
from byodkim.evidence import past
from byodkim.evidence.archive import Listed
from byodkim.evidence.past import Span, Switch
from byodkim.messages import say

WIDTH, RIGHT, TOP, ROW, BAR, FOOT = 1000, 24, 10, 40, 18, 46  # units of the picture
SOFT, PALE, BLUE = "#4d555f", "#c9ced6", "#3a6ea5"
COLOURS: Final = {"good": "#0b5f2c", "wait": "#7a4b00", "bad": "#a3121b"}
HATCH: Final = Markup(
    '<defs><pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    '<rect width="6" height="6" fill="#fff4dc"/><rect width="3" height="6" fill="#7a4b00"/></pattern></defs>'
)
NAME, LETTER = 8.0, 7.4  # width of a letter of a selector's name, and of a tick's label
DAY: Final = timedelta(days=1)
STEPS: Final = (
    *(timedelta(seconds=n) for n in (1, 5, 15)),
    *(timedelta(minutes=n) for n in (1, 5, 15)),
    *(timedelta(hours=n) for n in (1, 6)),
    *(DAY * n for n in (1, 2, 7, 14, 28, 91, 182, 365, 730, 1826)),
)


@dataclass(frozen=True)
class Mark:
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


@dataclass(frozen=True)
class Scale:
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
    shapes = [
        *_axis(scale, marks[0].at, height),
        *(shape("text", name, x=0, y=_middle(row) + 5) for name, row in rows.items()),
        *_bars(spans, rows, scale),
        *_switched(switches, rows, scale),
        *(_marked(mark, scale, height - FOOT + 10) for mark in sorted(marks, key=lambda mark: mark.at)),
    ]
    return drawing(WIDTH, height, title, HATCH, *shapes, kind="lifeline")


def _middle(row: int) -> float:
    return TOP + row * ROW + ROW / 2


def _bars(spans: Sequence[Span], rows: dict[str, int], scale: Scale) -> Iterator[Markup]:
    for span in spans:
        left, right = scale(span.since), scale(span.until or span.seen)
        top = _middle(rows[span.selector]) - BAR / 2
        yield shape("rect", fill=BLUE, x=left, y=top, width=f"{max(right - left, 2):.1f}", height=BAR)
    for one, other in pairwise(spans):
        if one.until is None:  # somebody else switched, at a time that no run knows
            for y in (_middle(rows[one.selector]), _middle(rows[other.selector])):
                ends = {"x1": scale(one.seen), "x2": scale(other.since), "y1": y, "y2": y}
                yield shape("line", stroke=SOFT, stroke_width=2, stroke_dasharray="2 5", **ends)


def _switched(switches: Sequence[Switch], rows: dict[str, int], scale: Scale) -> Iterator[Markup]:
    for switch, later in zip_longest(switches, switches[1:]):
        if switch.taken not in rows:
            continue
        middle, left = _middle(rows[switch.taken]), scale(switch.written_at)
        right = scale(switch.verified_at or (later.written_at if later else scale.last))
        tip = middle - BAR / 2
        if right - left >= 1:
            place = {"x": left, "y": tip, "width": f"{right - left:.1f}", "height": BAR}
            yield shape("rect", fill="url(#hatch)", stroke="#7a4b00", **place)
        yield shape("path", d=f"M{left} {tip}l-6 -9h12z")


def _marked(mark: Mark, scale: Scale, y: float) -> Markup:
    x, colour = scale(mark.at), COLOURS[mark.tone]
    shapes = {
        "good": shape("circle", cx=x, cy=y, r=4.5),
        "wait": shape("circle", cx=x, cy=y, r=4),
        "bad": shape("path", d=f"M{x - 4} {y - 4}l8 8m0 -8l-8 8"),
    }
    inside = colour if mark.tone == "good" else "#fff"
    title = shape("title", mark.text)
    return shape("g", title, shapes[mark.tone], stroke=colour, stroke_width=2, fill=inside)


def _axis(scale: Scale, like: datetime, height: float) -> Iterator[Markup]:
    y = height - FOOT + 10
    yield shape("line", stroke=INK, x1=scale.left, x2=WIDTH - RIGHT, y1=y, y2=y)
    for at, label in _ticks(scale, like):
        x = scale(at)
        yield shape("line", stroke=PALE, x1=x, x2=x, y1=TOP, y2=y + 8)
        yield shape("text", label, fill=SOFT, font_size=12, x=x, y=y + 24, text_anchor="middle")


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
