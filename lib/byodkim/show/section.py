"""A section: title, status, and a body of paragraphs and tables, for notebook and page alike."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, TypeAlias

from byodkim.show.text import visible
from byodkim.words import Sentence

if TYPE_CHECKING:  # loading pandas takes long: only a table does
    import pandas as pd

Status = Literal["passed", "refused", "skipped", "info"]
MARKS: Final[dict[Status, str]] = {"passed": "✔", "refused": "✘", "skipped": "–", "info": ""}


class Code(NamedTuple):
    """Text to be copied as it is."""

    code: str


class Facts(NamedTuple):
    """Questions and their answers: a table without column names."""

    rows: Sequence[tuple[Sentence, str | Code]]


class Strong(NamedTuple):
    """A paragraph that must not be overlooked."""

    text: str


Part: TypeAlias = "Sentence | str | Strong | Facts | Code | pd.DataFrame"


class Section(NamedTuple):
    """What a step shows.

    Attributes:
        title: what it is about.
        body: paragraphs and tables.
        status: what it came to; ``info`` has no mark.
        folded: whether a reader opens it first.
    """

    title: Sentence
    body: tuple[Part, ...] = ()
    status: Status = "info"
    folded: bool = False

    @property
    def heading(self) -> str:
        """Return the title after its mark."""
        return f"{MARKS[self.status]} {visible(self.title)}".strip()
