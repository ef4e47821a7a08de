"""``byodkim site``: the archive as a static site, to be opened from a folder or a file share.

Every page is written each time, and pages that only an earlier site had are removed.
"""

from __future__ import annotations

import argparse
import fcntl
import os
import re
import shlex
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Final

from second_edition.display.blocks import within_line
from second_edition.display.history import words_for
from second_edition.display.html import SITE_LINE
from second_edition.display.lists import lists
from second_edition.display.site import INDEX, Site, identity_html, identity_page, run_page
from second_edition.errors import AccessError
from second_edition.evidence.archive import ArchiveError, runs
from second_edition.evidence.folders import near
from second_edition.intent import profile
from second_edition.intent.profile_file import language_here
from second_edition.launch.record import first_line, unwritable, write_page
from second_edition.launch.verifying import many, verified
from second_edition.messages import LANGUAGES, Language, ambient, say

#: The names of a site's pages.
OWN: Final = re.compile(r"(?:run|identity|list)-.+\.html|identities(?:-\d+)?\.html")


def write_pages(site: Site, folder: Path) -> set[str]:
    """Write the site; return the names of its pages.

    Raises:
        AccessError: a page cannot be written, or another file than a page stands in its place.
    """
    write = partial(_write, site, folder)
    written = set(many(write, [*range(len(site.runs)), *site.identities]))
    for name, html in lists(site):  # the index last: it leads to what is there
        write_page(folder / name, html, site.words.language, lasting=False)
        written.add(name)
    return written


def _write(site: Site, folder: Path, which: int | str) -> str:
    """Write the page of a run, by its place, or of an identity; return its name."""
    if isinstance(which, int):
        name, html = site.page_of(site.runs[which]), run_page(site, site.runs[which])
    else:
        name, html = identity_page(which), identity_html(site, which)
    write_page(folder / name, html, site.words.language, lasting=False)
    return name


def _remove_others(folder: Path, written: Iterable[str]) -> None:
    """Remove pages that only an earlier site had: of a run that is no longer in the archive, or of a longer list."""
    for path in folder.glob("*.html"):
        own = OWN.fullmatch(path.name) and path.name not in written and not path.is_symlink()
        if own and first_line(path) == SITE_LINE:
            path.unlink()


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments, and set what runs it."""
    parser.add_argument("folder", type=Path, nargs="?", metavar="FOLDER", help="(outputs)")
    parser.add_argument("-o", "--output", type=Path, metavar="DIR", help="(FOLDER/site)")
    parser.add_argument("--language", choices=LANGUAGES, help="(the profile's, else the newest run's)")


def run(arguments: argparse.Namespace) -> int:
    """Verify every run, write the site, and say where it is and how many runs do not verify.

    Raises:
        ArchiveError: there is no such folder.
        AccessError: a page cannot be written, another file than a page stands in its place, or another command writes.
    """
    arguments.folder = arguments.folder or Path(near(profile.records()))
    output: Path = arguments.output or arguments.folder / "site"
    language = arguments.language or language_here() or ambient()
    if not arguments.folder.is_dir():
        raise ArchiveError.said("site", "no-folder", language, folder=arguments.folder)
    with _alone(output, language):
        return _write_site(arguments, output)


def _write_site(arguments: argparse.Namespace, output: Path) -> int:
    found = runs(arguments.folder, each=many)
    speak = words_for(found, arguments.language or language_here())
    found = verified(found, arguments.folder, speak.language)
    site = Site(found, speak, datetime.now(UTC), arguments.folder.resolve().name)
    written = write_pages(site, output)
    try:
        _remove_others(output, written)
    except OSError as error:
        raise unwritable(output, error, speak.language) from error
    sentence = say("site", "written-to", speak.language, path=output / INDEX, runs=len(found), pages=len(written))
    print(within_line(sentence))
    if unsound := sum(not one.standing.sound for one in found):
        folder = shlex.quote(str(arguments.folder))
        print(within_line(say("site", "unsound-told", speak.language, count=unsound, folder=folder)))
    return 0


@contextmanager
def _alone(folder: Path, language: Language) -> Iterator[None]:
    """Make the site's folder and hold it: one command would remove the pages of runs that only another one has seen.

    Raises:
        AccessError: it cannot be made, or another command holds it.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        held = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        raise unwritable(folder, error, language) from error
    try:
        with suppress(OSError):  # a file system without locks
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise AccessError.said("site", "busy", language, folder=folder) from None
        yield
    finally:
        os.close(held)
