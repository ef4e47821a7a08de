"""One operator at a time: an apply run takes the identity's lock first, and looks again just before it writes."""

from __future__ import annotations

import contextlib
import fcntl
import os
import platform
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from msgspec.structs import replace

from second_edition.custody.client import Refused
from second_edition.engine.run import Run
from second_edition.errors import ByodkimError
from second_edition.events.run import Locked
from second_edition.evidence import folders
from second_edition.intent.intent import SANDBOX
from second_edition.rotation.lock import NO_LOCK, Holder, Lock, State, may_take

FOLDER = ".locks"  # in the folder of the journals, unless the profile names another
ATTEMPTS = 3
LARGEST: Final = 4096  # bytes of a lock file
SLACK = timedelta(minutes=30)  # what a run takes besides its waits, at the very most


# What this process holds: another run in the same kernel takes the lock from a run that was never closed.
_held: dict[Path, LockFile] = {}


class LockObject:
    """The lock in S3, by the custodian's hands."""

    def __init__(self, run: Run) -> None:
        self._run, self._etag, self._mine = run, "", ""

    def take(self, holder: Callable[[int], Holder]) -> Lock:
        """Take the lock for ``holder(token)``, or say who has it."""
        intent, found = self._run.intent, None
        # Here, as it loads botocore, which the kernel does without: ``tests.second_edition.bench.command`` takes longer else.
        from second_edition.aws.s3_objects import lock_key

        account = self._run.record.caller.account
        place = f"s3://{intent.key_bucket}/{lock_key(account, intent.region, intent.domain)}"
        try:
            for _ in range(ATTEMPTS):
                body, etag = self._read()
                found = Holder.from_text(body) if body else None
                if not may_take(found, self._run.clock(), gone=_gone(found)):
                    break
                mine = holder(found.token + 1 if found else 1)
                if self._write(mine, etag):
                    return Lock(State.HELD, place, mine.token, found if found and not found.released else None)
        except Refused as refused:
            return Lock(State.UNREAD, place, why=f"{refused.operation} {refused.code}")
        except (ValueError, RecursionError):
            return Lock(State.UNREAD, place, why="Malformed")
        return Lock(State.OTHER, place, holder=found)

    def ours(self) -> bool:
        """Return whether S3 still holds what was written, and its time is not over."""
        if not self._etag or self._run.clock() > datetime.fromisoformat(Holder.from_text(self._mine).expires):
            return False
        try:
            return self._read() == (self._mine, self._etag)
        except Refused:
            return False

    def release(self) -> None:
        """Write that the lock is free. Where that fails, it is free when its time is over."""
        if self._etag:
            with contextlib.suppress(ByodkimError):
                self._write(replace(Holder.from_text(self._mine), released=True), self._etag)
            self._etag = ""

    def _read(self) -> tuple[str, str]:
        found = self._run.custodian.ask("locked", **self._where()).result()
        return (found["body"], found["etag"]) if found else ("", "")

    def _where(self) -> dict[str, str]:
        intent, account = self._run.intent, self._run.record.caller.account
        return {"bucket": intent.key_bucket, "account": account, "domain": intent.domain}

    def _write(self, holder: Holder, etag: str) -> bool:
        text = holder.text()
        try:
            written = self._run.custodian.ask("lock", **self._where(), body=text, etag=etag).result()
        except Refused:
            body, written = self._read()  # it may have been written all the same
            if body != text:
                raise
        self._etag, self._mine = written or "", text
        return bool(written)


class LockFile:
    """The lock as a file of this machine, held by the operating system: it lets go when its process dies."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = -1
        self._mine: Holder | None = None

    def take(self, holder: Callable[[int], Holder]) -> Lock:
        """Take the lock for ``holder(token)``, or say who has it."""
        place = self.path.name
        if (own := _held.get(self.path)) is not None:
            own.release()
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o666)
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            before = self._read()
            self._write(holder(before.token + 1 if before else 1))
        except BlockingIOError:
            other = self._read()
            self._close()
            return Lock(State.OTHER, place, holder=other)
        except OSError as error:  # no such folder, a link, a full disk
            self._close()
            return Lock(State.UNREAD, place, why=error.strerror or type(error).__name__)
        _held[self.path] = self
        # Nobody released it, and nobody has it: whoever held it has died.
        token = self._mine.token if self._mine else 0
        return Lock(State.HELD, place, token, before if before and not before.released else None)

    def ours(self) -> bool:
        """Return whether the file at the path is the one that is held, and says so."""
        try:
            there, held = self.path.stat(follow_symlinks=False), os.fstat(self._file)
        except OSError:
            return False
        same = (there.st_dev, there.st_ino) == (held.st_dev, held.st_ino)
        return same and self._mine is not None and self._read() == self._mine

    def release(self) -> None:
        """Let go of it, and say so. May be called twice."""
        try:
            if self._mine is not None:
                self._write(replace(self._mine, released=True))
        finally:
            self._close()
            _held.pop(self.path, None)

    def _read(self) -> Holder | None:
        """Return who the file names; ``None`` where it names nobody, or is just being written."""
        try:
            return Holder.from_text(os.pread(self._file, LARGEST, 0).decode())
        except (OSError, ValueError, RecursionError):
            return None

    def _write(self, holder: Holder) -> None:
        data = holder.text().encode()
        os.pwrite(self._file, data.ljust(os.fstat(self._file).st_size), 0)  # spaces: no moment in which it is empty
        os.fsync(self._file)
        self._mine = holder

    def _close(self) -> None:
        if self._file >= 0:
            os.close(self._file)
        self._file, self._mine = -1, None


OperatorLock = LockObject | LockFile


def take(run: Run) -> None:
    """Take the identity's lock, and write down what came of it.

    PLAN-LOCK refuses the run where it is not held.
    """
    if run.intent.sandbox and run.intent.values["endpoint_url"].source == SANDBOX:
        found = NO_LOCK
    else:
        # A campaign keeps another of the same machine out; its identities' runs have locks of their own, wherever.
        kept_in_s3 = run.intent.section.lock == "s3" and not run.procedure.of_many
        run.lock = LockObject(run) if kept_in_s3 else _file(run)
        found = run.lock.take(lambda token: _holder(run, token))
    run.write(Locked, lock=found)


def confirm(run: Run) -> None:
    """Check that the lock is still held.

    Raises:
        RunRefused: it is not. Nothing was written.
    """
    if run.lock is not None and not run.lock.ours():
        raise run.refused("steps", "lock-lost", "again")


def _file(run: Run) -> LockFile:
    intent = run.intent
    folder = run.lock_folder or folders.root(run.folder) / FOLDER
    # The same name in another account, Region or sandbox is another identity.
    parts = [intent.domain or run.procedure.name, intent.account, intent.region]
    if intent.sandbox:
        parts.append(intent.endpoint_url.rpartition(":")[2].strip("/"))
    return LockFile(folder / f"{'.'.join(parts)}.json")


def _holder(run: Run, token: int) -> Holder:
    now = run.clock().astimezone(UTC)
    waits = run.intent.wait_minutes + run.intent.wait_dns_minutes
    expires = now + timedelta(minutes=waits) + SLACK
    return Holder(
        run=run.id,
        operator=run.record.caller.arn,
        host=platform.node(),
        machine=_machine(),
        pid=os.getpid(),
        at=now.isoformat(timespec="seconds"),
        token=token,
        expires=expires.isoformat(timespec="seconds") if run.intent.section.lock == "s3" else "",
    )


def _gone(holder: Holder | None) -> bool:
    """Return whether the holder was a process of this machine, boot and container that has ended."""
    if holder is None or holder.machine != _machine():
        return False
    try:
        os.kill(holder.pid, 0)
    except ProcessLookupError:
        return True
    except OSError:  # another user's
        return False
    return False


def _machine() -> str:
    try:
        start = Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
        return f"{platform.node()} {start} {Path('/proc/self/ns/pid').readlink()}"
    except OSError:  # not Linux
        import psutil

        return f"{platform.node()} {psutil.boot_time():.0f}"
