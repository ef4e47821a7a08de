"""Several places: a message proves the first before the others are written, and no key waits in hand for its turn."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Future

import pytest

from tests.notebooks.place_stories import NEXT, OWN, PLACES, SECOND, THIRD, Told, byodkim
from tests.notebooks.stage import Stage, Troupe
from tests.notebooks.wire import PUT


def sent(**knobs: object) -> Callable[[Stage], Told]:
    """An apply run that sends a message from its own place."""

    def tell(stage: Stage) -> Told:
        told = Told()
        (stage.folder / "byodkim.toml").write_text("[default]\nproof_wait_seconds = 1\n")
        stage.sandbox.set_knobs(**knobs)
        told.add(stage, "apply", stage.apply("-p", "message", "send"))
        told.said["verified"] = byodkim(stage, "verify", "outputs")
        told.said["calls"] = " ".join(
            f"PUT:{call['place']}" if call["operation"] == PUT else str(call["operation"])
            for call in stage.sandbox.calls()
        )
        return told

    return tell


STORIES: Mapping[str, Callable[[Stage], Told]] = {
    "proved": sent(),
    "unsigned": sent(signing_when_verified="unsigned"),
    "lost": sent(delivery="lost"),
}


@pytest.fixture(scope="module")
def told(troupe: Troupe) -> dict[str, Future[Told]]:
    return {name: troupe.begin(f"places {name}", story, "places") for name, story in STORIES.items()}


def test_the_message_proves_the_own_place_before_the_others_are_written(told: dict[str, Future[Told]]) -> None:
    story = told["proved"].result()
    ran = story.runs["apply"]
    assert (ran.outcome, ran.returncode, story.selectors["apply"]) == ("SWITCHED", 0, [NEXT] * 3)
    told_of = [(event["event"], event.get("at_place", OWN)) for event in ran.events]
    order = [told_of.index(("intent", OWN)), told_of.index(("weighed", OWN)), told_of.index(("intent", SECOND))]
    assert order == sorted(order)
    assert story.said["verified"].startswith("0\nVERIFIED")


@pytest.mark.parametrize(("name", "outcome"), [("unsigned", "FAILED"), ("lost", "SWITCHED")])
def test_without_its_proof_the_run_does_not_go_on(told: dict[str, Future[Told]], name: str, outcome: str) -> None:
    story = told[name].result()
    assert (story.runs["apply"].returncode, story.puts["apply"]) == (1, {OWN: 1})
    assert story.outcomes("apply")[0] == outcome
    assert story.outcomes("apply")[1:] == ["PLANNED"] * 2
    assert story.said["verified"].startswith("0\nVERIFIED")


def test_each_place_fetches_the_key_when_its_turn_comes(told: dict[str, Future[Told]]) -> None:
    """Until then it is in nobody's hands: the places before it may be waited for for hours."""
    before, *later = told["proved"].result().said["calls"].split("PUT:")
    assert "GetObject" in before
    assert [one.split()[0] for one in later] == list(PLACES) == [OWN, SECOND, THIRD]
    assert ["GetObject" in one.split() for one in later[:-1]] == [True, True]
