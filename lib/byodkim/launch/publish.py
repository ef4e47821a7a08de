"""``byodkim publish``: the key record that a run's record supports, planned, written and proved at every server."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from byodkim.display import publication as telling
from byodkim.display.blocks import Block, Paragraph, visible
from byodkim.display.notebook import as_text
from byodkim.display.sealed import sealed
from byodkim.display.words import Words, of
from byodkim.errors import ByodkimError
from byodkim.evidence.archived import Archived
from byodkim.intent.publishing import Way
from byodkim.launch import publication
from byodkim.launch.request import proved_in
from byodkim.messages import LANGUAGES, say
from byodkim.procedure import publishing
from byodkim.procedure.keeping import keep
from byodkim.procedure.run import Run
from byodkim.rotation.publication import Outcome, Wanted

NOT_PROVED: Final = 1
MOST_MINUTES: Final = 24 * 60


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments, and what runs it."""
    parser.add_argument("record", type=Path, metavar="RECORD.ipynb", help="the run whose DNS request is published")
    parser.add_argument("--apply", action="store_true", help="write; without it, only show what would change")
    what = "the value of another TXT record at the name that may be replaced"
    parser.add_argument("--replace", metavar="VALUE", default="", help=what)
    what = "how long to ask the authoritative servers, after a write, until all of them serve it (10)"
    parser.add_argument("--wait-minutes", type=_minutes, metavar="N", default=10, help=what)
    parser.add_argument("--language", choices=LANGUAGES, help="(the record's)")


def run(arguments: argparse.Namespace) -> int:
    """Shows the plan, writes it where told to, proves it, and gives 0, or 1 where it is not proved or not sealed.

    Raises:
        RecordError: the record proves no key pair.
        ParameterError: the profile is wrong, or its publisher is one that writes nothing.
        AccessError: the sandbox of a rehearsal or AWS cannot be reached.
    """
    archived, request, language = proved_in(arguments.record, arguments.language)
    wanted = publishing.wanted_of(request)
    begun, way = publication.begin(archived, wanted, language, applies=arguments.apply)
    with publication.ending(begun):
        outcome, error = _outcome(begun, lambda: _carried_out(begun, way, wanted, arguments))
        publication.close(begun, outcome, error)
        begun.sealed = keep(begun)
        _show(begun, archived, outcome, error)
        faults = begun.sealed.faults
    good = outcome in (Outcome.PLANNED, Outcome.STANDS, Outcome.PUBLISHED)
    return 0 if good and not faults else NOT_PROVED


def _carried_out(run: Run, way: Way, wanted: Wanted, arguments: argparse.Namespace) -> Outcome:
    publication.check_account(run)
    made = publishing.plan(run, way, wanted, arguments.replace)
    _print(run, telling.planned(run.journal.events, _words(run)))
    if made.change is not None and not arguments.apply:
        return Outcome.PLANNED
    wrote = arguments.apply and publishing.publish(run, way, made)
    _print(run, telling.written(run.journal.events, _words(run)))
    waits = arguments.wait_minutes * 60 if arguments.apply else 0.0
    if not publishing.prove(run, wanted, waits, _Telling(run)):
        return Outcome.UNPROVED
    return Outcome.PUBLISHED if wrote else Outcome.STANDS


def _outcome(run: Run, carry_out: Callable[[], Outcome]) -> tuple[Outcome, ByodkimError | None]:
    try:
        return carry_out(), None
    except ByodkimError as error:
        # What ended before a write was begun has written nothing.
        begun = any(event["event"] == "zone-intent" for event in run.journal.events)
        return Outcome.FAILED if begun else Outcome.REFUSED, error


class _Telling:
    """Says how the proof goes whenever that has changed; its end is told with the rest."""

    def __init__(self, run: Run) -> None:
        self._run, self._told = run, 0

    def __call__(self) -> None:
        events = self._run.journal.events
        polls = sum(event["event"] == "zone-polled" for event in events)
        if polls > self._told and events[-1]["event"] == "zone-polled":
            _print(self._run, telling.proof(events, _words(self._run)))
        self._told = polls


def _show(run: Run, archived: Archived, outcome: Outcome, error: ByodkimError | None) -> None:
    events, words = run.journal.events, _words(run)
    name, publisher = str(events[0]["name"]), str(events[0]["way"]["publisher"])
    blocks: list[Block] = [*telling.proof(events, words)]
    blocks += telling.opening(outcome, name, str(error) if error else "", words)
    key = publisher if outcome is Outcome.PLANNED and publisher in ("request", "octodns") else outcome.value
    if key in ("PLANNED", "UNPROVED", "request", "octodns"):
        blocks.append(Paragraph(say("publication", f"next.{key}", words.language, record=archived.path)))
    blocks.append(Paragraph(say("publication", "account", words.language, path=run.journal.path)))
    _print(run, blocks)
    if run.sealed is not None and run.sealed.faults:
        _print(run, sealed(run.sealed, words))


def _print(run: Run, blocks: Sequence[Block]) -> None:
    text = "\n\n".join(as_text(block) for block in blocks)
    run.gate.check("shown", text)
    if text:
        print(visible(text) + "\n", flush=True)


def _words(run: Run) -> Words:
    return of(run.journal.events[0])


def _minutes(text: str) -> float:
    minutes = float(text)
    if not 0 <= minutes <= MOST_MINUTES:
        raise argparse.ArgumentTypeError(f"0 to {MOST_MINUTES}")
    return minutes
