"""The last lines on a terminal are the same by plain papermill and by the command, however a run ends.

tests/second_edition/notebooks/test_way_back.py has what else a run may come to.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial

import pytest

from tests.second_edition.messages.latin import english_in
from tests.second_edition.notebooks.commands import WAIVED, written
from tests.second_edition.notebooks.fleets import BYODKIM
from tests.second_edition.notebooks.runs import PAPERMILL
from tests.second_edition.notebooks.stage import Stage, Troupe

CURRENT, NEXT = "mail-20260912-1", "mail-20261124-1"
COMMANDS = {
    "papermill": (PAPERMILL, "notebooks/rotate.ipynb", "outputs/1.ipynb", "--no-progress-bar"),
    "byodkim": (BYODKIM, "rotate", "-o", "outputs/1.ipynb"),
}
JAPANESE = {"japanese": (*COMMANDS["byodkim"], "-p", "language", "ja")}
OUTCOME = re.compile(r"(?:\S*（)?([A-Z-]+)）?  (.*)")
APPLY = ("-p", "mode", "apply")
PENDING = (*APPLY, *WAIVED, "-p", "wait_minutes", "0")


@dataclass(frozen=True)
class End:
    """The exit code, the last lines on standard output by their names, and standard error; the outcome is first."""

    code: int
    outcome: str
    sentence: str
    lines: list[tuple[str, str]]
    errors: str


class Scene:
    """A stage, and one of the two commands on it."""

    def __init__(self, stage: Stage, name: str) -> None:
        self.stage, self.sandbox, self.folder = stage, stage.sandbox, stage.folder
        self._command, self.url = (COMMANDS | JAPANESE)[name], stage.sandbox.facts.endpoint_url

    def begin(self, *words: str) -> subprocess.Popen[str]:
        """Starts it, as a job of a terminal's shell."""
        where = ("-p", "target", "sandbox", "-p", "endpoint_url", self.url, "-r", "selector", NEXT)
        return subprocess.Popen(
            [*self._command, *where, *words], cwd=self.folder, env=self.stage.runner.environment(), text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
        )  # fmt: skip

    def end(self, process: subprocess.Popen[str]) -> End:
        """Waits for its end."""
        said, complained = process.communicate(timeout=600)
        assert said, complained
        first = OUTCOME.search(said)
        assert first, said
        lines = said[first.end() :].strip().splitlines()
        onward = [(name, rest) for name, _, rest in (line.partition(": ") for line in lines)]
        return End(process.returncode, first[1], first[2], onward, complained)

    def run(self, *words: str) -> End:
        """Both."""
        return self.end(self.begin(*words))


def interrupted(scene: Scene) -> End:
    with scene.begin(*APPLY, *WAIVED) as process:
        written(scene.folder / "outputs", "read")
        os.killpg(process.pid, signal.SIGINT)
        return scene.end(process)


def interrupted_in_wait(scene: Scene) -> End:
    with scene.begin(*APPLY, "-p", "wait_dns_minutes", "30") as process:
        written(scene.folder / "outputs", "polled")
        os.killpg(process.pid, signal.SIGINT)
        return scene.end(process)


def plainly(*words: str) -> Callable[[Scene], End]:
    return lambda scene: scene.run(*words)


# By name: the scenario, what is done, the outcome, the exit code, and what stands between outcome and record.
ENDINGS: dict[str, tuple[str, Callable[[Scene], End], str, int, list[str]]] = {
    "switched": ("ready", plainly(*APPLY), "SWITCHED", 0, ["Rollback", "Next"]),
    "planned": ("ready", plainly(), "PLANNED", 0, ["Next", "Next"]),
    "refused": ("secret-mismatch", plainly(*APPLY), "REFUSED", 1, ["Next"]),
    "unchanged": ("already-rotated", plainly(*APPLY), "UNCHANGED", 0, []),
    "pending": ("dns-absent", plainly(*PENDING), "SWITCHED-PENDING", 0, ["Rollback", *["Next"] * 4]),
    "interrupted": ("dns-absent", interrupted, "FAILED", 1, ["Rollback", "Next"]),
    "interrupted in its wait": ("dns-absent", interrupted_in_wait, "FAILED", 1, ["Next"]),
}
CODES = {(name, "byodkim"): 130 for name in ("interrupted", "interrupted in its wait")}  # where papermill ends with 1
QUICK = {"name": ("switched", "refused")}
SANDBOX = "Rehearsal in a sandbox (target sandbox). No real mail is affected."
RUN = re.compile(r"\b20\d{6}T\d{6}Z-[0-9a-f]{8}\b|\b20\d\d-\d\d-\d\d \d\d:\d\d:\d\d")


@pytest.fixture(scope="module")
def stories(troupe: Troupe) -> Mapping[tuple[str, str], Future[End]]:
    def tell(name: str, command: str, stage: Stage) -> End:
        return ENDINGS[name][1](Scene(stage, command))

    return {
        (name, command): troupe.begin(f"{name} {command}".replace(" ", "-"), partial(tell, name, command), scenario)
        for name, (scenario, *_) in ENDINGS.items()
        for command in COMMANDS | JAPANESE
    }


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("name", ENDINGS)
def test_the_last_lines_are_outcome_that_it_was_a_rehearsal_rollback_next_step_and_record(
    stories: Mapping[tuple[str, str], Future[End]], name: str, command: str
) -> None:
    ended, (_, _, outcome, code, between) = stories[name, command].result(), ENDINGS[name]
    assert (ended.outcome, ended.code) == (outcome, CODES.get((name, command), code))
    assert [line for line, _ in ended.lines] == [SANDBOX, *between, "Record"]
    assert ended.lines[-1][1] == ("outputs/1.ipynb" if command == "papermill" else "outputs/1.html")
    if "Rollback" in between:
        assert f"-r selector {CURRENT} " in dict(ended.lines)["Rollback"]


@pytest.mark.parametrize("command", COMMANDS)
def test_an_interrupted_run_says_so_and_whether_ses_was_touched(
    stories: Mapping[tuple[str, str], Future[End]], command: str
) -> None:
    waiting, after = (stories[name, command].result() for name in ("interrupted in its wait", "interrupted"))
    untouched = f"example.jp was not switched to {NEXT}; SES was not touched"
    assert waiting.sentence == untouched
    assert after.sentence == f"The switch of example.jp to {NEXT} is not complete"
    assert "with another output path" in dict(waiting.lines)["Next"]
    assert waiting.errors.count("The run was interrupted, by hand or") == 1
    assert "Traceback" not in waiting.errors + after.errors
    assert after.errors.count("mail may be going out unsigned") == 1


def test_when_a_change_may_be_carried_out_or_must_be_done_stands_before_the_command(
    stories: Mapping[tuple[str, str], Future[End]],
) -> None:
    for name, said in (("planned", "To carry it out:"), ("pending", "SES looks for the key record until ")):
        sentence, command, *_ = (rest for line, rest in stories[name, "byodkim"].result().lines if line == "Next")
        assert sentence.startswith(said)
        assert command.startswith("papermill ")


@pytest.mark.parametrize("name", ENDINGS)
def test_both_say_the_same(stories: Mapping[tuple[str, str], Future[End]], name: str) -> None:
    one, other = (
        [(line, RUN.sub("", said)) for line, said in stories[name, command].result().lines[:-1]] for command in COMMANDS
    )
    assert one == other


@pytest.mark.prove
@pytest.mark.parametrize("name", ENDINGS)
def test_in_japanese_no_word_is_left_in_english(stories: Mapping[tuple[str, str], Future[End]], name: str) -> None:
    ended, (_, _, outcome, *_) = stories[name, "japanese"].result(), ENDINGS[name]
    said = "\n".join([ended.sentence, *map(": ".join, ended.lines), ended.errors])
    assert (ended.outcome, english_in(said)) == (outcome, set())
