"""Runs on warm machinery: forked of processes that have loaded what a run needs, its steps and guarantees unchanged.

Each run is three processes, as one of ``byodkim rotate`` is: runner, kernel, custodian. Runner and kernel are forked of
one process, custodians of another, which was started as custodians are. Elsewhere than on Linux the command is run.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Final

from byodkim.custody.forked import Nursery, roomy

TO_END_S: Final = 5.0
KILLED: Final = 137


@dataclass(frozen=True)
class Ended:
    """What a run came to: the exit code of ``byodkim rotate``, its standard output and its standard error."""

    code: int
    said: str
    complained: str


class Warm:
    """Machinery that is kept ready, for ``at_once`` runs side by side.

    Args:
        at_once: how many runs are under way at most; further ones wait for their turn.
        environment: of all processes, in the place of this one's own.
        finishes: runs that are under way go on to their end, whatever becomes of whoever began them.
    """

    def __init__(self, at_once: int, environment: Mapping[str, str] | None = None, *, finishes: bool = False) -> None:
        self._finishes = finishes
        self._environment = dict(os.environ if environment is None else environment)
        self._folder = Path(tempfile.mkdtemp(prefix="byodkim-", dir=roomy()))
        self._path, self._log = self._folder / "runs", self._folder / "zygote.log"
        self._lock, self._closed = threading.Lock(), False
        self._zygote: subprocess.Popen[bytes] | None = None
        self._nursery: Nursery | None = None
        self._pool = ThreadPoolExecutor(at_once, "warm")
        if sys.platform == "linux":
            self._ready()

    def __enter__(self) -> Warm:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def start(
        self,
        parameters: Mapping[str, Any],
        output: Path,
        *,
        environment: Mapping[str, str] | None = None,
        notebook: Path | None = None,
        held: int | None = None,
    ) -> Future[Ended]:
        """Starts a run with ``parameters``, whose notebook gets the name ``output``.

        Args:
            parameters: of the notebook, text or numbers.
            output: as ``byodkim rotate -o``.
            environment: variables that its processes have besides.
            notebook: as ``byodkim rotate --notebook``.
            held: a file descriptor that the run's process keeps open to its end, whoever else dies.
        """
        asked = {
            "parameters": {name: str(value) for name, value in parameters.items()},
            "output": str(output),
            "notebook": str(notebook) if notebook else "",
            "environment": {**self._environment, **(environment or {})},
            "folder": str(Path.cwd()),
        }
        return self._pool.submit(self._run if sys.platform == "linux" else _cold, asked, held)

    def close(self) -> None:
        """Ends everything: runs that are under way close their records, those that wait for their turn never begin.

        That takes up to five seconds, or as long as runs that are to finish take; then nothing of it is left.
        """
        self._pool.shutdown(wait=self._finishes, cancel_futures=True)
        with self._lock:
            self._closed = True
            if self._zygote is not None:
                _end(self._zygote)
            if self._nursery is not None:
                self._nursery.close()
        self._pool.shutdown()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _run(self, asked: Mapping[str, Any], held: int | None) -> Ended:
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err, socket.socket(socket.AF_UNIX) as run:
            self._ready()
            told = b""
            with contextlib.suppress(OSError):  # the zygote was killed, and the runner perhaps with it
                run.connect(str(self._path))
                request = json.dumps(asked).encode() + b"\n"
                socket.send_fds(run, [request[:1]], [out.fileno(), err.fileno(), *([] if held is None else [held])])
                run.sendall(request[1:])
                told = b"".join(iter(lambda: run.recv(4096), b""))
            code = int(json.loads(told.splitlines()[0])["code"]) if told else KILLED
            complained = _text(err)
            return Ended(code, _text(out), complained or ("" if told else self._log.read_text("utf-8", "replace")))

    def _ready(self) -> None:
        """Starts what is not there, and again what was killed, at the same places."""
        with self._lock:
            if self._closed:
                raise CancelledError
            if self._nursery is None or self._nursery.process.poll() is not None:
                if self._nursery is not None:
                    self._nursery.close()
                # Runs that are to finish have sockets in the folder: the zygote removes it after the last of them.
                removed = None if self._finishes else self._folder
                self._nursery = Nursery(self._folder / "custodians", self._environment, removed)
            if self._zygote is None or self._zygote.poll() is not None:
                if self._zygote is not None:
                    _end(self._zygote)
                self._zygote = self._started(self._nursery.path)

    def _started(self, nursery: Path) -> subprocess.Popen[bytes]:
        self._path.unlink(missing_ok=True)
        with socket.socket(socket.AF_UNIX) as listening, self._log.open("ab") as log:
            listening.bind(str(self._path))
            listening.listen(128)
            how = ["finish"] if self._finishes else []
            return subprocess.Popen(
                [sys.executable, "-m", "byodkim.launch.zygote", str(listening.fileno()), str(nursery), *how],
                stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=log,
                pass_fds=(listening.fileno(),), env=self._environment, start_new_session=True,
            )  # fmt: skip


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.stdin:
        process.stdin.close()
    try:
        process.wait(timeout=TO_END_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _cold(asked: Mapping[str, Any], held: int | None) -> Ended:
    """The same run by the command, where processes are not to be forked. It outlives who asked for it.

    In a session of its own: an interrupt at the terminal is not meant for it. Files, not pipes: it can go on speaking.
    """
    given = [word for name, value in asked["parameters"].items() for word in ("-p", name, value)]
    own = ["--notebook", asked["notebook"]] if asked["notebook"] else []
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        done = subprocess.run(
            [sys.executable, "-m", "byodkim.launch.command_line", "rotate", "-o", asked["output"], *own, *given],
            env=asked["environment"], cwd=asked["folder"], stdin=subprocess.DEVNULL, stdout=out, stderr=err,
            pass_fds=() if held is None else (held,), start_new_session=True, check=False,
        )  # fmt: skip
        code = done.returncode if done.returncode >= 0 else 128 - done.returncode
        return Ended(code, _text(out), _text(err))


def _text(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode("utf-8", "replace")
