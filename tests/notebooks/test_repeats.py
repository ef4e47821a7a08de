"""Runs after runs: plan before apply, apply twice, back and forth. Each does only what is missing."""

from __future__ import annotations

from concurrent.futures import Future

import pytest

from tests.each import each
from tests.notebooks import outside
from tests.notebooks.runs import Ran, digest_in
from tests.notebooks.stage import Stage, Troupe

CURRENT, NEXT = "mail-20260912-1", "mail-20261124-1"
Told = dict[str, tuple[Ran, int, str]]  # the run, the writes so far, the selector that SES has then


def there_and_back(stage: Stage) -> Told:
    """Planned twice, applied twice, back, and there again."""
    told: Told = {}

    def note(name: str, ran: Ran) -> None:
        (token,) = outside.identity(stage.runner, stage.sandbox.facts)["DkimAttributes"]["Tokens"]
        told[name] = (ran, len(stage.puts), token)

    note("plan", stage.run())
    note("plan again", stage.run("-p", "mode", "plan"))
    note("apply", stage.apply())
    note("apply again", stage.apply())
    note("plan after", stage.run())
    note("back", stage.apply(selector=CURRENT))
    note("there again", stage.apply())
    return told


def changed_between(stage: Stage) -> Told:
    """Planned, then one server's key record changes, which is waived: the plan is another one."""
    first = stage.run()
    stage.sandbox.set_record(f"{NEXT}._domainkey.example.jp", "TXT", ["v=DKIM1; p="], server="ns2")
    second = stage.run("-p", "waive", "DNS-PUBLISHED: agreed with the DNS team; KEY-SIGNS: the same")
    return {"before": (first, len(stage.puts), ""), "after": (second, len(stage.puts), "")}


@pytest.fixture(scope="module")
def futures(troupe: Troupe) -> dict[str, Future[Told]]:
    return {
        "there and back": troupe.begin("there-and-back", there_and_back),
        "changed": troupe.begin("changed", changed_between),
    }


@pytest.fixture(scope="module")
def told(futures: dict[str, Future[Told]]) -> Told:
    return futures["there and back"].result()


@each(
    ("name", "outcome", "puts", "selector"),
    [
        ("plan", "PLANNED", 0, CURRENT),
        ("plan again", "PLANNED", 0, CURRENT),
        ("apply", "SWITCHED", 1, NEXT),
        ("apply again", "UNCHANGED", 1, NEXT),
        ("plan after", "UNCHANGED", 1, NEXT),
        ("back", "SWITCHED", 2, CURRENT),
        ("there again", "SWITCHED", 3, NEXT),
    ],
)
def test_outcome_writes_and_selector(told: Told, name: str, outcome: str, puts: int, selector: str) -> None:
    ran, written, token = told[name]
    assert (ran.outcome, written, token) == (outcome, puts, selector)
    assert (ran.returncode, ran.has("intent")) == (0, outcome == "SWITCHED")


def test_a_plan_run_says_that_nothing_was_written_and_how_to_apply(told: Told) -> None:
    ran = told["plan"][0]
    assert "Plan only: nothing was written." in ran.headline
    assert "-r selector mail-20261124-1" in ran.headline
    assert ran.headline.count("-p mode apply") == 1
    assert "Plan only: nothing was written." in ran.shown("steps.apply(run)")


def test_the_same_world_gives_the_same_digest(told: Told) -> None:
    first, second = (digest_in(told[name][0].headline) for name in ("plan", "plan again"))
    assert first == second == told["plan"][0].event("planned")["plan"]["digest"]
    # What was applied is what was planned.
    assert told["apply"][0].event("planned")["plan"]["digest"] == first


@pytest.mark.prove
def test_another_world_gives_another_digest(futures: dict[str, Future[Told]]) -> None:
    digests = [futures["changed"].result()[name][0].event("planned")["plan"]["digest"] for name in ("before", "after")]
    assert digests[0] != digests[1]


def test_a_run_names_the_one_before_it(told: Told) -> None:
    runs = [told[name][0] for name in ("plan", "plan again", "apply", "apply again")]
    ids = [ran.event("begin")["run"] for ran in runs]
    assert runs[0].event("begin")["previous"] is None
    assert [ran.event("begin")["previous"]["run"] for ran in runs[1:]] == ids[:-1]
    assert f"{ids[2]} (SWITCHED)" in runs[3].headline


def test_the_way_back_is_the_command_that_goes_back(told: Told) -> None:
    ran, back = told["apply"][0], told["back"][0]
    line = next(line for line in ran.headline.splitlines() if line.startswith("papermill "))
    assert f"-r selector {CURRENT} " in line
    assert line.endswith("-p mode apply")
    assert "Every check of this rollback passed" in ran.headline
    # The secret's AWSPREVIOUS version names it, and is what proves it.
    assert back.event("observed")["observation"]["next_key"]["secret"]["stage"] == "AWSPREVIOUS"
    assert back.failed() == set()


def test_the_selector_that_was_left_is_to_stay_published_for_a_week(told: Told) -> None:
    assert f"Keep the key record of {CURRENT} published until 20" in told["apply"][0].headline
    assert f"Keep the key record of {NEXT} published until 20" in told["back"][0].headline
