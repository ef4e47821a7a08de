"""Define what each procedure's records show: by step, their sections; what all but rotate say in their own words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol, cast

from byodkim.messages import find, say

if TYPE_CHECKING:
    from byodkim.display.blocks import Block
    from byodkim.display.words import Words
    from byodkim.evidence.record import Record
    from byodkim.rotation.outcome import Outcome

Tell = Callable[["Record", "Words"], "list[Block]"]


class Row(NamedTuple):
    """Hold what a step shows.

    Attributes:
        step: the notebook's; "" for none.
        anchor: of the page's section, and key of its title: rows of one anchor make one section; "" for none.
        content: what tells it, a function of this package. A run loads those of its own procedure alone.
        folded: whether a page's reader opens it first; its heading says what it is.
    """

    step: str
    anchor: str
    content: str
    folded: bool = False

    @property
    def tell(self) -> Tell:
        """Return the function that tells it."""
        module, _, name = self.content.partition(".")
        tell: Tell = getattr(import_module(f"byodkim.display.{module}"), name)
        return tell


_CLOSE: Final = (Row("close", "timeline", "timeline.timeline"), Row("close", "calls", "timeline.calls", folded=True))
#: By procedure, in the order of the page.
SECTIONS: Final[Mapping[str, Sequence[Row]]] = {
    "rotate": (
        Row("prove", "proof", "rotate.proof"),
        Row("check", "checks", "rotate.checks"),
        Row("compare", "comparison", "comparison.comparison"),
        Row("plan", "plan", "rotate.plan"),
        Row("plan", "plan", "rotate.relied_on", folded=True),
        Row("apply", "write", "writes.writing"),
        Row("verify", "verify", "rotate.verification"),
        Row("verify", "verify", "message.proof"),
        Row("observe", "", "rotate.legend"),
        Row("observe", "servers", "rotate.servers"),
        Row("hand_over", "dns-team", "rotate.dns_request"),
        *_CLOSE,
        Row("observe", "state", "rotate.current_state", folded=True),
    ),
    "prepare": (
        Row("check", "checks", "rotate.checks"),
        Row("prove", "proof", "prepare.proof"),
        Row("prove", "", "rotate.rechecked"),
        Row("observe", "state", "prepare.state", folded=True),
        Row("plan", "plan", "prepare.plan"),
        Row("apply", "store", "prepare.stored"),
        Row("hand_over", "dns-team", "prepare.dns_request"),
        *_CLOSE,
    ),
    "publish": (
        Row("check", "checks", "rotate.checks"),
        Row("verify", "served", "publish.proof"),
        Row("verify", "", "rotate.rechecked"),
        Row("plan", "plan", "publish.plan"),
        Row("apply", "publish", "publish.carried_out"),
        Row("observe", "state", "publish.state", folded=True),
        *_CLOSE,
    ),
    "retire": (
        Row("check", "checks", "rotate.checks"),
        Row("verify", "left", "retire.proof"),
        Row("verify", "", "rotate.rechecked"),
        Row("observe", "state", "retire.state", folded=True),
        Row("plan", "plan", "retire.plan"),
        Row("apply", "withdraw", "retire.carried_out"),
        Row("hand_over", "dns-team", "retire.dns_request"),
        *_CLOSE,
    ),
    "fleet": (
        Row("check", "checks", "rotate.checks"),
        Row("apply", "waves", "fleet.carried_out"),
        Row("observe", "state", "fleet.observed"),
        Row("plan", "plan", "fleet.planned"),
        Row("hand_over", "files", "fleet.handed"),
        *_CLOSE,
    ),
}


def of(procedure: str) -> Sequence[Row]:
    """Return the sections of a procedure's records.

    Raises:
        LookupError: no such procedure is known to this version.
    """
    return SECTIONS[procedure]


def all_of(record: Record, words: Words) -> list[Block]:
    """Return what the steps of a run show, and its timeline."""
    rows = (Row("begin", "", "rotate.who_and_where"), *of(record.procedure))
    return [block for row in rows for block in row.tell(record, words)]


def shown_by(procedure: str, step: str) -> Tell:
    """Return what tells what a step shows."""
    rows = [row for row in of(procedure) if row.step == step]
    return lambda record, words: [block for row in rows for block in row.tell(record, words)]


class Display(Protocol):
    """Hold what a module of this kind has."""

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
    if of(record.procedure) is SECTIONS["rotate"]:
        return None
    found: Any = import_module(f"byodkim.display.{record.procedure}")
    return cast("Display", found)


def said(procedure: str, key: str, words: Words, /, **values: object) -> str:
    """Return a procedure's own sentence ``key``; the one that rotate has too, where it has none."""
    return find(procedure, key, words.language, **values) or say("answers", key, words.language, **values)
