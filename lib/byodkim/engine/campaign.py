"""What a campaign works with: a custodian for each way to AWS, a run for each row, and the signed
plan that it applies.
"""

import secrets
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final, NamedTuple, TypeVar

import msgspec

from byodkim.checks.check import Check, read_waivers
from byodkim.checks.world import Identity
from byodkim.custody.client import Custodian
from byodkim.custody.settings import AwsSettings, DkimStates, GetDkimStates
from byodkim.engine.kernel import Kernel
from byodkim.engine.observe import own_seals
from byodkim.engine.rows import Row
from byodkim.engine.run import Campaign, Run, begin_record, operators_lock
from byodkim.engine.wanted import aws_settings, wanted_of
from byodkim.errors import InputError, RecordError
from byodkim.record import journal as journals
from byodkim.record.archive import journal_is_unchanged
from byodkim.record.events import Event, Planned, RowPlanned
from byodkim.record.journal import Journal
from byodkim.record.journal_file import read_journal
from byodkim.words import _

#: Identities that SES tells the DKIM state of in one call (GetIdentityDkimAttributes).
PER_CALL: Final = 100

E = TypeVar("E", bound=Event)


class SignedPlan(NamedTuple):
    """The newest signed plan of a table.

    Attributes:
        name: of the run that made it.
        head: SHA-256 of its journal.
        planned: the plan.
        rows: each row of the table, in order.
    """

    name: str
    head: str
    planned: Planned
    rows: tuple[RowPlanned, ...]


class Unrecorded(Journal):
    """The journal of a row that is only planned: the campaign's own journal tells of it."""

    def __init__(self) -> None:
        """Keep nothing."""

    @property
    def events(self) -> tuple[()]:
        """Return none."""
        return ()

    def write(self, event: E) -> E:
        """Return the event."""
        return event

    def close(self) -> None:
        """Do nothing."""


class _Silent(Kernel):
    """The kernel as a row has it: the campaign tells the operator how far it is."""

    def __init__(self) -> None:
        self.terminal, self.is_working = None, False


class Custodians:
    """One custodian for each way to reach AWS; each account and Region has one pace."""

    def __init__(self, run: Run, rows: Iterable[Row]) -> None:
        ways = {}
        for row in rows:
            settings = self._settings(run, row)
            ways[settings] = (row.settings.text("account") or settings.aws_profile, settings.region)
        sharing = Counter(ways.values())
        self._run = run
        self._custodians = {
            way: Custodian(_slowed(way, sharing[place]), writes=run.applies)
            for way, place in ways.items()
        }

    def of(self, row: Row) -> Custodian:
        """Return a row's custodian, with a list of calls of its own."""
        return self._custodians[self._settings(self._run, row)].shared()

    def states(self, rows: Sequence[Row]) -> dict[int, Identity]:
        """Return the DKIM state of identities by their rows' lines, up to 100 in a call; without
        those that SES does not know, or could not be asked for.

        Raises:
            CustodyError: a custodian died.
        """
        batches: dict[AwsSettings, list[Row]] = {}
        for row in rows:
            batches.setdefault(self._settings(self._run, row), []).append(row)
        asked = [
            (part, self._custodians[way].ask(GetDkimStates([row.domain for row in part])))
            for way, of_way in batches.items()
            for part in (of_way[at : at + PER_CALL] for at in range(0, len(of_way), PER_CALL))
        ]
        states: dict[int, Identity] = {}
        for part, future in asked:
            answer = future.result()
            shown = answer.identities if isinstance(answer, DkimStates) else ()
            by_domain = {identity.domain: identity for identity in shown}
            states |= {row.line: by_domain[row.domain] for row in part if row.domain in by_domain}
        return states

    def drain_calls(self) -> list[dict[str, object]]:
        """Return the calls of ``states`` since the last drain."""
        return [call for each in self._custodians.values() for call in each.drain_calls()]

    def close(self) -> None:
        """End them."""
        for custodian in self._custodians.values():
            custodian.close()

    @staticmethod
    def _settings(run: Run, row: Row) -> AwsSettings:
        return aws_settings(row.settings, run.sandbox, wanted_of(row.settings, run.sandbox, {}))


def _slowed(settings: AwsSettings, sharing: int) -> AwsSettings:
    """Return settings with a part of the pace of an account and Region."""
    pace = settings.requests_per_second / sharing
    return msgspec.structs.replace(settings, requests_per_second=pace)


def row_to_plan(run: Run, row: Row, custodian: Custodian, checks: Sequence[Check]) -> Run:
    """Return a run that plans a row. It leaves no record of its own."""
    return _row_run(run, row, custodian, checks, Unrecorded(), run.name)


def row_to_apply(
    run: Run, row: Row, custodian: Custodian, checks: Sequence[Check], campaign: Campaign
) -> Run:
    """Return a run that applies a row's plan: it has a journal, a seal and a lock of its own.

    Raises:
        RecordError: the disk does not take its journal.
    """
    name = f"{run.name}.{row.line:05}"
    journal = Journal(run.folder / (name + journals.SUFFIX), run.now)
    own = _row_run(run, row, custodian, checks, journal, name)
    own.operators_lock = operators_lock(row.settings, run.sandbox, own.wanted, name)
    own.lock, own.campaign = own.operators_lock.take(), campaign
    begin_record(own)
    return own


def _row_run(
    run: Run, row: Row, custodian: Custodian, checks: Sequence[Check], journal: Journal, name: str
) -> Run:
    waivers = read_waivers(row.settings.text("waive"), checks)
    wanted = wanted_of(row.settings, run.sandbox, waivers)
    return Run(
        row.settings, wanted, custodian, run.sandbox, secrets.token_hex(8), "rotate", run.launch,
        run.folder, name, _Silent(), journal, run.key,
    )  # fmt: skip


def find_plan(run: Run, table_digest: str) -> SignedPlan:
    """Return the newest plan of a table that a trusted key signed in this folder.

    Raises:
        InputError: there is none.
        RecordError: the folder or the journal cannot be read.
    """
    for seal in reversed(own_seals(run)):
        is_plan = (seal.run.procedure, seal.run.mode) == ("fleet", "plan")
        if is_plan and journal_is_unchanged(run.folder, seal):
            events = read_journal(run.folder / (seal.name + journals.SUFFIX)).events
            planned = [each for each in events if isinstance(each, Planned)]
            if planned and planned[-1].facts.get("table") == table_digest:
                rows = tuple(each for each in events if isinstance(each, RowPlanned))
                return SignedPlan(seal.name, seal.head, planned[-1], rows)
    raise InputError(
        _("No signed plan of {table} is in this folder.", table=run.settings.text("table")),
        _("SES was not changed."),
        _("Plan it first: byodkim fleet -r table {table}", table=run.settings.text("table")),
    )


def require_latest(run: Run, plan: SignedPlan) -> None:
    """Refuse a plan where a signed run changed the selector of one of its identities since.

    Applied again, it would undo that change, e.g. a rollback.

    Raises:
        InputError: names the run.
    """
    planned = {
        tuple(each.facts[name] for name in ("account", "region", "domain")): each.facts["selector"]
        for each in plan.rows
        if each.wave
    }
    for seal in reversed(own_seals(run)):
        past = seal.run
        if seal.name == plan.name:
            return
        selector = planned.get((past.account, past.region, past.domain), past.selector)
        if past.wrote and selector != past.selector:
            raise InputError(
                _("{name} gave {domain} the selector {selector} after this plan was made.",
                  name=seal.name, domain=past.domain, selector=past.selector),
                _("SES was not changed."),
                _("Plan again."),
            )  # fmt: skip


def head_of(folder: Path, name: str) -> str:
    """Return the SHA-256 of a run's journal; "" where it cannot be read."""
    try:
        return read_journal(folder / (name + journals.SUFFIX)).sha256
    except RecordError:
        return ""
