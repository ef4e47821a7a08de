"""Runs of prepare and retire within the test's own process, on a standing sandbox."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from second_edition import steps
from second_edition.engine import kernel
from second_edition.engine.run import Run, RunRefused
from second_edition.events.writes import Storing
from second_edition.events.zone import ZoneIntent
from second_edition.evidence import journal
from second_edition.evidence.record import Record
from second_edition.rotation.outcome import Outcome
from second_edition.sandbox.client import Sandbox
from tests.second_edition.engine.played import Stage
from tests.second_edition.kills.play import STEPS


@dataclass(frozen=True)
class Act:
    """A procedure, the selector that it is given, and its world."""

    procedure: str
    selector: str
    scenario: str

    @contextmanager
    def staged(self, child: Sandbox, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
        """The world as it begins, and an empty folder."""
        child.reset(self.scenario)
        monkeypatch.chdir(folder)
        stage = Stage(child)
        monkeypatch.setattr(kernel, "show", stage.show)
        monkeypatch.setattr(kernel, "show_headline", stage.show_headline)
        monkeypatch.setattr(kernel, "show_again", lambda *_: None)
        yield child
        stage.close()

    def begin(self, sandbox: Sandbox, **given: Any) -> Run:
        """An apply run."""
        asked = {"selector": self.selector, "target": "sandbox", "mode": "apply", **given}
        return steps.begin(self.procedure, **{"endpoint_url": sandbox.facts.endpoint_url, **asked})

    def play(self, run: Run) -> None:
        """All its steps."""
        try:
            for step in STEPS[self.procedure]:
                getattr(steps, step)(run)
        finally:
            run.release()

    def refused(self, sandbox: Sandbox, failed: set[str], **given: Any) -> str:
        """Play a run that these checks refuse, and nothing is written; return what it says."""
        before = written(sandbox)
        run = self.begin(sandbox, **given)
        with pytest.raises(RunRefused) as caught:
            self.play(run)
        record = recorded(run)
        assert {finding.id for finding in record.findings if finding.objects} == failed
        assert record.outcome is Outcome.REFUSED
        assert not [event for event in record.events if isinstance(event, Storing | ZoneIntent)]
        assert written(sandbox) == before
        return str(caught.value)


def sandbox_of(act: Act) -> Any:
    """A fixture: the world as the act begins, and an empty folder."""

    @pytest.fixture
    def sandbox(child: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
        with act.staged(child, tmp_path, monkeypatch) as staged:
            yield staged

    return sandbox


def recorded(run: Run) -> Record:
    return Record(journal.read(run.journal.path).events)


def written(sandbox: Sandbox) -> list[str]:
    verbs = ("Put", "Update", "Delete", "Change")
    return [call["operation"] for call in sandbox.calls() if call["operation"].startswith(verbs)]
