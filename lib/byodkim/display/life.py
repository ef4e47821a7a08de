"""The life of one selector as a drawing: prepared, requested, published, switched to, verified, left, retired."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final, NamedTuple

from markupsafe import Markup

from byodkim.display.html import Figure
from byodkim.display.svg import INK, drawing, shape
from byodkim.display.words import Words, duration
from byodkim.evidence import past
from byodkim.evidence.past import Trace
from byodkim.evidence.record import ROTATE, Record
from byodkim.messages import say
from byodkim.rotation.outcome import Outcome

STEP, TOP, LEFT, HEIGHT, DOT = 132, 30, 54, 92, 7  # units
#: What is shorter than this is not written between two dots.
SHORTEST: Final = timedelta(hours=1)


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
    known: dict[str, datetime | None] = {}
    if left.at:  # the life of before this run
        known = {"switched": None, "verified": None}
    elif not any(stage.name == "switched" and stage.at for stage in stages) and record.written_at:
        known = {"switched": record.written_at, "verified": record.verified_at}
    found = [stage._replace(at=known.get(stage.name, stage.at)) for stage in stages]
    return [*found, *([Stage("retire-old", until, ahead=True)] if until else [])]


def figure(selector: str, stages: Sequence[Stage], words: Words) -> Figure:
    """Return the drawing, and the same in a sentence for who does not see it."""
    stages = _ordered(stages)
    sentences = [
        f"{_say(one.name, words)} {words.time(one.at) if one.at else _say('unknown', words)}" for one in stages
    ]
    title = _say("title", words, selector=selector, stages="; ".join(sentences))
    shapes = [*_lines(stages, words), *(mark for place, one in enumerate(stages) for mark in _dot(place, one, words))]
    width = LEFT * 2 + STEP * (len(stages) - 1)
    return Figure(drawing(width, HEIGHT, title, *shapes, kind="life"), _say("legend", words))


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


def _lines(stages: Sequence[Stage], words: Words) -> list[Markup]:
    """Return the lines from stage to stage, dashed where one is not reached, each with how long it took."""
    shapes: list[Markup] = []
    for place, (one, other) in enumerate(pairwise(stages)):
        reached = one.at and other.at and not other.ahead
        ends = {"x1": _x(place) + DOT, "x2": _x(place + 1) - DOT, "y1": TOP, "y2": TOP}
        dashes = "none" if reached else "3 5"
        shapes.append(shape("line", stroke=INK, stroke_width=2, stroke_dasharray=dashes, **ends))
        if one.at and other.at and other.at - one.at >= SHORTEST:
            text = duration(other.at - one.at, words.language)
            shapes.append(shape("text", text, x=_x(place) + STEP / 2, y=TOP - 8, text_anchor="middle", font_size=11))
    return shapes


def _dot(place: int, stage: Stage, words: Words) -> list[Markup]:
    """Return a stage: filled where it was reached, hollow where not; its name, date and time below."""
    x, reached = _x(place), stage.at is not None and not stage.ahead
    at = stage.at.astimezone(words.zone) if stage.at else None
    below = [f"{at:%Y-%m-%d}", "" if stage.ahead else f"{at:%H:%M:%S}"] if at else [_say("unknown", words)]
    lines = [_say(stage.name, words), *below]
    dot = shape("circle", cx=x, cy=TOP, r=DOT, fill=INK if reached else "none", stroke=INK, stroke_width=2)
    return [
        dot,
        *(shape("text", text, x=x, y=TOP + 25 + 16 * number, text_anchor="middle", font_size=12,
                **({"font_weight": 600} if not number else {}))
          for number, text in enumerate(lines)),
    ]  # fmt: skip


def _x(place: int) -> float:
    return LEFT + STEP * place


def _say(key: str, words: Words, /, **values: object) -> str:
    return say("page", f"life.{key}", words.language, **values)
