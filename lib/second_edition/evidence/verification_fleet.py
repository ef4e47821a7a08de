"""Campaigns verified with the runs of their identities: each is as the other wrote it down, and so are the tables."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

from second_edition.events.campaign import Filed, Laid, Recalled, Resumed, Started, Surveyed
from second_edition.evidence import journal
from second_edition.evidence.folders import differs, root
from second_edition.evidence.journal import Account, JournalError
from second_edition.evidence.verification_case import Finding, Verified
from second_edition.evidence.verification_chain import Archive, Found

#: Names that are told; there may be ten thousand.
MOST: Final = 5
#: Domain and record of each run that a campaign's run began, by its id.
Begun = Mapping[str, Collection[tuple[str, str]]]


def campaigns(archive: Archive) -> Found:
    """Yield what is off between a campaign and its identities' records, seen from either side."""
    accounts = {place: account for place, one in enumerate(archive.runs) if (account := _campaign(one))}
    begun = {
        account.begin.run: {(one.domain, Path(one.record).name) for one in account.all_of(Started)}
        for account in accounts.values()
    }
    for place, one in enumerate(archive.runs):
        account = accounts.get(place)
        for finding in _against(one, account, archive) if account else _begun_by(one, begun, archive):
            yield place, finding


def _begun_by(one: Verified, begun: Begun, archive: Archive) -> Iterator[Finding]:
    """Yield that the campaign's run which a run of one of its identities names is not there, or did not begin it."""
    if one.link is None or not (campaign := one.link.campaign):
        return
    if campaign in archive.known:
        wrote, holds = one.served and one.served.at, campaign in archive.links
        if wrote and holds and (one.domain, one.link.record) not in begun.get(campaign, ()):
            yield archive.tell("campaign-unbegun", run=campaign)
        return
    top, own = one.files.top, root(one.path.parent)
    # Where only the waves of a campaign are verified, its own run lies beside or above them.
    within = top is not None and own != one.path.parent.absolute() and own.is_relative_to(top.absolute())
    code = "campaign-elsewhere" if top is None else "campaign-missing" if within else "campaign-unknown"
    yield archive.tell(code, run=campaign)


def pinned(runs: Sequence[Verified]) -> frozenset[str]:
    """Return the runs whose heads a campaign among ``runs`` has written down, so that its own head vouches for them."""
    from second_edition.evidence import fleet_record  # only where there is a campaign

    heads = {(one.run, one.head) for one in runs}
    accounts = filter(None, map(_campaign, runs))
    ended = (run for account in accounts for run in fleet_record.ended(account).values())
    return frozenset(run.run for run in ended if (run.run, run.head) in heads)


def _campaign(one: Verified) -> Account | None:
    """Return the journal of a campaign's run; ``None`` for any other."""
    if one.domain or one.link is None or one.files.journal is None:
        return None
    try:
        account = journal.read(one.files.journal)
    except (JournalError, OSError):
        return None  # which is said of it already
    return account if account.procedure == "fleet" else None


def _against(one: Verified, account: Account, archive: Archive) -> Iterator[Finding]:
    """Yield what is off with a campaign's identities, tables, the places that it gave its runs, and its beginning."""
    from second_edition.evidence import fleet_record  # only where there is a campaign

    ended, resumed = [entry for entry in fleet_record.ended(account).values() if entry.run], account.of(Resumed)
    there = [entry for entry in ended if entry.run in archive.known]
    ends = {run: (known.head, known.outcome, known.domain) for run, known in archive.known.items()}
    named, earlier = Counter(entry.run for entry in ended), resumed.of if resumed else ()
    lost = [run for run in earlier if run not in archive.known]
    off = {
        "fleet-missing" if one.files.whole else "fleet-elsewhere": [
            *(entry.record for entry in ended if entry.run not in archive.known), *lost,
        ],
        "fleet-altered": [
            entry.record
            for entry in there
            if ends[entry.run] != (entry.head, entry.outcome, entry.domain) or named[entry.run] > 1
        ],
        "fleet-file": [path.name for path, sha256 in _files(account) if differs(path, sha256)],
    }  # fmt: skip
    for code, names in off.items():
        if names:
            more = [f"... ({len(names)})"] if len(names) > MOST else []
            yield archive.tell(code, names=", ".join([*names[:MOST], *more]))
    began = begin_of(account)
    first = min([account.begin.at, *(archive.links[run].began for run in earlier if run in archive.links)])
    if began is not None and not lost and began < first - journal.APART:
        yield archive.tell("fleet-began", at=f"{began:%Y-%m-%d %H:%M}")


def begin_of(account: Account) -> datetime | None:
    """Return when the campaign began that a run carries out, by which its approvals count; ``None`` for no such run."""
    recalled = account.of(Recalled) if account.of(Laid) is not None else None
    return datetime.fromisoformat(recalled.began) if recalled else None


def _files(account: Account) -> Iterator[tuple[Path, str]]:
    """Yield the files that a campaign wrote, each with its SHA-256 (hex) as the journal has it."""
    from second_edition.evidence import fleet_record  # only where there is a campaign

    for event in account.events:
        if isinstance(event, Filed | Surveyed):
            yield account.path.parent / Path(event.file).name, event.sha256
    places = fleet_record.beside(account.path, fleet_record.FOLDER)
    # The whole folder may be gone, as in a copy of the archive: each run's journal holds what it was given.
    for started in account.all_of(Started) if os.path.lexists(places) else ():
        yield places / fleet_record.name_of_place(started.number, started.domain), started.place_sha256
