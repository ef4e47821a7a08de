"""The request to the DNS team: a CSV beside the record, with the value of the proved key."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path

from byodkim.checks.check import Finding
from byodkim.checks.world import KeyObject
from byodkim.dkim.record import format_key_record
from byodkim.dns.request import RequestRow, letter, removal_sheet, request_sheet, zone_text
from byodkim.engine.observe import record_name
from byodkim.engine.run import Run
from byodkim.record.events import Requested
from byodkim.record.files import sync_folder
from byodkim.words import Language, speak


def write_request(run: Run, findings: Sequence[Finding]) -> Path | None:
    """Write the request once and return its file.

    Returns:
        ``None`` where the stored key and the secret's record are not proved to be one pair: a wrong
        value must not reach the DNS team.
    """
    key = run.seen.requested.key
    proved = any(each.check == "KEY-PAIR" and each.verdict == "PASS" for each in findings)
    if not proved or not isinstance(key, KeyObject):
        return None
    path = run.folder / f"{run.name}.csv"
    if any(isinstance(event, Requested) for event in run.journal.events):
        return path
    name = record_name(run, run.selector)
    value = format_key_record(key.public_key)
    ttl = run.settings.number("ttl")
    row = RequestRow(name, "TXT", value, ttl)
    data = request_sheet([row])
    # Its event first: a run that is interrupted here leaves no file that nothing accounts for.
    run.write(
        Requested(
            file=path.name,
            sha256=hashlib.sha256(data).hexdigest(),
            name=name,
            value=value,
            ttl=ttl,
        )
    )
    write_new(path, data)
    if run.procedure == "prepare":
        zone = zone_text(row, run.zone.name if run.zone else "")
        write_new(path.with_suffix(".zone"), zone.encode())
        write_new(path.with_suffix(".txt"), _letter(run, row, zone).encode())
    return path


def write_removal(run: Run, value: str, ttl: int) -> Path:
    """Write the request to remove the selector's key record once, and return its file."""
    path = run.folder / f"{run.name}.csv"
    if any(isinstance(event, Requested) for event in run.journal.events):
        return path
    name = record_name(run, run.selector)
    data = removal_sheet(RequestRow(name, "TXT", value, ttl))
    digest = hashlib.sha256(data).hexdigest()
    run.write(
        Requested(file=path.name, sha256=digest, name=name, value=value, ttl=ttl, action="remove")
    )
    write_new(path, data)
    return path


def request_suffixes(run: Run) -> tuple[str, ...]:
    """Return the endings of the request's files."""
    return (".csv", ".zone", ".txt") if run.procedure == "prepare" else (".csv",)


def _letter(run: Run, row: RequestRow, zone: str) -> str:
    """Return a letter to the DNS team in both languages, the run's own first."""
    own = run.settings.language
    other: Language = "en" if own == "ja" else "ja"
    texts = []
    for language in (own, other):
        speak(language)
        lines = letter(row, run.settings.text("ticket"), run.settings.text("requested_by"))
        texts.append("\n".join(map(str, lines)))
    speak(own)
    return "\n\n".join((*texts, zone))


def write_new(path: Path, data: bytes) -> None:
    """Write a file that must not exist yet, and have it on the disk.

    Raises:
        FileExistsError: it exists.
        OSError: the disk does not take it.
    """
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    sync_folder(path.parent)
