"""The operators' lock: one apply run for each identity.

The operating system frees it when its holder dies.
"""

import hashlib
from contextlib import suppress
from pathlib import Path

from filelock import FileLock, Timeout

from byodkim.checks.world import Lock
from byodkim.errors import InputError
from byodkim.words import _


class OperatorsLock:
    """A lock file beside the profile, so that every folder of records of a project shares it.

    The file holds the name of who took it last; only the operating system's lock on it counts.
    """

    def __init__(self, folder: Path, identity: str, holder: str) -> None:
        digest = hashlib.sha256(identity.encode()).hexdigest()[:16]
        self._note = folder / f".byodkim-{digest}.holder"
        self._lock = FileLock(folder / f".byodkim-{digest}.lock", mode=0o666, thread_local=False)
        self._holder = holder

    def take(self) -> Lock:
        """Return the lock, held by this run or by somebody else.

        Raises:
            InputError: the lock cannot be made.
        """
        try:
            self._lock.acquire(timeout=0)
        except Timeout:
            return Lock(needed=True, holder=self._last_holder())
        except OSError as error:
            raise InputError(
                _("The operators' lock cannot be made in {folder}: {reason}",
                  folder=str(self._note.parent), reason=error.strerror or ""),
                _("SES was not changed."),
                _("Make the folder of byodkim.toml writable for every operator."),
            ) from None  # fmt: skip
        with suppress(OSError):  # another user's note: the lock counts, the name is a courtesy
            self._note.write_text(self._holder, "utf-8")
        return Lock(needed=True, held=True)

    def release(self) -> None:
        """Free the lock. May be called twice."""
        self._lock.release(force=True)

    def _last_holder(self) -> str:
        try:
            return self._note.read_text("utf-8")[:200]
        except OSError:
            return ""
