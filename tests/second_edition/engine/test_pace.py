"""How often a run asks SES that takes one call a second: no reading that adds nothing, and fewer with time."""

from __future__ import annotations

import itertools

import pytest

from second_edition.engine import stages
from second_edition.procedures.rotate import steps
from second_edition.rotation.outcome import Outcome
from second_edition.rotation.timing import pauses
from tests.second_edition.engine.played import Stage

READ, PUT = "GetEmailIdentity", "PutEmailIdentityDkimSigningAttributes"


@pytest.fixture
def paced(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Stage:
    """SES takes one call a second; a busy machine's steps follow at once, too."""
    monkeypatch.setattr(stages, "JUST_S", 600.0)
    stage.sandbox.set_knobs(requests_per_second=1)
    return stage


def calls(stage: Stage) -> list[str]:
    """SES's calls in their order."""
    return [call["operation"] for call in stage.sandbox.calls() if call["operation"] in (READ, PUT)]


def test_an_apply_run_makes_three_calls_of_ses(paced: Stage) -> None:
    """One before the write, the write, and one that finds it verified: it comes some seconds after the write."""
    run = paced.begin(mode="apply")
    paced.play(run)
    assert (run.record.outcome, calls(paced)) == (Outcome.SWITCHED, [READ, PUT, READ])
    times = [call["at"] for call in paced.sandbox.calls() if call["operation"] in (READ, PUT)]
    assert times == sorted(times)
    events = [event["event"] for event in run.journal.as_json]
    assert events.count("observed") == events.count("checked") == 2  # all else is observed anew before the write


def test_who_pauses_before_the_write_reads_anew_and_finds_what_changed(
    paced: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stages, "JUST_S", 0.0)
    run = paced.begin(mode="apply")
    paced.play(run)
    assert (run.record.outcome, calls(paced)) == (Outcome.SWITCHED, [READ, READ, PUT, READ])


def test_ses_is_asked_less_often_the_longer_it_takes() -> None:
    """At one call a second: within 30 s four calls, within ten minutes some more than a dozen."""
    found = list(itertools.islice(pauses(steps.CALLS / 1.0, steps.SES_LONGEST_S), 40))
    times = list(itertools.accumulate(found))
    assert found == sorted(found)
    assert sum(one <= 30 for one in times) <= 4
    assert sum(one <= 600 for one in times) <= 14
    assert max(found) == 60
