"""A record read from its notebook and the journal beside it: what happened, and whether the evidence holds."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from byodkim.errors import ByodkimError
from byodkim.evidence.cells import JOURNAL, RUN, Cell, outputs, text_of
from byodkim.evidence.journal import SUFFIX, Account, ForeignEvent, JournalError, OtherFormat, canonical, parse, read
from byodkim.evidence.unbegun import is_unbegun

IMPORT: Final = "from byodkim import steps"
BEGINS: Final = re.compile(r'\bsteps\.begin\((?:"(\w+)", )?\*\*')

Events = tuple[Mapping[str, Any], ...]


class RecordError(ByodkimError):
    """A file is not the record of a run, or cannot be told."""


@dataclass(frozen=True)
class Evidence:
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


@dataclass(frozen=True)
class Archived:
    """An executed notebook with its journal.

    Attributes:
        path: of the notebook.
        cells: the notebook's cells, in nbformat 4's JSON.
        papermill: what papermill wrote down of its run; empty where JupyterLab ran it.
        events: the journal's events; none where no journal holds together.
        evidence: whether the journal beside it, and the copy in it, hold and agree.
    """

    path: Path
    cells: tuple[Cell, ...]
    papermill: Mapping[str, Any]
    events: Events
    evidence: Evidence

    @property
    def error(self) -> tuple[str, str] | None:
        """Return the type and text of the error that ended the notebook, as the kernel gave them."""
        errors = [output for output in outputs(self.cells) if output.get("output_type") == "error"]
        return (str(errors[-1].get("ename", "")), str(errors[-1].get("evalue", ""))) if errors else None


def procedure_of(sources: Iterable[str]) -> str:
    """Return the name of the procedure that a notebook begins, by the text of its code cells."""
    found = next((found for source in sources if (found := BEGINS.search(source))), None)
    return (found[1] if found else None) or "rotate"


def open_record(path: Path) -> Archived:
    """Read an executed notebook and the journal that lies beside it.

    Raises:
        RecordError: the file cannot be read, is no notebook, or is no run of this procedure.
    """
    cells, papermill = _notebook(path)
    copy = _last_of(cells, JOURNAL)
    copied = None if copy is None else tuple(copy) if isinstance(copy, list) else ()
    events, evidence = _weigh(copied, _beside(path, cells, papermill, copied))
    if evidence.key == "none" and (_began(cells, papermill) or not is_unbegun(cells)):
        evidence = Evidence("lost", {}, False, "")
    return Archived(path, cells, papermill, events, evidence)


def head_of(events: Sequence[Any]) -> str | None:
    """Return the head of a copy of a journal (SHA-256 of the last line in hex); ``None`` where it does not hold."""
    try:
        data = "".join(canonical(event) + "\n" for event in events).encode()
        return parse(Path("copy"), data).head if events else None
    except (ForeignEvent, OtherFormat) as foreign:  # its chain holds
        return foreign.head
    except (JournalError, TypeError, ValueError):
        return None


def _notebook(path: Path) -> tuple[tuple[Cell, ...], Mapping[str, Any]]:
    try:
        notebook = json.loads(path.read_bytes())
        cells = tuple(cell for cell in notebook["cells"] if isinstance(cell, dict))
        papermill = notebook.get("metadata", {}).get("papermill") or {}
    except OSError as error:
        raise RecordError(
            f"{path} cannot be read ({error.strerror or error}).", todo="Name a run's notebook."
        ) from error
    except (ValueError, TypeError, KeyError, AttributeError):
        raise _no_record(path, "it is no notebook (nbformat 4)") from None
    code = [cell for cell in cells if cell.get("cell_type") == "code"]
    if not any(IMPORT in text_of(cell.get("source", "")) for cell in code):
        raise _no_record(path, "its cells do not use byodkim")
    if not papermill and not any(cell.get("execution_count") or cell.get("outputs") for cell in code):
        raise _no_record(path, "it was never executed")
    return cells, papermill if isinstance(papermill, dict) else {}


def _no_record(path: Path, why: str) -> RecordError:
    return RecordError(
        f"{path} is not the record of a byodkim run: {why}.",
        "Nothing was written.",
        "Name the notebook that papermill wrote, such as outputs/<name>.ipynb.",
    )


def _began(cells: Sequence[Cell], papermill: Mapping[str, Any]) -> bool:
    """Return whether there was a journal: the notebook names one, or came to its end without an error."""
    errors = any(output.get("output_type") == "error" for output in outputs(cells))
    return _last_of(cells, RUN) is not None or (bool(papermill.get("end_time")) and not errors)


def _last_of(cells: Sequence[Cell], mime: str) -> Any:
    found = [output["data"][mime] for output in outputs(cells) if mime in (output.get("data") or {})]
    return found[-1] if found else None


def _beside(path: Path, cells: Sequence[Cell], papermill: Mapping[str, Any], copied: Events | None) -> Path | None:
    """Return the run's journal file. The notebook may give its bare name, so that it leads nowhere else."""
    named = _last_of(cells, RUN)
    if isinstance(named, dict):
        name = str(named.get("journal", ""))
        return path.parent / name if name.endswith(SUFFIX) and Path(name).name == name else None
    candidates = sorted(path.parent.glob(f"{_literal(path.stem)}.*{SUFFIX}"), key=lambda one: one.name, reverse=True)
    if copied:
        ending = f".{copied[0].get('run')}{SUFFIX}" if isinstance(copied[0], dict) else ""
        return next((one for one in candidates if one.name == f"{path.stem}{ending}"), None)
    return next((one for one in candidates[:1] if _since(one, papermill.get("start_time"))), None)


def _literal(stem: str) -> str:
    return "".join(f"[{char}]" if char in "*?[" else char for char in stem)


def _since(path: Path, started: object) -> bool:
    """Return whether the journal was begun in this execution: an earlier run may have left one under the same name."""
    try:
        first = json.loads(path.read_bytes().split(b"\n", 1)[0])
        return datetime.fromisoformat(first["at"]) >= datetime.fromisoformat(str(started))
    except (OSError, ValueError, TypeError, KeyError):
        return False


def _weigh(copied: Events | None, path: Path | None) -> tuple[Events, Evidence]:
    """Return the events that count, and how far to rely on them: the file's, else the copy's, else none."""
    account, broken = _account(path)
    name = path.name if path else ""
    head = head_of(copied) if copied is not None else None
    if account is not None and account.events:
        events: Events = account.events
        found = _compare(account, copied, head)
        return events, Evidence(found[0], {"file": name, "line": found[1]}, found[2], account.head)
    if broken:
        evidence = Evidence("broken" if head else "all-broken", {"file": name, "error": broken}, False, head or "")
        return (copied or () if head else ()), evidence
    if copied is None:
        return (), Evidence("none", {}, True, "")
    if head is None:
        return (), Evidence("copy-broken-alone", {}, False, "")
    return copied, Evidence("copy-only", {"file": name or SUFFIX}, True, head)


def _account(path: Path | None) -> tuple[Account | None, str]:
    if path is None or not path.exists():
        return None, ""
    try:
        return read(path), ""
    except JournalError as error:
        return None, error.what
    except OSError as error:
        return None, f"{path.name}: {error.strerror or error}."


def _compare(account: Account, copied: Events | None, head: str | None) -> tuple[str, int, bool]:
    """Return what the file and the copy say of each other: a key, the first line that differs, whether all is sound."""
    if copied is None:
        return ("torn" if account.torn else "file-only"), len(account.events) + 1, True
    if head is None:
        return "copy-broken", 0, False
    if head == account.head and not account.torn:
        return "agree", 0, True
    pairs = zip(account.events, copied, strict=False)
    shorter = min(len(account.events), len(copied))
    return "differ", next((n for n, (one, other) in enumerate(pairs) if one != other), shorter) + 1, False
