"""The request to the DNS team: a CSV beside the record."""

import csv
import hashlib
import io
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final, Literal

from byodkim.checks.check import Finding
from byodkim.checks.world import KeyObject
from byodkim.dkim.record import format_key_record
from byodkim.engine.observe import record_name
from byodkim.engine.run import Run
from byodkim.record.events import Requested
from byodkim.record.files import sync_folder

#: The columns of the run sheet, in the languages of those who read it.
HEADER: Final = ("名前 / Name", "タイプ / Type", "値 / Value", "TTL")
#: One more column, in a request to remove a record.
REMOVAL: Final = ("依頼 / Action", "削除 / Remove")
#: Excel opens UTF-8 with a byte order mark as UTF-8.
BOM: Final = "\ufeff"
#: A cell that begins with one of these is a formula to a spreadsheet (OWASP, CSV injection).
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def write_request(run: Run, findings: Sequence[Finding]) -> Path | None:
    """Write the request to publish the proved key's record, and return its file.

    Returns:
        ``None`` where the stored key and the secret's record are not proved to be one pair: a wrong
        value must not reach the DNS team.
    """
    key = run.seen.requested.key
    proved = any(each.check == "KEY-PAIR" and each.verdict == "PASS" for each in findings)
    if not proved or not isinstance(key, KeyObject):
        return None
    return write_sheet(run, format_key_record(key.public_key), run.settings.number("ttl"))


def write_sheet(
    run: Run, value: str, ttl: int, action: Literal["publish", "remove"] = "publish"
) -> Path:
    """Write the request once and return its file.

    Its event is written first: a run that is interrupted leaves no file that nothing accounts for.
    """
    if requested(run) is None:
        name = record_name(run, run.selector)
        data = request_sheet([(name, value)], ttl, removes=action == "remove")
        write_noted(run, data, ttl, action, name, value)
    return run.folder / f"{run.name}.csv"


def write_noted(
    run: Run, data: bytes, ttl: int, action: str, name: str = "", value: str = ""
) -> Path:
    """Write the run's CSV, after the event that says so, and return it."""
    path = run.folder / f"{run.name}.csv"
    sha256 = hashlib.sha256(data).hexdigest()
    run.write(
        Requested(file=path.name, sha256=sha256, name=name, value=value, ttl=ttl, action=action)
    )
    write_new(path, data)
    return path


def request_sheet(records: Sequence[tuple[str, str]], ttl: int, *, removes: bool = False) -> bytes:
    """Return the request as CSV (RFC 4180), in UTF-8 with a byte order mark for Excel.

    ``records``: names and values.
    """
    head, last = (REMOVAL[:1], REMOVAL[1:]) if removes else ((), ())
    rows = [(name, "TXT", value, str(ttl), *last) for name, value in records]
    return BOM.encode() + csv_of([(*HEADER, *head), *rows])


def csv_of(rows: Sequence[Sequence[str]]) -> bytes:
    """Return rows as CSV (RFC 4180), in which no cell is a formula to a spreadsheet."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    for row in rows:
        writer.writerow([f"'{cell}" if cell.startswith(FORMULA) else cell for cell in row])
    return text.getvalue().encode()


def requested(run: Run) -> Requested | None:
    """Return the request that this run wrote."""
    events = run.journal.events
    return next((event for event in events if isinstance(event, Requested)), None)


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
