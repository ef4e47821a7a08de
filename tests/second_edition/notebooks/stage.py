"""Where stories are played: a standing sandbox, and for each a project folder with a copy of the notebooks."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any, TypeVar

from second_edition.sandbox.client import Sandbox
from tests.second_edition.notebooks.runs import ROOT, Ran, Runner

T = TypeVar("T")
BYODKIM = str(Path(sys.executable).with_name("byodkim-second-edition"))


class Stage:
    """Where a story is told: a sandbox of its own for the while, and a project folder with a copy of the notebooks."""

    def __init__(self, sandbox: Sandbox, runner: Runner) -> None:
        self.sandbox, self.runner = sandbox, runner
        self.folder = runner.folder

    def run(self, *words: str, selector: str = "", **options: Any) -> Ran:
        """``papermill notebooks/rotate.ipynb outputs/<n>.ipynb`` on the standing sandbox, with more words."""
        facts = self.sandbox.facts
        target = ("-p", "target", "sandbox", "-p", "endpoint_url", facts.endpoint_url)
        return self.runner.papermill(*target, "-r", "selector", selector or facts.next_selector, *words, **options)

    def apply(self, *words: str, **options: Any) -> Ran:
        """The same in apply mode."""
        return self.run("-p", "mode", "apply", *words, **options)

    def byodkim(self, *words: str, said: str = "", **env: str) -> subprocess.CompletedProcess[str]:
        """A command of byodkim in the project folder; ``said`` is what a person types."""
        return subprocess.run(
            [BYODKIM, *words], cwd=self.folder, env=self.runner.environment(**env), input=said,
            capture_output=True, text=True, timeout=900,
        )  # fmt: skip

    @property
    def puts(self) -> list[dict[str, Any]]:
        """The writes that SES answered since the last reset."""
        return self.sandbox.calls("PutEmailIdentityDkimSigningAttributes")

    @property
    def identity(self) -> dict[str, Any]:
        """The state of the one identity, as the sandbox tells it."""
        identity: dict[str, Any] = self.sandbox.state()["identities"][self.sandbox.facts.domain]
        return identity


class Story(Future[T]):
    """A future that begins when its result is first wanted: what no chosen test asks for is not played."""

    def __init__(self, play: Callable[[], T]) -> None:
        super().__init__()
        self._play = play

    def result(self, timeout: float | None = None) -> T:
        if not self.done():
            try:
                self.set_result(self._play())
            except Exception as error:  # noqa: BLE001 - every test that wants it fails by it
                self.set_exception(error)
        return super().result(timeout)


class Troupe:
    """Plays stories, one after another: each on the standing sandbox, in a project folder of its own."""

    def __init__(self, sandbox: Sandbox, folder: Path, home: Path, *, plain: bool = False) -> None:
        self.sandbox, self.folder, self.home, self.plain = sandbox, folder, home, plain

    def begin(self, name: str, story: Callable[[Stage], T], scenario: str = "ready") -> Story[T]:
        """Return a story, which is played when its result is first wanted."""

        def play() -> T:
            self.sandbox.reset(scenario)
            return story(Stage(self.sandbox, project(self.folder / name, self.home, plain=self.plain)))

        return Story(play)


def project(folder: Path, home: Path, *, plain: bool = True) -> Runner:
    """A folder like a checkout's: notebooks, and a place for records."""
    shutil.copytree(ROOT / "lib/second_edition/notebooks", folder / "notebooks")
    (folder / "outputs").mkdir()
    return Runner(folder, home, plain=plain)
