"""Define what a procedure's records show, and what they say in the procedure's own words: its module ``record``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

from second_edition.contributions import contributed
from second_edition.display import identity, timeline
from second_edition.messages import find, say

if TYPE_CHECKING:
    from second_edition.display.blocks import Block
    from second_edition.display.words import Words
    from second_edition.evidence.record import Record
    from second_edition.rotation.outcome import Outcome

Tell = Callable[["Record", "Words"], "list[Block]"]


class Row(NamedTuple):
    """Hold what a step shows.

    Attributes:
        step: the notebook's; "" for none.
        anchor: of the page's section, and key of its title: rows of one anchor make one section; "" for none.
        tell: what tells it.
        folded: whether a page's reader opens it first; its heading says what it is.
    """

    step: str
    anchor: str
    tell: Tell
    folded: bool = False


#: The rows of the last step of every procedure.
CLOSE: Final = (Row("close", "timeline", timeline.timeline), Row("close", "calls", timeline.calls, folded=True))


def of(procedure: str) -> Sequence[Row]:
    """Return the sections of a procedure's records, in the order of the page.

    Raises:
        LookupError: no such procedure is known to this version.
    """
    rows: Sequence[Row] = contributed(procedure, "record").SECTIONS
    return rows


def all_of(record: Record, words: Words) -> list[Block]:
    """Return what the steps of a run show, and its timeline."""
    rows = (Row("begin", "", identity.who_and_where), *of(record.procedure))
    return [block for row in rows for block in row.tell(record, words)]


def shown_by(procedure: str, step: str) -> Tell:
    """Return what tells what a step shows."""
    rows = [row for row in of(procedure) if row.step == step]
    return lambda record, words: [block for row in rows for block in row.tell(record, words)]


class Display(Protocol):
    """Hold what a procedure's module ``record`` has.

    Attributes:
        SECTIONS: what its steps show, in the order of the page.
    """

    SECTIONS: Sequence[Row]

    def sentence(self, record: Record, outcome: Outcome, words: Words) -> str:
        """Return what the run came to, after its outcome."""

    def meaning(self, record: Record, outcome: Outcome, words: Words) -> list[Block]:
        """Return what that means, besides what the error says that ended it."""

    def unfinished(self, record: Record, words: Words) -> list[Block]:
        """Return what is known of a run that was stopped, and how to go on."""

    def onward(self, record: Record, outcome: Outcome, words: Words) -> list[Block]:
        """Render the rollback, and what comes next."""

    def answers(self, record: Record, words: Words) -> Mapping[str, Sequence[str]]:
        """Return the answers that are not those of every run: to ``changed``, ``safe``, ``finished`` and ``back``."""


def own(record: Record) -> Display:
    """Return what tells this record.

    Raises:
        LookupError: no such procedure is known to this version.
    """
    found: Display = contributed(record.procedure, "record")
    return found


def said(procedure: str, key: str, words: Words, /, **values: object) -> str:
    """Return a procedure's own sentence ``key``; the one of any record, where it has none."""
    return find(procedure, key, words.language, **values) or say("answers", key, words.language, **values)
