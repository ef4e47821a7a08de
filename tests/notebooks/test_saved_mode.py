"""A template that was saved with mode = "apply" writes nothing on a command that is meant to look."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tests.notebooks.profiles import AwsStage
from tests.notebooks.runs import Ran
from tests.notebooks.stage import Stage, Troupe


@dataclass(frozen=True)
class Told:
    """The README's command that looks, over the saved template; then the one that switches."""

    looked: Ran
    puts: int
    applied: Ran


def saved(stage: Stage) -> Told:
    path = stage.folder / "notebooks/rotate.ipynb"
    text = path.read_text("utf-8")
    edited = re.sub(r'(mode: str = \\")plan', r"\1apply", text)
    assert edited != text
    path.write_text(edited, "utf-8")
    aws = AwsStage(stage)
    looked = aws.run()
    return Told(looked, len(stage.puts), aws.apply())


def test_the_command_that_looks_does_not_switch(troupe: Troupe) -> None:
    told = troupe.begin("saved", saved).result()
    assert (told.looked.returncode, told.puts) == (1, 0)
    assert "was not passed in" in told.looked.stderr
    assert "-p mode apply" in told.looked.stderr
    assert told.applied.outcome == "SWITCHED"
