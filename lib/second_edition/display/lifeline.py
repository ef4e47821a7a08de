"""An identity's selectors over time, and the life of one of them, as pictures: SVG of shapes and text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import pairwise, zip_longest
from typing import Final, NamedTuple

from markupsafe import Markup
from msgspec import Struct

from second_edition.display import history
from second_edition.display.html import Figure, part
from second_edition.display.words import Words, duration
from second_edition.evidence import past
from second_edition.evidence.archive import Listed
from second_edition.evidence.past import Span, Switch, Trace
from second_edition.evidence.record import ROTATE, Record
from second_edition.messages import say
from second_edition.rotation.outcome import Outcome

WIDTH, RIGHT, TOP, ROW, BAR, FOOT = 1000, 24, 10, 40, 18, 46  # units of the picture
NAME, LETTER = 8.0, 7.4  # width of a letter of a selector's name, and of a tick's label
DAY: Final = timedelta(days=1)
STEPS: Final = (
    *(timedelta(seconds=n) for n in (1, 5, 15)),
    *(timedelta(minutes=n) for n in (1, 5, 15)),
    *(timedelta(hours=n) for n in (1, 6)),
    *(DAY * n for n in (1, 2, 7, 14, 28, 91, 182, 365, 730, 1826)),
)

#: What is shorter than this is not written between two dots.
SHORTEST: Final = timedelta(hours=1)


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
    ends = [*(span.seen for span in spans), *(mark.at for mark in marks)]
    spans = [span for span in spans if span.selector]
    if not spans or not marks:
        return None
    rows = {selector: number for number, selector in enumerate(dict.fromkeys(span.selector for span in spans))}
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


class Stage(NamedTuple):
    """A stage of a life: its name, when it was reached (``None``: not, or nobody knows), and whether it lies ahead."""

    name: str
    at: datetime | None
    ahead: bool = False


def of_selector(selector: str, traces: Sequence[Trace], retired: datetime | None) -> list[Stage]:
    """Return the stages of a selector's last life, from what runs of one world tell.

    ``retired``: when a run retired it.
    """
    own = [one for one in traces if one.selector == selector]
    keys, switches = past.keys(traces), past.switches(traces)
    made = keys[selector].made if selector in keys else ""
    taken = next((one for one in reversed(switches) if one.taken == selector), None)
    left = next((one.written_at for one in reversed(switches) if one.left == selector), None)
    if taken and left and left < taken.written_at:  # it is in use again
        left = None
    return [
        Stage("prepared", datetime.fromisoformat(made) if made else None),
        Stage("requested", min((one.requested_at for one in own if one.requested_at), default=None)),
        Stage("published", min((one.served_at for one in own if one.served_at), default=None)),
        Stage("switched", taken.written_at if taken else None),
        Stage("verified", taken.verified_at if taken else None),
        Stage("left", left),
        Stage("retired", retired),
    ]


def of_run(record: Record, earlier: Sequence[Trace] = ()) -> list[Stage]:
    """Return the stages of the selector that a rotate run is about, and when the old one retires.

    ``earlier``: what earlier runs about the same selector tell of it.
    """
    until = record.overlap_until if record.outcome is Outcome.SWITCHED and record.left else None
    *stages, left, _ = of_selector(record.selector, [*earlier, past.trace(record)], None)
    seen = [one.at for one in record.seen.dns.history if one.everywhere] if record.seen else []
    known: dict[str, datetime | None] = {"published": datetime.fromisoformat(seen[0])} if seen else {}
    if left.at and not record.rolled_back:  # the life of before this run
        known |= {"switched": None, "verified": None}
    elif not any(stage.name == "switched" and stage.at for stage in stages) and _stands(record):
        known |= {"switched": record.written_before, "verified": record.verified_at}
    found = [stage._replace(at=known.get(stage.name, stage.at)) for stage in stages]
    return [
        *found,
        *([left] if record.rolled_back else []),
        *([Stage("retire-old", until, ahead=True)] if until else []),
    ]


def _stands(record: Record) -> bool:
    """Return whether SES was seen with what an earlier run wrote: it may never have reached SES."""
    shown = (record.after, record.seen.identity if record.seen else None)
    return record.written_before is not None and any(one.selector == record.selector for one in shown if one)


def figure(selector: str, stages: Sequence[Stage], words: Words) -> Figure:
    """Return the drawing, and the same in a sentence for who does not see it."""
    stages = _ordered(stages)
    sentences = [f"{_say(one.name, words)} {words.time(one.at) if one.at else words('not recorded')}" for one in stages]
    title = words("Life of {selector}: {stages}.", selector=selector, stages="; ".join(sentences))
    dots = [(one.at is not None and not one.ahead, _below(one, words)) for one in stages]
    lines = [
        (bool(one.at and other.at and not other.ahead), _took(one, other, words)) for one, other in pairwise(stages)
    ]
    return Figure(part("life.svg", title=title, dots=dots, lines=lines), _say("legend", words))


def drawn(record: Record, earlier: Sequence[Trace], words: Words) -> list[Figure]:
    """Return the drawing of a rotate run's selector; nothing for another procedure's."""
    return (
        [figure(record.selector, of_run(record, earlier), words)] if record.procedure == ROTATE and record.seen else []
    )


def _ordered(stages: Sequence[Stage]) -> list[Stage]:
    """Return the stages; a key record first seen after the switch is named so: nobody knows when it was made."""
    switched = next((one.at for one in stages if one.name == "switched"), None)
    late = {one for one in stages if one.name == "published" and one.at and switched and one.at > switched}
    return [one._replace(name="published-after") if one in late else one for one in stages]


def _took(one: Stage, other: Stage, words: Words) -> str:
    """Return how long it took from a stage to the next; "" where that is not known, or too short to be written."""
    took = other.at - one.at if one.at and other.at else timedelta()
    return duration(took, words.language) if took >= SHORTEST else ""


def _below(stage: Stage, words: Words) -> list[str]:
    """Return what stands below a stage's dot: its name, date and time."""
    at = stage.at.astimezone(words.zone) if stage.at else None
    when = [f"{at:%Y-%m-%d}", "" if stage.ahead else f"{at:%H:%M:%S}"] if at else [words("not recorded")]
    return [_say(stage.name, words), *when]


def _say(key: str, words: Words, /, **values: object) -> str:
    return say("page", f"life.{key}", words.language, **values)
