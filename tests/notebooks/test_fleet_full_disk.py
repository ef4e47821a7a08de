"""A disk that is full while a campaign is carried out: nobody is lost, and the same command completes it.

The folder of records is a small tmpfs of the campaign's own (Linux), so that its files and those of its runs meet its
end.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections import Counter
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial

import pytest

from tests.notebooks.fleets import Campaign, command, environment, fleet, puts, ready, selectors, told, verify, written
from tests.notebooks.stage import Stage, Troupe

pytestmark = pytest.mark.prove

NEXT = "mail-20261124-1"
NUMBERS = (0, 1, 2, 4, 9, 10, 11)
THERE = 1  # of the crowd, one has the selector already
# Kilobytes beside what the plan has left: full while the canary's run is under way, and in the wave.
ROOM = (60, 900)
MOUNTED = """
mkdir left; cp -a outputs/. left/
mount -t tmpfs -o size="$1"k tmpfs outputs; cp -a left/. outputs/; shift
"$@"; code=$?
cp -a outputs/. left/; exit $code
"""


@dataclass
class Filled:
    """A campaign whose disk was full, what SES had been told by then, and the same command once there was room."""

    filled: Campaign
    puts: int
    again: Campaign
    puts_then: int
    written: Counter[str]
    signs: int
    verified: str


def tell(stage: Stage, kilobytes: int) -> Filled:
    table = ("-r", "identities", ready(stage, *NUMBERS), "-r", "selector", NEXT)
    rest = (*table, "-r", "pause_minutes", "0", "-r", "at_once", "2")
    plan = fleet(stage, *rest)
    apply = (*rest, "-p", "mode", "apply", "-r", "approved", plan.run)
    outputs = stage.folder / "outputs"
    used = sum(path.stat().st_size // 4096 * 4 + 4 for path in outputs.rglob("*"))
    small = ["unshare", "--map-root-user", "--mount", "sh", "-c", MOUNTED, "sh", str(used + kilobytes)]
    done = subprocess.run(
        [*small, *command(stage, *apply)], cwd=stage.folder, env=environment(stage), capture_output=True, text=True,
        timeout=600,
    )  # fmt: skip
    shutil.copytree(stage.folder / "left", outputs, dirs_exist_ok=True)
    filled = told(stage, done.returncode, done.stdout, done.stderr)
    before = puts(stage.sandbox)
    again = fleet(stage, *apply)
    signs = selectors(stage.sandbox)[NEXT]
    return Filled(filled, before, again, puts(stage.sandbox), written(stage), signs, verify(stage).stdout)


@pytest.fixture(scope="module")
def futures(troupe: Troupe) -> dict[int, Future[Filled]]:
    return {size: troupe.begin(f"full-{size}", partial(tell, kilobytes=size), "fleet") for size in ROOM}


each = pytest.mark.parametrize("size", ROOM)


@each
def test_it_ends_and_says_so(futures: dict[int, Future[Filled]], size: int) -> None:
    filled = futures[size].result().filled
    assert filled.code == 1
    assert "No space left on device" in filled.complained or "No space left on device" in filled.journal.read_text()
    assert "Traceback" not in filled.complained


@each
def test_the_same_command_completes_it_and_writes_nothing_twice(futures: dict[int, Future[Filled]], size: int) -> None:
    story = futures[size].result()
    assert (story.again.code, story.again.outcome) == (0, "SWITCHED"), story.again.complained
    assert (story.puts_then, story.signs) == (len(NUMBERS), len(NUMBERS) + THERE)
    assert set(story.written.values()) == {1}


@each
def test_what_is_off_is_what_had_no_room(futures: dict[int, Future[Filled]], size: int) -> None:
    """Seals, notebooks and closing lines that are not there, and nothing that contradicts a journal."""
    story = futures[size].result()
    runs = json.loads(story.verified)["runs"]
    faults = {one["run"]: {found["code"] for found in one["findings"] if found["fault"]} for one in runs}
    assert set().union(*faults.values()) <= {"unsealed", "copy-absent", "outputs", "notebook-spelling", "open"}
    assert faults[story.again.run] == set()
    assert all(faults[ended["run"]] == set() for ended in story.again.all("ended"))


def test_it_was_full_before_the_last_write(futures: dict[int, Future[Filled]]) -> None:
    assert [futures[size].result().puts < len(NUMBERS) for size in ROOM] == [True, True]
