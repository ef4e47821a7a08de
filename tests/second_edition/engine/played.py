"""The steps of the notebook, called in its order; what each showed is kept with the events there were by then."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from second_edition.custody.client import Custodian
from second_edition.display import sections, summary, words
from second_edition.display.blocks import Block
from second_edition.display.notebook import Shown
from second_edition.display.timeline import calls, timeline
from second_edition.engine import lifecycle
from second_edition.engine.run import Run
from second_edition.engine.stages import Procedure
from second_edition.events.parts import Event
from second_edition.procedures.rotate.steps import PROCEDURE
from second_edition.sandbox.client import Sandbox
from tests.second_edition.events.noted import Line, record_of

PUT = "PutEmailIdentityDkimSigningAttributes"
STEPS = ("observe", "prove", "check", "plan", "apply", "verify", "compare", "hand_over", "close")


@dataclass
class Stage:
    """``shown``: what each step showed, and how many events the journal held then."""

    sandbox: Sandbox
    shown: dict[str, tuple[tuple[Block, ...], int]] = field(default_factory=dict)
    headline: tuple[Block, ...] = ()
    aside: list[tuple[Block, ...]] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)
    custodians: list[Custodian] = field(default_factory=list)

    def show(self, shown: Shown, run: Run | None = None) -> None:
        self.aside.append(shown.blocks)
        if run is not None:
            self.runs.append(run)

    def show_headline(self, shown: Shown, run: Run | None = None) -> None:
        self.headline = shown.blocks
        assert run is None or run.journal.events

    def show_again(self, shown: Shown, _: object) -> None:
        """What the notebook shows again and again in one place."""
        self.shown["verify"] = (shown.blocks, len(self.runs[-1].journal.events))

    def begin(self, procedure: Procedure = PROCEDURE, /, **given: Any) -> Run:
        facts = self.sandbox.facts
        asked = {"selector": facts.next_selector, "target": "sandbox", "endpoint_url": facts.endpoint_url, **given}
        self.custodians.append(Custodian())
        return lifecycle.begin(asked, self.custodians[-1], procedure)

    def step(self, run: Run, name: str) -> None:
        shown = lifecycle.take(run, name)
        if shown is not None:
            self.shown[name] = (shown.blocks, len(run.journal.events))

    def play(self, run: Run, until: str = "close") -> None:
        """The steps in their order, up to and with ``until``."""
        for name in STEPS[: STEPS.index(until) + 1]:
            self.step(run, name)

    def puts(self) -> int:
        """Return how often SES was written to."""
        return len(self.sandbox.calls(PUT))

    def selector(self) -> str:
        """The selector that SES has."""
        (selector,) = self.sandbox.state()["identities"][self.sandbox.facts.domain]["selectors"]
        return str(selector)

    def close(self) -> None:
        for run in self.runs:
            run.release()
        for custodian in self.custodians:
            custodian.close()


def told(events: Iterable[Line | Event], name: str) -> tuple[Block, ...]:
    """Return what a record of these events tells in place of the step ``name``."""
    record = record_of(*events)
    speech = words.of(record.begin)
    if name == "headline":
        return tuple(summary.opening(record, speech))
    if name == "close":
        return (*summary.verdict(record, speech), *timeline(record, speech), *calls(record, speech))
    return tuple(sections.shown_by("rotate", name)(record, speech))
