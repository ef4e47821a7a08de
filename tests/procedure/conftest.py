"""Runs within the test's own process, on a standing sandbox: every step can be looked at from both sides."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from byodkim.procedure import kernel
from byodkim.sandbox.client import Sandbox
from tests.procedure.played import Stage


@pytest.fixture
def stage(child: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    """An empty folder, the world ``ready``, and whatever the steps show."""
    child.reset("ready")
    child.set_knobs(check_interval=0.2)
    monkeypatch.chdir(tmp_path)
    made = Stage(child)
    monkeypatch.setattr(kernel, "show", made.show)
    monkeypatch.setattr(kernel, "show_headline", made.show_headline)
    monkeypatch.setattr(kernel, "show_again", made.show_again)
    yield made
    made.close()
