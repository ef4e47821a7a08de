"""``byodkim inventory``: every identity of an account and Region, its selector, status, key record and due date."""

from __future__ import annotations

import argparse
import os
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from second_edition.display.blocks import visible
from second_edition.display.inventory import Summary, columns, tables, write_csv
from second_edition.display.words import duration
from second_edition.engine import exploring
from second_edition.engine.inventory import InventoryRun
from second_edition.engine.live_line import LiveLine
from second_edition.engine.zone_servers import ZoneServers
from second_edition.errors import AccessError, ByodkimError, paragraph
from second_edition.evidence import inventory_file
from second_edition.evidence.folders import near
from second_edition.messages import Language, ambient, say
from second_edition.settings import FIELDS, described

TAKEN: Final = 0
INTERRUPTED: Final = 130
_OPTIONS: Final = ("profile", "target", "region", "aws_profile", "endpoint_url", "nameservers", "archive", "language")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    for row in (FIELDS[name] for name in _OPTIONS):
        option, what = f"--{row.name.replace('_', '-')}", described(row.name, ambient())
        parser.add_argument(option, default=row.default, choices=row.values or None, help=what)
    parser.add_argument("--csv", type=Path, metavar="FILE", help="write all rows as CSV too")
    what = "begin anew, where an inventory of the last day was not finished"
    parser.add_argument("--anew", action="store_true", help=what)


def run(arguments: argparse.Namespace) -> int:
    """Take the inventory and print what it comes to. Nothing is written but its own files.

    Raises:
        ParameterError: an option or the profile is wrong.
        AccessError: AWS cannot be read, or the inventory cannot be kept.
    """
    if arguments.csv is not None:  # it is written at the very end, which may be hours away
        _check_free(arguments.csv, arguments.language or ambient())
    given = {name: value for name in _OPTIONS if (value := getattr(arguments, name))}
    with_session = exploring.begin(given)
    try:
        return _take(arguments, with_session)
    finally:
        with_session.close()


def _check_free(path: Path, language: Language) -> None:
    key = "exists" if os.path.lexists(path) else "" if path.parent.is_dir() else "no-folder"
    if key:
        what = say("explore", "csv", language, path=path, reason=say("command", key, language))
        raise AccessError(what, say("explore", "unwritable.means", language), say("launch", "name-csv", language))


def _take(arguments: argparse.Namespace, session: Any) -> int:
    language: Language = session.language
    stem = "sandbox" if session.sandbox else f"{session.caller.account}-{session.region}"
    try:
        file = inventory_file.begin(session.folder, session.place, stem, datetime.now(UTC), anew=arguments.anew)
    except OSError as error:
        raise _unwritable(session.folder, error, language) from error
    if file.resumed:
        at, rows = session.words.time(file.begun), len(file.done)
        print(visible(say("explore", "resumed", language, at=at, rows=rows, path=near(file.path))), file=sys.stderr)
    line = _Line(language)
    taking = InventoryRun(session, file, time.monotonic, ZoneServers(session.intent.nameservers, language), line)
    try:
        for _ in taking.rows():
            pass
        file.end(datetime.now(UTC))
    except (KeyboardInterrupt, ByodkimError, OSError) as stopped:
        line.close()
        print(visible(say("explore", "stopped", language, path=near(file.path))), file=sys.stderr)
        if isinstance(stopped, KeyboardInterrupt):
            return INTERRUPTED
        if isinstance(stopped, OSError):
            raise _unwritable(file.path, stopped, language) from stopped
        raise
    finally:
        file.close()
    line.close()
    _print(arguments, session, file.path, file.addresses)
    return TAKEN


def _print(arguments: argparse.Namespace, session: Any, path: Path, addresses: int) -> None:
    summary = Summary()
    for row in inventory_file.rows(path):
        summary.add(row)
    values = {"rows": summary.rows, "place": session.place, "path": near(path)}
    besides = say("explore", "inventory.addresses", session.language, count=addresses) if addresses else ""
    print(visible(paragraph(say("explore", "taken", session.language, **values), besides)))
    for heading, table in tables(summary, session.words):
        print(f"\n{heading}\n{columns(table)}")
    if arguments.csv is not None:
        try:
            with arguments.csv.open("x", encoding="utf-8", newline="") as stream:
                write_csv(stream, inventory_file.rows(path))
        except OSError as error:
            raise _unwritable(arguments.csv, error, session.language) from error


class _Line(LiveLine):
    """Show how far an inventory is."""

    def __init__(self, language: Language) -> None:
        super().__init__(os.fdopen(os.dup(sys.stderr.fileno()), "w", encoding="utf-8", errors="backslashreplace"))
        self._language = language

    def __call__(self, progress: Any) -> None:
        if not self.due:
            return
        if progress.listing:
            text = say("explore", "listing", self._language, count=progress.all)
        else:
            left = self._left(progress.left_s)
            text = say("explore", "progress", self._language, rows=progress.rows, all=progress.all, left=left)
        self.show(text)

    def _left(self, seconds: float | None) -> str:
        if seconds is None:
            return say("explore", "left.unknown", self._language)
        return say("explore", "left", self._language, time=duration(seconds, self._language))


def _unwritable(path: Path, error: OSError, language: Language) -> AccessError:
    return AccessError.said("explore", "unwritable", language, path=path, reason=error.strerror or error)
