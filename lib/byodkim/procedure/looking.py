"""What looking needs to know of who looks: a run that writes a journal, or an exploration that writes nothing."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Protocol

from byodkim.custody.client import Custodian
from byodkim.evidence.history import History
from byodkim.evidence.world import World
from byodkim.intent.intent import Intent
from byodkim.rotation.observation import Observation
from byodkim.rotation.resolution import Delegation, Sighting

if TYPE_CHECKING:
    from byodkim.procedure.run import Clock


class Looks(Protocol):
    """Who looks: the task, whom to ask, and what is remembered from one look to the next."""

    intent: Intent
    custodian: Custodian
    pool: ThreadPoolExecutor
    found: dict[str, Delegation]
    walking: dict[str, Lock]
    world: World | None
    left: str
    history: tuple[Sighting, ...]
    archive: Future[History] | None
    seen: Observation | None
    fresh_s: float
    fresh_from: float

    @property
    def clock(self) -> Clock:
        """The time of the world that is looked at."""

    @property
    def folder(self) -> Path:
        """Return where the journals of earlier runs lie."""


@dataclass
class Look:
    """A look that leaves nothing behind: no journal, no lock, no file."""

    intent: Intent
    clock: Clock
    custodian: Custodian
    pool: ThreadPoolExecutor
    folder: Path
    world: World | None = None
    left: str = ""
    history: tuple[Sighting, ...] = ()
    found: dict[str, Delegation] = field(default_factory=dict)
    walking: dict[str, Lock] = field(default_factory=dict)
    archive: Future[History] | None = None
    seen: Observation | None = None
    fresh_s: float = 0.0
    fresh_from: float = 0.0
