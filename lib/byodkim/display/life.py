"""The life of one selector as a drawing: prepared, requested, published, switched to, verified, left, retired."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final, NamedTuple

from byodkim.display.html import Figure, part
from byodkim.display.words import Words, duration
from byodkim.evidence import past
from byodkim.evidence.past import Trace
from byodkim.evidence.record import ROTATE, Record
from byodkim.messages import say
from byodkim.rotation.outcome import Outcome

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
    if left.at and not record.rolled_back:  # the life of before this run
        known = {"switched": None, "verified": None}
    elif not any(stage.name == "switched" and stage.at for stage in stages) and record.written_before:
        known = {"switched": record.written_before, "verified": record.verified_at}
    found = [stage._replace(at=known.get(stage.name, stage.at)) for stage in stages]
    return [
        *found,
        *([left] if record.rolled_back else []),
        *([Stage("retire-old", until, ahead=True)] if until else []),
    ]


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
