"""Plan a campaign: every identity is read, checked and planned as its own plan run would, many side by side.

SES's calls set the pace, one full read an identity under the budget that all processes share. Whoever looks at an
identity has a custodian of its own, which only reads, and another one after some identities: so it holds few keys, and
no two of the same selector at a time.
"""

from __future__ import annotations

import itertools
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from queue import SimpleQueue
from typing import Any, Final

from msgspec.structs import asdict, replace

from second_edition.custody.client import Custodian, Refused
from second_edition.engine import observing, run_start, sign_in, twin
from second_edition.engine.gate import Gate
from second_edition.engine.run import Observer
from second_edition.errors import ByodkimError, ParameterError, paragraph
from second_edition.evidence import folders, journal
from second_edition.evidence.history import History, look
from second_edition.evidence.journal import digest
from second_edition.evidence.world import World
from second_edition.intent import intent as intents
from second_edition.intent import parameters, profile
from second_edition.intent.campaign import Row
from second_edition.intent.intent import Intent
from second_edition.intent.parameters import error
from second_edition.messages import Language
from second_edition.rotation import fleet
from second_edition.rotation import plan as plans
from second_edition.rotation.checks import CHECKS, Case, Expected, activation, checks_of
from second_edition.rotation.fleet import Group, Member
from second_edition.sandbox.client import Sandbox
from second_edition.settings import REACHED_BY, Parameters, Profile

#: Identities that one custodian looks at, and custodians in all.
TURN: Final = 25
MOST: Final = 16
THREADS: Final = 8
SELDOM_S: Final = 3.0


@dataclass
class Progress:
    """Hold how far it is.

    Attributes:
        all, known: identities there are, and of those how many are planned.
        left_s: seconds that the rest takes, by what was measured so far; ``None`` where nothing was.
        calls: how many calls of each operation of AWS were made.
    """

    all: int
    known: int = 0
    left_s: float | None = None
    calls: Counter[str] = field(default_factory=Counter)


class Surroundings:
    """Hold what rows share: profiles, sandboxes, and which domains have a past in the archive.

    Args:
        folder: where journals lie.
        start: the working folder, from where the profile is found.
        language: of what is said.
    """

    def __init__(self, folder: Path, start: Path, language: Language) -> None:
        self._folder, self._language = folder, language
        self._load = cache(lambda name: profile.load(name, start, language))
        self._sandboxes: dict[tuple[str, str], Sandbox | None] = {}
        self._lock = threading.Lock()
        self._known = cache(lambda archive: _domains(folder, archive))
        self.stopping = threading.Event()

    def intent(self, row: Row) -> tuple[Intent, Sandbox | None]:
        """Return the task of a row's own plan run, and the sandbox that it is in, if any.

        Raises:
            ParameterError: its parameters or its profile are wrong.
            SandboxError: its sandbox does not answer.
        """
        given: dict[str, Any] = {**row.parameters, "selector": row.parameters.get("selector", "")}
        given |= {name: int(given[name]) for name in ("wait_minutes",) if name in given}
        requested = parameters.parse({**given, "language": self._language})
        with self._lock:
            section, sandbox = self.section(row), self._sandbox(requested)
        facts = asdict(sandbox.facts) if sandbox else None
        known = {one.id: one.waivable for one in checks_of("rotate").checks.values()}
        waivers = parameters.waivers(requested.waive, known, self._language)
        return intents.resolve(requested, section, facts, (), waivers), sandbox

    def section(self, one: Row | Member) -> Profile:
        """Return the section of byodkim.toml that an identity's run goes by.

        Raises:
            ParameterError: there is none, or it is wrong.
        """
        return self._load(one.parameters.get("profile", "default"))

    def _sandbox(self, requested: Parameters) -> Sandbox | None:
        place = (requested.target, requested.endpoint_url)
        if place not in self._sandboxes:
            self._sandboxes[place] = run_start.sandbox_of(requested, self._language)
        return self._sandboxes[place]

    def history(self, world: World, intent: Intent) -> Future[History]:
        """Return what earlier runs tell of a domain; most have none, and nothing is read for them."""
        found: Future[History] = Future()
        archive, trusted = profile.archive_of(intent.section), twin.trusted(intent)
        known = world.domain in self._known(archive)
        found.set_result(look(self._folder, world, archive=archive, trusted=trusted) if known else History())
        return found


def _domains(folder: Path, archive: Path) -> frozenset[str]:
    found, pattern = set(), f"*{journal.SUFFIX}"
    for path in (*folders.files(folder, pattern), *folders.everywhere(archive, pattern)):
        try:
            begin = journal.first(path)
            found.add(begin.domain if begin else "")
        except journal.UNFIT:
            continue  # whoever looks back at this domain's past says so, where it is known which domain that is
    return frozenset(found)


def confirm(rows: Sequence[Row], around: Surroundings, table: str, language: Language) -> None:
    """Make the task of each row of a table once, before anything is read.

    Raises:
        ParameterError: a parameter or a profile is wrong; it says in which line.
    """
    for row in rows:
        try:
            around.intent(row)
        except ParameterError as problem:
            raise error("identities.row", language, path=table, line=row.line, why=problem.what) from None
        except ByodkimError:
            continue  # its sandbox does not answer: the row says so in the plan


def agree(some: Iterable[Row | Member], around: Surroundings, own: Intent) -> None:
    """Refuse identities whose sections ask for other approvals than the campaign's own, which are for all of them.

    Raises:
        ParameterError: a section asks for more people or newer approvals, or does not list one of the approvers.
    """
    mine = own.section
    for one in some if own.asked.target != twin.TWIN else ():
        asks = around.section(one)
        newer = asks.approvals and asks.approvals_valid_days < mine.approvals_valid_days
        unlisted = mine.approvals and not mine.approvers.items() <= asks.approvers.items()
        if asks.approvals > mine.approvals or newer or unlisted:
            names = {"other": one.parameters.get("profile", "default"), "own": own.asked.profile}
            raise error("identities.approvals", own.language, domain=one.domain, **names)


def survey(
    rows: Sequence[Row], around: Surroundings, at_once: int, progress: Progress, tell: Callable[[], None]
) -> Iterator[Member]:  # fmt: skip
    """Yield each identity once it is planned, in the order in which they are known. Close the generator to stop.

    Args:
        rows: the table.
        around: what they share.
        at_once: identities under way in each account and Region.
        progress: is kept up.
        tell: is called again and again.
    """
    began, known = time.monotonic(), SimpleQueue[tuple[Member, Counter[str]]]()
    with ThreadPoolExecutor(max(1, min(MOST, (at_once or MOST) * _lanes(rows))), "identities") as pool:
        under_way = {pool.submit(_look_at, turn, around, known) for turn in _turns(rows)}
        try:
            while under_way:
                ended, under_way = wait(under_way, timeout=1.0, return_when=FIRST_COMPLETED)
                for one in ended:
                    one.result()
                while not known.empty():
                    member, calls = known.get()
                    progress.known += 1
                    progress.calls.update(calls)
                    yield member
                done, spent = progress.known, time.monotonic() - began
                progress.left_s = spent / done * (len(rows) - done) if done else None
                tell()
        finally:
            around.stopping.set()
            pool.shutdown(wait=False, cancel_futures=True)


def _lanes(rows: Sequence[Row]) -> int:
    return len({tuple(row.parameters.get(name, "") for name in ("profile", "region", "endpoint_url")) for row in rows})


def _turns(rows: Sequence[Row]) -> Iterator[list[Row]]:
    """Yield rows of one account and Region at a time, in turns, so that all go on side by side."""
    lanes: dict[tuple[str, ...], list[Row]] = {}
    for row in rows:
        own = tuple(row.parameters.get(name, "") for name in ("profile", *REACHED_BY))
        lanes.setdefault(own, []).append(row)
    size = min(TURN, max(1, len(rows) // 4))
    cut = [[lane[start : start + size] for start in range(0, len(lane), size)] for lane in lanes.values()]
    for some in itertools.zip_longest(*cut):
        yield from filter(None, some)


def _look_at(rows: list[Row], around: Surroundings, known: SimpleQueue[tuple[Member, Counter[str]]]) -> None:
    """Read the identities of one turn, one after another, by one custodian; hand on each once it is known."""
    custodian, opened = Custodian(read_only=True), False
    with ThreadPoolExecutor(THREADS, "looking") as pool:
        try:
            for row in rows:
                if around.stopping.is_set():
                    break
                try:
                    intent, sandbox = around.intent(row)
                    if not opened:
                        _open(custodian, intent, sandbox)
                except ByodkimError as problem:
                    known.put((_wrong(row, problem), Counter[str]()))
                    continue
                opened, clock = True, run_start.clock_of(sandbox)
                endpoint = intent.endpoint_url.rstrip("/") if intent.sandbox else ""
                id_ = sandbox.facts.id if sandbox else ""
                world = World(intent.domain, endpoint, intent.account, intent.region, id_)
                past = around.history(world, intent)
                member = _member(row, Observer(intent, clock, custodian, pool, Path(), world, archive=past))
                calls = Counter(str(call["operation"]) for call in custodian.drain())
                custodian.ask("forget")
                known.put((member, calls))
        finally:
            custodian.close()


def _open(custodian: Custodian, intent: Intent, sandbox: Sandbox | None) -> None:
    """Let the custodian reach AWS.

    Raises:
        AccessError: there is no such AWS profile or Region.
    """
    try:
        custodian.ask("open", settings=run_start.settings_of(intent, sandbox)).result()
    except Refused as refused:
        raise sign_in.error(refused, intent.aws_profile, intent.language, "") from None


def _member(row: Row, observer: Observer) -> Member:
    """Plan one identity as a run of its own would plan it."""
    intent = observer.intent
    try:
        if not intent.selector:
            observer.intent = intent = replace(intent, selector=_named(observer))
        seen = observing.gather(observer, observing.ask(observer))
        findings = CHECKS.evaluate(Case(seen, Expected(intent.account, intent.expected_region, False)), intent.waivers)
        made = plans.make(seen, findings, digest)
        group, stopping = fleet.grouped(seen, findings, made)
        caller, identity = seen.caller, seen.identity
        member = Member(
            intent.domain, intent.selector, caller.account if caller else intent.account,
            caller.region if caller else intent.region, {**row.parameters, "selector": intent.selector}, group, made,
            identity.selector if identity else "", identity.status if identity else "", stopping,
            asdict(identity) if identity else None, seen.at if identity else "", row.turn, activation.early(findings),
            seen.goes_back,
        )  # fmt: skip
        gate = Gate(intent.language)
        gate.rely_on(observer.custodian)
        gate.check("file", repr(member))
    except ByodkimError as problem:
        return _wrong(row, problem)
    return member


def _named(observer: Observer) -> str:
    """Return the selector that the secret's current version names, where it names one."""
    try:
        versions = observer.custodian.ask("secret", secret_id=observer.intent.secret_id).result()
    except Refused as refused:
        raise ByodkimError(f"{refused.operation} {refused.code}") from None
    named = {str(entry["selector"]) for entry in versions[0]["entries"]} if versions else set()
    if len(named) != 1:
        raise ByodkimError("SECRET-SELECTOR")
    return named.pop()


def _wrong(row: Row, error: ByodkimError) -> Member:
    """Return an identity that could not be looked at: what is said of it is its error, and what to do."""
    own, group = row.parameters, Group.GENERATOR if error.what == fleet.ABSENT else Group.UNREAD
    return Member(
        row.domain, own.get("selector", ""), "", own.get("region", ""), dict(own), group,
        stopping=(paragraph(error.what, error.todo),), turn=row.turn,
    )  # fmt: skip


def crowd(sandbox: Sandbox, passed: Mapping[str, str]) -> list[Row]:
    """Return the rows of a sandbox's own identities, where no table was given."""
    names = sorted(sandbox.state()["identities"])
    pattern, facts = sandbox.facts.secret_id.replace(sandbox.facts.domain, "{domain}"), sandbox.facts
    own = {"secret_id": pattern, "selector": facts.next_selector, **passed}
    return [
        Row(number, {**own, "domain": name, "secret_id": own["secret_id"].replace("{domain}", name)})
        for number, name in enumerate(names, 1)
    ]


def seldom(show: Callable[[], None]) -> Callable[[], None]:
    """Return ``show``, limited to one call in some seconds."""
    due = [0.0]

    def now_and_then() -> None:
        if time.monotonic() >= due[0]:
            due[0] = time.monotonic() + SELDOM_S
            show()

    return now_and_then
