"""The commands that a record prints. None is printed whose checks this run did not evaluate."""

import shlex
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from byodkim.record.record import Record
from byodkim.show.section import clock, visible
from byodkim.show.timeline import tally
from byodkim.words import Sentence, _

#: Parameters that say where identity, secret and keys are: a rollback needs them as passed.
PLACES: Final = (
    "profile", "target", "domain", "region", "secret_id", "key_bucket", "language", "wait_minutes",
    "ticket",
)  # fmt: skip
#: Parameters that a command sets itself.
OWN: Final = ("selector", "mode")


class Command(NamedTuple):
    """A command, or why there is none.

    Attributes:
        text: to be copied into a shell; "" for none.
        note: how far it was checked, or why it is not printed.
        todo: what to do first.
    """

    text: str = ""
    note: Sentence | None = None
    todo: Sentence | None = None


def rollback_command(record: Record) -> Command:
    """Return the command that sets the previous selector again, if its checks passed."""
    if record.begun.procedure != "rotate":
        return Command(note=_("This procedure has no rollback."))
    if not record.previous:
        return Command(note=_("There is no earlier selector to go back to."))
    if record.checked is None or not record.rollback:
        return Command(
            note=_("The rollback to {selector} was not checked.", selector=record.previous),
            todo=_("Plan the rollback first: `byodkim rotate` with this selector"),
        )
    if first := next((each for each in record.rollback if each.stops), None):
        refused = _("A rollback to {selector} would be refused: {check}: {saw}",
                 selector=record.previous, check=first.check, saw=first.saw)  # fmt: skip
        return Command(note=refused, todo=first.todo)
    note = _checked(record)
    state = record.ses_write.state if record.ses_write else "not-made"
    if state == "not-known":
        return Command(note=note, todo=_("Run the same command again first: it reads SES."))
    last = record.last_identity
    if last is None or last.selector != record.begun.selector:
        return Command(note=note)
    mode, todo = "apply", None
    if record.begun.settings.get("approvals", "0") != "0":
        mode = "plan"
        todo = _("The profile asks for approvals: this command makes the plan to approve.")
    waive = "; ".join(f"{each.check}: {each.waived}" for each in record.rollback if each.waived)
    passed = passed_in(record, PLACES) | ({"waive": waive} if waive else {})
    return Command(_papermill(record, "rotate", "back", record.previous, passed, mode), note, todo)


def apply_command(record: Record) -> str:
    """Return the command that applies the plan of a run that ended PLANNED; "" for others."""
    if record.outcome != "PLANNED" or record.checked is None or record.stopping:
        return ""
    begun = record.begun
    passed = {name: value for name, value in begun.parameters.items() if name not in OWN}
    return _papermill(record, begun.procedure, "apply", begun.selector, passed, "apply")


def retire_command(record: Record) -> str:
    """Return the command that plans the retirement of the previous selector. It writes nothing."""
    return _papermill(
        record, "retire", "retire", record.previous, passed_in(record, PLACES), "plan"
    )


def record_name(record: Record) -> str:
    """Return the record's name: its notebook's, or one made of procedure and run."""
    notebook = record.begun.notebook.removesuffix(".ipynb")
    return notebook or f"{record.begun.procedure}-{record.begun.run[:8]}"


def _papermill(
    record: Record, procedure: str, ending: str, selector: str,
    passed: dict[str, str], mode: str,
) -> str:  # fmt: skip
    """Return a papermill command."""
    name = f"{record_name(record).removesuffix('-plan')}-{ending}"
    words = ["papermill", f"notebooks/{procedure}.ipynb", f"{record.begun.folder}/{name}.ipynb"]
    words += [*raw({"selector": selector, **passed}), "-p", "mode", mode]
    return visible(shlex.join(words))


def raw(parameters: Mapping[str, str]) -> list[str]:
    """Return parameters as papermill takes text: as it is."""
    return [word for name, value in parameters.items() for word in ("-r", name, value)]


def passed_in(record: Record, names: Iterable[str]) -> dict[str, str]:
    """Return those of these parameters that were passed in, with their values."""
    given = record.begun.parameters
    return {name: given[name] for name in names if name in given}


def _checked(record: Record) -> Sentence | None:
    if record.checked is None or record.checked.at is None:
        return None
    return _("Rollback to {selector}, as checked at {time}: {tally}. Nothing stops it.",
             selector=record.previous, time=clock(record.checked.at, record.zone),
             tally=tally(record.rollback))  # fmt: skip
