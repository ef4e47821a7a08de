"""The pages of an archive's runs and identities written, each only where it is not there as it would be made."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Final

import byodkim
from byodkim.display import history
from byodkim.display.html import marked, unchanged
from byodkim.display.identity import identity_html
from byodkim.display.site import Site, identity_page, run_page
from byodkim.evidence import past
from byodkim.evidence.archive import Listed
from byodkim.launch.record import write_page

#: Pages that wait for the disk side by side: each is on it before it takes its place.
AT_ONCE: Final = 16

Job = tuple[str, str, Callable[[], str]]  # file name, what the page is made from, what makes it


def write_pages(site: Site, folder: Path, *, anew: bool = False) -> tuple[int, int]:
    """Writes the pages of runs and identities; gives how many were made, and how many were left as they stood.

    Raises:
        AccessError: a page cannot be written, or another file than a page stands in its place.
    """
    made, jobs = 0, _jobs(site)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        while some := list(islice(jobs, AT_ONCE)):
            due = [job for job in some if anew or not _stands(folder / job[0], job[1])]
            pages = [(folder / name, marked(make(), made_from), site.words.language) for name, made_from, make in due]
            for written in [pool.submit(write_page, *page) for page in pages]:
                written.result()
            made += len(due)
    return made, len(site.runs) + len(site.identities) - made


def _stands(path: Path, made_from: str) -> bool:
    try:
        return not path.is_symlink() and unchanged(path.read_bytes(), made_from)
    except OSError:
        return False


def _jobs(site: Site) -> Iterator[Job]:
    before, after = site.neighbours
    shared = [_code(), site.words.language, history.zone(site.words), str(site.words.zone.utcoffset(None))]
    digests = {id(one): _files(one) for one in site.runs}

    def of(one: Listed | None) -> Sequence[str]:
        return (site.page_of(one), *digests[id(one)]) if one else ()

    for one in site.runs:
        around = [of(before.get(id(one))), of(after.get(id(one)))[:1], one.run]
        made_from = _digest([*shared, of(one), *around, one.standing.key, one.standing.found])
        yield site.page_of(one), made_from, partial(run_page, site, one)
    for domain, runs in site.identities.items():
        told = [(of(one), one.standing.key) for one in runs]
        made_from = _digest([*shared, domain, told, list(_ages(site, runs))])
        yield identity_page(domain), made_from, partial(identity_html, site, domain)


def _ages(site: Site, runs: Sequence[Listed]) -> Iterator[tuple[str, Sequence[str]]]:
    """Yield what an identity's page tells by the time at which it is made: the age of its keys, in each world."""
    for told in history.worlds(runs).values():
        traces = [one.trace for one in told if one.trace]
        on = max(site.on, *(one.ended for one in traces))
        yield site.words.date(on), [history.age(key, on, site.words) for key in past.keys(traces).values()]


def _files(one: Listed) -> Sequence[str]:
    """Names and SHA-256 of a run's files."""
    paths = [path for path in (one.journal, one.notebook) if path]
    return [f"{path.name} {hashlib.sha256(path.read_bytes()).hexdigest()}" for path in paths]


def _code() -> str:
    """SHA-256 over every file of this package: another version may tell otherwise."""
    folder = Path(byodkim.__file__).parent
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc")
    return _digest([[str(path.relative_to(folder)), hashlib.sha256(path.read_bytes()).hexdigest()] for path in files])


def _digest(told: Sequence[object]) -> str:
    return hashlib.sha256(json.dumps(told, ensure_ascii=True).encode()).hexdigest()
