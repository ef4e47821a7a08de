"""``byodkim site``: the archive as a static site, to be opened from a folder or a file share."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from pathlib import Path

from byodkim.display.blocks import visible
from byodkim.display.history import words_for
from byodkim.display.lists import lists
from byodkim.display.site import INDEX, Site
from byodkim.errors import AccessError
from byodkim.evidence.archive import runs
from byodkim.launch.pages import write_pages
from byodkim.launch.record import write_page
from byodkim.launch.verifying import verified
from byodkim.messages import LANGUAGES, Language, say


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments, and what runs it."""
    parser.add_argument("folder", type=Path, nargs="?", default=Path("outputs"), metavar="FOLDER", help="(outputs)")
    parser.add_argument("-o", "--output", type=Path, metavar="DIR", help="(FOLDER/site)")
    parser.add_argument("--anew", action="store_true", help="makes pages again that stand as they would be made")
    parser.add_argument("--language", choices=LANGUAGES, help="(the newest run's)")


def run(arguments: argparse.Namespace) -> int:
    """Writes the site and says where it is.

    Every run is verified each time. The page of a run or an identity is left as it stands where it was made from the
    same files by the same code, and is to the last byte what was made then.

    Raises:
        ArchiveError: there is no such folder.
        AccessError: a page cannot be written, or another file than a page stands in its place.
    """
    found = runs(arguments.folder)
    speak = words_for(found, arguments.language)
    found = verified(found, arguments.folder, speak.language)
    site = Site(found, speak, datetime.now(UTC), arguments.folder.resolve().name)
    output: Path = arguments.output or arguments.folder / "site"
    _make(output, speak.language)
    made, kept = write_pages(site, output, anew=arguments.anew)
    for name, html in lists(site):  # the index last: it leads to what is there
        write_page(output / name, html, speak.language)
    told = say("site", "written-to", speak.language, path=output / INDEX, runs=len(found), made=made, kept=kept)
    print(visible(told))
    return 0


def _make(folder: Path, language: Language) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        what = say("launch", "unwritable", language, path=folder, reason=error.strerror or error)
        raise AccessError(what, todo=say("launch", "name-another", language)) from error
