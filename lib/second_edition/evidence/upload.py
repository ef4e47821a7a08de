"""Copies of a run's files in S3: each put there once, under a condition, with its checksum, and locked if so asked.

What is there already with the same checksum is there: an upload that was cut off is simply made again. Each copy is
written down beside the journal, in ``<name>.<run id>.archived.jsonl``. That list grows with each copy, and nothing in
the archive is ever overwritten: the list itself is not copied.
Source: Amazon S3 User Guide, "Add preconditions to S3 operations", "Checking object integrity", "S3 Object Lock".
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec

from second_edition.events.campaign import Filed, Surveyed
from second_edition.events.run import Begin
from second_edition.events.writes import Handed
from second_edition.evidence import journal, seal, timestamp
from second_edition.evidence.exclusive import append
from second_edition.evidence.folders import contents, differs, is_plain
from second_edition.evidence.journal import Account, canonical
from second_edition.evidence.sealing_key import SealingKey

SUFFIX: Final = ".archived.jsonl"
CAMPAIGN: Final = "fleet"  # in the place of the domain, which a campaign has none of
#: What a line of the list has at least.
LISTED: Final = frozenset({"file", "sha256", "place"})
Copy = dict[str, str]
Put = Callable[[str, Path], Copy]
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


def files_of(account: Account, known: Collection[str] = ()) -> Iterator[Path]:
    """Yield the finished files of a run: journal, seal, timestamp, approvals apart; the notebook once it has ended.

    A campaign's tables and requests to the DNS team are among them, each of which is written whole. What nobody signed
    is not: a page that was made anew, or a request.

    Args:
        account: the run's journal.
        known: names of files that need not be looked into.
    """
    path, record = account.path, account.begin.record
    page_seal = seal.page_seal_path(path)
    own = [path, seal.seal_path(path), timestamp.path_of(seal.seal_path(path)), page_seal]
    yield from filter(is_plain, own)
    notebook = path.with_name(record) if record else None
    if notebook is not None and (record in known or _is_finished(notebook, path.name)):
        yield notebook
        if is_plain(page := notebook.with_suffix(".html")) and is_plain(page_seal):
            yield page
    signed = digests(account)
    yield from sorted(one for one in path.parent.iterdir() if one.name in signed and is_plain(one))


def digests(account: Account) -> dict[str, str]:
    """Return the SHA-256 (hex) of the files that a run wrote beside its journal, by their names, as that has them."""
    found = dict[str, str]()
    for event in account.events:
        if isinstance(event, Handed):
            found |= zip(event.files, event.files_sha256, strict=False)
        elif isinstance(event, Filed | Surveyed):
            found[event.file] = event.sha256
    return {Path(name).name: sha256 for name, sha256 in found.items()}


def holds(account: Account, path: Path, keys: Mapping[str, SealingKey]) -> bool:
    """Return whether a file of a sealed run is what is signed, as ``byodkim verify`` finds it: a copy stays for good.

    Args:
        account: the run's journal.
        path: of the file; the timestamp's is not judged.
        keys: whose signatures count.
    """
    if path in (account.path, seal.seal_path(account.path)):
        return True
    if sha256 := digests(account).get(path.name):
        return not differs(path, sha256)
    from second_edition.evidence import verification_beside  # what verifies is loaded for a notebook or a page alone

    return verification_beside.holds(account, path, keys)


def missing(account: Account) -> list[Path]:
    """Return the finished files of a run of which no copy is written down.

    A notebook or a page that was changed after it was copied is not missing: the copy is the one that counts.
    """
    known = {entry["file"] for entry in copies(account.path)}
    return [path for path in files_of(account, known) if path.name not in known]


def copies(journal_path: Path) -> list[Copy]:
    """Return the copies that are written down, oldest first. A line that was cut off, or is none, counts for none.

    Nobody signs the list.

    Raises:
        OSError: the list cannot be read, or is no regular file.
    """
    try:
        lines = contents(path_of(journal_path)).splitlines()
    except FileNotFoundError:
        return []
    found = list[Copy]()
    for line in lines:
        with suppress(ValueError, RecursionError):
            entry = msgspec.json.decode(line, type=dict[str, str])
            found += [entry] if entry.keys() >= LISTED else []
    return found


def upload(journal_path: Path, paths: Iterable[Path], folder: str, put: Put) -> None:
    """Put files into the archive, each under ``<folder>/<file name>``, and write each copy down.

    Args:
        journal_path: of the run.
        paths: of its files that are missing there.
        folder: the key's beginning: prefix, identity and run.
        put: makes one copy.

    Raises:
        SealError: a copy could not be made, or another file lies there. Those before it are made.
        OSError: a copy could not be written down.
    """
    for path in paths:
        entry = {"file": path.name, **put(f"{folder}/{path.name}", path)}
        append(path_of(journal_path), canonical(entry).encode())


def _is_finished(path: Path, journal_name: str) -> bool:
    """Return whether papermill has ended this notebook, and it is that run's: a later run may have taken its name."""
    try:
        text = contents(path).decode()
        ended = json.loads(text)["metadata"]["papermill"]["end_time"]
    except (OSError, ValueError, LookupError, TypeError, RecursionError):
        return False
    return bool(ended) and json.dumps(journal_name, ensure_ascii=False) in text
