"""Which module renders the records of a procedure. Rotate's is the default; each other procedure has its own.

Such a module has what ``Display`` names.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, Protocol, cast

if TYPE_CHECKING:
    from byodkim.display.blocks import Block
    from byodkim.display.words import Words
    from byodkim.evidence.record import Record
    from byodkim.rotation.outcome import Outcome

MODULES: Final[Mapping[str, str]] = {
    "prepare": "byodkim.display.prepare",
    "retire": "byodkim.display.retire",
    "fleet": "byodkim.display.fleet",
}


class Display(Protocol):
    """Hold what a module of this kind has."""

    EVENTS: frozenset[str]
    """The events that only such a run has: each has a sentence in the catalogue of the procedure's name."""

    def sentence(self, record: Record, outcome: Outcome, words: Words) -> str:
        """Return what the run came to, after its outcome."""

    def meaning(self, record: Record, outcome: Outcome, words: Words) -> list[Block]:
        """Return what that means, where no error says it."""

    def unfinished(self, record: Record, words: Words) -> list[Block]:
        """Return what is known of a run that was stopped, and how to go on."""

    def onward(self, record: Record, outcome: Outcome, words: Words) -> list[Block]:
        """Render the rollback, and what comes next."""

    def answers(self, record: Record, words: Words) -> Mapping[str, Sequence[str]]:
        """Return the answers that are not those of every run: to ``changed``, ``safe``, ``finished`` and ``back``."""


def own(record: Record) -> Display | None:
    """Return who tells this record; ``None`` for rotate's.

    Raises:
        LookupError: no such procedure is known to this version.
    """
    if record.procedure == "rotate":
        return None
    found: Any = import_module(MODULES[record.procedure])
    return cast("Display", found)
