"""Lines for the terminal: how a run ended, and what ``byodkim verify`` came to. Nothing in them can
move a cursor or forge a line.
"""

from collections.abc import Mapping
from datetime import UTC
from typing import Final

from byodkim.record.record import Record
from byodkim.record.verify import Report, RunReport
from byodkim.show import mail
from byodkim.show.first_screen import answers, commands, first_cause, outcome_name
from byodkim.show.section import aligned, visible
from byodkim.words import Sentence, _, joined, n_

#: So many runs without a fault are listed; of more, only their number is said.
LISTED: Final = 20


def ending(record: Record, path: str, head: str = "") -> str:
    """Return outcome, cause, what it means for mail, what to do next, and where the record is.

    Args:
        record: of the run.
        path: of the notebook, or of the journal where no notebook was written.
        head: SHA-256 of the journal, for the ticket; "" where the record is not sealed.
    """
    meaning = joined(*mail.meaning(record))
    lines = [(outcome_name(record.outcome), str(record.headline))]
    lines += [("▲", str(caution)) for caution in mail.cautions(record)]
    if record.begun.procedure == "fleet":
        from byodkim.show import campaign

        facts = [
            (str(name), str(getattr(text, "code", text))) for name, text in campaign.facts(record)
        ]
        return _in_lines([*lines, *facts], path, head)
    rows = first_cause(record, meaning) or [(_("Mail"), meaning), *answers(record)[1:]]
    if record.message:
        rows.append((_("Message"), str(record.message.finding.saw)))
    lines += [(str(name), answer) for name, answer in rows]
    lines += [(str(name), command.code) for name, command in commands(record)]
    return _in_lines(lines, path, head)


def _in_lines(lines: list[tuple[str, str]], path: str, head: str) -> str:
    """Return names and texts in two columns, the record last."""
    lines.append((str(_("Record")), path))
    if head:
        lines.append((str(_("Head")), head))
    return aligned(lines)


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
    lines += [str(_("Trusted keys: {keys}", keys=keys)), str(_result(report, len(good)))]
    return "\n".join(map(visible, lines))


def _line(run: RunReport) -> str:
    mark = {"VERIFIED": "✔", "UNSIGNED": "–"}.get(run.verdict, "✘")
    closed = f"{run.closed_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if run.closed_at else ""
    sandbox = str(_("sandbox")) if run.is_sandbox else ""
    facts = [closed, run.outcome, run.domain, run.selector, sandbox]
    return " ".join([f"{mark} {run.verdict:8} {run.name}", *filter(None, facts)])


def _result(report: Report, count: int) -> Sentence:
    if not report.verified:
        return _("NOT VERIFIED: see the lines with ✘.")
    if not count:
        return _("VERIFIED: the folder holds no signed record.")
    verified = n_(
        "VERIFIED: {count} record. Newest: {name}, head {head}",
        "VERIFIED: {count} records. Newest: {name}, head {head}",
        count, name=report.newest, head=report.head,
    )  # fmt: skip
    unsigned = len(report.runs) - count
    if not unsigned:
        return verified
    return n_(
        "{verified}. {count} more is unsigned: nothing in it is proved.",
        "{verified}. {count} more are unsigned: nothing in them is proved.",
        unsigned, verified=verified,
    )  # fmt: skip
