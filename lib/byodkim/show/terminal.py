"""The last lines of a run in the terminal. Nothing in them can move a cursor or forge a line."""

from __future__ import annotations

import unicodedata

from byodkim.record.record import Record
from byodkim.show import mail
from byodkim.show.answers import answers
from byodkim.show.first_screen import commands, first_cause, outcome
from byodkim.show.text import visible
from byodkim.words import _, joined


def ending(record: Record, path: str, head: str = "") -> str:
    """Return outcome, cause, what it means for mail, what to do next, and where the record is.

    Args:
        record: of the run.
        path: of the notebook, or of the journal where no notebook was written.
        head: SHA-256 of the journal, for the ticket; "" where the record is not sealed.
    """
    lines = [(outcome(record), str(record.headline))]
    lines += [("▲", str(caution)) for caution in mail.cautions(record)]
    rows = first_cause(record) or [(_("Mail"), joined(*mail.meaning(record))), *answers(record)[1:]]
    lines += [(str(name), answer) for name, answer in rows]
    lines += [(str(name), command.code) for name, command in commands(record)]
    lines.append((str(_("Record")), path))
    if head:
        lines.append((str(_("Head")), head))
    width = max(_width(name) for name, _text in lines)
    return "\n".join(f"{_padded(name, width)}  {visible(line)}" for name, line in lines)


def _padded(name: str, width: int) -> str:
    return visible(name) + " " * (width - _width(name))


def _width(text: str) -> int:
    """Return how many columns a text takes: characters of East Asia take two."""
    return sum(2 if unicodedata.east_asian_width(each) in "WF" else 1 for each in visible(text))
