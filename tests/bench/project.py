"""A project folder as an operator has one, and the commands that are measured in it."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

from byodkim.sandbox.world import World, start_standing, stop_standing
from tests.sandbox.tools import NEW

BIN = Path(sys.executable).parent
Command = Sequence[str | Path]


class Project:
    """``folder`` is made by ``byodkim init``. Its person's state, with key and standing sandbox, is
    in ``state`` there.
    """

    def __init__(self, folder: Path) -> None:
        self.folder, self.state = folder, folder / "state"
        self._runs = 0
        folder.mkdir()
        self.time([BIN / "byodkim", "init"])

    @property
    def environment(self) -> dict[str, str]:
        """Return this process's environment without what would slow or redirect a run."""
        foreign = ("AWS_", "PYTHONDONTWRITEBYTECODE", "IPYTHONDIR")
        kept = {name: text for name, text in os.environ.items() if not name.startswith(foreign)}
        return kept | {"XDG_STATE_HOME": str(self.state)}

    def time(self, *commands: Command, **environment: str) -> float:
        """Run commands in this project, as ``timed`` does."""
        return timed(self.folder, self.environment | environment, *commands)

    @contextmanager
    def standing(self, *scenario: str, **options: Any) -> Iterator[World]:
        """Have a standing sandbox, of this project's person, until the block ends."""
        with patch.dict(os.environ, XDG_STATE_HOME=str(self.state)):
            try:
                yield start_standing(*scenario, **options)
            finally:
                stop_standing()

    def papermill(self, mode: str) -> Command:
        """Return a plain papermill run with an output name of its own."""
        output = f"outputs/{mode}-{self._number()}.ipynb"
        return [BIN / "papermill", "notebooks/rotate.ipynb", output, *_parameters(mode)]

    def rotate(self, mode: str) -> Command:
        """Return the same run by ``byodkim rotate``."""
        output = f"outputs/{mode}-{self._number()}.ipynb"
        return [BIN / "byodkim", "rotate", "-o", output, *_parameters(mode)]

    def _number(self) -> int:
        self._runs += 1
        return self._runs


def timed(folder: Path, environment: Mapping[str, str], *commands: Command) -> float:
    """Run commands one after another in a folder. Return the seconds that they took together.

    Raises:
        RuntimeError: one of them did not end well. Then nothing is measured at all.
    """
    begun = time.perf_counter()
    for command in commands:
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True)
        if done.returncode:
            raise RuntimeError(f"{command}: {done.stdout.decode()}{done.stderr.decode()}")
    return time.perf_counter() - begun


def demo() -> Command:
    """Return the command of ``make demo``."""
    return [BIN / "byodkim", "rotate", *_parameters("apply"), "-p", "reason", "demo"]


def run_sheet(world: World) -> list[Command]:
    """Return the six commands of the run sheet that read."""
    prefix = f"dkim-keys/{world.domain}/{NEW}/"
    key = f"s3://{world.key_bucket}/{prefix}private_key.pem"
    identity = ["sesv2", "get-email-identity", "--email-identity", world.domain]
    words = (
        identity,
        ["secretsmanager", "get-secret-value", "--secret-id", world.secret_id],
        ["s3api", "list-objects-v2", "--bucket", world.key_bucket, "--prefix", prefix],
        ["s3", "cp", key, "-"],
        identity,
        ["sts", "get-caller-identity"],
    )
    place = ["--endpoint-url", world.endpoint_url, "--region", world.region]
    return [[BIN / "aws", *each, *place] for each in words]


def _parameters(mode: str) -> list[str]:
    return ["-r", "selector", NEW, "-p", "target", "sandbox", "-p", "mode", mode]
