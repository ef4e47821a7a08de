"""From whatever a run came to: the rollback is copied from its record as a reader would, and run as it stands."""

from __future__ import annotations

import re
import shlex
from concurrent.futures import Future

import pytest

from tests.second_edition.notebooks.endings import STORIES
from tests.second_edition.notebooks.rollbacks import CURRENT, NEXT, NOTHING, WAIVED, Scene, Told, gone_back
from tests.second_edition.notebooks.runs import Ran
from tests.second_edition.notebooks.stage import Stage, Troupe
from tests.second_edition.notebooks.wire import Wire

QUICK = {"name": ("switched", "killed, intent written, applied")}


@pytest.fixture(scope="module")
def told(troupe: Troupe) -> dict[str, Future[Told]]:
    return {
        name: troupe.begin(re.sub(r"\W+", "-", name), gone_back(tell), scenario)
        for name, (tell, scenario, *_) in STORIES.items()
    }


@pytest.mark.parametrize("name", STORIES)
def test_the_way_back_of_the_record_is_run_as_it_stands(told: dict[str, Future[Told]], name: str) -> None:
    """Then mail is signed and verified as before the switch, and the archive verifies with both runs."""
    back, (_, _, outcome, before, after, came) = told[name].result(), STORIES[name]
    assert re.search(rf"^(?:\S+（)?{outcome}\b", back.text, re.MULTILINE), back.text  # 切替完了（SWITCHED）
    assert (bool(NOTHING.search(back.text)), bool(back.line)) == (not came, bool(came))
    assert re.fullmatch(rf"(?:\S+（)?{came}）?", back.came.partition(" ")[0]), back.came
    # What an unclear write, or one of a run that was killed, may still do to SES leaves nothing finished.
    still_open = (before, after, came) == (0, 0, "UNCHANGED")
    assert (back.code, back.puts) == (int(still_open), (before, before + after))
    stays = NEXT if name == "from one that never worked" else CURRENT
    assert (back.selector, back.status, back.signed, back.verifies) == (stays, "SUCCESS", stays, True)
    assert back.verified


@pytest.mark.prove
def test_the_command_needs_nothing_filled_in(told: dict[str, Future[Told]]) -> None:
    lines = [future.result().line for future in told.values() if future.result().line]
    assert all(re.fullmatch(r"[\w./:=-]+( [\w./:=-]+)*", line) for line in lines)
    assert len({shlex.split(line)[2] for line in lines}) == len(lines)


def carried_out(stage: Stage) -> tuple[str, int, str]:
    """A plan with waivers, and the command that its record prints, run as it stands."""
    with Wire(stage.sandbox.facts.endpoint_url, {}) as wire:
        scene = Scene(stage, wire)
        line = next(one for one in scene.plan(*WAIVED).headline.splitlines() if one.startswith("papermill "))
        done = scene.shell(line)
        path = stage.folder / shlex.split(line)[2]
        ran = Ran(done.returncode, done.stdout, done.stderr, path, frozenset(), stage.folder)
        return line, len(stage.puts), ran.outcome


def test_a_plan_with_a_waiver_is_carried_out_by_the_command_of_its_record(troupe: Troupe) -> None:
    line, puts, outcome = troupe.begin("carried-out", carried_out, "dns-absent").result()
    assert (puts, outcome) == (1, "SWITCHED-PENDING"), line
