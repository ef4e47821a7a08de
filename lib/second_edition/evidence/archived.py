"""A record read from its notebook and the journal beside it: what happened, and whether the evidence holds."""

from __future__ import annotations

import glob
import json
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import replace

from second_edition.errors import ByodkimError
from second_edition.evidence import folders
from second_edition.evidence.cells import JOURNAL, RUN, Cell, code_of, is_error, outputs, text_of
from second_edition.evidence.journal import SUFFIX, ForeignEvent, JournalError, canonical, parse, read
from second_edition.evidence.notebook import is_unbegun
from second_edition.evidence.record import Record
from second_edition.messages import Language, ambient, say

#: The error of a run that takes its journal back, as a piece of a key may stand in it.
LEAKED: Final = "LeakStopped"
IMPORT: Final = "from second_edition import steps"
#: And what it was before the package was set aside: records stay records.
EARLIER: Final = "from byodkim import steps"
BEGINS: Final = re.compile(r'\bsteps\.begin\((?:"(\w+)", )?\*\*')


class RecordError(ByodkimError):
    """A file is not the record of a run, or cannot be told."""


class Evidence(Struct, frozen=True):
    """Hold how the evidence stands.

    Attributes:
        key: what is found, a key of the catalogue ``page`` after ``evidence.``.
        values: what that sentence names.
        sound: no part of the evidence contradicts another.
        head: SHA-256 of the journal's last line in hex, "" where no chain holds.
    """

    key: str
    values: Mapping[str, object]
    sound: bool
    head: str

    def explain(self, language: Language) -> str:
        """Return the sentence on how it stands."""
        values = {
            name: value.explain(language) if isinstance(value, JournalError) else value
            for name, value in self.values.items()
        }
        return say("page", f"evidence.{self.key}", language, **values)


class Archived(Struct, frozen=True):
    """An executed notebook with its journal.

    Attributes:
        path: of the notebook.
        cells: the notebook's cells, in nbformat 4's JSON.
        papermill: what papermill wrote down of its run; empty where JupyterLab ran it.
        record: the journal's events; ``None`` where no journal holds together.
        evidence: whether the journal beside it holds, else the copy in it; by ``judged``, whether all of it does.
        signer: ``keyid`` of the key that sealed it; "" where no seal holds, or ``judged`` has not looked.
    """

    path: Path
    cells: tuple[Cell, ...]
    papermill: Mapping[str, Any]
    record: Record | None
    evidence: Evidence
    signer: str = ""

    @property
    def language(self) -> Language:
        """Return the language of the record; the environment's where it says none."""
        return self.record.begin.language if self.record else ambient()

    @property
    def unexecuted(self) -> bool:
        """Return whether none of its cells was executed, as where its kernel did not start."""
        return self.record is None and not any(map(is_executed, self.cells))

    @property
    def error(self) -> tuple[str, str] | None:
        """Return the type and text of the error that ended the notebook, as the kernel gave them."""
        return _error(self.cells)


def _error(cells: Sequence[Cell]) -> tuple[str, str] | None:
    errors = list(filter(is_error, outputs(cells)))
    return (str(errors[-1].get("ename", "")), str(errors[-1].get("evalue", ""))) if errors else None


def procedure_of(sources: Iterable[str]) -> str:
    """Return the name of the procedure that a notebook begins, by the text of its code cells."""
    found = next((found for source in sources if (found := BEGINS.search(source))), None)
    return (found[1] if found else None) or "rotate"


def open_record(path: Path) -> Archived:
    """Read an executed notebook and the journal that lies beside it; of a link, beside what it leads to.

    Raises:
        RecordError: the file cannot be read, is no notebook, or is no run of this procedure.
    """
    path = Path(os.path.realpath(path)) if path.is_symlink() else path
    cells, papermill = _notebook(path)
    copy = _last_of(cells, JOURNAL)
    copied = None if copy is None else copy if isinstance(copy, list) else []
    journal = _beside(path, cells, papermill, copied)
    record, evidence = _weigh(copied, journal)
    if evidence.key == "none" and (_began(cells, papermill) or not is_unbegun(cells)):
        error = _error(cells)
        evidence = Evidence("taken-back" if error and error[0] == LEAKED else "lost", {}, False, "")
    return Archived(path, cells, papermill, record, evidence)


def judged(archived: Archived, language: Language) -> Archived:
    """Return a record with its evidence as ``byodkim verify`` finds it: a fault there is one here.

    Of its run alone, and whoever signed it: that, and the runs around it, are for ``byodkim verify`` itself. What
    verifies is loaded here: a run begins without it (``tests.second_edition.bench.command``).
    """
    from second_edition.evidence.seal import SealError, read_seal, seal_path
    from second_edition.evidence.verification import verify_run
    from second_edition.evidence.verification_case import Trust
    from second_edition.evidence.verification_files import collect

    if not archived.record or not archived.evidence.sound:
        return archived
    (files,) = collect([archived.path], language)
    try:
        seal = read_seal(seal_path(files.path))
        trust = Trust({seal.public_key.keyid: seal.public_key})
    except SealError:
        trust = Trust()
    found = verify_run(files, lambda _: trust, language)
    if found.verdict != "off":
        return replace(archived, signer=found.keyid)
    off = "; ".join(one.text for one in found.findings if one.fault and not one.undecided)
    values = {**archived.evidence.values, "found": off}
    return replace(archived, evidence=Evidence("off", values, False, archived.evidence.head))


def sound_record(path: Path, language: Language | None) -> Archived:
    """Return a record whose evidence holds. ``language``: of the error; the environment's where none is given.

    Raises:
        RecordError: as ``open_record``, or ``byodkim verify`` finds a fault.
    """
    spoken = language or ambient()
    archived = judged(open_record(path), spoken)
    if not archived.evidence.sound:
        raise RecordError.said("page", "unsound", spoken, path=path, how=archived.evidence.explain(spoken))
    return archived


def _account_of(copied: Sequence[Any]) -> tuple[Record | None, str]:
    """Return what a copy of a journal tells, and its head (SHA-256 of the last line in hex), "" where none holds."""
    try:
        account = parse(Path("copy"), "".join(canonical(event) + "\n" for event in copied).encode())
        return (account, account.head) if account.events else (None, "")
    except ForeignEvent as foreign:  # its chain holds
        return None, foreign.head
    except (JournalError, TypeError, ValueError, RecursionError):
        return None, ""


def _notebook(path: Path) -> tuple[tuple[Cell, ...], Mapping[str, Any]]:
    try:
        notebook = json.loads(folders.whole(path))
        cells = tuple(cell for cell in notebook["cells"] if isinstance(cell, dict))
        papermill = notebook.get("metadata", {}).get("papermill") or {}
    except OSError as error:
        raise RecordError.said("launch", "unread", ambient(), path=path, reason=error.strerror or error) from error
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise _no_record(path, "notebook") from None
    if not _is_shown(cells):
        raise _no_record(path, "notebook")
    code = code_of(cells)
    if not any(one in text_of(cell.get("source", "")) for cell in code for one in (IMPORT, EARLIER)):
        raise _no_record(path, "foreign")
    if not papermill and not any(map(is_executed, code)):
        raise _no_record(path, "unexecuted")
    return cells, papermill if isinstance(papermill, dict) else {}


def _is_shown(cells: Sequence[Cell]) -> bool:
    """Return whether all outputs stand in lists, and what each shows in an object."""
    listed = [cell.get("outputs") or [] for cell in cells]
    shown = [one for some in listed if isinstance(some, list) for one in some]
    return all(isinstance(some, list) for some in listed) and all(
        isinstance(one, dict) and isinstance(one.get("data") or {}, dict) for one in shown
    )


def _no_record(path: Path, why: str) -> RecordError:
    key, *rest = (f"no-record.{part}" for part in (why, "means", "todo"))
    return RecordError.said("launch", key, ambient(), *rest, path=path)


def _began(cells: Sequence[Cell], papermill: Mapping[str, Any]) -> bool:
    """Return whether there was a journal: the notebook names one, or was executed to its end without an error."""
    errors, executed = any(map(is_error, outputs(cells))), any(map(is_executed, cells))
    return _last_of(cells, RUN) is not None or (executed and bool(papermill.get("end_time")) and not errors)


def is_executed(cell: Cell) -> bool:
    """Return whether a cell was executed: it is numbered, shows something, or papermill noted when it began."""
    metadata = cell.get("metadata")
    noted = metadata.get("papermill") if isinstance(metadata, dict) else None
    began = noted.get("start_time") if isinstance(noted, dict) else None
    return bool(cell.get("execution_count") or cell.get("outputs") or began)


def _last_of(cells: Sequence[Cell], mime: str) -> Any:
    found = [output["data"][mime] for output in outputs(cells) if mime in (output.get("data") or {})]
    return found[-1] if found else None


def _beside(
    path: Path, cells: Sequence[Cell], papermill: Mapping[str, Any], copied: Sequence[Any] | None
) -> Path | None:  # fmt: skip
    """Return the run's journal file. The notebook may give its bare name, so that it leads nowhere else."""
    named = _last_of(cells, RUN)
    if isinstance(named, dict):
        name = str(named.get("journal", ""))
        return path.parent / name if name.endswith(SUFFIX) and Path(name).name == name else None
    candidates = sorted(path.parent.glob(f"{glob.escape(path.stem)}.*{SUFFIX}"), reverse=True)
    if copied:
        ending = f".{copied[0].get('run')}{SUFFIX}" if isinstance(copied[0], dict) else ""
        return next((one for one in candidates if one.name == f"{path.stem}{ending}"), None)
    return next((one for one in candidates[:1] if _since(one, papermill.get("start_time"))), None)


def _since(path: Path, started: object) -> bool:
    """Return whether the journal was begun in this execution: an earlier run may have left one under the same name."""
    try:
        with folders.opened(path) as file:
            first = json.loads(file.readline())
        return datetime.fromisoformat(first["at"]) >= datetime.fromisoformat(str(started))
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return False


def _weigh(copied: Sequence[Any] | None, path: Path | None) -> tuple[Record | None, Evidence]:
    """Return the record that counts: the file's, else the copy's, else none. Whether both agree, ``judged`` says."""
    name, account, error = path.name if path else "", None, None
    try:
        account = read(path) if path and path.exists() else None
    except (JournalError, OSError) as unread:
        error = unread if isinstance(unread, JournalError) else f"{name}: {unread.strerror or unread}."
    if account is not None and account.events:
        return account, Evidence("torn" if account.torn else "whole", {"file": name}, True, account.head)
    record, head = _account_of(copied or ())
    if error is not None:
        return record, Evidence("broken", {"file": name, "error": error}, False, head)
    if record:
        return record, Evidence("copy-only", {"file": name or SUFFIX}, True, head)
    return None, Evidence("none" if copied is None else "lost", {}, copied is None, "")


def from_here(record: Record, path: Path) -> Record:
    """Return a record whose commands work in this folder, whichever its run was started in."""
    begin = replace(record.begin, folder=folders.near(path.parent), below=str(folders.below_project()))
    return Record([begin, *record.events[1:]])
