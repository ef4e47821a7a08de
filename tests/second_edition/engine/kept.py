"""Runs that believe they act on AWS, in the test's own process: the sandbox stands in its place."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from second_edition.engine.run import Run
from second_edition.sandbox.client import Facts
from tests.second_edition.engine.played import Stage
from tests.second_edition.notebooks.profiles import write_profile


@dataclass
class Kept:
    """A folder with a ``byodkim.toml``, and runs by it."""

    stage: Stage
    folder: Path

    def profile(self, **more: Any) -> None:
        """Writes ``byodkim.toml``: what the sandbox is about, and how records are kept."""
        kept: dict[str, Any] = {
            "endpoint_url": self.facts.endpoint_url,
            "timezone": "UTC",
            "wait_minutes": 1,
            "archive": "runs",
        }
        write_profile(self.folder, self.facts, **kept | more)

    def run(self, **given: Any) -> Run:
        """A plan run, to its end."""
        run = self.stage.begin(target="aws", **given)
        self.stage.play(run)
        return run

    @property
    def facts(self) -> Facts:
        """The sandbox's."""
        return self.stage.sandbox.facts

    def said(self) -> str:
        """Return what was shown beside the steps' own results, as text."""
        return "\n".join(repr(blocks) for blocks in self.stage.aside)


def kept(stage: Stage, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Kept:
    """A stage for runs on AWS."""
    for name, value in (("AWS_ACCESS_KEY_ID", "sandbox"), ("AWS_SECRET_ACCESS_KEY", "sandbox")):
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    made = Kept(stage, folder)
    made.profile()
    return made
