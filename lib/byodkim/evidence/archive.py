"""The archive: every run below a folder, each in a row of plain values that a list, a filter or a person can read."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from byodkim.errors import ByodkimError
from byodkim.evidence.archived import Archived, Evidence, RecordError, open_record
from byodkim.evidence.journal import SUFFIX, Account, ForeignEvent, JournalError, read
from byodkim.evidence.past import Trace, trace
from byodkim.evidence.record import ROTATE, Record
from byodkim.evidence.run_values import traits
from byodkim.messages import LANGUAGES

DAY_S: Final = 86400
NOTEBOOK: Final = ".ipynb"


class ArchiveError(ByodkimError):
    """A folder holds no archive, or a run is not in it."""


@dataclass(frozen=True)
class Standing:
    """Hold what the evidence of a run is worth.

    Attributes:
        key: what was found, a key of the catalogue ``site`` after ``standing.``.
        sound: nothing of the evidence contradicts itself or is lost.
        found: what is off, in the reader's words; none where only the journal's chain was looked at.
    """

    key: str
    sound: bool
    found: tuple[str, ...] = ()


@dataclass(frozen=True)
class Listed:
    """One run of the archive. All values are text as the run wrote it; "" is what it does not say.

    Attributes:
        run: its id.
        at: when it began, ISO 8601.
        procedure: its name; ``rotate`` where nothing can be told.
        outcome: as it closed; "" where it never did, or nothing can be told.
        current_selector: the selector in use when it began; ``next_selector``: the one that was asked for.
        world: where the identity stands: account and Region, or the sandbox. Only runs of one world have one past.
        approvals: who approved the plan; ``waivers``: the IDs of the checks that were waived.
        trace: what the run tells of its identity's past; ``None`` where nothing can be told.
        traits: every comparable value by its name, as ``byodkim.evidence.run_values`` names them.
        reader: ``language`` and ``zone`` that the run was told in, as its first event has them; else empty.
        standing: what its evidence is worth.
        notebook, journal: its files; ``None`` where there is none.
    """

    run: str
    at: str
    domain: str
    current_selector: str
    next_selector: str
    outcome: str
    procedure: str
    mode: str
    target: str
    world: str
    operator: str
    approvals: tuple[str, ...]
    waivers: tuple[str, ...]
    trace: Trace | None
    traits: Mapping[str, str]
    reader: Mapping[str, Any]
    standing: Standing
    notebook: Path | None
    journal: Path | None

    @property
    def path(self) -> Path:
        """Return the file that stands for the run."""
        return self.journal or self.notebook or Path()

    @property
    def year(self) -> str:
        """Return the year of its beginning, in UTC."""
        return self.at[:4]


def runs(folder: Path) -> tuple[Listed, ...]:
    """Return every run whose journal or notebook lies in ``folder`` or below it, newest first.

    A file that is no run is passed over; a run whose evidence does not hold together is listed, and said to be so.

    Raises:
        ArchiveError: there is no such folder.
    """
    if not folder.is_dir():
        raise ArchiveError(f"{folder} is no folder of records.", todo="Name the folder that holds the runs' journals.")
    journals, notebooks = _files(folder)
    found, known = [], set()
    for path in journals:
        notebook = _notebook_of(path)
        known.add(notebook)
        found.append(_from_journal(path, notebook))
    for path in notebooks:
        if path not in known and (listed := _from_notebook(path)) is not None:
            found.append(listed)
    return tuple(sorted(_once(found), key=lambda one: (one.at, one.run), reverse=True))


def weighed(listed: Sequence[Listed], standings: Mapping[Path, Standing]) -> tuple[Listed, ...]:
    """Return the runs with a verification's findings on their journals (else notebooks), by path; others unchanged."""
    found = [standings.get(one.path) for one in listed]
    return tuple(
        replace(one, standing=standing) if standing else one for one, standing in zip(listed, found, strict=True)
    )


def record_of(listed: Listed) -> Archived:
    """Return the run's record, to be shown: its notebook and journal, or the journal alone.

    Raises:
        RecordError: the notebook cannot be read any more.
    """
    archived = open_record(listed.notebook) if listed.notebook else None
    # The notebook may tell of a later run that was written to the same name.
    if archived and (not archived.events or archived.events[0].get("run") == listed.run or not listed.journal):
        return archived
    path = listed.path
    try:
        account = read(path)
    except JournalError as error:
        evidence = Evidence("all-broken", {"file": path.name, "error": error.what}, False, "")
        return Archived(path, (), {}, (), evidence)
    evidence = Evidence("journal-only", {"file": path.name}, True, account.head)
    return Archived(path, (), {}, account.events, evidence)


def choose(listed: Sequence[Listed], run: str) -> Listed:
    """Return the run of that id.

    Raises:
        ArchiveError: it is not among them.
    """
    found = next((one for one in listed if one.run == run), None)
    if found is None:
        raise ArchiveError(f"The archive holds no run {run}.", todo="Name a run as the table of runs spells it.")
    return found


def _files(folder: Path) -> tuple[list[Path], list[Path]]:
    """Return the journals and notebooks, without hidden folders (an editor's copies are no records)."""
    journals, notebooks = [], []
    for where, below, names in os.walk(folder):
        below[:] = sorted(name for name in below if not name.startswith("."))
        journals += [Path(where, name) for name in names if name.endswith(SUFFIX)]
        notebooks += [Path(where, name) for name in names if name.endswith(NOTEBOOK)]
    return sorted(journals), sorted(notebooks)


def _notebook_of(journal: Path) -> Path | None:
    """Return the record beside a journal: they share what stands before the run's id."""
    stem = journal.name.removesuffix(SUFFIX).rpartition(".")[0]
    path = journal.with_name(f"{stem}{NOTEBOOK}")
    return path if stem and path.is_file() else None


def _from_journal(path: Path, notebook: Path | None) -> Listed:
    run = path.name.removesuffix(SUFFIX).rpartition(".")[2]
    try:
        account = read(path)
        if account.events:
            return _listed(account.events, _standing(account), notebook, path)
    except (ForeignEvent, LookupError, TypeError, ValueError, AttributeError):
        return _unreadable(run, Standing("foreign", False), notebook, path)
    except (JournalError, OSError):
        return _damaged(run, path, notebook)
    return _unreadable(run, Standing("unbegun", True), notebook, path)


def _damaged(run: str, path: Path, notebook: Path | None) -> Listed:
    """Return a run whose journal does not hold together, by the notebook's copy where that one does."""
    broken = Standing("broken", False)
    try:
        archived = open_record(notebook) if notebook else None
        # The notebook may be of another run that was written to the same name.
        if archived and archived.events and archived.events[0]["run"] == run:
            return _listed(archived.events, broken, notebook, path)
    except (RecordError, LookupError, TypeError, ValueError, AttributeError):
        pass
    return _unreadable(run, broken, notebook, path)


def _from_notebook(path: Path) -> Listed | None:
    """Return a record without a journal of its name; ``None`` for what is no record."""
    try:
        archived = open_record(path)
    except RecordError:
        return None
    try:
        if archived.events:
            key = "copy-only" if archived.evidence.sound else "broken"
            return _listed(archived.events, Standing(key, archived.evidence.sound), path, None)
    except (LookupError, TypeError, ValueError, AttributeError):
        pass
    given = archived.papermill.get("parameters") or {}
    key = "unbegun" if archived.evidence.sound else "lost"
    values = {name: str(given.get(name) or "") for name in ("domain", "selector", "mode", "target")}
    at = str(archived.papermill.get("start_time") or "")
    outcome = "REFUSED" if archived.error and archived.evidence.sound else ""
    return _unreadable(path.stem, Standing(key, archived.evidence.sound), path, None, at=at, outcome=outcome, **values)


def _standing(account: Account) -> Standing:
    """Return what a journal by itself is worth: its chain of hashes holds, or it was cut off as it was written."""
    return Standing("torn" if account.torn else "chain", not account.torn)


def _listed(
    events: Sequence[Mapping[str, Any]], standing: Standing, notebook: Path | None, journal: Path | None
) -> Listed:
    record = Record(events)
    begin, called = record.begin, (record.last("caller") or {}).get("caller") or {}
    past = trace(record)
    return Listed(
        run=str(begin["run"]), at=str(begin["at"]), domain=str(begin["domain"]),
        current_selector=past.sights[0].selector if past.sights else "", next_selector=record.selector,
        outcome=str(record.closed["outcome"]) if record.closed else "",
        procedure=record.procedure, mode=str(begin["mode"]), target=str(begin["target"]), world=_world(begin, called),
        operator=str(called.get("arn", "")), approvals=tuple(_approvers(record)),
        waivers=tuple(finding.id for finding in record.findings if finding.reason),
        trace=past, traits=traits(record),
        reader=_reader(begin),
        standing=standing, notebook=notebook, journal=journal,
    )  # fmt: skip


def _unreadable(
    run: str, standing: Standing, notebook: Path | None, journal: Path | None, *, at: str = "", **data: str
) -> Listed:
    return Listed(
        run, _began(run, at), data.get("domain", ""), "", data.get("selector", ""), data.get("outcome", ""),
        ROTATE, data.get("mode", ""), data.get("target", ""), "", "", (), (), None, {}, {}, standing, notebook, journal,
    )  # fmt: skip


def _reader(begin: Mapping[str, Any]) -> dict[str, Any]:
    language, zone = begin["language"], begin["zone"]
    if language not in LANGUAGES or not isinstance(zone["name"], str) or abs(int(zone["offset_s"])) >= DAY_S:
        raise ValueError("no language or time zone")
    return {"language": language, "zone": {"name": zone["name"], "offset_s": int(zone["offset_s"])}}


def _began(run: str, noted: str) -> str:
    """Return when a run without readable events began: as papermill noted it, or by the time at the start of its id."""
    for text in (noted, run.partition("-")[0]):
        with contextlib.suppress(ValueError):
            if (moment := datetime.fromisoformat(text)).tzinfo is not None:
                return moment.isoformat()
    return ""


def _world(begin: Mapping[str, Any], caller: Mapping[str, Any]) -> str:
    if begin["target"] == "aws":
        return " ".join(filter(None, (str(caller.get("account", "")), str(caller.get("region", "")))))
    # A sandbox that a run started for itself ended with it; one that stands is known by its address.
    standing = begin["parameters"]["endpoint_url"]["source"] != "sandbox"
    name = f"sandbox {caller.get('endpoint', '')}" if standing else f"sandbox {begin['run']}"
    region = begin["parameters"].get("region") or {"source": "sandbox"}
    return name if region["source"] == "sandbox" else f"{name} {begin['account']}/{region['value']}"


def _approvers(record: Record) -> Iterator[str]:
    return (one.approval.approver for one in record.approvals if one.approval)


def _once(found: Sequence[Listed]) -> list[Listed]:
    """Return the same run found in several folders once, if nothing tells the copies apart."""
    kept: dict[tuple[str, Any], Listed] = {}
    for one in found:
        kept.setdefault((one.run, (one.at, one.standing, tuple(one.traits.items()))), one)
    return list(kept.values())
