"""Approvals: a person signs the digest of a plan. It fits as long as the world gives that digest.

It lies beside the plan run NAME as ``NAME.approval-APPROVER.json``.
"""

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from byodkim.checks.world import Approval
from byodkim.errors import RecordError
from byodkim.record import journal
from byodkim.record.envelope import Signed, Statement, read_signed, sign, statement
from byodkim.record.events import Begun, Planned, of_kind
from byodkim.record.files import write_file
from byodkim.record.journal_file import read_journal
from byodkim.record.sealing_key import SealingKey
from byodkim.words import _

PREDICATE: Final = "urn:byodkim:approval:1"
PATTERN: Final = "*.approval-*.json"
_APPROVER: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]*")


class ApprovalStatement(Struct, frozen=True, forbid_unknown_fields=True):
    """What an approver signs of a plan run's journal.

    Attributes:
        digest: of the plan.
        approver: the name under which profiles list the approver's key.
        at: when.
        domain, selector: what the plan is about, for people.
    """

    digest: str
    approver: str
    at: datetime
    domain: str
    selector: str


_decoder: Final = msgspec.json.Decoder(Statement[ApprovalStatement])


def approve(
    folder: Path,
    plan_name: str,
    digest: str,
    approver: str,
    key: SealingKey,
    at: datetime | None = None,
) -> Path:
    """Approve the plan of a run, and return the approval's file.

    Args:
        folder: of the archive.
        plan_name: name of the run that made the plan.
        digest: of the plan, as the approver saw it.
        approver: the name under which profiles list the key.
        key: of the approver.
        at: when, in UTC; now by default.

    Raises:
        RecordError: the run did not make that plan, the name cannot be part of a file's name, the
            approval exists already, or the disk does not take it.
    """
    if not _APPROVER.fullmatch(approver):
        raise RecordError(_("{name} cannot be part of a file's name.", name=approver))
    path = folder / f"{plan_name}.approval-{approver}.json"
    if path.exists():
        raise RecordError(
            _("{file} exists already: you have approved this plan before.", file=path.name)
        )
    plan = plan_name + journal.SUFFIX
    read = read_journal(folder / plan)
    begun = read.events[0] if read.events else None
    plans = [event.digest for event in of_kind(Planned, read.events)]
    if not isinstance(begun, Begun) or plans[-1:] != [digest]:
        raise RecordError(
            _("{name} did not end with the plan {digest}.", name=plan_name, digest=digest),
            todo=_("Read the plan again, and approve the digest that it shows."),
        )
    approval = ApprovalStatement(
        digest, approver, at or datetime.now(UTC), begun.domain, begun.selector
    )
    write_file(path, sign(statement({plan: read.sha256}, PREDICATE, approval), key))
    return path


def find_approvals(
    folder_or_files: Path | Sequence[Path],
    digest: str,
    approvers: Mapping[str, str],
    *,
    exclude: str = "",
) -> tuple[Approval, ...]:
    """Return the valid approvals of a plan, one for each approver's key.

    Args:
        folder_or_files: where to look; only those files, where they are given.
        digest: of the plan.
        approvers: public keys by name.
        exclude: the public key of the operator, who cannot approve what they apply.
    """
    files = folder_or_files
    if isinstance(files, Path):
        files = sorted(path for path in files.glob(PATTERN) if not path.name.startswith("."))
    names = {public: name for name, public in approvers.items() if public != exclude}
    approvals: dict[str, Approval] = {}
    for path in files:
        with suppress(RecordError):
            signed = read_approval(path)
            approval = signed.statement.predicate
            if approval.digest == digest and signed.key in names:
                name = names[signed.key]
                approvals[signed.key] = Approval(name, digest, approval.at, path.name)
    return tuple(approvals.values())


def read_approval(path: Path) -> Signed[ApprovalStatement]:
    """Return an approval whose signature is valid. Whose key it is, is for the caller to decide.

    Raises:
        RecordError: it is none.
    """
    return read_signed(path, PREDICATE, _decoder)
