"""``byodkim publish``: the key record that a run's record supports, planned, written and proved at every server.

A publication has an account of its own beside the record: a journal, chained and sealed like a run's, by the name
``<record>.<id>.publication.jsonl``. Its first event names the head of the record's journal, and the accounts of the
identity before it. The identity's next run names its head.
"""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec.structs import asdict

from byodkim.custody.client import Custodian, Refused
from byodkim.display import publication as display
from byodkim.display.blocks import Block, Paragraph, visible
from byodkim.display.notebook import as_text
from byodkim.display.rehearsed import place
from byodkim.display.seal import sealed
from byodkim.display.words import Words, of
from byodkim.errors import AccessError, ByodkimError, ParameterError
from byodkim.evidence import ends, journal
from byodkim.evidence.archived import Archived
from byodkim.evidence.folders import run_id
from byodkim.evidence.record import Record
from byodkim.evidence.world import World
from byodkim.intent import code_version, profile, profile_file
from byodkim.intent import intent as intents
from byodkim.intent.intent import Intent
from byodkim.intent.profile import Way
from byodkim.launch import whole
from byodkim.launch.request import proved_in
from byodkim.messages import LANGUAGES, Language, say
from byodkim.procedure import previous_runs, publishing, run_start, sign_in
from byodkim.procedure.archiving import keep
from byodkim.procedure.gate import Gate
from byodkim.procedure.rotate import ROTATE
from byodkim.procedure.run import Run, RunRefused
from byodkim.rotation.publication import Outcome
from byodkim.rotation.record_set import Wanted
from byodkim.sandbox.client import Sandbox
from byodkim.settings import REACHED_BY, Parameters, Profile

NOT_PROVED: Final = 1
MOST_MINUTES: Final = 24 * 60


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments, and set what runs it."""
    parser.add_argument("record", type=Path, metavar="RECORD.ipynb", help="the run whose DNS request is published")
    parser.add_argument("--apply", action="store_true", help="write; without it, only show what would change")
    what = "the value of another TXT record at the name that may be replaced"
    parser.add_argument("--replace", metavar="VALUE", default="", help=what)
    what = "how long to ask the authoritative servers, after a write, until all of them serve it (10)"
    parser.add_argument("--wait-minutes", type=whole(0, MOST_MINUTES), metavar="N", default=10, help=what)
    parser.add_argument("--language", choices=LANGUAGES, help="(the record's)")


def run(arguments: argparse.Namespace) -> int:
    """Show the plan, write it where told to, prove it, and return 0, or 1 where it is not proved or not sealed.

    Raises:
        RecordError: the record proves no key pair.
        ParameterError: the profile is wrong, or its publisher is one that writes nothing.
        AccessError: the sandbox of a rehearsal or AWS cannot be reached.
    """
    archived, request, language = proved_in(arguments.record, arguments.language)
    wanted = publishing.wanted_of(request)
    begun, way = begin(archived, wanted, language, applies=arguments.apply)
    with ending(begun):
        outcome, error = _outcome(begun, lambda: _carried_out(begun, way, wanted, arguments))
        failure = {"what": error.what, "means": error.means, "todo": error.todo} if error else None
        begun.write("closed", outcome=outcome.value, error=failure)
        begun.sealed = keep(begun)
        _show(begun, archived, outcome, error)
        faults = begun.sealed.faults
    good = outcome in (Outcome.PLANNED, Outcome.STANDS, Outcome.PUBLISHED)
    return 0 if good and not faults else NOT_PROVED


def _carried_out(run: Run, way: Way, wanted: Wanted, arguments: argparse.Namespace) -> Outcome:
    check_account(run)
    made = publishing.plan(run, way, wanted, arguments.replace)
    _print(run, display.planned(run.journal.events, _words(run)))
    if made.change is not None and not arguments.apply:
        return Outcome.PLANNED
    wrote = arguments.apply and publishing.publish(run, way, made)
    _print(run, display.written(run.journal.events, _words(run)))
    waits = arguments.wait_minutes * 60 if arguments.apply else 0.0
    if not publishing.prove(run, wanted, waits, lambda: _print(run, display.proof(run.journal.events, _words(run)))):
        return Outcome.UNPROVED
    return Outcome.PUBLISHED if wrote else Outcome.STANDS


def _outcome(run: Run, carry_out: Callable[[], Outcome]) -> tuple[Outcome, ByodkimError | None]:
    try:
        return carry_out(), None
    except ByodkimError as error:
        # What ended before a write was begun has written nothing.
        begun = any(event["event"] == "zone-intent" for event in run.journal.events)
        return Outcome.FAILED if begun else Outcome.REFUSED, error


def _show(run: Run, archived: Archived, outcome: Outcome, error: ByodkimError | None) -> None:
    events, words = run.journal.events, _words(run)
    name, publisher = str(events[0]["name"]), str(events[0]["way"]["publisher"])
    blocks: list[Block] = [*display.proof(events, words), *place(Record(events), words)]
    blocks += display.opening(outcome, name, str(error) if error else "", words)
    key = publisher if outcome is Outcome.PLANNED and publisher in ("request", "octodns") else outcome.value
    if key in ("PLANNED", "UNPROVED", "request", "octodns"):
        record = shlex.quote(str(archived.path))
        blocks.append(Paragraph(say("publication", f"next.{key}", words.language, record=record)))
    blocks.append(Paragraph(words("Account of it: {path}", path=run.journal.path)))
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


# What a run was asked for and a publication goes by too. The rest is taken anew from the profile.
TAKEN_OVER: Final = ("domain", "secret_id", "key_bucket", *REACHED_BY, "nameservers")
GIVEN: Final = ("parameter", "cell")
SAME: Final = ("selector", "profile", "domain", "target", "reason", "ticket", "requested_by")


def begin(archived: Archived, wanted: Wanted, language: Language, *, applies: bool) -> tuple[Run, Way]:
    """Begins: nothing of AWS or DNS has been read when this returns.

    Raises:
        ParameterError: the profile is wrong, or writes nothing where it is to be written.
        AccessError: the record is of a rehearsal whose sandbox is gone, or no session with AWS can be made.
        JournalError: the account cannot be written.
    """
    first = archived.events[0]
    section = profile.load(first["profile"], Path.cwd(), language)
    sandbox = _sandbox(archived, language)
    way = profile.way_of_sandbox(sandbox.facts) if sandbox else profile.way_of(section, language)
    if applies and not way.writes:
        values = {"publisher": way.publisher, "file": profile_file.FILE}
        raise ParameterError.said("publication", "hands-off", language, "unwritten", **values)
    intent = _intent(first, section, sandbox, language, applies)
    clock = run_start.clock_of(sandbox)
    keeping = profile.Keeping() if sandbox else profile.keeping_of(section, language)
    identifier, folder = run_id(clock()), archived.path.parent
    world = World.of(first)
    earlier = previous_runs.unnamed(ends.find_ends(folder, world.same_identity, (journal.ACCOUNT,))) if world else []
    log = journal.Journal(
        archived.path.with_name(f"{archived.path.stem}.{identifier}{journal.ACCOUNT}"), clock, language
    )
    pool = ThreadPoolExecutor(2, "byodkim")
    # An account is no procedure's run: of what sets them apart, nothing is asked here.
    run = Run(
        intent, clock, Custodian(), pool, folder, world,
        id=identifier, procedure=ROTATE, journal=log, sandbox=sandbox,
    )  # fmt: skip
    run.gate, run.keeping = Gate(language), keeping
    log.write("publication", **_first(run, way, wanted, archived), beside=[one.plain() for one in earlier])
    return run, way


@contextmanager
def ending(run: Run) -> Iterator[None]:
    """End everything with the block; an account that is still open then says that it was interrupted."""
    try:
        yield
    finally:
        if run.journal.events[-1]["event"] != "closed":
            run.write("closed", outcome=Outcome.FAILED.value, error="interrupted")
        run.release()


def check_account(run: Run) -> None:
    """Open the session and make sure that it is the account's that the profile allows.

    Raises:
        AccessError: no session, or STS did not answer.
        RunRefused: another account, or none is allowed.
    """
    language, intent = run.intent.language, run.intent
    run.settings = {name: getattr(intent, name) for name in (*REACHED_BY, "sandbox")} | {"writes": intent.applies}
    try:
        run.custodian.ask("open", settings=run.settings).result()
        caller = run.custodian.ask("caller").result()
    except Refused as refused:
        raise sign_in.error(refused, intent.aws_profile, language, say("publication", "unwritten", language)) from None
    run.write("caller", caller=caller)
    if caller["account"] != intent.account:
        values = {"seen": caller["account"], "expected": intent.account or "-"}
        raise RunRefused.said("publication", "account-wrong", language, "unwritten", **values, file=profile_file.FILE)


def _sandbox(archived: Archived, language: Language) -> Sandbox | None:
    first = archived.events[0]
    if first["target"] == "aws":
        return None
    world = World.of(first)
    if world is None:  # a sandbox of the run's own
        raise AccessError.said("publication", "gone", language, "unwritten", path=archived.path)
    return Sandbox.connect(world.sandbox, language)


def _intent(
    first: Mapping[str, Any], section: Profile, sandbox: Sandbox | None, language: Language, applies: bool
) -> Intent:
    said = {name: value["value"] for name, value in first["parameters"].items() if value["source"] in GIVEN}
    taken = {name: said[name] for name in TAKEN_OVER if name in said}
    same = {name: first[name] for name in SAME}
    mode = {"mode": "apply" if applies else "plan", "language": language}
    requested = msgspec.convert({**taken, **same, **mode}, Parameters)
    facts = asdict(sandbox.facts) if sandbox else None
    return intents.resolve(requested, section, facts, frozenset(taken), {})


def _first(run: Run, way: Way, wanted: Wanted, archived: Archived) -> dict[str, Any]:
    first, intent = archived.events[0], run.intent
    return {
        **run_start.common(run, intent),
        "of": {"run": first["run"], "record": archived.path.name, "head": archived.evidence.head},
        "domain": intent.domain,
        "name": wanted.name,
        "value": wanted.value,
        "ttl": wanted.ttl,
        "sha256": wanted.sha256,
        "way": way.plain(),
        "target": first["target"],
        **({"sandbox": run.sandbox.facts.id} if run.sandbox else {}),
        "account": intent.account,
        "parameters": {name: asdict(intent.values[name]) for name in REACHED_BY},
        "code": asdict(code_version.find()),
        "previous": None,
    }
