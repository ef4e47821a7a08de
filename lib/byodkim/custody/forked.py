"""Custodians that are forked instead of started: of a process that has loaded what they need, and never held a key.

The nursery is a process of its own, started as a custodian is (``python -I``), which listens at a socket that only this
user reaches. Whoever connects is given a fresh fork: the connection is its standard input and output, so that it ends
when the other side does, and the nursery kills it besides when the process that asked for it is gone.
Linux only: what is forked elsewhere may not use the system's libraries.
"""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import signal
import socket
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from byodkim.custody import isolation

ANSWER_S: Final = 10.0
#: Where a socket's name has room: 107 bytes are all there is for it.
FOLDER: Final = "/tmp"  # noqa: S108 - a folder of one's own in it, which only this user may enter


class Forked:
    """A custodian of a nursery, in the place of the ``subprocess.Popen`` of one that was started.

    Raises:
        OSError: there is no nursery any more.
    """

    def __init__(self, nursery: Path, *, read_only: bool) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        try:
            self._socket.settimeout(ANSWER_S)
            self._socket.connect(str(nursery))
            asked = {"read_only": read_only, "folder": str(Path.cwd()), "environment": isolation.harmless(os.environ)}
            self._socket.sendall(json.dumps(asked).encode() + b"\n")
            told, self._process, *_ = _received(self._socket)
            self._socket.settimeout(None)
        except BaseException:
            self._socket.close()
            raise
        self.pid, self._ended = int(told), False
        self.stdin, self.stdout = self._socket.makefile("wb"), self._socket.makefile("rb")

    def wait(self, timeout: float | None = None) -> int:
        """Has it end, and waits for that. Gives 0: how it ended is its nursery's to know.

        Raises:
            subprocess.TimeoutExpired: it has not ended by then, in seconds.
        """
        if self._ended:
            return 0
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_WR)  # the end of its input
        with selectors.DefaultSelector() as selector:
            selector.register(self._process, selectors.EVENT_READ)
            if not selector.select(timeout):
                raise subprocess.TimeoutExpired("custodian", timeout or 0)
        self._ended = True
        self._socket.close()  # in truth when its input and its output are closed, too
        os.close(self._process)
        return 0

    def kill(self) -> None:
        """Ends it at once."""
        with contextlib.suppress(OSError):
            signal.pidfd_send_signal(self._process, signal.SIGKILL)


def roomy() -> str | None:
    """Where folders with sockets in them are made; ``None``, the usual place, where nothing can be written there."""
    return FOLDER if os.access(FOLDER, os.W_OK) else None


def _received(connection: socket.socket) -> tuple[bytes, int]:
    """The process id, and a file descriptor that stands for the process whatever becomes of its id."""
    told, given, _, _ = socket.recv_fds(connection, 64, 1)
    if not told or not given:
        raise ConnectionResetError("the nursery has ended")
    return told, given[0]


class Nursery:
    """A nursery, as whoever keeps it sees it. It ends with ``close``, or when its keeper does.

    Args:
        path: where it listens. Whoever connects waits until it has loaded what it needs.
        environment: its own; custodians have that of whoever asks for them.
        folder: what it removes when it has ended, be its keeper killed.
    """

    def __init__(self, path: Path, environment: Mapping[str, str] = os.environ, folder: Path | None = None) -> None:
        self.path = path
        path.unlink(missing_ok=True)  # of one that was killed
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind(str(path))
            listening.listen(128)
            os.set_inheritable(listening.fileno(), True)
            # -I: neither the folder nor PYTHON* variables decide which code gets to hold a key.
            self.process = subprocess.Popen(
                isolation.command("byodkim.custody.nursery", str(listening.fileno()), str(folder or "")),
                stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                pass_fds=(listening.fileno(),), env=isolation.harmless(environment), start_new_session=True,
            )  # fmt: skip

    def let_go(self) -> None:
        """In a process that was forked of the keeper: the nursery is not its own."""
        if self.process.stdin:
            self.process.stdin.close()

    def close(self) -> None:
        """Ends it, and every custodian of its that is left."""
        self.let_go()
        try:
            self.process.wait(timeout=2)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.path.unlink(missing_ok=True)
