"""How a run is launched: by papermill with which settings, by whom, with which code.

papermill's process tells the notebook's kernel in one environment variable, which the kernel
inherits (``byodkim.hook``).
"""

import contextlib
import getpass
import os
import socket
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct

from byodkim.words import Language

VARIABLE: Final = "BYODKIM_LAUNCH"
#: Seconds for which an interrupted run may close its record: SES may answer one call a second, and
#: an unclear write is read for ``late_write_seconds``.
TO_CLOSE_S: Final = 120.0


class Settings(Struct, frozen=True):
    """The settings of a run, with what was passed in. ``byodkim.settings`` reads them.

    Attributes:
        values: every setting by its name, parsed.
        passed: names and values that were passed in as parameters, as text.
        place: folder of ``byodkim.toml``, or the working folder where there is none, absolute.
        has_profile: whether there is a ``byodkim.toml``.
    """

    values: dict[str, Any]
    passed: dict[str, str]
    place: str
    has_profile: bool = False

    @property
    def folder(self) -> Path:
        """Return the folder from which names of files lead."""
        return Path(self.place)

    def text(self, name: str) -> str:
        """Return a setting that is a text."""
        return str(self.values[name])

    def number(self, name: str) -> int:
        """Return a setting that is a whole number."""
        return int(self.values[name])

    def table(self, name: str) -> dict[str, str]:
        """Return a setting that is a table."""
        return dict(self.values[name])

    def texts(self, name: str) -> tuple[str, ...]:
        """Return a setting that is a list."""
        return tuple(self.values[name])

    @property
    def language(self) -> Language:
        """Return the language of records and errors."""
        chosen: Language = self.values["language"]
        return chosen

    @property
    def zone(self) -> ZoneInfo:
        """Return the time zone of the record."""
        return ZoneInfo(self.text("timezone") or "UTC")

    def as_text(self) -> dict[str, str]:
        """Return every setting as text, for the journal."""
        return {name: as_text(value) for name, value in self.values.items()}


def as_text(value: Any) -> str:
    """Return a setting's value as text."""
    if isinstance(value, Mapping):
        return "; ".join(f"{name}: {each}" for name, each in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return str(value)


class Launch(Struct, frozen=True):
    """How papermill runs a notebook of ours.

    Attributes:
        process: papermill's process id. A kernel of another process ignores the rest.
        procedure: ``rotate``, ``prepare``, ``retire`` or ``fleet``.
        folder: of the record, absolute.
        name: of the record's files, without ending.
        passed: names of the parameters that were passed in.
        settings: of the run, as papermill's process read them; ``None`` where the notebook's code
            is not the one that is shipped with this version, so that its own cells decide.
    """

    process: int
    procedure: str
    folder: str
    name: str
    passed: tuple[str, ...]
    settings: Settings | None

    def hand_over(self) -> None:
        """Leave it for the kernel that this process starts next."""
        os.environ[VARIABLE] = msgspec.json.encode(self).decode()


def received() -> Launch | None:
    """Return how papermill runs this kernel; ``None`` where something else does."""
    text = os.environ.get(VARIABLE, "")
    if not text:
        return None
    launch = msgspec.json.decode(text, type=Launch)
    return launch if launch.process == os.getppid() else None


def operator() -> str:
    """Return who is logged in, and where."""
    name = ""
    with contextlib.suppress(OSError, KeyError):
        name = getpass.getuser()
    return f"{name or '?'}@{socket.gethostname()}"


def commit() -> str:
    """Return the checkout's commit as git tells it, with ``+changed`` where files differ; ""
    outside a checkout.
    """
    here = Path(__file__).parents[2]
    if not (here / ".git").exists():
        return ""

    def git(*arguments: str) -> str:
        clean: dict[str, Any] = {"capture_output": True, "text": True, "timeout": 5, "env": {}}
        done = subprocess.run(["/usr/bin/env", "git", "-C", str(here), *arguments], **clean)
        return done.stdout.strip() if done.returncode == 0 else ""

    with contextlib.suppress(OSError, subprocess.SubprocessError):
        commit = git("rev-parse", "--short=12", "HEAD")
        return commit + ("+changed" if git("status", "--porcelain", "--", "lib") else "")
    return ""
