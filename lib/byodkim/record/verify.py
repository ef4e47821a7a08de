"""Verify an archive offline: signatures, digests, the chain, and that every file is covered.

Needs no network and no private key. What it cannot see alone is that the newest runs were removed:
for that it takes the head that somebody else keeps.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Literal

from msgspec import Struct

from byodkim.errors import RecordError
from byodkim.record import journal
from byodkim.record.archive import in_order, listed, names_with
from byodkim.record.coverage import (
    approval_problems,
    judge_index,
    uncovered,
    unsealed_names,
)
from byodkim.record.events import Closed, of_kind
from byodkim.record.journal_file import read_journal
from byodkim.record.judge import Policy, require_sound
from byodkim.record.seal import COVERED, INDEX, SUFFIX, Seal, read_seal
from byodkim.record.sealing_key import key_path, load_sealing_key
from byodkim.words import Sentence, _

#: ``VERIFIED``: a trusted key signed it, and it is unchanged. ``WRONG``: see why. ``UNSIGNED``: a
#: killed run; nothing in it is proved. ``UNKNOWN``: signed with a key that is not trusted.
Verdict = Literal["VERIFIED", "WRONG", "UNSIGNED", "UNKNOWN"]


class RunReport(Struct, frozen=True):
    """What verifying came to for one run.

    Attributes:
        name: of the run.
        verdict: see ``Verdict``.
        why: the first thing that is wrong, or what to know of it; ``None`` for nothing.
        todo: what to do about it.
        signer: owner of the trusted key; the public key itself where it is not trusted.
        head: SHA-256 of the journal that was signed.
        outcome, domain, selector, closed_at: as signed; empty unless it is VERIFIED.
        is_sandbox: a rehearsal in the sandbox: no real mail is affected.
    """

    name: str
    verdict: Verdict
    why: Sentence | None = None
    todo: Sentence | None = None
    signer: str = ""
    head: str = ""
    outcome: str = ""
    domain: str = ""
    selector: str = ""
    closed_at: datetime | None = None
    is_sandbox: bool = False


class Report(Struct, frozen=True):
    """What verifying an archive came to.

    Attributes:
        runs: in the order of the chain; runs without a valid seal follow.
        problems: of the folder: files that no signature covers, a broken chain, a head not reached.
        notes: what was not checked.
        newest, head: the chain's last run, and the SHA-256 of its journal; "" where there is none.
    """

    runs: tuple[RunReport, ...]
    problems: tuple[Sentence, ...] = ()
    notes: tuple[Sentence, ...] = ()
    newest: str = ""
    head: str = ""

    @property
    def verified(self) -> bool:
        """Return whether nothing is wrong. Killed runs do not count: nothing in them is proved."""
        verdicts = {run.verdict for run in self.runs}
        return not self.problems and verdicts <= {"VERIFIED", "UNSIGNED"}


def verify_folder(
    folder: Path,
    trusted: Mapping[str, str],
    *,
    head: str = "",
    approvals_required: int = 0,
    approvers: Mapping[str, str] = {},
) -> Report:
    """Verify every run of a folder, their chain, and that a signature covers every file.

    Args:
        folder: of the archive.
        trusted: names of those whose signed runs count, by public key.
        head: SHA-256 of a run's journal, as a ticket keeps it. The chain must contain it.
        approvals_required: how many approvals a run that wrote must have had.
        approvers: public keys of those who may approve, by name.

    Raises:
        RecordError: the folder cannot be read.
    """
    policy = Policy(trusted, approvers, approvals_required)
    files, others = listed(folder)
    chain, runs = _judged(folder, files, policy)
    problems = [_not_covered(name) for name in [*others, *uncovered(folder, files, chain)]]
    problems += approval_problems(folder, files, chain, policy)
    of_index, notes = judge_index(folder, files, chain, policy)
    problems += [*of_index, *_chain_problems(chain)]
    newest, newest_head = (chain[-1].name, chain[-1].head) if chain else ("", "")
    wanted = head.strip().lower()
    if wanted and wanted not in {seal.head for seal in chain}:
        problems.append(
            _("No run here has the head {head}: its record or seal is missing, or the head was "
              "mistyped.",
              head=wanted)
        )  # fmt: skip
    elif newest and not wanted:
        note = _("The newest run is {name}, head {head}. Compare the head with the ticket: only "
                 "that shows whether newer runs were removed.",
                 name=newest, head=newest_head)  # fmt: skip
        notes.insert(0, note)
    return Report(tuple(runs), tuple(problems), tuple(notes), newest, newest_head)


def verify_run(
    path: Path,
    trusted: Mapping[str, str],
    *,
    approvals_required: int = 0,
    approvers: Mapping[str, str] = {},
) -> Report:
    """Verify one run, without its place in the chain.

    Args:
        path: any file of the run.
        trusted: names of those whose signed runs count, by public key.
        approvals_required: how many approvals it must have had if it wrote.
        approvers: public keys of those who may approve, by name.

    Raises:
        RecordError: there is no such run, or the folder cannot be read.
    """
    policy = Policy(trusted, approvers, approvals_required)
    suffixes = (*COVERED, SUFFIX)
    name = next(
        (path.name.removesuffix(each) for each in suffixes if path.name.endswith(each)), path.name
    )
    files, others = listed(path.parent)
    own = {name + suffix for suffix in suffixes}
    chain, runs = _judged(path.parent, files & own, policy)
    if not runs:
        raise RecordError(_("There is no record {name}.", name=name))
    bare = sorted(own.intersection(others)) + uncovered(path.parent, files & own, chain)
    notes = (_("Only this record was verified, not its place in the chain."),)
    return Report(tuple(runs), tuple(map(_not_covered, bare)), notes)


def trusted_keys(sealing_keys: Mapping[str, str]) -> dict[str, str]:
    """Return the names of those whose records count, by public key: those that a profile lists, and
    this user, who needs no key of their own to verify.

    Raises:
        RecordError: the user's key cannot be read.
    """
    own = {load_sealing_key().public: str(_("you"))} if key_path().exists() else {}
    return {public: name for name, public in sealing_keys.items()} | own


def _judged(folder: Path, files: set[str], policy: Policy) -> tuple[list[Seal], list[RunReport]]:
    """Return the validly signed seals in the order of the chain, and what each run came to."""
    valid: list[Seal] = []
    invalid: list[RunReport] = []
    for name in names_with(files, SUFFIX):
        if name != INDEX:
            try:
                valid.append(read_seal(folder / (name + SUFFIX)))
            except RecordError as error:
                invalid.append(RunReport(name, "WRONG", error.what, error.todo))
    chain = in_order(valid)
    in_line = {seal.name for seal in chain}
    chain += [seal for seal in valid if seal.name not in in_line]  # in a circle
    sealed = [_sealed(folder, seal, policy) for seal in chain]
    unsealed = [_unsealed(folder, name) for name in unsealed_names(files)]
    return chain, [*sealed, *invalid, *unsealed]


def _sealed(folder: Path, seal: Seal, policy: Policy) -> RunReport:
    if seal.key not in policy.trusted:
        return RunReport(
            seal.name,
            "UNKNOWN",
            _("It is signed with a key that is not trusted: {key}", key=seal.key),
            _("If it is a colleague's key, list it in sealing_keys, or pass it with --key."),
            seal.key,
            seal.head,
        )
    signer = policy.trusted[seal.key]
    try:
        note = require_sound(folder, seal, policy)
    except RecordError as error:
        return RunReport(seal.name, "WRONG", error.what, error.todo, signer, seal.head)
    run = seal.run
    return RunReport(
        seal.name, "VERIFIED", note, None, signer, seal.head,
        run.outcome, run.domain, run.selector, run.closed_at, run.target != "aws",
    )  # fmt: skip


def _unsealed(folder: Path, name: str) -> RunReport:
    try:
        events = read_journal(folder / (name + journal.SUFFIX)).events
    except RecordError:
        events = ()
    if of_kind(Closed, events):
        return RunReport(
            name,
            "WRONG",
            _("The run closed its journal, but its seal is missing, so nothing in it is proved."),
            _("Look for the seal in your copies. If the machine died while the run was being "
              "closed, note that in the ticket and move the run's files out of the folder."),
        )  # fmt: skip
    why = _("The run was killed, or is still going on. It is unsigned: nothing in it is proved.")
    return RunReport(name, "UNSIGNED", why)


def _not_covered(file: str) -> Sentence:
    return _("No signature covers {file}.", file=file)


def _chain_problems(chain: Sequence[Seal]) -> list[Sentence]:
    """Return where the chain is not one line: from one first run, each names the one before it."""
    by_name = {seal.name: seal for seal in chain}
    followers: dict[str, list[str]] = {}
    problems = []
    for seal in chain:
        followers.setdefault(seal.stated.previous_record, []).append(seal.name)
        before = by_name.get(seal.stated.previous_record)
        if seal.stated.previous_record and before is None:
            problems.append(
                _("{name} follows {previous}, which is missing or has no valid seal.",
                  name=seal.name, previous=seal.stated.previous_record)
            )  # fmt: skip
        elif before is not None and before.head != seal.stated.previous_head:
            problems.append(
                _("The journal of {previous} that is here is not the one that {name} followed.",
                  name=seal.name, previous=before.name)
            )  # fmt: skip
    for previous, names in followers.items():
        if len(names) > 1 and previous:
            problems.append(_("{names} all follow {previous}.", names=names, previous=previous))
        elif len(names) > 1:
            problems.append(_("{names} all say that they are the first run.", names=names))
    if len(in_order(chain)) < len(chain):
        problems.append(_("Some runs follow each other in a circle."))
    return problems
