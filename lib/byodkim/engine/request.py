"""The request to the DNS team: a CSV beside the record, with the value of the proved key."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path

from byodkim.checks.check import Finding
from byodkim.checks.world import KeyObject
from byodkim.dkim.record import format_key_record
from byodkim.dns.request import RequestRow, request_sheet
from byodkim.engine.observe import record_name
from byodkim.engine.run import Run
from byodkim.record.events import Requested


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
    data = request_sheet([RequestRow(name, "TXT", value, ttl)])
    write_new(path, data)
    run.write(
        Requested(
            file=path.name,
            sha256=hashlib.sha256(data).hexdigest(),
            name=name,
            value=value,
            ttl=ttl,
        )
    )
    return path


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
