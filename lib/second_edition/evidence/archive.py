"""The archive: every run below a folder, each in a row of plain values that a list, a filter or a person can read."""

from __future__ import annotations

import contextlib
import os
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from msgspec import Struct, field
from msgspec.structs import replace

from second_edition.errors import ByodkimError
from second_edition.events.campaign import Recalled
from second_edition.events.run import Begin, Zone
from second_edition.evidence.archived import Archived, Evidence, RecordError, open_record
from second_edition.evidence.journal import SUFFIX, ForeignEvent, JournalError, read, run_of, stem_of
from second_edition.evidence.past import Trace, trace
from second_edition.evidence.record import FLEET, ROTATE, Record
from second_edition.evidence.run_values import traits
from second_edition.evidence.world import name_of
from second_edition.messages import Language, ambient
from second_edition.rotation.observation import Caller

NOTEBOOK: Final = ".ipynb"
#: What is found of a run whose own record holds, and before which SES was changed outside of the runs.
CHANGED: Final = "changed"


class ArchiveError(ByodkimError):
    """A folder holds no archive, or a run is not in it."""


class Standing(Struct, frozen=True):
    """Hold what the evidence of a run is worth.

    Attributes:
        key: what was found, a key of the catalogue ``site`` after ``standing.``.
        sound: nothing of the evidence contradicts itself or is lost.
        found: what is off, in the reader's words; none where only the journal's chain was looked at.
    """

    key: str
    sound: bool
    found: tuple[str, ...] = ()

    @property
    def counts(self) -> bool:
        """Return whether a history tells of the run: its own record holds, whatever was done to SES before it."""
        return self.sound or self.key == CHANGED


class Listed(Struct, frozen=True):
    """One run of the archive. All values are text as the run wrote it; "" is what it does not say.

    Attributes:
        run: its id.
        at: when it began, ISO 8601.
        procedure: its name; ``rotate`` where nothing can be told.
        outcome: as it closed; "" where it never did, or nothing can be told.
        current_selector: the selector in use when it began; ``next_selector``: the one that was asked for.
        table: of a campaign, the name of its table's file; ``planned``: the id of its plan run, "" where it has none.
        world: where the identity stands: account and Region, or the sandbox. Only runs of one world have one past.
        approvals: who approved the plan; ``waivers``: the IDs of the checks that were waived.
        trace: what the run tells of its identity's past; ``None`` where nothing can be told.
        traits: every comparable value by its name, as ``second_edition.evidence.run_values`` names them.
        reader: language and time zone that the run was told in; ``None`` where its first event cannot be read.
        standing: what its evidence is worth.
        notebook, journal: its files; ``None`` where there is none.
    """

    run: str
    standing: Standing
    at: str = ""
    domain: str = ""
    current_selector: str = ""
    next_selector: str = ""
    outcome: str = ""
    procedure: str = ROTATE
    mode: str = ""
    target: str = ""
    table: str = ""
    planned: str = ""
    world: str = ""
    operator: str = ""
    approvals: tuple[str, ...] = ()
    waivers: tuple[str, ...] = ()
    trace: Trace | None = None
    traits: Mapping[str, str] = field(default_factory=dict)
    reader: tuple[Language, Zone] | None = None
    notebook: Path | None = None
    journal: Path | None = None

    @property
    def path(self) -> Path:
        """Return the file that stands for the run."""
        return self.journal or self.notebook or Path()

    @property
    def year(self) -> str:
        """Return the year of its beginning, in UTC."""
        return self.at[:4]


def runs(
    folder: Path,
    language: Language | None = None,
    each: Callable[[Callable[[Path], Listed], Sequence[Path]], Iterable[Listed]] = map,
) -> tuple[Listed, ...]:
    """Return every run whose journal or notebook lies in ``folder`` or below it, newest first.

    A file that is no run is passed over; a run whose evidence does not hold together is listed, and said to be so.

    Args:
        folder: of the archive.
        language: of the error.
        each: what reads the journals: one after another, or on several cores.

    Raises:
        ArchiveError: there is no such folder.
    """
    if not folder.is_dir():
        raise ArchiveError.said("site", "no-folder", language or ambient(), folder=folder)
    journals, notebooks = (sorted(_files(folder, ending)) for ending in (SUFFIX, NOTEBOOK))
    found = list(each(_from_journal, journals))
    known = {one.notebook for one in found}
    alone = (_from_notebook(path) for path in notebooks if path not in known and path.is_file())
    listed = _once([*found, *filter(None, alone)])
    return tuple(sorted(listed, key=lambda one: (one.at, one.run), reverse=True))


def weighed(listed: Sequence[Listed], standings: Mapping[Path, Standing]) -> tuple[Listed, ...]:
    """Return the runs with a verification's findings on their journals (else notebooks), by path; others unchanged.

    What a run says whose own record does not hold is nobody's past: it has no ``trace``.
    """
    found = (replace(one, standing=standings.get(one.path, one.standing)) for one in listed)
    return tuple(one if one.standing.counts else replace(one, trace=None) for one in found)


def record_of(listed: Listed) -> Archived:
    """Return the run's record, to be shown: its notebook and journal, or the journal alone.

    Raises:
        RecordError: the notebook cannot be read any more.
    """
    archived = open_record(listed.notebook) if listed.notebook else None
    # The notebook may tell of a later run that was written to the same name.
    if archived and (not archived.record or archived.record.begin.run == listed.run or not listed.journal):
        return archived
    path = listed.path
    try:
        account = read(path)
    except (JournalError, OSError) as unread:
        error = unread if isinstance(unread, JournalError) else f"{path.name}: {unread.strerror or unread}."
        evidence = Evidence("broken", {"file": path.name, "error": error}, False, "")
        return Archived(path, (), {}, None, evidence)
    evidence = Evidence("journal-only", {"file": path.name}, True, account.head)
    return Archived(path, (), {}, account if account.events else None, evidence)


def choose(listed: Sequence[Listed], run: str, language: Language) -> Listed:
    """Return the run of that id.

    Raises:
        ArchiveError: it is not among them.
    """
    found = next((one for one in listed if one.run == run), None)
    if found is None:
        raise ArchiveError.said("site", "no-run", language, run=run)
    return found


def _files(folder: Path, ending: str) -> Iterator[Path]:
    """Yield the files whose names end so, without hidden ones and folders (an editor's copies are no records)."""
    for where, below, names in os.walk(folder):
        below[:] = [name for name in below if not name.startswith(".")]
        yield from (Path(where, name) for name in names if name.endswith(ending) and name[0] != ".")


def _notebook_of(journal: Path) -> Path | None:
    """Return the record beside a journal: they share what stands before the run's id."""
    path = journal.with_name(f"{stem_of(journal)}{NOTEBOOK}")
    return path if stem_of(journal) and path.is_file() else None


def _from_journal(path: Path) -> Listed:
    run = run_of(path)
    own = Listed(run, Standing("foreign", False), began(run), notebook=_notebook_of(path), journal=path)
    try:
        account = read(path)
        if not account.events:
            return replace(own, standing=Standing("unbegun", True))
        # By itself, a journal's chain of hashes holds, or it was cut off as it was written.
        standing = Standing("torn" if account.torn else "chain", not account.torn)
        return _listed(account, replace(own, standing=standing))
    except (ForeignEvent, LookupError, TypeError, ValueError, AttributeError, OverflowError):
        return own
    except (JournalError, OSError):
        return _by_copy(replace(own, standing=Standing("broken", False)))


def _by_copy(own: Listed) -> Listed:
    """Return a run whose journal does not hold together, by the notebook's copy where that one does."""
    with contextlib.suppress(RecordError, LookupError, TypeError, ValueError, AttributeError):
        archived = open_record(own.notebook) if own.notebook else None
        # The notebook may be of another run that was written to the same name.
        if archived and archived.record and archived.record.begin.run == own.run:
            return _listed(archived.record, own)
    return own


def _from_notebook(path: Path) -> Listed | None:
    """Return a record without a journal of its name; ``None`` for what is no record."""
    try:
        archived = open_record(path)
    except RecordError:
        return None
    sound, given = archived.evidence.sound, archived.papermill.get("parameters") or {}
    with contextlib.suppress(LookupError, TypeError, ValueError, AttributeError):
        if archived.record:
            standing = Standing("copy-only" if sound else "broken", sound)
            return _listed(archived.record, Listed(path.stem, standing, notebook=path))
    text = defaultdict(str, {name: str(value or "") for name, value in given.items()})
    return Listed(
        path.stem, Standing("unbegun" if sound else "lost", sound),
        began(path.stem, str(archived.papermill.get("start_time") or "")), text["domain"],
        next_selector=text["selector"], outcome="REFUSED" if archived.error and sound else "", mode=text["mode"],
        target=text["target"], notebook=path,
    )  # fmt: skip


def _listed(record: Record, own: Listed) -> Listed:
    """Return a run with what its events tell."""
    begin, past = record.begin, trace(record)
    return replace(
        own, run=begin.run, at=begin.at.isoformat(timespec="milliseconds"), domain=begin.domain,
        current_selector=past.sights[0].selector if past.sights else "", next_selector=record.selector,
        outcome=record.outcome or "",
        procedure=record.procedure, mode=begin.mode, target=begin.target, **_campaign(record),
        world=_world(begin, record.caller), operator=record.caller.arn,
        approvals=tuple(one.approval.approver for one in record.approvals if one.approval),
        waivers=tuple(finding.id for finding in record.findings if finding.reason),
        trace=past, traits=traits(record), reader=(begin.language, begin.zone),
    )  # fmt: skip


def _campaign(record: Record) -> dict[str, str]:
    """Return the names by which a campaign is known: its table's file, and its plan run, "" where none came of it."""
    if record.procedure != FLEET:
        return {}
    recalled, own = record.of(Recalled), record.begin.run if record.made else ""
    return {"table": record.table, "planned": recalled.of if recalled else own}


def began(run: str, noted: str = "") -> str:
    """Return when a run without readable events began: as papermill noted it, or by the time at the start of its id."""
    for text in (noted, run.partition("-")[0]):
        with contextlib.suppress(ValueError):
            if (moment := datetime.fromisoformat(text)).tzinfo is not None:
                return moment.isoformat()
    return ""


def _world(begin: Begin, caller: Caller) -> str:
    if begin.target == "aws":
        return " ".join(filter(None, (caller.account, caller.region)))
    # A sandbox that a run started for itself ended with it; one that stands is known by its address.
    standing = begin.parameters["endpoint_url"].source != "sandbox"
    own = name_of(caller.endpoint, begin.twin.id if begin.twin else begin.sandbox)
    name, region = own if standing else f"sandbox {begin.run}", begin.parameters.get("region")
    return f"{name} {begin.account}/{region.value}" if region and region.source != "sandbox" else name


def _once(found: Sequence[Listed]) -> list[Listed]:
    """Return the same run found in several folders once, if nothing tells the copies apart."""
    kept: dict[tuple[str, Any], Listed] = {}
    for one in found:
        kept.setdefault((one.run, (one.at, one.standing, tuple(one.traits.items()))), one)
    return list(kept.values())
