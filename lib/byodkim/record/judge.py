"""Hold one sealed run against its files: bytes, journal, statement, notebook, approvals.

Nothing is decided again. Whoever holds a trusted sealing key is trusted for their own runs.
"""

import hashlib
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec import Struct

from byodkim.errors import RecordError
from byodkim.record import journal
from byodkim.record.approval import find_approvals
from byodkim.record.events import (
    AnyEvent,
    Begun,
    Closed,
    Planned,
    RowPlanned,
    WriteIntended,
    of_kind,
)  # fmt: skip
from byodkim.record.files import read_file
from byodkim.record.journal_file import parse_journal
from byodkim.record.seal import Seal
from byodkim.words import Sentence, _

_OF_BEGUN: Final = (
    "run", "procedure", "mode", "target", "account", "region", "domain", "selector",
)  # fmt: skip


class Policy(Struct, frozen=True):
    """What records are held to.

    Attributes:
        trusted: names of those whose signed runs count, by public key.
        approvers: public keys of those who may approve, by name.
        approvals_required: how many of them must have approved what a run wrote.
    """

    trusted: Mapping[str, str]
    approvers: Mapping[str, str]
    approvals_required: int


class _Output(Struct):
    output_type: str
    metadata: dict[str, Any] = {}


class _Cell(Struct):
    outputs: list[_Output] = []


class _Notebook(Struct):
    cells: list[_Cell]


_notebooks: Final = msgspec.json.Decoder(_Notebook)


def require_sound(folder: Path, seal: Seal, policy: Policy) -> Sentence | None:
    """Require that a run is as its seal says. Each of its files is read once.

    Returns:
        What to know of it all the same; ``None`` for nothing.

    Raises:
        RecordError: the first thing that is wrong.
    """
    contents = {}
    for name, sha256 in seal.digests.items():
        contents[name] = read_file(folder / name)
        if hashlib.sha256(contents[name]).hexdigest() != sha256:
            raise RecordError(_("{file} was changed after it was signed.", file=name))
    events = parse_journal(seal.name + journal.SUFFIX, contents[seal.name + journal.SUFFIX]).events
    begun = _require_agreement(seal, events)
    notebook = f"{seal.name}.ipynb"
    if notebook in contents:
        _require_outcome_shown(notebook, contents[notebook], seal)
    elif (folder / notebook).exists():
        raise RecordError(
            _("The notebook is not covered by the seal, so anyone may have changed it."),
            todo=_(
                "If papermill was killed during this run, move {file} out of the folder. "
                "Otherwise ask the operator who put it there.",
                file=notebook,
            ),
        )
    if of_kind(WriteIntended, events):
        _require_approvals(folder, seal, begun, events, policy)
    if notebook not in contents and begun.notebook == notebook:
        return _(
            "The seal covers no notebook, and none is here: papermill was killed before it "
            "saved one, or it was removed. The other files of the run are unchanged."
        )
    return None


def _require_agreement(seal: Seal, events: Sequence[AnyEvent]) -> Begun:
    """Return the first event. Require that the statement says of the run what its journal says."""
    closings = of_kind(Closed, events)
    begun, closed = (events[0], events[-1]) if events else (None, None)
    if not isinstance(begun, Begun) or not isinstance(closed, Closed) or len(closings) > 1:
        raise RecordError(
            _("The journal does not run from a run's first line to its one closing line.")
        )
    pairs = {name: (getattr(seal.run, name), getattr(begun, name)) for name in _OF_BEGUN}
    pairs |= {
        "outcome": (seal.run.outcome, closed.outcome),
        "opened_at": (seal.run.opened_at, begun.at),
        "closed_at": (seal.run.closed_at, closed.at),
        "previous_record": (seal.stated.previous_record, closed.previous_record),
        "previous_head": (seal.stated.previous_head, closed.previous_head),
    }
    differing = [name for name, (stated, told) in pairs.items() if stated != told]
    if differing:
        raise RecordError(
            _("The seal and the journal disagree about: {fields}.",
              fields=differing),
        )  # fmt: skip
    return begun


def _require_outcome_shown(name: str, data: bytes, seal: Seal) -> None:
    """Require that the notebook shows this run's outcome: on top, and wherever it shows one."""
    try:
        cells = _notebooks.decode(data).cells
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise RecordError(_("{file} is not a notebook.", file=name)) from None
    outputs = [output for cell in cells for output in cell.outputs]
    shown = [each.metadata for each in outputs if each.output_type == "display_data"]
    marks = [metadata["byodkim"] for metadata in shown if "byodkim" in metadata]
    expected = {"run": seal.run.run, "outcome": seal.run.outcome}
    first = shown[0].get("byodkim") if shown else None
    if first != expected or any(mark != expected for mark in marks):
        raise RecordError(
            _("The notebook does not show the outcome of its journal, {outcome}.",
              outcome=seal.run.outcome),
        )  # fmt: skip


def _require_approvals(
    folder: Path, seal: Seal, begun: Begun, events: Sequence[AnyEvent], policy: Policy
) -> None:
    """Require that the plan that was written had the approvals that it names, and enough."""
    first_write = of_kind(WriteIntended, events)[0].n
    plans = of_kind(Planned, events[:first_write])
    named = plans[-1].approvals if plans else []
    files = [folder / Path(approval.file).name for approval in named]
    digest = plans[-1].digest if plans else ""
    if begun.campaign and (named or policy.approvals_required):
        digest = _campaign_digest(folder / Path(begun.campaign + journal.SUFFIX).name, digest)
    valid = find_approvals(files, digest, policy.approvers, exclude=seal.key)
    invalid = {path.name for path in files} - {approval.file for approval in valid}
    if invalid:
        raise RecordError(
            _("Missing, or not a listed approver's approval of what was written: {files}",
              files=sorted(invalid)),
            todo=_("Check that the files are there, and that byodkim.toml lists their signers "
                   "under approvers."),
        )  # fmt: skip
    if len(valid) < policy.approvals_required:
        raise RecordError(
            _("What was written has {count} of the {needed} approvals that it needs.",
              count=len(valid), needed=policy.approvals_required),
        )  # fmt: skip


def _campaign_digest(plan: Path, row_digest: str) -> str:
    """Return the digest of a campaign's plan, which is what was approved.

    Approvals name the plan's journal too, so nobody can add a row to it afterwards.

    Raises:
        RecordError: that plan does not hold the plan of this row.
    """
    state = plan.lstat() if plan.exists() else None
    digest, rows = _plans_in(plan, state.st_mtime_ns if state else 0)
    if row_digest not in rows:
        raise RecordError(_("The plan in {file} does not hold what was written.", file=plan.name))
    return digest


@lru_cache(maxsize=8)
def _plans_in(plan: Path, _changed_at: int) -> tuple[str, frozenset[str]]:
    """Return the digest of a campaign's plan, and those of its rows' plans."""
    events = parse_journal(plan.name, read_file(plan)).events
    planned = [event.digest for event in of_kind(Planned, events)]
    rows = frozenset(event.digest for event in of_kind(RowPlanned, events))
    return (planned[-1] if planned else ""), rows
