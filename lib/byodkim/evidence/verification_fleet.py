"""A campaign held against the records of its identities: each that it lists is there, and is the one that it saw."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from byodkim.evidence import journal
from byodkim.evidence.folders import contents, root
from byodkim.evidence.journal import Account, JournalError
from byodkim.evidence.record import Record
from byodkim.evidence.verification_case import Finding, Speaker, Verified
from byodkim.evidence.verification_chain import Archive, Found

#: Names that are told; there may be ten thousand.
MOST: Final = 5


def campaigns(archive: Archive) -> Found:
    """Yield what is off between a campaign and its identities' records, seen from either side."""
    for place, one in enumerate(archive.runs):
        known, tell, account = archive.known, archive.tell, _campaign(one)
        for finding in _against(one, account, known, tell) if account else _begun_by(one, known, tell):
            yield place, finding


def _begun_by(one: Verified, known: Mapping[str, Verified], tell: Speaker) -> Iterator[Finding]:
    """Yield that the campaign's run is not there which a run of one of its identities names."""
    campaign = one.link.campaign if one.link else ""
    if not campaign or campaign in known:
        return
    top, own = one.files.top, root(one.path.parent)
    # Where only the waves of a campaign are verified, its own run lies beside or above them.
    within = top is not None and own != one.path.parent.absolute() and own.is_relative_to(top.absolute())
    code = "campaign-elsewhere" if top is None else "campaign-missing" if within else "campaign-unknown"
    yield tell(code, run=campaign)


def pinned(runs: Sequence[Verified]) -> frozenset[str]:
    """Return the runs whose heads a campaign among ``runs`` has written down, so that its own head vouches for them."""
    from byodkim.evidence import fleet_record  # only where there is a campaign

    heads = {(one.run, one.head) for one in runs}
    accounts = filter(None, map(_campaign, runs))
    ended = (run for account in accounts for run in fleet_record.ended(Record(account.events)).values())
    return frozenset(run.run for run in ended if (run.run, run.head) in heads)


def _campaign(one: Verified) -> Account | None:
    """Return the journal of a campaign's run; ``None`` for any other."""
    if one.domain or one.link is None or one.files.journal is None:
        return None
    try:
        account = journal.read(one.files.journal)
    except (JournalError, OSError):
        return None  # which is said of it already
    return account if account.events[0].get("procedure") == "fleet" else None


def _against(one: Verified, account: Account, known: Mapping[str, Verified], tell: Speaker) -> Iterator[Finding]:
    from byodkim.evidence import fleet_record  # only where there is a campaign

    record = Record(account.events)
    ended = [entry for entry in fleet_record.ended(record).values() if entry.run]
    if missing := [entry.record for entry in ended if entry.run not in known]:
        yield tell("fleet-missing" if one.files.whole else "fleet-elsewhere", names=_some(missing))
    altered = [
        entry.record
        for entry in ended
        if entry.run in known and (known[entry.run].head, known[entry.run].outcome) != (entry.head, entry.outcome)
    ]
    if altered:
        yield tell("fleet-altered", names=_some(altered))
    surveyed = record.last("surveyed")
    files = [(str(event["file"]), str(event["sha256"])) for event in record.all("filed")]
    files += [(str(surveyed["file"]), str(surveyed["sha256"]))] if surveyed else []
    if off := [name for name, sha256 in files if _sha256(account.path.parent / Path(name).name) != sha256]:
        yield tell("fleet-file", names=_some(off))
    if off := list(_misplaced(account)):
        yield tell("fleet-place", names=_some(off))


def _misplaced(account: Account) -> Iterator[str]:
    """Yield the files with identities' places that are not as their runs were given them.

    The whole folder may be gone, as in a copy of the archive: each run's journal holds what it was given.
    """
    from byodkim.evidence import fleet_file

    folder = fleet_file.beside(account.path, fleet_file.FOLDER)
    if not os.path.lexists(folder):
        return
    for event in account.events:
        if event["event"] == "started":
            name = fleet_file.name_of_place(int(event["number"]), str(event["domain"]))
            if _sha256(folder / name) != event["place_sha256"]:
                yield name


def _sha256(path: Path) -> str:
    try:
        return hashlib.sha256(contents(path)).hexdigest()
    except OSError:
        return ""


def _some(names: Sequence[str]) -> str:
    return ", ".join([*names[:MOST], *([f"... ({len(names)})"] if len(names) > MOST else [])])
