"""Which sections of the record each step of each procedure shows: its notebook, its page and its tables follow this."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from byodkim.display.blocks import Block
    from byodkim.display.words import Words
    from byodkim.evidence.record import Record

Tell = Callable[["Record", "Words"], "list[Block]"]


class Row(NamedTuple):
    """What a step shows.

    Attributes:
        step: the notebook's; "" for none.
        anchor: of the page's section, and key of its title: rows of one anchor make one section; "" for none.
        content: what tells it, a function of this package. A run loads those of its own procedure alone.
    """

    step: str
    anchor: str
    content: str

    @property
    def tell(self) -> Tell:
        """The function that tells it."""
        module, _, name = self.content.partition(".")
        tell: Tell = getattr(import_module(f"byodkim.display.{module}"), name)
        return tell


#: By procedure, in the order of the page.
SECTIONS: Final[Mapping[str, Sequence[Row]]] = {
    "rotate": (
        Row("check", "checks", "telling.checks"),
        Row("compare", "comparison", "comparison.comparison"),
        Row("prove", "proof", "telling.proof"),
        Row("observe", "", "telling.legend"),
        Row("observe", "state", "telling.current_state"),
        Row("plan", "plan", "telling.plan"),
        Row("apply", "write", "telling.writing"),
        Row("verify", "write", "telling.verification"),
        Row("verify", "write", "message.told"),
        Row("close", "timeline", "timeline.timeline"),
        Row("", "way-back", "opening.way_back"),
        Row("hand_over", "dns-team", "telling.handing"),
    ),
    "prepare": (
        Row("check", "checks", "telling.checks"),
        Row("prove", "proof", "prepare.proof"),
        Row("observe", "state", "prepare.state"),
        Row("plan", "plan", "prepare.plan"),
        Row("apply", "write", "prepare.stored"),
        Row("hand_over", "dns-team", "prepare.handing"),
        Row("close", "timeline", "timeline.timeline"),
    ),
    "retire": (
        Row("check", "checks", "telling.checks"),
        Row("verify", "left", "retire.proof"),
        Row("observe", "state", "retire_state.state"),
        Row("plan", "plan", "retire.plan"),
        Row("apply", "write", "retire.carried_out"),
        Row("hand_over", "dns-team", "retire.handing"),
        Row("close", "timeline", "timeline.timeline"),
    ),
    "fleet": (
        Row("check", "checks", "telling.checks"),
        Row("apply", "write", "fleet.carried_out"),
        Row("observe", "state", "fleet.observed"),
        Row("plan", "plan", "fleet.planned"),
        Row("hand_over", "files", "fleet.handed"),
        Row("close", "timeline", "timeline.timeline"),
    ),
}


def of(procedure: str) -> Sequence[Row]:
    """Return the sections of a procedure's records.

    Raises:
        LookupError: no such procedure is known to this version.
    """
    return SECTIONS[procedure]


def shown_by(procedure: str, step: str) -> Tell:
    """Return what tells what a step shows."""
    rows = [row for row in of(procedure) if row.step == step]
    return lambda record, words: [block for row in rows for block in row.tell(record, words)]
