"""What sets one procedure apart from another, where a run is begun, stepped through and closed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from byodkim.errors import ByodkimError
    from byodkim.evidence.record import Record
    from byodkim.procedure.observing import Asked
    from byodkim.procedure.run import Run
    from byodkim.rotation.outcome import Outcome


@dataclass(frozen=True)
class Procedure:
    """A procedure, as far as its runs differ from other procedures'.

    Attributes:
        name: the notebook's, without its ending.
        stages: what is reached by its steps in their order; ``begun`` first, ``closed`` last.
        gather: what the run looks at first, given what was asked of the custodian already; in a thread of its own.
        outcome: what a run came to, by its events and the error that ended it.
        begun: whether a run has begun to write anything, by its events.
        untouched: what to say where it has not, a key of the catalogue ``steps``; ``written``: where it has.
        last_word: the error with which a run ends that came to its end all the same, or none.
        scenario: the sandbox's world where the parameter ``target`` names none.
        of_left: whether the selector that is asked for is the one that was left; a sandbox of the run's own is made so.
        of_many: whether a run is about many identities, and about none by itself.
    """

    name: str
    stages: tuple[str, ...]
    gather: Callable[[Run, Asked | None], Any]
    outcome: Callable[[Record, BaseException | None], Outcome]
    begun: Callable[[Record], bool]
    untouched: str
    written: str
    last_word: Callable[[Run, Outcome], ByodkimError | None]
    scenario: str = "ready"
    of_left: bool = False
    of_many: bool = False
