"""The places of a run: one record tells of several accounts and Regions, and each of them can be told alone.

The run's own place comes first, and its events say nothing of it; an event of a further place names it (``TAG``). So a
run of one place is written as it always was. What is told of a place is told from its events alone, which make a
record of their own: its first event has the place's account, Region and past, its last the place's outcome.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from byodkim.evidence.world import World

Event = Mapping[str, Any]
#: The event that holds the plan for all places.
UNITED: Final = "united"
#: What events, and the first event of a place told alone, name a further place under; a message has a ``place`` too.
TAG: Final = "at_place"


def name_of(account: str, region: str) -> str:
    """The name of a place: what events say under ``at_place``."""
    return f"{account}/{region}"


def own_place(begin: Event) -> str:
    """The name of the run's own place."""
    return name_of(str(begin.get("account", "")), str(begin["parameters"]["region"]["value"]))


def further(begin: Event) -> dict[str, Event]:
    """The further places of a run in their order, each with what the first event says of it."""
    return {name_of(str(one["account"]), str(one["region"])): one for one in begin.get("places", ())}


def places_of(begin: Event) -> tuple[str, ...]:
    """All places of a run in their order, its own first; none where it has no further ones."""
    found = further(begin)
    return (own_place(begin), *found) if found else ()


def begin_at(begin: Event, place: str) -> dict[str, Any]:
    """The first event as a run of that place alone would have it.

    Raises:
        KeyError: it is none of the run's places.
    """
    alone = {name: value for name, value in begin.items() if name != "places"}
    if place == own_place(begin):
        return alone
    one = further(begin)[place]
    settings = {name: {"value": str(one[name]), "source": str(one["source"])} for name in ("region", "aws_profile")}
    return {
        **alone,
        "account": one["account"],
        "parameters": {**begin["parameters"], **settings},
        "previous": one["previous"],
        TAG: place,
        "approvals": 0,  # they are given to the plan for all places, which is the run's
    }


def events_at(events: Sequence[dict[str, Any]], place: str) -> tuple[dict[str, Any], ...]:
    """The events of that place alone, as a run of it would have them.

    Raises:
        KeyError: it is none of the run's places.
    """
    begin, *rest = events
    tagged = None if place == own_place(begin) else place
    found = [begin_at(begin, place)]
    for event in rest:
        if event["event"] == "closed":
            found.append(_closed_at(event, place))
        elif event.get(TAG) == tagged and event["event"] != UNITED:
            found.append(event)
    return tuple(found)


def _closed_at(closed: Event, place: str) -> dict[str, Any]:
    outcome, stopped = closed["places"][place], closed["stopped"] == place
    return {**closed, "outcome": outcome, "error": closed["error"] if stopped else None}


def worlds(begin: Event) -> tuple[World | None, ...]:
    """The world of each place of a run in their order; one where it has no further ones."""
    return tuple(World.of(begin_at(begin, place)) for place in places_of(begin)) or (World.of(begin),)
