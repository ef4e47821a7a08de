"""Approvals: a listed person signs the digest of a plan. It fits only while the world still gives that digest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Final

from byodkim.checks.world import Approval
from byodkim.errors import RecordError
from byodkim.record import journal, seal
from byodkim.record.seal import Statement, read_statement, write_statement
from byodkim.record.sealing_key import SealingKey
from byodkim.words import _

KIND: Final = "urn:byodkim:approval:1"


def approve(
    folder: Path, name: str, digest: str, approver: str, at: datetime, key: SealingKey
) -> Path:
    """Sign the plan of a run, and return the approval's file, which lies beside the record.

    Args:
        folder, name: of the record that holds the plan.
        digest: of the plan.
        approver: the person's name, as the profile lists it.
        at: the time.
        key: the person's own sealing key.

    Raises:
        RecordError: the journal cannot be read, or the approval exists already.
    """
    path = folder / f"{name}.approval-{approver}.json"
    if path.exists():
        raise RecordError(_("{file} exists already.", file=path.name))
    subjects = seal.digests(folder, [f"{name}{journal.SUFFIX}"])
    predicate = {"approver": approver, "digest": digest, "at": at.isoformat(timespec="seconds")}
    return write_statement(path, KIND, subjects, predicate, key)


def find_approvals(
    where: Path | Iterable[Path],
    digest: str,
    approvers: Mapping[str, str],
    *,
    exclude: str = "",
) -> tuple[Approval, ...]:
    """Return the valid approvals of a plan, one for each approver, ordered by name.

    Args:
        where: a folder, or the files themselves.
        digest: of the plan.
        approvers: public keys of those who may approve, by name.
        exclude: public key of the operator, who does not approve their own plan.
    """
    files = sorted(where.glob("*.approval-*.json")) if isinstance(where, Path) else list(where)
    valid: dict[str, Approval] = {}
    for path in files:
        with suppress(RecordError):
            approval = read_approval(path, approvers)
            is_own = approvers[approval.approver] == exclude
            if approval.digest == digest and not is_own:
                valid[approval.approver] = approval
    return tuple(valid[name] for name in sorted(valid))


def read_approval(path: Path, approvers: Mapping[str, str]) -> Approval:
    """Return an approval that a listed approver signed.

    Raises:
        RecordError: it is none, or its signer is not the listed approver of that name.
    """
    statement: Statement = read_statement(path)
    content = statement.predicate
    name = content.get("approver")
    if statement.kind != KIND or not isinstance(name, str) or approvers.get(name) != statement.signer:
        raise RecordError(_("{file} is not signed by a listed approver.", file=path.name))
    try:
        at = datetime.fromisoformat(str(content["at"]))
        return Approval(name, str(content["digest"]), at, path.name)
    except (LookupError, ValueError):
        raise RecordError(_("{file} is no approval.", file=path.name)) from None
