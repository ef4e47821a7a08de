"""The summary at the top of a record: the verdict in words, its meaning, the rollback, and what comes next and when."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Final

from msgspec import UNSET
from msgspec.structs import replace

from second_edition.display import failure
from second_edition.display.answers import answers
from second_edition.display.blocks import Block, Code, Heading, Headline, Paragraph, facts
from second_edition.display.checks import waivers
from second_edition.display.identity import identity_block
from second_edition.display.rehearsed import place, rehearsed, target_anew
from second_edition.display.sections import own
from second_edition.display.words import Words
from second_edition.errors import paragraph
from second_edition.evidence.decided import begun
from second_edition.evidence.record import ROTATE, Record
from second_edition.messages import say
from second_edition.rotation.outcome import Outcome
from second_edition.settings import fields_of

TONES = {
    Outcome.PLANNED: "wait",
    Outcome.REFUSED: "bad",
    Outcome.UNCHANGED: "good",
    Outcome.SWITCHED: "good",
    Outcome.SWITCHED_PENDING: "wait",
    Outcome.ROLLED_BACK: "bad",
    Outcome.PREPARED: "good",
    Outcome.PUBLISHED: "good",
    Outcome.RETIRED: "good",
    Outcome.STOPPED: "bad",
    Outcome.FAILED: "bad",
}
#: Parameters that every further command repeats: what the run is about, and how AWS and DNS are reached.
REPEATED: Final = (
    "profile", "domain", "region", "secret_id", "key_bucket", "aws_profile", "target", "endpoint_url", "nameservers",
    "language", "store_region", "store_profile", "of", "replace",
)  # fmt: skip
#: Those that a command for the same change repeats too: another one has waivers and reasons of its own.
OF_CHANGE: Final = ("waive", "wait_dns_minutes", "wait_minutes", "message", "reason", "ticket", "requested_by")
#: Those that papermill may read by their form: the rest stays text.
NOT_TEXT: Final = frozenset({"target", "endpoint_url", "language", "wait_dns_minutes", "wait_minutes"})


def not_begun(text: str) -> list[Block]:
    """Return what stands in the headline's place where a run could not even begin."""
    return [Headline(Outcome.REFUSED, text, "bad")]


def opening(record: Record, words: Words) -> list[Block]:
    """Return the first screen of a record."""
    return [*answered(record, words), facts(identity_block(record, words))]


#: In the order in which they stand.
CONTACTS: Final = ("operators", "dns", "approver", "escalation")


def answered(record: Record, words: Words) -> list[Block]:
    """Return the verdict, with the answers to what a reader asks first before the rollback."""
    said, onward = replace(facts(answers(record, words)), kind="answers"), _onward(record, words)
    folder = words("These commands are for the folder {folder} of the project.", folder=record.below)
    where = [Paragraph(folder)] if record.below and any(isinstance(one, Code) for one in onward) else []
    return [*_headline(record, words), said, *onward, *where]


def verdict(record: Record, words: Words) -> list[Block]:
    """Render the outcome, meaning, waivers, the rollback and what comes next."""
    return [*_headline(record, words), *_onward(record, words)]


def _headline(record: Record, words: Words) -> list[Block]:
    outcome, display = record.outcome, own(record)
    if outcome is None:
        headline = Headline(words.record("outcome.none"), words.record("unfinished"), "bad")
        return [headline, *place(record, words), *display.unfinished(record, words)]
    error = failure.recorded(record, words)
    return [
        Headline(words.outcome(outcome.value), display.sentence(record, outcome, words), TONES[outcome]),
        *waivers(record, words),
        *rehearsed(record, words),
        *([Paragraph(failure.quoted(paragraph(*error), record, words))] if error else []),
        *display.meaning(record, outcome, words),
    ]


def came(outcome: Outcome, touched: bool) -> Outcome:
    """Return the outcome whose sentence stands in the headline: a run that failed untouched did as one refused did."""
    return Outcome.REFUSED if outcome is Outcome.FAILED and not touched else outcome


def _onward(record: Record, words: Words) -> list[Block]:
    outcome = record.outcome
    if outcome is None:
        return []
    todo = advised(record, outcome, words)
    onward = own(record).onward(record, outcome, words) or [*([Heading(words("Next"))] if todo else []), *todo]
    return [*onward, *(_contacts(record, words) if Heading(words("Next")) in onward else [])]


def _contacts(record: Record, words: Words) -> list[Block]:
    """Return whom to turn to, where the profile says so."""
    known = record.begin.contacts
    sentences = [f"{words.record(f'contact.{who}')}: {known[who]}" for who in CONTACTS if who in known]
    return [Paragraph(words("Contacts: {told}.", told="; ".join(sentences)))] if sentences else []


def command(record: Record, selector: str, mode: str = "apply", procedure: str = "") -> str:
    """Return the papermill command of a run about ``selector``, with this run's own parameters where they were given.

    The same change is made with the same waivers, and says the same of why. ``procedure``: another one than this run's.
    """
    procedure = procedure or record.procedure
    words = [
        "papermill",
        str(Path(*[".."] * len(Path(record.below).parts), "notebooks", f"{procedure}.ipynb")),
        # A name that no other record proposes: papermill overwrites a notebook that is there without a word.
        f"{record.folder}/{record.begin.domain}-{selector or record.procedure}-after-{record.begin.run}.ipynb",
        *(("-r", "selector", selector) if selector and "selector" in fields_of(procedure) else ()),
    ]
    same = procedure == record.procedure and selector in (record.begin.selector, record.selector)
    approves = same and mode == record.begin.mode == "apply" and not record.placed
    for name in (*REPEATED, *(OF_CHANGE if same else ()), *(("approved",) if approves else ())):
        if name in fields_of(procedure) and (value := given(record, name)):
            if name == "target" and not same and ended(record):
                value = target_anew(value)
            words += ["-p" if name in NOT_TEXT else "-r", name, value]
    return shlex.join([*words, "-p", "mode", mode])


def again(record: Record, mode: str = "") -> Code:
    """Return the command by which the same is done again, in ``mode`` or in that of the run."""
    return Code(command(record, record.selector, mode or record.begin.mode))


def stopped(record: Record, words: Words) -> list[Block]:
    """Return what is known of a run that was stopped, and how to go on."""
    key, todo = "written" if begun(record) else "untouched", say("steps", "again", words.language)
    known = Paragraph(say(record.procedure, key, words.language))
    return [known, Heading(words("Next")), Paragraph(todo), again(record)]


def unlisted(record: Record, words: Words) -> list[Block]:
    """Return how many approvers the profile lists, where a plan needs more; [] where it lists enough."""
    listed, needed = record.begin.approvers, record.begin.approvals
    return [] if listed is UNSET else [Paragraph(words.record("next.unlisted", listed=listed, count=needed))]


def ended(record: Record) -> bool:
    """Return whether the run had a sandbox of its own: no later command can reach it."""
    return record.procedure == ROTATE and record.begin.parameters["endpoint_url"].source == "sandbox"


def given(record: Record, name: str) -> str:
    """Return a parameter as the run was given it; "" where it was not."""
    if name == "waive":
        return "; ".join(f"{check}: {reason}" for check, reason in record.begin.waivers.items())
    found = record.begin.parameters.get(name)
    return found.value if found and found.source in ("parameter", "cell", "record") else ""


def advised(record: Record, outcome: Outcome, words: Words) -> list[Block]:
    """Return what the error that ended a run advises; of one that advises nothing, to correct what it names."""
    error = failure.recorded(record, words) if outcome in (Outcome.REFUSED, Outcome.FAILED) else None
    if error is None:
        return []
    correct = words("Correct what the error names, then run the same command again.")
    return [Paragraph(failure.quoted(error[2], record, words) if error[2] else correct)]
