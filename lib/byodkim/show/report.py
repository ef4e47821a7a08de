"""The result of ``byodkim verify`` in one screen, and the rows of the archive's page."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from byodkim.errors import RecordError
from byodkim.record.journal import SUFFIX, read_journal
from byodkim.record.record import tell
from byodkim.record.verify import Report, RunReport
from byodkim.show.index import Proof, Row
from byodkim.show.text import visible
from byodkim.words import Sentence, _, n_

#: So many runs without a fault are listed; of more, only their number is said.
LISTED: Final = 20
PROOFS: Final[dict[str, Proof]] = {
    "VERIFIED": "verified",
    "UNSIGNED": "unsigned",
    "WRONG": "wrong",
    "UNKNOWN": "wrong",
}


def report_text(report: Report, trusted: Mapping[str, str]) -> str:
    """Return the report as lines for the terminal: runs, problems, notes, trusted keys, result."""
    good = [run for run in report.runs if run.verdict == "VERIFIED"]
    other = [run for run in report.runs if run.verdict != "VERIFIED"]
    lines = [_line(run) for run in good[-LISTED:]]
    if len(good) > LISTED:
        more = len(good) - LISTED
        first = n_("{count} older run is VERIFIED", "{count} older runs are VERIFIED", more)
        lines.insert(0, str(first))
    for run in other:
        lines += [_line(run), *(f"    {each}" for each in (run.why, run.todo) if each)]
    lines += [f"✘ {problem}" for problem in report.problems]
    lines += [str(note) for note in report.notes]
    keys = [f"{name} ({public})" for public, name in trusted.items()]
    lines.append(str(_("Trusted keys: {keys}", keys=keys)))
    lines.append(str(_result(report)))
    return "\n".join(map(visible, lines))


def index_rows(folder: Path, report: Report) -> list[Row]:
    """Return a row for each run of a folder whose journal can be read."""
    verdicts = {run.name: run.verdict for run in report.runs}
    rows = []
    for name, verdict in verdicts.items():
        try:
            record = tell(read_journal(folder / f"{name}{SUFFIX}").events)
        except RecordError:
            continue
        begun = record.begun
        page = f"{name}.html"
        rows.append(
            Row(
                name=name,
                at=record.began_at,
                outcome=record.outcome,
                procedure=begun.procedure,
                target=begun.target,
                domain=begun.domain,
                previous=record.previous,
                selector=begun.selector,
                who=begun.operator,
                ticket=begun.ticket,
                proof=PROOFS[verdict],
                page=page if (folder / page).is_file() else "",
            )
        )
    return rows


def _line(run: RunReport) -> str:
    mark = {"VERIFIED": "✔", "UNSIGNED": "–"}.get(run.verdict, "✘")
    closed = f"{run.closed_at:%Y-%m-%d %H:%M}" if run.closed_at else ""
    sandbox = str(_("sandbox")) if run.is_sandbox else ""
    facts = [closed, run.outcome, run.domain, run.selector, sandbox]
    return " ".join([f"{mark} {run.verdict:8} {run.name}", *filter(None, facts)])


def _result(report: Report) -> Sentence:
    if not report.verified:
        return _("NOT VERIFIED: see the lines with ✘.")
    count = sum(run.verdict == "VERIFIED" for run in report.runs)
    unsigned = len(report.runs) - count
    if not count:
        return _("VERIFIED: the folder holds no signed record.")
    verified = n_(
        "VERIFIED: {count} record. Newest: {name}, head {head}",
        "VERIFIED: {count} records. Newest: {name}, head {head}",
        count,
        name=report.newest,
        head=report.head,
    )
    if not unsigned:
        return verified
    return n_(
        "{verified}. {count} more is unsigned: nothing in it is proved.",
        "{verified}. {count} more are unsigned: nothing in them is proved.",
        unsigned,
        verified=verified,
    )
