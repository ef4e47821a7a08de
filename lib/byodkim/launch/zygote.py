"""The process of which runs are forked: it has loaded what they need, and does nothing itself.

It has no threads, no connection but that of whoever keeps it, and never sees a key. For each connection it forks a
runner, which reads there what is to be run, forks its kernel in turn, and says in the end what the run came to.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import json
import os
import selectors
import shutil
import signal
import socket
import sys
import threading
import time
import traceback
from functools import partial
from pathlib import Path
from typing import Any, Final

from byodkim.custody.prctl import CHILD_SUBREAPER, PDEATHSIG, be_called, prctl
from byodkim.launch import warmth
from byodkim.launch.family import Family

#: Seconds that runs have to close their records when the keeper leaves: all is to be over after five.
TO_CLOSE_S: Final = 4.2
RUNNER: Final = "byodkim-run"
BEHIND: Final = 5  # by how much runs of a campaign are nicer to other processes (nice(2))
SIGNALS: Final = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGCHLD)


class _Zygote:
    """Forks runners, each ahead of its run, and tells of their ends on the connections that asked for them.

    ``finishes``: runs that are under way when the keeper leaves go on to their end; else they close their records.
    """

    def __init__(self, listening: socket.socket, nursery: Path, *, finishes: bool) -> None:
        self._listening, self._nursery, self._finishes, self._left = listening, nursery, finishes, False
        self._selector = selectors.DefaultSelector()
        self._selector.register(listening, selectors.EVENT_READ, self._accept)
        self._selector.register(0, selectors.EVENT_READ, self._leave)  # the keeper's end: nothing is ever said there
        self._runs: dict[int, socket.socket | None] = {}  # by runner, the spare one included
        self._spare: tuple[int, socket.socket] | None = None
        woken, wakes = os.pipe2(os.O_NONBLOCK)
        self._selector.register(woken, selectors.EVENT_READ, partial(self._reap, woken))
        signal.set_wakeup_fd(wakes, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        self._fork()

    def run(self) -> None:
        while not self._left or self._runs:
            for key, _ in self._selector.select():
                key.data()
        shutil.rmtree(self._nursery.parent, ignore_errors=True)
        os._exit(0)

    def _fork(self) -> None:
        """A runner ahead of its run, which forks its kernel ahead of it, too."""
        ours, its = socket.socketpair()
        parent, pid = os.getpid(), os.fork()
        if not pid:
            _run(its, parent, self._nursery)
        its.close()
        self._runs[pid], self._spare = None, (pid, ours)

    def _accept(self) -> None:
        if self._left:  # in the same moment
            return
        connection, _ = self._listening.accept()
        while True:
            if self._spare is None:
                self._fork()
            assert self._spare is not None  # noqa: S101 - forked just now
            pid, line = self._spare
            self._spare = None
            with line, contextlib.suppress(OSError):  # it was killed while it waited
                socket.send_fds(line, [b"\n"], [connection.fileno()])
                break
        self._runs[pid] = connection
        self._fork()

    def _reap(self, woken: int) -> None:
        """Runners that have ended; and what one left behind that was killed, which came to this process."""
        os.read(woken, 4096)
        with contextlib.suppress(ChildProcessError):
            while (found := os.waitpid(-1, os.WNOHANG))[0]:
                self._ended(*found)

    def _ended(self, pid: int, status: int) -> None:
        if self._spare and self._spare[0] == pid:
            self._spare[1].close()
            self._spare = None
        told = self._runs.pop(pid, None)
        if told is None:
            return
        # After what it said itself, if it came to that: the first word counts.
        code = 128 + os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)
        with told, contextlib.suppress(OSError):
            told.sendall(_code(code))

    def _leave(self) -> None:
        if self._finishes:
            self._selector.unregister(0)
            self._selector.unregister(self._listening)
            self._listening.close()
            if self._spare is not None:
                self._spare[1].close()  # the one that waits for a run ends
            self._left = True
            return
        for pid in self._runs:
            os.kill(pid, signal.SIGTERM)
        ends = time.monotonic() + TO_CLOSE_S
        while _children() and time.monotonic() < ends:
            with contextlib.suppress(ChildProcessError):
                while os.waitpid(-1, os.WNOHANG)[0]:
                    pass
            time.sleep(0.02)
        while left := _children():
            for pid in left:
                with contextlib.suppress(ProcessLookupError, ChildProcessError):
                    os.kill(pid, signal.SIGKILL)
                    os.waitpid(pid, 0)
        shutil.rmtree(self._nursery.parent, ignore_errors=True)  # the nursery may have ended before the last run
        os._exit(0)


def _children() -> set[int]:
    """The processes below this one that are directly its own, ended ones that were not waited for included."""
    return {int(pid) for pid in Path(f"/proc/self/task/{os.getpid()}/children").read_text("ascii").split()}


def _code(code: int) -> bytes:
    return json.dumps({"code": code}).encode() + b"\n"


def _run(its: socket.socket, parent: int, nursery: Path) -> None:
    """A run, from its runner's fork to its end."""
    family: Family | None = None
    try:
        prctl(PDEATHSIG, signal.SIGTERM)
        be_called(RUNNER)
        if os.getppid() != parent:
            return
        signal.set_wakeup_fd(-1)
        for number in SIGNALS:
            signal.signal(number, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        line = socket.socket(fileno=os.dup2(its.fileno(), 3, inheritable=False))
        os.closerange(4, os.sysconf("SC_OPEN_MAX"))  # its siblings', above all
        family = Family(nursery, line.close)
        family.fork()
        _, (connection,), _, _ = socket.recv_fds(line, 1, 1)
        line.close()
        own = socket.socket(fileno=connection)
        asked, (out, err, *_), _, _ = socket.recv_fds(own, 1 << 20, 3)  # the third is held to the end
        while not asked.endswith(b"\n"):
            if not (part := own.recv(1 << 20)):
                return  # whoever asked died in the middle of it
            asked += part
        for standard, output in enumerate((out, err), 1):
            os.dup2(output, standard)
            os.close(output)
        code = _carried_out(json.loads(asked), family)
        sys.stdout.flush()
        sys.stderr.flush()
        with contextlib.suppress(OSError):  # whoever asked is gone
            own.sendall(_code(code))
    except BaseException:  # noqa: BLE001 - told as the interpreter would tell it, were this its own process
        traceback.print_exc()
        sys.stderr.flush()
    finally:
        if family is not None:
            family.close()
        os._exit(1)


def _carried_out(asked: dict[str, Any], family: Family) -> int:
    """The command's exit code."""
    from byodkim.launch import command_line, rotate

    os.environ.clear()
    os.environ.update(asked["environment"])
    time.tzset()
    os.chdir(asked["folder"])
    gc.enable()
    given = argparse.Namespace(
        command="rotate",
        parameters=[(name, value) for name, value in asked["parameters"].items()],
        parameters_raw=[],
        parameters_file=[],
        output=Path(asked["output"]),
        notebook=Path(asked["notebook"]) if asked["notebook"] else None,
        execution_timeout=None,
    )
    return command_line.carry_out(lambda: rotate.run(given, family))


def main() -> None:
    """Serves at the socket whose file descriptor is the first argument; custodians are those of the second.

    A third, ``finish``: runs outlive whoever keeps this process.
    """
    listening, nursery = socket.socket(fileno=int(sys.argv[1])), Path(sys.argv[2])
    prctl(CHILD_SUBREAPER, 1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    warmth.load()
    if finishes := "finish" in sys.argv[3:]:
        # Of many runs, what some show and seal goes behind what others write to SES: that custodians do, in time.
        os.nice(BEHIND)
    if threading.active_count() > 1:
        raise RuntimeError("a process with threads is not to be forked")
    gc.collect()
    gc.freeze()
    gc.disable()
    _Zygote(listening, nursery, finishes=finishes).run()


if __name__ == "__main__":
    main()
