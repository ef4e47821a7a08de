"""A disk that is full while the notebook is written: what was done is in the journal, and the next run completes it.

The folder of records is a small tmpfs of the run's own (Linux), so that both journal and notebook meet its end.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path

import pytest

from second_edition.events.run import Closed, Ready
from second_edition.events.writes import Answer, Intent
from second_edition.evidence import journal
from second_edition.evidence.journal import SUFFIX, Account
from second_edition.intent.trust import trusted
from tests.second_edition.eventually import eventually
from tests.second_edition.notebooks.commands import BYODKIM
from tests.second_edition.notebooks.stage import Stage, Troupe
from tests.second_edition.notebooks.wire import PUT, Fault, Handler, Wire
from tests.second_edition.verification.judged import faults, judge

PLAIN = True

CURRENT, NEXT = "mail-20260912-1", "mail-20261124-1"
# Kilobytes for journal and notebook together: full before the checks, before the write, and filled by others with it.
SIZES = (40, 92, 4000)
FULL = ("No space left on device", "the disk took a part of the line only")
MOUNTED = """
mount -t tmpfs -o size="$1"k tmpfs outputs; shift
{ until [ -e fill ]; do sleep 0.05; done
  dd if=/dev/zero of=outputs/others bs=4k; truncate -s -16K outputs/others; touch filled; } 2>others &
"$@"; code=$?
kill $! 2>&-; rm -f outputs/others
cp -a outputs/. left/; exit $code
"""
FILLS_S = 30


@dataclass(frozen=True)
class Filled:
    """A run whose disk was full, its journal, what SES has then; and the same command once there is room."""

    code: int
    out: str
    err: str
    account: Account
    puts: int
    selector: str
    again_code: int
    files: list[str]
    previous: str
    puts_then: int
    selector_then: str
    faults: dict[str, set[str]]


def command(stage: Stage, program: str, url: str, name: str) -> list[str]:
    """A run that applies, by byodkim's own command or by papermill's."""
    words = ["-p", "target", "sandbox", "-p", "endpoint_url", url, "-p", "mode", "apply"]
    words += ["-r", "selector", stage.sandbox.facts.next_selector]
    output = f"outputs/{name}.ipynb"
    if program == "papermill":
        return stage.runner.command(*words, name=output)
    return [BYODKIM, "rotate", *words, "-o", output]


def filling(folder: Path) -> Fault:
    """Others fill the disk, but for a few lines of the journal, when SES is given the selector."""

    def fault(_: Handler) -> bool:
        (folder / "fill").touch()
        eventually((folder / "filled").exists, FILLS_S)
        return False

    return fault


def filled(program: str, kilobytes: int) -> Callable[[Stage], Filled]:
    """A story: a run on a small disk; then the same on a large one, on which lies what the first had left."""

    def run(stage: Stage, *words: str) -> subprocess.CompletedProcess[str]:
        env = stage.runner.environment()
        return subprocess.run(words, cwd=stage.folder, env=env, capture_output=True, text=True, timeout=600)

    def story(stage: Stage) -> Filled:
        faults = {PUT: (filling(stage.folder), 1)} if kilobytes == max(SIZES) else {}
        with Wire(stage.sandbox.facts.endpoint_url, faults) as wire:
            return told(stage, wire.url)

    def told(stage: Stage, url: str) -> Filled:
        (stage.folder / "left").mkdir()
        small = ["unshare", "--map-root-user", "--mount", "sh", "-c", MOUNTED, "sh", str(kilobytes)]
        done = run(stage, *small, *command(stage, program, url, "first"))
        (path,) = (stage.folder / "left").glob(f"*{SUFFIX}")
        account = journal.read(path)
        puts, selector = len(stage.puts), stage.identity["selectors"][0]
        shutil.copytree(stage.folder / "left", stage.folder / "outputs", dirs_exist_ok=True)
        again = run(stage, *command(stage, program, url, "second"))
        (then,) = (stage.folder / "outputs").glob(f"second.*{SUFFIX}")
        begin = json.loads(then.read_text("utf-8").splitlines()[0])
        key = next(stage.runner.home.rglob("sealing-key.pub.pem"))
        return Filled(
            done.returncode, done.stdout, done.stderr, account, puts, selector, again.returncode,
            sorted(str(each.relative_to(stage.folder / "outputs")) for each in (stage.folder / "outputs").rglob("*")),
            str((begin["previous"] or {}).get("run", "")), len(stage.puts), stage.identity["selectors"][0],
            faults(judge(stage.folder / "outputs", trust=trusted([str(key)], [], None, "en"))),
        )  # fmt: skip

    return story


CASES = [*(("byodkim rotate", size) for size in SIZES), ("papermill", max(SIZES))]
QUICK = {"name": ("byodkim rotate",), "size": (92,)}


@pytest.fixture(scope="module")
def futures(troupe: Troupe) -> dict[tuple[str, int], Future[Filled]]:
    return {
        (name, size): troupe.begin(f"full-{name.replace(' ', '-')}-{size}", filled(name, size)) for name, size in CASES
    }


every = pytest.mark.parametrize(("name", "size"), CASES)


@every
def test_nothing_is_written_that_was_not_written_down(
    futures: dict[tuple[str, int], Future[Filled]], name: str, size: int
) -> None:
    told = futures[name, size].result()
    assert told.code == 1
    assert any(why in told.err for why in FULL)
    assert (told.puts, told.selector) in ((0, CURRENT), (1, NEXT))
    if told.puts:
        assert told.account.of(Intent) is not None
        assert told.account.of(Answer) is not None


@every
def test_the_same_command_again_completes_it(
    futures: dict[tuple[str, int], Future[Filled]], name: str, size: int
) -> None:
    told = futures[name, size].result()
    assert (told.again_code, told.puts_then, told.selector_then) == (0, 1, NEXT)
    assert told.previous == (told.account.as_json[0]["run"] if told.account.as_json else "")
    assert told.faults == {}  # what is left verifies with the run that completed it


@pytest.mark.prove
def test_disks_were_full_before_the_write_and_after_it(futures: dict[tuple[str, int], Future[Filled]]) -> None:
    assert [futures["byodkim rotate", size].result().puts for size in SIZES] == [0, 0, 1]
    tried = futures["byodkim rotate", 92].result().account.of(Ready)
    assert tried is not None
    assert "does not take a file of 512 KB (No space left on device)" in tried.faults["folder"]


@pytest.mark.parametrize("size", SIZES)
def test_byodkim_rotate_says_what_ses_has_and_how_to_go_on(
    futures: dict[tuple[str, int], Future[Filled]], size: int
) -> None:
    told = futures["byodkim rotate", size].result()
    paragraph = told.err.splitlines()[-1]
    if size == max(SIZES) and "html" in paragraph:  # how often it was saved decides whether the notebook has room
        assert paragraph.startswith("outputs/first.html cannot be written (No space left on device).")
    else:
        assert paragraph.startswith("The notebook could not be put in its place (No space left on device)")
        assert "Make room, then run the same command again" in paragraph
    first = told.out.splitlines()[0]
    closed = told.account.of(Closed)
    assert first.startswith(closed.outcome if closed else "NOT FINISHED")
    if told.puts:
        assert f"-r selector {CURRENT} " in told.out
    # What the run left in the meantime has its name now.
    assert "first.ipynb" in told.files
    assert not any(path.startswith(".running/") and path.endswith(".ipynb") for path in told.files)


@pytest.mark.prove
def test_papermill_says_what_is_known_of_ses_and_how_to_go_on(futures: dict[tuple[str, int], Future[Filled]]) -> None:
    """By the notebook, or by the journal where the notebook is cut off: no traceback."""
    told = futures["papermill", max(SIZES)].result()
    assert len(told.out.splitlines()) == 6, told.out + told.err
    outcome, _, known, back, again, record = told.out.splitlines()
    assert (outcome.split("  ")[0], known.partition(" at ")[0]) == ("NOT FINISHED", f"SES took the write of {NEXT}")
    assert (f"-r selector {CURRENT} " in back, f"-r selector {NEXT} " in again) == (True, True)
    assert "Traceback" not in told.err
    cut = told.err.splitlines()[-1].startswith("papermill could not write the notebook outputs/first.ipynb to its end")
    assert record.endswith(SUFFIX) if cut else record == "Record: outputs/first.ipynb"


LAST = """
import errno, os, pathlib

_write = pathlib.Path.write_bytes


def write(path, data):
    if path.suffix == ".ipynb" and b'"end_time": "2' in data:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    return _write(path, data)


pathlib.Path.write_bytes = write
"""


def test_a_notebook_that_was_not_saved_to_its_end_does_not_get_its_name(troupe: Troupe) -> None:
    """Once there was room for what had been saved before, but not for more: exit code 1, and not a word about it."""

    def story(stage: Stage) -> tuple[subprocess.CompletedProcess[str], list[str], int]:
        (stage.folder / "hook").mkdir()
        (stage.folder / "hook/sitecustomize.py").write_text(LAST)
        env = stage.runner.environment(PYTHONPATH=str(stage.folder / "hook"))
        words = command(stage, "byodkim rotate", stage.sandbox.facts.endpoint_url, "first")
        done = subprocess.run(words, cwd=stage.folder, env=env, capture_output=True, text=True, timeout=600)
        return done, [path.name for path in (stage.folder / "outputs").iterdir()], len(stage.puts)

    done, files, puts = troupe.begin("unsaved", story).result()
    assert (done.returncode, puts) == (1, 1)
    assert done.stdout.startswith("SWITCHED")
    assert done.stderr.startswith("The notebook could not be put in its place (No space left on device)")
    assert "first.ipynb" not in files
