"""The archive: one flat folder of runs, chained in the order in which they were sealed."""

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path
from typing import Final

import msgspec
from filelock import FileLock, Timeout

from byodkim.checks.world import History, OpenRun, PastRun
from byodkim.errors import RecordError
from byodkim.record import journal
from byodkim.record.events import AnyEvent, Begun, WriteAnswered, WriteIntended, decode
from byodkim.record.files import read_file, unwritable
from byodkim.record.record import SES_WRITE
from byodkim.record.seal import INDEX, SUFFIX, Seal, changed_files, read_seal
from byodkim.record.sealing_key import fingerprint
from byodkim.words import _

#: Seconds to wait for another run that is being closed. That takes less than one.
PATIENCE_S: Final = 60


@contextmanager
def chain_lock(folder: Path) -> Iterator[None]:
    """Hold the folder's lock while a run is closed, so that the chain has no forks.

    Close a run like this: in the lock, ask ``last_sealed``, write ``Closed`` with its answer,
    write the page, and seal.

    Raises:
        RecordError: the lock cannot be made, or another run holds it for a minute.
    """
    path = folder / ".byodkim-chain.lock"
    lock = FileLock(path, timeout=PATIENCE_S, mode=0o666)
    try:
        lock.acquire()
    except Timeout:
        raise RecordError(
            _("Another run has been closing its record in {folder} for a minute.",
              folder=str(folder)),
            todo=_("Find out which process that is. If it hangs, end it, then run again."),
        ) from None  # fmt: skip
    except OSError as error:
        raise unwritable(path, error) from error
    try:
        yield
    finally:
        lock.release()


def listed(folder: Path) -> tuple[set[str], list[str]]:
    """Return the regular files of a folder, and the names of all else. A dot first hides a name.

    Raises:
        RecordError: the folder cannot be read.
    """
    try:
        with os.scandir(folder) as entries:
            shown = [entry for entry in entries if not entry.name.startswith(".")]
            files = {entry.name for entry in shown if entry.is_file(follow_symlinks=False)}
    except OSError as error:
        raise RecordError(
            _("The folder {folder} cannot be read: {reason}.",
              folder=str(folder), reason=error.strerror or str(error)),
        ) from error  # fmt: skip
    return files, sorted({entry.name for entry in shown} - files)


def names_with(files: set[str], suffix: str) -> list[str]:
    """Return what precedes a suffix in the names of files, sorted."""
    return sorted(name.removesuffix(suffix) for name in files if name.endswith(suffix))


def read_seals(folder: Path) -> list[Seal]:
    """Return the seals whose signatures are valid, by trusted keys or not, in the chain's order.

    Raises:
        RecordError: the folder cannot be read.
    """
    seals = []
    for name in names_with(listed(folder)[0], SUFFIX):
        if name != INDEX:
            with suppress(RecordError, OSError):  # ``verify`` tells what is wrong with it
                path = folder / (name + SUFFIX)
                state = path.lstat()
                seals.append(_read_once(path, state.st_mtime_ns, state.st_ino, state.st_size))
    return in_order(seals)


@lru_cache(maxsize=20_000)
def _read_once(path: Path, *_state: int) -> Seal:
    """Return a seal; of a file that did not change since, without another look at its signature."""
    return read_seal(path)


def in_order(seals: Iterable[Seal]) -> list[Seal]:
    """Return seals in the order of the chain, oldest first.

    Where the chain is broken or forked, the part whose first run was closed later comes later.
    Runs in a circle are left out.
    """
    by_time = sorted(seals, key=lambda seal: (seal.run.closed_at.timestamp(), seal.name))
    names = {seal.name for seal in by_time}
    followers: dict[str, list[Seal]] = {}
    for seal in by_time:
        before = seal.stated.previous_record if seal.stated.previous_record in names else ""
        followers.setdefault(before, []).append(seal)
    ordered: list[Seal] = []
    waiting = followers.get("", [])[::-1]
    while waiting:
        ordered.append(waiting.pop())
        waiting += reversed(followers.get(ordered[-1].name, []))
    return ordered


def last_sealed(folder: Path) -> tuple[str, str]:
    """Return name and head of the chain's last run; "" and "" where there is none.

    A run that was sealed with a key that is not trusted counts too: the chain has no forks, and
    nothing else in that run is believed. ``chain_lock`` must be held.

    Raises:
        RecordError: the folder cannot be read.
    """
    seals = read_seals(folder)
    return (seals[-1].name, seals[-1].head) if seals else ("", "")


def history(
    folder: Path,
    *,
    account: str,
    region: str,
    domain: str,
    target: str,
    trusted: Mapping[str, str],
    own: str = "",
) -> History:
    """Return what the folder's runs tell about an identity.

    Args:
        folder: of the archive.
        account: of the identity.
        region: of the identity.
        domain: of the identity.
        target: ``aws`` or ``sandbox``.
        trusted: names of those whose signed runs count, by public key.
        own: name of the run that asks; its own journal is left out.

    Returns:
        Runs that a trusted key sealed and whose journal is unchanged, in the chain's order. Runs
        without such a seal: all that is believed is that they may have left a selector open.

    Raises:
        RecordError: the folder cannot be read.
    """
    identity = (account, region, domain, target)
    runs, believed = [], set()
    for seal in read_seals(folder):
        if seal.key not in trusted:
            continue
        if identity != (seal.run.account, seal.run.region, seal.run.domain, seal.run.target):
            believed.add(seal.name)  # of another identity: its journal need not be read
            is_about = (domain, target) == (seal.run.domain, seal.run.target)
            if is_about and seal.run.outcome == "RETIRED" and journal_is_unchanged(folder, seal):
                gone = {"previous": "", "previous_status": "", "previous_key_sha256": ""}
                runs.append(msgspec.structs.replace(seal.run, **gone))
            elif seal.run.procedure == "fleet" and seal.run.target == target:
                runs += _as_planned(seal.run, domain)
        elif journal_is_unchanged(folder, seal):
            believed.add(seal.name)
            runs.append(msgspec.structs.replace(seal.run, signer=fingerprint(seal.key)))
    journals = names_with(listed(folder)[0], journal.SUFFIX)
    others = [name for name in journals if name not in {*believed, own}]
    unfinished = [_unfinished(folder, name, identity) for name in others]
    return History(tuple(runs), tuple(run for run in unfinished if run is not None))


def _as_planned(campaign: PastRun, domain: str) -> list[PastRun]:
    """Return what a campaign's plan run saw of the key records of one of its domains."""
    rest = f"._domainkey.{domain}"
    seen = {
        name.removesuffix(rest): sightings
        for name, sightings in campaign.sightings.items()
        if name.endswith(rest)
    }
    return [
        msgspec.structs.replace(campaign, domain=domain, selector=name, sightings={name: sightings})
        for name, sightings in seen.items()
    ]


def journal_is_unchanged(folder: Path, seal: Seal) -> bool:
    """Return whether the journal of a sealed run is as it was when it was sealed."""
    only_journal = msgspec.structs.replace(seal, digests={seal.name + journal.SUFFIX: seal.head})
    try:
        return not changed_files(folder, only_journal)
    except RecordError:
        return False


def _unfinished(folder: Path, name: str, identity: tuple[str, str, str, str]) -> OpenRun | None:
    """Return what a run without a seal may have left open; ``None`` for another identity.

    Its lines may be garbage: what is no event is passed over.
    """
    try:
        lines = read_file(folder / (name + journal.SUFFIX)).split(b"\n")
    except RecordError:
        return None
    begun = _event(lines[0])
    if not isinstance(begun, Begun):
        return None
    account, region, domain, _target = identity
    if identity != (begun.account, begun.region, begun.domain, begun.target):
        return None
    run = OpenRun(name, begun.selector, domain, account, region, procedure=begun.procedure)
    events = (_event(line) for line in lines if b"write-" in line)
    writes = [each for each in events if getattr(each, "operation", "") == SES_WRITE]
    intents = [each for each in writes if isinstance(each, WriteIntended)]
    if not intents:
        return run
    answer = writes[-1] if isinstance(writes[-1], WriteAnswered) else None
    result = answer.result if answer else "unclear"
    return msgspec.structs.replace(
        run,
        intended_at=None if result == "rejected" else intents[-1].at,
        answered=result != "unclear",
        before=intents[-1].before,
        key_sha256=intents[-1].key_sha256,
    )


def _event(line: bytes) -> AnyEvent | None:
    with suppress(msgspec.DecodeError, UnicodeDecodeError):
        return decode(line)
    return None
