"""The nursery's process: loads what a custodian needs, then forks one for each connection. It never holds a key.

It has no threads, opens no connection of its own, and keeps nothing of the custodians but how to end them.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import selectors
import shutil
import signal
import socket
import sys
import time
from importlib import import_module
from typing import Any, Final

gc.disable()  # what is loaded is never garbage

from byodkim.aws import session  # noqa: E402
from byodkim.custody import custodian  # noqa: E402
from byodkim.custody.prctl import PDEATHSIG, be_called, prctl  # noqa: E402

#: What custodians import when they come to it.
LATER: Final = ("byodkim.custody.sealing", "byodkim.aws.archive_object")
CUSTODIAN: Final = "byodkim-custody"
LONGEST_REQUEST: Final = 1 << 20


class _Nursery:
    """Two file descriptors a custodian: who asked for it, and itself. Either one's end is the end of both."""

    def __init__(self, listening: socket.socket, folder: str) -> None:
        self._listening, self._selector = listening, selectors.DefaultSelector()
        self._folder, self._kept, self._children = folder, True, 0
        self._selector.register(listening, selectors.EVENT_READ, self._accept)
        self._selector.register(0, selectors.EVENT_READ, self._leave)  # the keeper's end: nothing is ever said there

    def run(self) -> None:
        while self._kept or self._children:
            for key, _ in self._selector.select():
                key.data()
        if self._folder:
            shutil.rmtree(self._folder, ignore_errors=True)
        os._exit(0)

    def _leave(self) -> None:
        """The keeper is gone. Its kernels may be closing their records: their custodians are left to them."""
        self._selector.unregister(0)
        self._selector.unregister(self._listening)
        self._listening.close()
        self._kept = False

    def _accept(self) -> None:
        if not self._kept:  # the keeper left in the same moment: whoever asks starts a custodian
            return
        connection, _ = self._listening.accept()
        with connection:
            asker, uid = _peer(connection)
            if uid != os.getuid():
                return
            try:
                watched = os.pidfd_open(asker)
            except ProcessLookupError:
                return
            parent, pid = os.getpid(), os.fork()
            if not pid:
                _serve(connection, parent)
            child = os.pidfd_open(pid)  # not reaped yet, so it is this one
            with contextlib.suppress(OSError):
                socket.send_fds(connection, [f"{pid}\n".encode()], [child])

        self._children += 1
        over: list[bool] = []

        def ended() -> None:
            signal.pidfd_send_signal(child, signal.SIGKILL)

        def reaped() -> None:
            os.waitpid(pid, 0)
            self._children -= 1
            over.append(True)
            for one in (child, watched):
                with contextlib.suppress(KeyError):
                    self._selector.unregister(one)
                os.close(one)

        def orphaned() -> None:
            if over:  # both ended at once: the descriptors are closed, and may be another's by now
                return
            self._selector.unregister(watched)
            ended()

        self._selector.register(watched, selectors.EVENT_READ, orphaned)
        self._selector.register(child, selectors.EVENT_READ, reaped)


def _peer(connection: socket.socket) -> tuple[int, int]:
    """Process and user at the other side (unix(7), SO_PEERCRED)."""
    told = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
    pid, uid, _ = (int.from_bytes(told[at : at + 4], sys.byteorder) for at in (0, 4, 8))
    return pid, uid


def _serve(connection: socket.socket, parent: int) -> None:
    """A custodian, from its fork to its end."""
    try:
        custodian.harden()
        be_called(CUSTODIAN)
        if os.getppid() != parent:
            return
        connection.setblocking(True)
        os.dup2(connection.fileno(), 0)
        os.dup2(connection.fileno(), 1)
        os.closerange(3, os.sysconf("SC_OPEN_MAX"))  # what is its siblings', above all
        source = os.fdopen(os.dup(0), "rb")
        asked: dict[str, Any] = json.loads(source.readline(LONGEST_REQUEST))
        os.environ.clear()
        os.environ.update(asked["environment"])
        time.tzset()
        os.chdir(asked["folder"])
        gc.enable()
        sys.setswitchinterval(0.0005)  # an answer need not wait for 5 ms while another call is made
        custodian.serve(source, read_only=asked["read_only"])
    finally:
        os._exit(1)


def main() -> None:
    """Serves at the socket whose file descriptor is the first argument, until standard input ends.

    Then, when its last custodian has ended, it removes the folder that is the second one ("": none).
    """
    listening = socket.socket(fileno=int(sys.argv[1]))
    custodian.harden()
    prctl(PDEATHSIG, 0)  # it outlives its keeper, for as long as custodians of its have something to do
    for name in LATER:
        import_module(name)
    session.preload()
    gc.collect()
    gc.freeze()
    _Nursery(listening, sys.argv[2]).run()


if __name__ == "__main__":
    main()
