"""Where stories are told: a standing sandbox each, a project folder with a copy of the notebooks, two side by side."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue
from typing import Any, TypeVar

from byodkim.sandbox.client import Sandbox
from tests.notebooks.runs import ROOT, Ran, Runner

T = TypeVar("T")


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

    @property
    def puts(self) -> list[dict[str, Any]]:
        """The writes that SES answered since the last reset."""
        return self.sandbox.calls("PutEmailIdentityDkimSigningAttributes")

    @property
    def identity(self) -> dict[str, Any]:
        """The state of the one identity, as the sandbox tells it."""
        identity: dict[str, Any] = self.sandbox.state()["identities"][self.sandbox.facts.domain]
        return identity


class Troupe:
    """Tells stories: each on a stage of its own, as many side by side as there are sandboxes."""

    def __init__(self, sandboxes: list[Sandbox], folder: Path, home: Path) -> None:
        self._free: SimpleQueue[Sandbox] = SimpleQueue()
        for sandbox in sandboxes:
            self._free.put(sandbox)
        self.folder, self.home = folder, home
        self._pool = ThreadPoolExecutor(len(sandboxes), "story")

    def begin(self, name: str, story: Callable[[Stage], T], scenario: str = "ready") -> Future[T]:
        """Tells a story as soon as there is a stage for it; its result is what it returns."""
        return self._pool.submit(self._tell, name, story, scenario)

    def _tell(self, name: str, story: Callable[[Stage], T], scenario: str) -> T:
        sandbox = self._free.get()
        try:
            sandbox.reset(scenario)
            return story(Stage(sandbox, project(self.folder / name, self.home)))
        finally:
            self._free.put(sandbox)

    def close(self) -> None:
        """No more stories."""
        self._pool.shutdown(cancel_futures=True)


def project(folder: Path, home: Path) -> Runner:
    """A folder like a checkout's: notebooks, and a place for records."""
    shutil.copytree(ROOT / "notebooks", folder / "notebooks")
    (folder / "outputs").mkdir()
    return Runner(folder, home)
