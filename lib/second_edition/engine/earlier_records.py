"""Records of earlier runs of the identity that lack a timestamp or a copy: the next run adds it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Final

from second_edition.engine import archiving
from second_edition.engine.run import Run
from second_edition.events.parts import Beside, Previous
from second_edition.events.run import Kept
from second_edition.evidence import journal, timestamp, upload
from second_edition.evidence.journal import Account, run_of
from second_edition.evidence.seal import SealError, seal_path
from second_edition.evidence.world import World
from second_edition.intent.profile import Keeping

MOST: Final = 8  # earlier runs that one run makes up for
LOOKED_AT: Final = 50  # earlier runs of the identity, newest first


def make_up(run: Run) -> None:
    """Add the missing timestamps and copies to earlier runs of this identity, and journal the result of each.

    Those are the sealed ones, and what this run names as stopped: no process writes those any more.
    """
    kept_by, count, before = archiving.keeper(run, run.custodian), 0, run.record.begin.previous
    stopped: Iterable[Previous | Beside] = (before, *before.beside) if before else ()
    left = {one.run: one.head for one in stopped if one.gone is True}
    for path in _unkept(run.journal.path, run.world, run.keeping, left):
        kept = kept_by.keep(path)
        altered = bool(kept.faults) and all(_of_altered(fault) for fault in kept.faults)
        count += not altered  # which stays so, and keeps no other record out
        run.write(
            Kept,
            of=path.name.removesuffix(journal.SUFFIX),
            sealed=kept.seal is not None,
            stamped=kept.stamped.isoformat() if kept.stamped else "",
            copies=[copy["place"] for copy in kept.copies],
            faults=[fault.diagnostics() for fault in kept.faults],
        )
        if count == MOST:
            return


def _of_altered(fault: Exception) -> bool:
    return isinstance(fault, SealError) and fault.code == "archive.altered"


def _unkept(own: Path, world: World | None, keeping: Keeping, left: Mapping[str, str]) -> Iterator[Path]:
    """Yield the journals of this identity that lack something their own profile asked for.

    Those of closed runs are meant, and of those ``left``, from run to head.
    """
    if world is None:
        return
    found = journal.begun(own.parent, lambda begin: world.same_identity(World.of(begin)))
    # No record has a name that is no text: a journal could not hold it. What never closed has no seal.
    others = (path for path, _ in found if path != own and path.name.isprintable())
    whole = (path for path in others if seal_path(path).exists() or run_of(path) in left)
    for path in islice(whole, LOOKED_AT):
        try:
            account = journal.read(path)
            if (account.closed or left.get(account.begin.run) == account.head) and _lacks(account, keeping):
                yield path
        except journal.UNFIT:
            continue  # a damaged journal is left as it is, for verification to report


def _lacks(account: Account, keeping: Keeping) -> bool:
    sealed, wanted = seal_path(account.path), account.begin.keeping
    if account.closed and not sealed.exists():
        return False
    if account.closed and keeping.timestamp_url and wanted.timestamp_url and not timestamp.path_of(sealed).exists():
        return True
    return bool(keeping.bucket and wanted.archive_s3 and upload.missing(account))
