"""``byodkim archive``: add missing timestamps and copies in S3 to closed, signed runs' records."""

from __future__ import annotations

import argparse
from datetime import UTC
from pathlib import Path
from typing import Final

from second_edition.display.blocks import visible
from second_edition.display.notebook import as_text
from second_edition.display.seal import sealed
from second_edition.display.words import Words, of
from second_edition.engine.archiving import keeper_of
from second_edition.errors import ByodkimError
from second_edition.evidence import journal
from second_edition.evidence.archived import open_record
from second_edition.messages import LANGUAGES, Language, ambient

KEPT: Final = 0
LACKING: Final = 1


class NotKept(ByodkimError):
    """A file is not the record of a closed run. Nothing was done with it."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments, and set what runs it."""
    parser.add_argument("records", type=Path, nargs="+", metavar="RECORD", help="notebooks of runs, or their journals")
    parser.add_argument("--language", choices=LANGUAGES, help="(the record's)")


def run(arguments: argparse.Namespace) -> int:
    """Complete each record as its profile asks now, and list it. Return 0 if nothing is missing any more.

    Raises:
        NotKept: a file is not the record of a closed run.
        RecordError: a notebook is none of a run.
        ParameterError, AccessError: the profile, or the session with AWS.
    """
    code = KEPT
    for path in [_journal(record, arguments.language or ambient()) for record in arguments.records]:
        begin = journal.read(path).begin
        words = Words(arguments.language, UTC) if arguments.language else of(begin)
        with keeper_of(begin, words.language) as keeper:
            kept = keeper.keep(path)
        blocks = sealed(kept, words)
        print(visible("\n\n".join([path.name, *(as_text(block) for block in blocks)])))
        code = LACKING if kept.faults else code
    return code


def _journal(record: Path, language: Language) -> Path:
    """Return the journal of a closed run."""
    path = record
    if not record.name.endswith(journal.SUFFIX):
        found = open_record(record).record
        run = found.begin.run if found else ""
        path = record.with_name(f"{record.stem}.{run}{journal.SUFFIX}")
    try:
        closed = journal.read(path).closed
    except (OSError, journal.JournalError):
        raise NotKept.said("seal", "no-journal", language, where=path.name) from None
    if closed is None:
        raise NotKept.said("seal", "not-closed", language, where=path.name)
    return path
