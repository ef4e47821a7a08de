"""Keep a run's notebook until it is complete; then search it for keys, name it, and render its sealed page."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import os
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, Final, TextIO

import msgspec
from msgspec import Struct

from second_edition.display.blocks import visible
from second_edition.dkim.secrecy import looks_private, may_be_key
from second_edition.engine.archiving import Keeper, hands_of
from second_edition.engine.gate import LeakStopped, Unsearched, stopped
from second_edition.engine.run import Run
from second_edition.errors import AccessError, ByodkimError
from second_edition.evidence import dsse, exclusive, folders, seal
from second_edition.evidence.archived import Archived, open_record
from second_edition.intent import parameters
from second_edition.launch import notebook_file, record
from second_edition.launch.inputs import Accepted
from second_edition.launch.unfinished import Watch, left_running, reason
from second_edition.messages import Language, say

RUNNING: Final = ".running"
LOCK: Final = ".lock"


class Place(Struct, frozen=True):
    """``final`` is the notebook's name, ``working`` where it is until it is complete, ``lock`` held while it is run."""

    final: Path
    working: Path
    lock: int

    def release(self) -> None:
        """Let go of the name: the notebook has it now."""
        self.working.with_suffix(LOCK).unlink(missing_ok=True)
        os.close(self.lock)
        with contextlib.suppress(OSError):  # others are under way
            self.working.parent.rmdir()

    def keep(self) -> None:
        """Give the notebook its name: whole, on the disk, and never in another file's place.

        Raises:
            OSError: that cannot be done; the notebook stays where it is.
        """
        try:
            content = msgspec.json.decode(self.working.read_bytes())
            content["metadata"]["papermill"]["output_path"] = folders.near(self.final)
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise OSError(0, say("command", "torn", "en")) from error
        if not exclusive.create(self.final, notebook_file.spelled(content) + b"\n"):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST))
        self.working.unlink()


def reserve(output: Path | None, accepted: Accepted, now: datetime) -> Place:
    """Reserve a name that nothing has: the one asked for, or one that starts with the time.

    Raises:
        AccessError: the name is taken, hidden, or none of a notebook, or the folder does not take files.
        ParameterError: the name may be part of a private key.
    """
    if output and may_be_key(output.stem):
        raise parameters.error("private-key-name", accepted.spoken)
    name = "-".join(filter(None, (f"{now:%Y%m%dT%H%M%SZ}", accepted.domain, accepted.selector)))
    wished = output or accepted.archive / f"{name}.ipynb"
    if output and not output.parent.is_dir():
        raise _unwritable(output, say("command", "no-folder", accepted.spoken), accepted.spoken)
    if output and (output.name.startswith(".") or output.suffix != ".ipynb"):  # verifying would pass over its files
        raise _unwritable(output, say("command", "no-name", accepted.spoken), accepted.spoken)
    for number in range(1, 2 if output else 100):
        final = wished if number == 1 else wished.with_stem(f"{wished.stem}-{number}")
        try:
            if not os.path.lexists(final) and (lock := _take(_working(final))) >= 0:
                return Place(final, _working(final), lock)
        except OSError as error:
            raise _unwritable(final, error.strerror or str(error), accepted.spoken) from error
    raise _unwritable(wished, say("command", "exists", accepted.spoken), accepted.spoken)


def abandoned(folder: Path) -> Iterator[Place]:
    """Yield the notebooks in the archive of ``folder`` whose runner was killed."""
    for path in sorted(folders.files(folder, f"{RUNNING}/*{LOCK}")):
        working = path.with_suffix(".ipynb")
        try:
            lock = os.open(path, os.O_RDWR)
        except OSError:  # its run has just ended
            continue
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(lock)
            continue
        if working.exists():
            yield Place(path.parent.parent / working.name, working, lock)
        else:
            os.close(lock)


def _working(final: Path) -> Path:
    return final.parent / RUNNING / final.with_suffix(".ipynb").name


def _take(working: Path) -> int:
    """Take the lock of a name; -1 where another run has it."""
    working.parent.mkdir(parents=True, exist_ok=True)
    try:
        lock = os.open(working.with_suffix(LOCK), os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o644)
    except FileExistsError:
        return -1
    fcntl.flock(lock, fcntl.LOCK_EX)
    return lock


def _unwritable(path: Path, reason: str, language: Language) -> AccessError:
    values = {"path": path, "reason": reason}
    return AccessError.said("launch", "unwritable", language, "steps/untouched", "name-another", **values)


def finish(place: Place, watch: Watch, language: Language) -> bool:
    """Give the notebook its name, make its page, seal that, and say what the run came to; whether all went well."""
    lines = list[str]()
    try:
        if watch.leaks:
            raise stopped("notebook", language)
        _look("notebook", place.working.read_bytes(), language, watch)
        if watch.unsaved:
            raise watch.unsaved
        place.keep()
        place.release()
        archived = open_record(place.final)
        page = list[bytes]()

        def look(html: str) -> None:
            page.append(html.encode("utf-8"))
            _look("page", page[-1], language, watch)

        lines = record.tell(archived, look=look)
        seal_page(archived, place.final.with_suffix(".html"), page[-1], watch.run)
    except LeakStopped as leak:
        place.working.unlink(missing_ok=True)
        place.release()
        _say("\n".join(record.summary_of_journal(watch)), sys.stdout)
        _say(str(leak), sys.stderr)
        return False
    except ByodkimError as error:
        _say("\n".join(lines or record.summary_of_journal(watch)), sys.stdout)
        _say(str(error), sys.stderr)
        return False
    except OSError as error:
        _say("\n".join(record.summary_of_journal(watch)), sys.stdout)
        what = say("command", "unfinished", language, path=place.working, reason=error.strerror or error)
        _say(str(ByodkimError(what, todo=say("command", "unfinished.todo", language))), sys.stderr)
        return False
    _say("\n".join(lines), sys.stdout)
    sealed = watch.run.sealed if watch.run else None
    # What the record lacks besides its seal is known when the notebook's words are sealed: why stands here alone.
    faults = [fault.diagnostics() for fault in sealed.faults] if sealed else []
    for why in filter(None, [reason(watch), *faults]) if faults else [reason(watch) or _said(place, watch)]:
        _say(why, sys.stderr)
    return True


def page_statement(run: str, head: str, page: Path, content: bytes) -> dict[str, Any]:
    """Return the statement about a run's page, as it was made: its file may be another one by now."""
    predicate = {"run": run, "head": head}
    return dsse.statement(seal.PAGE, page.name, hashlib.sha256(content).hexdigest(), predicate)


def seal_page(archived: Archived, page: Path, content: bytes, run: Run | None) -> Path | None:
    """Seal the page of a run, as it was made just now; ``None`` where there is no run that could be told of.

    The run's seal is made before there is a page. This one, an in-toto Statement of the same form by the same key,
    names the digest of the page. Nobody else makes one: a page that is made anew has none.

    Raises:
        SealError: there is no key, it did not sign, or the disk does not take the file.
    """
    if run is None or not archived.record or not archived.evidence.sound:
        return None
    path, language = page.with_name(f"{page.stem}.{run.id}{seal.PAGE_SUFFIX}"), run.intent.language
    with hands_of(run) as hands:
        keeper = Keeper(run.keeping, hands, run.clock, language)
        stated = page_statement(archived.record.begin.run, archived.evidence.head, page, content)
        seal.write(path, seal.envelope(stated, keeper.sign), language)
    return path


def _said(place: Place, watch: Watch) -> str:
    """Return what a cell said that failed when the journal had ended."""
    found = open_record(place.final).error if watch.error else None
    return found[1] if found else ""


def _look(where: str, data: bytes, language: Language, watch: Watch | None = None) -> None:
    """Let a file pass. While the run's custodian is there, it searches the file too.

    Raises:
        LeakStopped: it holds what looks like a whole private key, or a piece of one that the run had in hand.
    """
    text = data.decode("utf-8", "replace")
    if watch is not None and watch.run is not None:
        with contextlib.suppress(Unsearched):  # the custodian was killed: the record says so
            watch.run.gate.check(where, text)
    elif looks_private(text):
        raise stopped(where, language)


def complete_others(place: Place, language: Language) -> None:
    """Give the notebooks of runs whose runner was killed their names. Their pages say what the journals tell."""
    for other in abandoned(place.final.parent):
        with contextlib.suppress(OSError, ValueError, ByodkimError):  # it stays where it is
            nb = notebook_file.read_with_notes(other.working)
            left_running(nb)
            notebook_file.write(nb, other.working)
            _look("notebook", other.working.read_bytes(), language)
            other.keep()
            other.release()
            record.make(other.final)
            _say(say("command", "completed", language, path=other.final), sys.stderr)


def _say(text: str, stream: TextIO) -> None:
    if not text:
        return
    with contextlib.suppress(OSError):  # a terminal that was closed
        print(visible(text), file=stream)
