"""Copies of a run's files in S3: each put there once, under a condition, with its checksum, and locked if so asked.

What is there already with the same checksum is there: an upload that was cut off is simply made again. Each copy is
written down beside the journal, in ``<name>.<run id>.archived.jsonl``. That list grows with each copy, and nothing in
the archive is ever overwritten: the list itself is not copied.
Source: Amazon S3 User Guide, "Add preconditions to S3 operations", "Checking object integrity", "S3 Object Lock".
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Any, Final

from byodkim.events.run import Begin
from byodkim.evidence import journal, seal, timestamp
from byodkim.evidence.exclusive import append
from byodkim.evidence.folders import contents, is_plain
from byodkim.evidence.journal import canonical

SUFFIX: Final = ".archived.jsonl"
CAMPAIGN: Final = "fleet"  # in the place of the domain, which a campaign has none of
#: How the names of files end that a run leaves beside its journal: as fleet_record and the requests to the DNS team
#: have them.
BESIDE: Final = r"\.(fleet\.jsonl|fleet\.csv|back\.csv|dns-[a-z]+\.[a-z]+)"
Json = dict[str, Any]
Put = Callable[[str, Path], Json]
"""Puts a file under a key unless it is there; answers ``place``, ``version_id``, ``request_id``, ``sha256``."""


def path_of(journal_path: Path) -> Path:
    """Return where the copies of a run's files are listed."""
    return journal_path.with_name(journal_path.name.removesuffix(journal.SUFFIX) + SUFFIX)


def below(begin: Begin) -> str:
    """Return where a run's copies lie below the archive's prefix.

    Args:
        begin: the run's first event.
    """
    return f"{begin.domain or CAMPAIGN}/{begin.run}"


def files_of(journal_path: Path, record: str, known: Collection[str] = ()) -> Iterator[Path]:
    """Yield the finished files of a run: journal, seal, timestamp, approvals apart; the notebook once it has ended.

    A campaign's tables and requests to the DNS team are among them, each of which is written whole.

    Args:
        journal_path: of the run.
        record: name of the notebook, as the journal's first event has it; "" where it is not known.
        known: names of files that need not be looked into.
    """
    stem = journal_path.name.removesuffix(journal.SUFFIX)
    names = [journal_path.name, *(f"{stem}{end}" for end in (seal.SUFFIX, timestamp.SUFFIX, seal.PAGE_SUFFIX))]
    for path in map(journal_path.with_name, names):
        if is_plain(path):
            yield path
    notebook = journal_path.with_name(record) if record else None
    if notebook is not None and (record in known or _is_finished(notebook, journal_path.name)):
        yield notebook
        if is_plain(page := notebook.with_suffix(".html")):
            yield page
    beside = re.compile(re.escape(stem) + BESIDE)
    yield from sorted(path for path in journal_path.parent.iterdir() if beside.fullmatch(path.name) and is_plain(path))


def missing(journal_path: Path, record: str) -> list[Path]:
    """Return the finished files of a run of which no copy is written down.

    A notebook or a page that was changed after it was copied is not missing: the copy is the one that counts.
    """
    known = {entry["file"] for entry in copies(journal_path)}
    return [path for path in files_of(journal_path, record, known) if path.name not in known]


def copies(journal_path: Path) -> list[Json]:
    """Return the copies that are written down, oldest first. A line that was cut off counts for none.

    Raises:
        OSError: the list cannot be read, or is no regular file.
    """
    try:
        lines = contents(path_of(journal_path)).splitlines()
    except FileNotFoundError:
        return []
    found = []
    for line in lines:
        try:
            entry = json.loads(line)
            found.append({"file": str(entry["file"]), "sha256": str(entry["sha256"]), **entry})
        except (ValueError, LookupError, TypeError, RecursionError):
            continue
    return found


def upload(journal_path: Path, record: str, folder: str, put: Put) -> list[Json]:
    """Put what is missing into the archive, each file under ``<folder>/<file name>``, and write each copy down.

    Args:
        journal_path: of the run.
        record: name of its notebook.
        folder: the key's beginning: prefix, identity and run.
        put: makes one copy.

    Raises:
        SealError: a copy could not be made, or another file lies there. Those before it are made.
        OSError: a copy could not be written down.
    """
    made = []
    for path in missing(journal_path, record):
        entry = {"file": path.name, **put(f"{folder}/{path.name}", path)}
        append(path_of(journal_path), canonical(entry).encode())
        made.append(entry)
    return made


def _is_finished(path: Path, journal_name: str) -> bool:
    """Return whether papermill has ended this notebook, and it is that run's: a later run may have taken its name."""
    try:
        text = contents(path).decode()
        ended = json.loads(text)["metadata"]["papermill"]["end_time"]
    except (OSError, ValueError, LookupError, TypeError, RecursionError):
        return False
    return bool(ended) and json.dumps(journal_name, ensure_ascii=False) in text
