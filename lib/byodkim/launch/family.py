"""The processes of a run that are forked: its kernel, and of a nursery its custodians. They end with the run."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from byodkim.custody import client

if TYPE_CHECKING:
    from byodkim.custody.forked import Nursery
    from byodkim.launch.forked_kernel import Kernel

#: Where a socket's name has room: 107 bytes are all there is for it.
FOLDER = "/tmp"  # noqa: S108 - a folder of its own in it, which only this user may enter


@dataclass(frozen=True)
class Family:
    """``kernel`` is forked already."""

    kernel: Kernel


@dataclass(frozen=True)
class Warm:
    """What was there before the run: of which ``nursery`` its custodians are, and what its kernel lets go of."""

    nursery: Path
    let_go: Callable[[], None]


@contextmanager
def beginning(warm: Warm | None) -> Iterator[Family | None]:
    """Forks a run's kernel; ``None`` where this system does not let processes be forked so.

    ``warm``: what is there already; the run gets a nursery of its own otherwise.
    """
    if sys.platform != "linux":
        yield None
        return
    folder = Path(tempfile.mkdtemp(prefix="byodkim-", dir=FOLDER))
    own = _nursery(folder) if warm is None else None
    client.fork_from(own.path if own else warm.nursery if warm else None)
    kernel: Kernel | None = None
    try:
        from byodkim.launch.forked_kernel import Kernel  # it is slow to load, and the nursery loads beside it

        kernel = Kernel(folder, own.let_go if own else warm.let_go if warm else _nothing)
        yield Family(kernel)
    finally:
        client.fork_from(None)
        if kernel is not None:
            kernel.kill()
            kernel.wait()
        if own is not None:
            own.close()
        shutil.rmtree(folder, ignore_errors=True)


def _nursery(folder: Path) -> Nursery:
    from byodkim.custody.forked import Nursery

    return Nursery(folder / "custodians")


def _nothing() -> None:
    pass
