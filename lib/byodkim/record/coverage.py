"""What lies in an archive's folder besides runs: the index, approvals, and files that no signature
covers.
"""

from collections.abc import Sequence
from fnmatch import fnmatch
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from byodkim.errors import RecordError
from byodkim.record import journal
from byodkim.record.approval import PATTERN, read_approval
from byodkim.record.archive import names_with
from byodkim.record.envelope import Statement, digest_of, read_signed, sign, statement
from byodkim.record.events import Requested, of_kind
from byodkim.record.files import write_file
from byodkim.record.journal_file import read_journal
from byodkim.record.judge import Policy
from byodkim.record.seal import INDEX, SUFFIX, Seal
from byodkim.record.sealing_key import SealingKey
from byodkim.words import Sentence, _

INDEX_PREDICATE: Final = "urn:byodkim:index:1"


class IndexStatement(Struct, frozen=True, forbid_unknown_fields=True):
    """What the archive's page shows. ``head``: of the newest run when it was written."""

    head: str = ""


_index_decoder: Final = msgspec.json.Decoder(Statement[IndexStatement])


def seal_index(folder: Path, head: str, key: SealingKey) -> None:
    """Seal the archive's page, ``index.html``. Its earlier seal is replaced.

    Args:
        folder: of the archive.
        head: of the newest run that the page shows; "" for none.
        key: what seals it.

    Raises:
        RecordError: it cannot be read, or the disk does not take the seal.
    """
    page = f"{INDEX}.html"
    stated = statement({page: digest_of(folder / page)}, INDEX_PREDICATE, IndexStatement(head))
    write_file(folder / (INDEX + SUFFIX), sign(stated, key))


def uncovered(folder: Path, files: set[str], chain: Sequence[Seal]) -> list[str]:
    """Return the files that no signature covers, whatever they are called.

    Seals are judged by themselves, like approvals and the index. Journal, notebook and DNS request
    of a run without a seal are reported with that run: nothing in them is proved.
    """
    judged = {name for name in files if name.endswith(SUFFIX) or fnmatch(name, PATTERN)}
    covered = {f"{INDEX}.html", *(name for seal in chain for name in seal.digests)}
    for name in unsealed_names(files):
        covered |= {name + journal.SUFFIX, f"{name}.ipynb", *_requests(folder, name)}
    return sorted(files - judged - covered)


def approval_problems(
    folder: Path, files: set[str], chain: Sequence[Seal], policy: Policy
) -> list[Sentence]:
    """Return which approvals are not by a listed approver, or not about a plan of this folder."""
    plans = {seal.name: {seal.name + journal.SUFFIX: seal.head} for seal in chain}
    problems = []
    for file in sorted(files):
        if not fnmatch(file, PATTERN) or file.endswith(SUFFIX):
            continue
        try:
            signed = read_approval(folder / file)
        except RecordError as error:
            problems.append(error.what)
            continue
        plan = plans.get(file.rpartition(".approval-")[0])
        is_listed = signed.key in policy.approvers.values()
        if not is_listed or signed.statement.digests != plan:
            problems.append(
                _("{file} is not signed by a listed approver, or does not fit a plan in this "
                  "folder.",
                  file=file)
            )  # fmt: skip
    return problems


def judge_index(
    folder: Path, files: set[str], chain: Sequence[Seal], policy: Policy
) -> tuple[list[Sentence], list[Sentence]]:
    """Return what is wrong with the archive's page, and what to know of it. It may be missing.

    A page of another folder is wrong; one that is older than the newest run is not.
    """
    page = f"{INDEX}.html"
    if not files & {page, INDEX + SUFFIX}:
        return [], []
    try:
        signed = read_signed(folder / (INDEX + SUFFIX), INDEX_PREDICATE, _index_decoder)
        is_unchanged = signed.statement.digests == {page: digest_of(folder / page)}
    except RecordError as error:
        return [error.what], []
    head, heads = signed.statement.predicate.head, [seal.head for seal in chain]
    if head not in ("", *heads):
        return [_("{file} shows another folder. Make it again: byodkim index", file=page)], []
    if not is_unchanged or signed.key not in policy.trusted:
        wrong = _("{file} was changed after it was signed, or the key is not trusted: {key}",
                  file=page, key=signed.key)  # fmt: skip
        return [wrong], []
    if heads and head != heads[-1]:
        return [], [_("index.html is older than the newest run. Make it again: byodkim index")]
    return [], []


def _requests(folder: Path, name: str) -> set[str]:
    """Return the files of the DNS request that a journal says it wrote, if they are as it says."""
    try:
        events = read_journal(folder / (name + journal.SUFFIX)).events
        written = [event.sha256 for event in of_kind(Requested, events)]
        if digest_of(folder / f"{name}.csv") not in written:
            return set()
    except RecordError:
        return set()
    return {name + suffix for suffix in (".csv", ".zone", ".txt")}


def unsealed_names(files: set[str]) -> list[str]:
    """Return the names of runs that have a journal and no seal."""
    return [name for name in names_with(files, journal.SUFFIX) if name + SUFFIX not in files]
