"""Runs on warm machinery: forked of processes that have loaded what a run needs, its steps and guarantees unchanged.

Each run is three processes, as one of ``byodkim rotate`` is: runner, kernel, custodian. Runner and kernel are forked of
one process, custodians of another, which was started as custodians are. Linux only.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Final

from byodkim.custody.forked import Nursery

FOLDER: Final = "/tmp"  # noqa: S108 - a folder of its own in it; a socket's name has 107 bytes
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
    """

    def __init__(self, at_once: int, environment: Mapping[str, str] | None = None) -> None:
        self._environment = dict(os.environ if environment is None else environment)
        self._folder = Path(tempfile.mkdtemp(prefix="byodkim-", dir=FOLDER))
        self._lock, self._made = threading.Lock(), 0
        self._zygote: subprocess.Popen[bytes] | None = None
        self._nursery: Nursery | None = None
        self._ready()
        self._pool = ThreadPoolExecutor(at_once, "warm")

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
    ) -> Future[Ended]:
        """Starts a run with ``parameters``, whose notebook gets the name ``output``.

        Args:
            parameters: of the notebook, text or numbers.
            output: as ``byodkim rotate -o``.
            environment: variables that its processes have besides.
            notebook: as ``byodkim rotate --notebook``.
        """
        asked = {
            "parameters": {name: str(value) for name, value in parameters.items()},
            "output": str(output),
            "notebook": str(notebook) if notebook else "",
            "environment": {**self._environment, **(environment or {})},
            "folder": str(Path.cwd()),
        }
        return self._pool.submit(self._run, json.dumps(asked).encode() + b"\n")

    def close(self) -> None:
        """Ends everything: runs that are under way close their records, those that wait for their turn never begin."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        with self._lock:
            if self._zygote is not None:
                _end(self._zygote)
            if self._nursery is not None:
                self._nursery.close()
            self._zygote = self._nursery = None
        self._pool.shutdown()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _run(self, asked: bytes) -> Ended:
        path = self._ready()
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err, socket.socket(socket.AF_UNIX) as run:
            told = b""
            try:
                run.connect(str(path))
                socket.send_fds(run, [asked[:1]], [out.fileno(), err.fileno()])
                run.sendall(asked[1:])
                told = b"".join(iter(lambda: run.recv(4096), b""))
            except OSError:  # both the zygote and the runner were killed
                pass
            code = int(json.loads(told.splitlines()[0])["code"]) if told else KILLED
            return Ended(code, _text(out), _text(err))

    def _ready(self) -> Path:
        """Where runs are asked for. What was killed is started again."""
        with self._lock:
            if self._nursery is None or self._nursery.process.poll() is not None:
                self._end()
                self._made += 1
                self._nursery = Nursery(self._folder / f"custodians-{self._made}", self._environment)
            if self._zygote is None or self._zygote.poll() is not None:
                self._made += 1
                self._zygote = _started(self._folder / f"runs-{self._made}", self._nursery.path, self._environment)
                self._path = self._folder / f"runs-{self._made}"
            return self._path

    def _end(self) -> None:
        pass


def _started(path: Path, nursery: Path, environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(path))
        listening.listen(128)
        return subprocess.Popen(
            [sys.executable, "-m", "byodkim.launch.zygote", str(listening.fileno()), str(nursery)],
            stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=None,
            pass_fds=(listening.fileno(),), env=dict(environment), start_new_session=True,
        )  # fmt: skip


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.stdin:
        process.stdin.close()
    try:
        process.wait(timeout=TO_END_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _text(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode("utf-8", "replace")
