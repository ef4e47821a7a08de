"""A run: what it works with, how it begins, and how it ends with a closed and signed record."""

from __future__ import annotations

import os
import secrets
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from msgspec.structs import replace

from byodkim.checks.check import Check, Finding, read_waivers
from byodkim.checks.world import Approval, Lock, Observation, Sighting, Wanted, Zone
from byodkim.custody.client import Custodian
from byodkim.engine.kernel import Kernel
from byodkim.engine.lock import OperatorsLock
from byodkim.engine.plan import Plan
from byodkim.engine.wanted import (
    Reach,
    approval_files,
    aws_settings,
    clock,
    sandbox_of,
    target_of,
    wanted_of,
)
from byodkim.errors import InputError
from byodkim.launch import Launch, Settings, commit, operator
from byodkim.record.events import Begun, Called, Event
from byodkim.record.journal import Journal
from byodkim.record.sealing_key import SealingKey, load_sealing_key
from byodkim.words import _

if TYPE_CHECKING:
    from byodkim.engine.rows import Row
    from byodkim.record.events import RowPlanned
    from byodkim.sandbox.world import World


#: What a run has that only plans.
NO_LOCK = Lock()


class Campaign(NamedTuple):
    """What the runs of a campaign's rows share.

    Attributes:
        plan: name of the signed plan run that holds the row's plan.
        digest: of the campaign's plan, which is what people approve.
        previous: the selector to go back to, as the row's plan has it.
        approvals: of the campaign's plan.
    """

    plan: str
    digest: str
    previous: str
    approvals: tuple[Approval, ...] = ()


@dataclass
class Run(Reach):
    """What a procedure works with.

    Attributes:
        id: 16 hexadecimal digits.
        procedure: ``rotate``, ``prepare``, ``retire`` or ``fleet``.
        launch: how papermill runs the notebook; ``None`` where something else does.
        folder, name: of the record's files.
        kernel: the notebook's kernel.
        journal: what happened so far.
        key: what seals the record.
        lock: the operators' lock.
        zone: who serves the key records, once it was found.
        observation, findings, rollback, plan: the latest of each.
        sightings: how this run found the requested key record whenever it looked.
        closed: whether the record is complete.
        campaign: whose row this run is; ``None`` for a run of its own.
        rows: of a campaign that applies: what is to be switched, with the plan of it.
        plan_name: of a campaign that applies: the signed run that made its plan.
        approvals: of a campaign's plan.
        unpublished: of a campaign that plans: how each key record was seen that was not published.
    """

    id: str
    procedure: str
    launch: Launch | None
    folder: Path
    name: str
    kernel: Kernel
    journal: Journal
    key: SealingKey
    operators_lock: OperatorsLock | None = None
    lock: Lock = NO_LOCK
    zone: Zone | None = None
    observation: Observation | None = None
    findings: list[Finding] = field(default_factory=list)
    rollback: list[Finding] = field(default_factory=list)
    plan: Plan | None = None
    sightings: list[Sighting] = field(default_factory=list)
    closed: bool = False
    campaign: Campaign | None = None
    rows: list[tuple[Row, RowPlanned]] = field(default_factory=list)
    plan_name: str = ""
    approvals: tuple[Approval, ...] = ()
    unpublished: dict[str, tuple[Sighting, ...]] = field(default_factory=dict)
    _scratch: tempfile.TemporaryDirectory[str] | None = None

    @property
    def applies(self) -> bool:
        """Return whether the run may write."""
        return self.wanted.mode == "apply"

    @property
    def selector(self) -> str:
        """Return the selector that the run asks for."""
        return self.settings.text("selector")

    @property
    def archive(self) -> Path:
        """Return the folder of earlier records: this record's, or ``outputs`` for a look."""
        return self.folder if self.launch else self.settings.folder / "outputs"

    @property
    def target(self) -> str:
        """Return ``aws``, or which sandbox: each has keys of its own, so its runs are a history of
        their own.
        """
        return target_of(self.sandbox)

    @property
    def seen(self) -> Observation:
        """Return the latest observation, which the step "observe" made."""
        if self.observation is None:
            raise InputError(_("Nothing was observed yet."), todo=_("Run the cells in order."))
        return self.observation

    @property
    def trusted(self) -> dict[str, str]:
        """Return the public keys whose signed records count, each with its owner's name."""
        listed = {public: name for name, public in self.settings.table("sealing_keys").items()}
        return listed | {self.key.public: "you"}

    def now(self) -> datetime:
        """Return the run's time in UTC. A sandbox's clock can be ahead of this machine's."""
        return clock(self.sandbox)

    def write(self, event: Event) -> None:
        """Write an event, with the AWS calls that were made before it.

        Raises:
            RecordError: the disk does not take it. What was about to be done must not be done then.
        """
        self.note_calls()
        self.journal.write(event)

    def note_calls(self) -> None:
        """Write the AWS calls that were made since the last event."""
        calls = self.custodian.drain_calls()
        if calls:
            self.journal.write(Called(calls=calls))

    def release(self) -> None:
        """End the custodian, and with it the private key; free the lock; stop an own sandbox.

        What a campaign's rows share is the campaign's to end.
        """
        if self.operators_lock is not None:
            self.operators_lock.release()
        self.journal.close()
        if self.campaign is not None:
            return
        self.custodian.close()
        if self.sandbox is not None:
            self.sandbox.stop()
        self.kernel.is_working = False
        if self._scratch is not None:
            self._scratch.cleanup()


def open_run(
    settings: Settings,
    launch: Launch | None,
    kernel: Kernel,
    procedure: str,
    checks: Sequence[Check],
) -> Run:
    """Return a run whose journal is open, whose custodian is started, and, to apply, whose lock was
    tried.

    Raises:
        InputError: the run may not be, as parameters, profile or notebook are. Nothing was read or
            written.
        RecordError: the record cannot be kept, or cannot be signed.
    """
    mode = settings.text("mode")
    if mode == "apply":
        _require_papermill(launch, procedure)
    waivers = read_waivers(settings.text("waive"), checks)
    key = load_sealing_key()
    if mode == "apply":
        _require_listed(settings, key)
    approval_files(settings, Path(launch.folder) if launch else None)
    sandbox = sandbox_of(settings)
    wanted = wanted_of(settings, sandbox, waivers)
    if procedure == "fleet":  # whose rows name the identities
        wanted = replace(wanted, domain="")
    custodian = Custodian(aws_settings(settings, sandbox, wanted), writes=mode == "apply")
    run_id, scratch = secrets.token_hex(8), None
    if launch is None:  # a look: papermill makes records
        scratch = tempfile.TemporaryDirectory(prefix="byodkim-")
    folder = Path(launch.folder) if launch else Path(scratch.name if scratch else "")
    name = launch.name if launch else f"look-{run_id}"
    lock = operators_lock(settings, sandbox, wanted, name) if mode == "apply" else None
    lock_state = lock.take() if lock else NO_LOCK
    journal = Journal(folder / f"{name}.journal.jsonl", lambda: clock(sandbox))
    run = Run(
        settings, wanted, custodian, sandbox, run_id, procedure, launch, folder, name, kernel,
        journal, key, lock, lock_state, _scratch=scratch,
    )  # fmt: skip
    kernel.is_working = True
    return run


def operators_lock(
    settings: Settings, sandbox: World | None, wanted: Wanted, name: str
) -> OperatorsLock:
    """Return the lock of an identity, which was not tried yet."""
    identity = f"{wanted.account} {wanted.region} {wanted.domain} {target_of(sandbox)}"
    shared = Path(tempfile.gettempdir()) if sandbox else settings.folder
    return OperatorsLock(shared, identity, f"{operator()}, {name}")


def begin_record(run: Run) -> None:
    """Write the first line of the journal. The run has its selector by now.

    Raises:
        RecordError: the disk does not take it.
    """
    run.journal.write(_begun(run))


def _require_papermill(launch: Launch | None, procedure: str) -> None:
    if launch is None:
        raise InputError(
            _("Only papermill applies a plan: its output is the record of the change."),
            todo=_(
                "Run `byodkim {procedure}`, or papermill with an output notebook.",
                procedure=procedure,
            ),
        )
    if launch.settings is None:
        raise InputError(
            _("This notebook's code is not as shipped, so it only plans."),
            todo=_("Apply with notebooks/{procedure}.ipynb.", procedure=procedure),
        )


def _require_listed(settings: Settings, key: SealingKey) -> None:
    """Refuse to apply an approved plan with a key that nobody knows: it could be the approver's."""
    listed = settings.table("sealing_keys").values()
    if settings.number("approvals") and key.public not in listed:
        raise InputError(
            _("The profile asks for approvals, and your sealing key is not listed."),
            _("SES was not changed."),
            _("Add it to sealing_keys in byodkim.toml: {line}", line=f'NAME = "{key.public}"'),
        )


def _begun(run: Run) -> Begun:
    settings = run.settings
    return Begun(
        run=run.id,
        procedure=run.procedure,
        mode=run.wanted.mode,
        target=run.target,
        scenario=run.sandbox.scenario if run.sandbox else "",
        account=run.wanted.account,
        region=run.wanted.region,
        domain=run.wanted.domain,
        selector=run.selector,
        parameters=dict(settings.passed),
        settings=settings.as_text(),
        operator=operator(),
        version=version("byodkim"),
        code=commit(),
        reason=settings.text("reason"),
        ticket=settings.text("ticket"),
        requested_by=settings.text("requested_by"),
        notebook=f"{run.name}.ipynb" if run.launch and not run.campaign else "",
        campaign=run.campaign.plan if run.campaign else "",
        folder=os.path.relpath(run.folder) if run.launch else "outputs",
        language=settings.language,
        timezone=settings.text("timezone") or "UTC",
    )
