"""The first screen of a record: outcome, cautions, answers, commands, progress, changes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from byodkim.checks.retire import record_state
from byodkim.record.record import Record
from byodkim.show import mail
from byodkim.show.answers import answers, known_answers
from byodkim.show.commands import apply_command, rollback_command
from byodkim.show.proof import is_published, proved_places
from byodkim.show.section import Code, Facts, Part, Section, Status, Strong
from byodkim.show.text import clock, seconds
from byodkim.words import Sentence, _, joined

GOOD: Final = ("PLANNED", "UNCHANGED", "SWITCHED", "PREPARED", "RETIRED")
OUTCOMES: Final = {
    "": _("NOT CLOSED"), "PLANNED": _("PLANNED"), "REFUSED": _("REFUSED"), "FAILED": _("FAILED"),
    "UNCHANGED": _("UNCHANGED"), "SWITCHED": _("SWITCHED"), "PREPARED": _("PREPARED"),
    "SWITCHED-PENDING": _("SWITCHED-PENDING"), "RETIRED": _("RETIRED"),
}  # fmt: skip
BAD: Final = ("REFUSED", "FAILED")


def headline(record: Record) -> Section:
    """Return the first screen of a record."""
    title = _("{outcome}: {headline}", outcome=outcome(record), headline=str(record.headline))
    cautions = [Strong(str(each)) for each in mail.cautions(record)]
    from byodkim.show.frames import before_and_after  # pandas: only where a table is shown

    body = (*cautions, *answered(record), before_and_after(record))
    return Section(title, body, status_of(record))


def answered(record: Record) -> list[Part]:
    """Return what changed, the cause of a stop or the answers, the commands, and the progress."""
    cause = first_cause(record)
    rows: list[tuple[Sentence, str | Code]] = [*cause, *known_answers(record)]
    rows += [] if cause else answers(record)
    rows += commands(record)
    return [*_change(record), Facts(rows), progress(record)]


def placeholder() -> Section:
    """Return what stands in the first cell while the run goes on."""
    return Section(
        _("NOT CLOSED: this run is going on, or was ended before it closed its record."),
        (_("The record's first screen appears here when the run ends."),),
        "skipped",
    )


def outcome(record: Record) -> str:
    """Return the outcome, or that the record was not closed."""
    return outcome_name(record.outcome)


def outcome_name(code: str) -> str:
    """Return an outcome in the language of this process; "" is a record that was not closed."""
    return str(OUTCOMES.get(code, code))


def status_of(record: Record) -> Status:
    """Return the mark of a record: passed only for a run that came to its end as it should."""
    if record.outcome in GOOD:
        return "passed"
    return "refused" if record.outcome in BAD else "skipped"


def first_cause(record: Record) -> list[tuple[Sentence, str]]:
    """Return why a run was stopped, what that means for mail, and what to do; empty for others."""
    if record.outcome in (*GOOD, "SWITCHED-PENDING"):
        return []
    effect = (_("Effect"), joined(*mail.meaning(record)))
    if record.stopping:
        first = record.stopping[0]
        rows = [
            (_("Stopped by"), f"{first.check}, {first.verdict}"),
            (_("Expected"), str(first.claim)),
            (_("Seen"), str(first.saw)),
            effect,
        ]
        todo = first.todo
    elif record.interrupted:
        rows = [(_("Stopped by"), str(record.interrupted.what)), effect]
        todo = record.interrupted.todo
    else:
        return []
    return [*rows, (_("Do next"), str(todo))] if todo else rows


def commands(record: Record) -> list[tuple[Sentence, Code]]:
    """Return the commands that go on from here, or back."""
    printed = [
        (_("To apply"), apply_command(record)),
        (_("To roll back"), rollback_command(record)),
    ]
    return [(label, Code(command.text)) for label, command in printed if command.text]


def progress(record: Record) -> str:
    """Return how far the change is, in one line. A filled dot was seen by this run."""
    if record.begun.procedure == "retire":
        return _dots(_retired_so_far(record))
    last = record.after or record.before
    steps = [
        (_("key pair proved"), _is_proved(record)),
        (_("published"), record.observation is not None and is_published(record.observation)),
        (_("set in SES"), last is not None and last.selector == record.begun.selector),
        (_("verified by SES"), record.signs_as_requested),
    ]
    if record.retire_on:
        retire = _("retire {selector} from {day}",
                   selector=record.previous, day=record.retire_on.isoformat())  # fmt: skip
        steps.append((retire, False))
    return _dots(steps)


def _dots(steps: Sequence[tuple[Sentence, bool]]) -> str:
    return " ── ".join(f"{'●' if is_seen else '○'} {step}" for step, is_seen in steps)


def _retired_so_far(record: Record) -> list[tuple[Sentence, bool]]:
    passed = [finding.check for finding in record.findings if finding.verdict == "PASS"]
    last = record.last_observation
    is_gone = last is not None and last.retirement is not None and record_state(last) == "gone"
    return [
        (_("used nowhere"), "SES-LEFT" in passed),
        (_("overlap over"), "TIME-OVERLAP" in passed),
        (_("record gone"), is_gone),
        (_("retired"), record.outcome == "RETIRED"),
    ]


def _is_proved(record: Record) -> bool:
    if record.observation is None:
        return False
    same, count = proved_places(record.observation)
    return count > 0 and same == count


def _change(record: Record) -> list[Sentence]:
    """Return from which selector to which, where this run saw the switch verified."""
    if record.unsigned_s is None or record.verified_at is None:
        return []
    return [
        _("{previous} → {selector}. Seen verified by SES {time} after the update, at {clock}.",
          previous=record.previous or "–", selector=record.begun.selector,
          time=str(seconds(record.unsigned_s)), clock=clock(record.verified_at, record.zone))
    ]  # fmt: skip
