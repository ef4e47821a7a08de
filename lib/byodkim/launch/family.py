"""The processes of a run that are forked: its kernel, and of a nursery its custodians. They end with the run.

Linux only; elsewhere they are started, one after another.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from byodkim.custody import client
from byodkim.custody.forked import Nursery, roomy

if TYPE_CHECKING:
    from byodkim.launch.forked_kernel import Kernel


class Family:
    """A run's kernel, once it is forked, and the nursery of its custodians.

    Args:
        nursery: where one listens already; the run has one of its own where it is ``None``.
        let_go: what the kernel is to let go of besides.
    """

    kernel: Kernel | None = None

    def __init__(self, nursery: Path | None = None, let_go: Callable[[], None] | None = None) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="byodkim-", dir=nursery.parent if nursery else roomy()))
        try:
            self._own = Nursery(self.folder / "custodians", folder=self.folder) if nursery is None else None
        except OSError:
            shutil.rmtree(self.folder, ignore_errors=True)
            raise
        self._let_go = let_go
        client.fork_from(self._own.path if self._own else nursery)

    @property
    def warm(self) -> bool:
        """Whether what it needs is loaded already, its custodians' nursery included."""
        return self._own is None

    def fork(self) -> None:
        """Forks the kernel, unless it was: before this process has threads. It waits for the word to go on."""
        from byodkim.launch.forked_kernel import Kernel  # it is slow to load, and the nursery loads beside it

        self.kernel = self.kernel or Kernel(self.folder, self._let_go_of_all)

    def _let_go_of_all(self) -> None:
        for one in (self._let_go, self._own and self._own.let_go):
            if one:
                one()

    def close(self) -> None:
        """Ends whatever is left of it."""
        client.fork_from(None)
        if self.kernel is not None:
            self.kernel.kill()
            self.kernel.wait()
        if self._own is not None:
            self._own.close()
        shutil.rmtree(self.folder, ignore_errors=True)


def _made() -> Family | None:
    """New ones; ``None`` where there is no room for their sockets: then they are started, one after another."""
    try:
        return Family()
    except OSError:
        return None


@contextmanager
def beginning(warm: Family | None) -> Iterator[Family | None]:
    """The processes of a run: ``warm``, or new ones; ``None`` where this system does not let them be forked."""
    family = warm or (_made() if sys.platform == "linux" else None)
    try:
        yield family
    finally:
        if family is not None:
            family.close()
