"""The rehearsals of a change: runs on a twin of the identity, found in the archive and held against their seals."""

from __future__ import annotations

import glob
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from msgspec.structs import replace

from second_edition.events.run import Begin
from second_edition.evidence import folders
from second_edition.evidence.journal import SUFFIX, UNFIT, Account, JournalError, begun, read, run_of
from second_edition.evidence.record import ROTATE
from second_edition.evidence.seal import SealError, check_seal, is_sealed_by, read_seal, seal_path
from second_edition.evidence.sealing_key import SealingKey
from second_edition.rotation.outcome import Outcome
from second_edition.rotation.rehearsal import Tried, is_of

_DEFECTS = {"absent": "unsealed", "unknown-key": "unsealed", "unreadable": "unread"}


def newest(folder: Path, wanted: Mapping[str, str], trusted: Mapping[str, SealingKey]) -> Tried | None:
    """Return the newest apply run of the same change on a twin; ``None`` where the archive has none.

    One that found nothing to write, UNCHANGED, takes nothing away from the one before it: it counts where it is alone.

    The newest is the one that began last by this machine's clock: a twin's, by which its runs are named, may be far
    ahead. One of an older observation counts no more once there is one of a newer.

    Args:
        folder: of the archive.
        wanted: the change: domain, selector, Region, procedure and, where it is known, account. A selector that a run
            chooses itself is "", in its rehearsal too.
        trusted: the keys whose seals count, by their ``keyid``.
    """
    return _newest(begun(folder.resolve(), lambda begin: _is_of(begin, wanted)), trusted)


def of(
    folder: Path, changes: Iterable[tuple[str, str, str, str]], trusted: Mapping[str, SealingKey]
) -> Iterator[Tried | None]:
    """Yield the newest rehearsal of each of many rotations, its origin checked; the archive is looked through once.

    ``changes``: domain, selector, account and Region of each.
    """
    runs, known = defaultdict[str, list[tuple[Path, Begin]]](list), dict[str, set[str]]()
    for path, begin in begun(folder.resolve(), lambda begin: bool(begin.twin)):
        runs[begin.domain].append((path, begin))
    for change in changes:
        wanted = dict(zip(("domain", "selector", "account", "region"), change, strict=True)) | {"procedure": ROTATE}
        found = _newest((one for one in runs[change[0]] if _is_of(one[1], wanted)), trusted)
        yield check_origin(folder, found, trusted, known)


def _newest(found: Iterable[tuple[Path, Begin]], trusted: Mapping[str, SealingKey]) -> Tried | None:
    twins = [(path, begin.twin) for path, begin in found if begin.twin]
    unchanged = None
    for path, _ in sorted(twins, key=lambda one: (one[1].at, one[1].began), reverse=True):
        tried = _tried(path, trusted)
        if tried.defect or tried.outcome != Outcome.UNCHANGED:
            return tried
        unchanged = unchanged or tried
    return unchanged


def check_origin(
    folder: Path, tried: Tried | None, trusted: Mapping[str, SealingKey], known: dict[str, set[str]] | None = None
) -> Tried | None:
    """Return a rehearsal with its defect, where its twin is not what is made of the archive's record of production.

    ``known``: keeps what is made of each run, for the rehearsals of many identities.
    """
    if tried is None or tried.defect:
        return tried
    made = {} if known is None else known
    if tried.origin not in made:
        paths = folders.files(folder.resolve(), f"*{glob.escape(tried.origin)}{SUFFIX}")
        made[tried.origin] = {_fingerprint(path, trusted) for path in paths} - {""}
    if tried.sha256 in made[tried.origin]:
        return tried
    return replace(tried, defect="edited" if made[tried.origin] else "missing")


def _fingerprint(path: Path, trusted: Mapping[str, SealingKey]) -> str:
    """Return the fingerprint of the twin that is made of a journal; "" where none can be made, or nobody vouches."""
    from second_edition.evidence import fleet_twin, twin  # what makes twins: no run needs it whose change was not rehearsed

    try:
        account = read(path)
        return twin.fingerprint(fleet_twin.read(account, path.parent)) if is_sealed_by(trusted, account) else ""
    except UNFIT:
        return ""


def _is_of(begin: Begin, wanted: Mapping[str, str]) -> bool:
    """Return whether that is an apply run of the change, on a twin."""
    if not begin.twin or begin.mode != "apply":
        return False
    present = {"domain": begin.domain, "selector": begin.selector, "procedure": begin.procedure}
    present |= {"account": begin.twin.account, "region": begin.twin.region}
    return all(present[name] == value for name, value in wanted.items() if value or name == "selector")


def _tried(path: Path, trusted: Mapping[str, SealingKey]) -> Tried:
    run = run_of(path)
    try:
        record = read(path)
    except OSError:
        return Tried(run, "", "", "", None, defect="unread")
    except JournalError:
        return Tried(run, "", "", "", None, defect="altered")
    twin, closed = record.begin.twin, record.closed
    if not twin:
        return Tried(run, "", "", "", None, defect="altered")
    same = twin.procedure == record.procedure
    plan = twin.plan if twin.plan and same and is_of(twin.plan, record.selector) else None
    at = closed.at.isoformat(timespec="milliseconds") if closed else ""
    tried = Tried(run, record.outcome or "", at, twin.at, plan, record.made, origin=twin.run, sha256=twin.sha256)
    return replace(tried, defect=_defect(record, trusted))


def _defect(account: Account, trusted: Mapping[str, SealingKey]) -> str:
    """Return why a run's seal does not hold; "" where it does."""
    try:
        check_seal(read_seal(seal_path(account.path)), account, trusted)
    except SealError as error:
        return _DEFECTS.get(error.code, "altered")
    except OSError:
        return "unread"
    return ""
