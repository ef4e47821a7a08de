"""One page that lists the records of a folder and links their pages."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import quote
from zoneinfo import ZoneInfo

from byodkim.errors import RecordError
from byodkim.record.journal import SUFFIX
from byodkim.record.journal_file import read_journal
from byodkim.record.record import Record, tell
from byodkim.record.verify import Report, RunReport
from byodkim.show.first_screen import outcome_name
from byodkim.show.page import render
from byodkim.show.section import NOTHING, moment
from byodkim.words import _, n_

PROOFS: Final = {
    "VERIFIED": _("verified"),
    "UNSIGNED": _("unsigned: nothing in it is proved"),
    "WRONG": _("wrong: see byodkim verify"),
}


class Row(NamedTuple):
    """A record of the folder, and the file name of its page there; "" for none."""

    run: RunReport
    record: Record
    page: str = ""


def index_rows(folder: Path, report: Report) -> Iterator[Row]:
    """Yield a row for each run of a folder whose journal can be read."""
    for run in report.runs:
        try:
            record = tell(read_journal(folder / f"{run.name}{SUFFIX}").events)
        except RecordError:
            continue
        page = f"{run.name}.html"
        yield Row(run, record, page if (folder / page).is_file() else "")


def index_page(rows: Iterable[Row], zone: ZoneInfo) -> str:
    """Return the list of a folder's records as an HTML page, newest first."""
    ordered = sorted(rows, key=lambda row: row.record.began_at, reverse=True)
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


def _shown(row: Row, zone: ZoneInfo) -> dict[str, object]:
    record, begun = row.record, row.record.begun
    outcome = outcome_name(record.outcome)
    if begun.target != "aws":
        outcome = f"{outcome} ({_('sandbox')})"
    proof = PROOFS.get(row.run.verdict, PROOFS["WRONG"])
    cells = [
        row.run.name, moment(record.began_at, zone), outcome, begun.procedure, begun.domain,
        f"{record.previous or NOTHING} → {begun.selector or NOTHING}", begun.operator,
        begun.ticket, str(proof),
    ]  # fmt: skip
    return {"cells": cells, "is_wrong": proof is PROOFS["WRONG"], "href": quote(row.page)}
