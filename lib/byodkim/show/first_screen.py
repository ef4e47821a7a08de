"""The first screen of a record: outcome, what must be known first, the answers, progress, and the commands."""

from __future__ import annotations

from typing import Final

from byodkim.record.record import Record
from byodkim.show import frames, mail
from byodkim.show.answers import answers
from byodkim.show.commands import apply_command, rollback_command
from byodkim.show.section import Code, Facts, Part, Section, Status, Strong
from byodkim.words import Sentence, _

GOOD: Final = ("PLANNED", "UNCHANGED", "SWITCHED", "PREPARED", "RETIRED")
BAD: Final = ("REFUSED", "FAILED")


def headline(record: Record) -> Section:
    """Return the first screen of a record."""
    title = _("{outcome}: {headline}", outcome=outcome(record), headline=str(record.headline))
    body: list[Part] = [Strong(str(each)) for each in mail.cautions(record)]
    body += [Facts(first_cause(record)), Facts(answers(record))]
    body += [Code(command) for command in commands(record)]
    body += [progress(record), frames.before_and_after(record)]
    return Section(title, tuple(body), status_of(record))


def placeholder() -> Section:
    """Return what stands in the first cell while the run goes on."""
    return Section(
        _("NOT CLOSED: this run is going on, or was ended before it closed its record."),
        (_("The record's first screen appears here when the run ends."),),
        "skipped",
    )


def outcome(record: Record) -> str:
    """Return the outcome, or that the record was not closed."""
    return record.outcome or str(_("NOT CLOSED"))


def status_of(record: Record) -> Status:
    """Return the mark of a record: passed only for a run that came to its end as it should."""
    if record.outcome in GOOD:
        return "passed"
    return "refused" if record.outcome in BAD else "skipped"


def first_cause(record: Record) -> list[tuple[Sentence, str]]:
    """Return why a run was stopped: what was expected, what was seen, what to do. Empty for other runs."""
    if record.outcome in GOOD or record.outcome == "SWITCHED-PENDING":
        return []
    if record.stopping:
        first = record.stopping[0]
        rows = [
            (_("Stopped by"), f"{first.check}, {first.verdict}"),
            (_("Expected"), str(first.claim)),
            (_("Seen"), str(first.saw)),
        ]
        return [*rows, (_("Do next"), str(first.todo))] if first.todo else rows
    if record.interrupted is None:
        return []
    todo = record.interrupted.todo
    rows = [(_("Stopped by"), str(record.interrupted.what))]
    return [*rows, (_("Do next"), str(todo))] if todo else rows


def commands(record: Record) -> list[str]:
    """Return the commands that go on from here, or back."""
    printed = (apply_command(record), rollback_command(record))
    return [command.text for command in printed if command.text]


def progress(record: Record) -> str:
    """Return how far the rotation is, in one line. A filled dot was seen by this run."""
    last = record.after or record.before
    steps = [
        (_("key pair proved"), _is_proved(record)),
        (_("published"), _is_published(record)),
        (_("set in SES"), last is not None and last.selector == record.begun.selector),
        (_("verified by SES"), record.signs_as_requested),
    ]
    dots = [f"{'●' if is_seen else '○'} {step}" for step, is_seen in steps]
    if record.retire_on:
        retire = _("retire {selector} from {day}",
                   selector=record.previous, day=record.retire_on.isoformat())  # fmt: skip
        dots.append(f"○ {retire}")
    return " ── ".join(dots)


def _is_proved(record: Record) -> bool:
    if record.observation is None:
        return False
    same, count = frames.proved_places(record.observation)
    return count > 0 and same == count


def _is_published(record: Record) -> bool:
    if record.observation is None:
        return False
    published = (
        frames.servers(record.observation).query("selector == @record.begun.selector").published
    )
    return bool(len(published) and published.fillna(value=False).all())
