"""A campaign killed at its journal writes: the next run of it loses no identity and writes none twice."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from second_edition.evidence import journal
from second_edition.sandbox.client import Sandbox
from tests.second_edition.kills.killing import ROOT, environment
from tests.second_edition.notebooks.fleets import lines, puts, ready, verify, written
from tests.second_edition.notebooks.stage import Stage, Troupe

NUMBERS = (0, 1, 2)
BLOWS = [("after", 6), ("before", 7), ("after", 7), ("torn", 8), ("after", 9), ("after", 10), ("before", 11),
         ("after", 11), ("before", 13), ("torn", 16)]  # fmt: skip


@dataclass
class Struck:
    """Hold what there was in the end."""

    codes: list[int]
    begun: int
    puts: int
    written: Counter[str]
    came: dict[str, str]
    off: list[dict[str, Any]]
    complained: str


@pytest.fixture(scope="module")
def troupe(child: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Troupe:
    """Return who strikes."""
    folder = tmp_path_factory.mktemp("fleets")
    (folder / "home").mkdir()
    return Troupe(child, folder, folder / "home")


def play(stage: Stage, table: str, approved: str, when: str = "", number: int = 0) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tests.second_edition.kills.fleet_play", stage.sandbox.facts.endpoint_url, table, approved, when]
    env = environment(stage.folder, PYTHONPATH=str(ROOT), XDG_STATE_HOME=str(stage.folder / "state"))
    return subprocess.run(
        [*command, str(number)], cwd=stage.folder, env=env, capture_output=True, text=True, timeout=600,
    )  # fmt: skip


def campaigns(stage: Stage) -> list[Path]:
    """Their journals, oldest first."""
    found = [path for path in stage.folder.glob(f"outputs/*{journal.SUFFIX}") if path.name.count(".") == 2]
    return sorted(found, key=lambda path: path.name)


def strike(stage: Stage, when: str, number: int) -> Struck:
    """Plans, applies, kills at that write, and goes on."""
    table = ready(stage, *NUMBERS)
    plan = play(stage, table, "")
    run = str(lines(campaigns(stage)[0])[0]["run"])
    struck = play(stage, table, run, when, number)
    begun = sum(event["event"] == "started" for event in lines(campaigns(stage)[1]))
    again = play(stage, table, run)
    last = lines(campaigns(stage)[-1])
    resumed = [one for event in last if event["event"] == "resumed" for one in event["ended"]]
    came = {one["domain"]: one["outcome"] for one in (*resumed, *(one for one in last if one["event"] == "ended"))}
    codes = [plan.returncode, struck.returncode, again.returncode]
    done = verify(stage)
    off = [one for one in json.loads(done.stdout)["runs"] if one["verdict"] == "off"]
    complained = plan.stderr + again.stderr
    return Struck(codes, begun, puts(stage.sandbox), written(stage), came, off, complained)


pytestmark = pytest.mark.prove


@pytest.fixture(scope="module")
def blows(troupe: Troupe) -> dict[tuple[str, int], Future[Struck]]:
    return {
        blow: troupe.begin("-".join(map(str, blow)), partial(strike, when=blow[0], number=blow[1]), "fleet")
        for blow in BLOWS
    }


@pytest.mark.parametrize(("when", "number"), BLOWS)
def test_nobody_is_lost_or_written_twice(blows: dict[tuple[str, int], Future[Struck]], when: str, number: int) -> None:
    struck = blows[when, number].result()
    assert struck.codes == [0, -9, 0], struck.complained
    assert struck.begun >= (number > 8)
    assert struck.puts == len(NUMBERS)
    assert set(struck.written.values()) == {1}
    assert struck.came == {f"d{number:05}.example.jp": "SWITCHED" for number in NUMBERS}
    assert struck.off == []
