"""One page that lists the records of a folder and links their pages."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final, Literal, NamedTuple
from urllib.parse import quote
from zoneinfo import ZoneInfo

from byodkim.show.first_screen import outcome_name
from byodkim.show.page import render
from byodkim.show.text import NOTHING, moment
from byodkim.words import Sentence, _, n_

Proof = Literal["verified", "unsigned", "wrong"]
PROOFS: Final[dict[Proof, Sentence]] = {
    "verified": _("verified"),
    "unsigned": _("unsigned: nothing in it is proved"),
    "wrong": _("wrong: see byodkim verify"),
}


class Row(NamedTuple):
    """A record of the folder.

    Attributes:
        at: when it began.
        outcome: "" for a run that never closed its record.
        target: ``aws`` or ``sandbox``.
        previous, selector: from which selector to which.
        who: the operator.
        proof: what its signature came to.
        page: file name of its page in the same folder; "" for none.
    """

    name: str
    at: datetime
    outcome: str
    procedure: str
    target: str
    domain: str
    previous: str
    selector: str
    who: str
    ticket: str
    proof: Proof
    page: str = ""


def index_page(rows: Iterable[Row], timezone: str = "UTC") -> str:
    """Return the list of a folder's records as an HTML page, newest first."""
    zone = ZoneInfo(timezone)
    ordered = sorted(rows, key=_newest, reverse=True)
    names = [
        _("record"), _("time"), _("outcome"), _("procedure"), _("domain"), _("selector"),
        _("operator"), _("ticket"), _("signature"),
    ]  # fmt: skip
    return render(
        "index.html",
        title=n_("{count} record", "{count} records", len(ordered)),
        note=_("As `byodkim verify` judged them when this page was written."),
        names=[str(name) for name in names],
        rows=[_shown(row, zone) for row in ordered],
    )


def _newest(row: Row) -> datetime:
    return row.at


def _shown(row: Row, zone: ZoneInfo) -> dict[str, object]:
    outcome = outcome_name(row.outcome)
    if row.target != "aws":
        outcome = f"{outcome} ({_('sandbox')})"
    change = f"{row.previous or NOTHING} → {row.selector or NOTHING}"
    cells = [
        row.name, moment(row.at, zone), outcome, row.procedure, row.domain, change, row.who,
        row.ticket, str(PROOFS[row.proof]),
    ]  # fmt: skip
    return {"cells": cells, "is_wrong": row.proof == "wrong", "href": quote(row.page)}
