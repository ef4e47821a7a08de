"""What a run holds outside its custodian: the memory of its processes when it closes, and its files."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

ENTRY = str(Path(__file__).parents[1] / "papermill")
HOOK = Path(__file__).parents[1] / "kills/hook"
PAGE = 4096


@dataclass(frozen=True)
class Collected:
    """``image``: memory and files in one row. ``processes``: whose memory it is. ``custodians``: whose it is not."""

    code: int
    said: str
    image: bytes
    processes: tuple[str, ...]
    custodians: int
    files: int


def collect(command: Sequence[str], folder: Path, environment: Mapping[str, str], home: Path) -> Collected:
    """Runs a command; each of its processes that writes ``closed`` is stopped, and all of them are read then."""
    seen: set[int] = set()
    memory: list[bytes] = []
    processes: set[str] = set()
    custodians: set[int] = set()
    with tempfile.TemporaryDirectory() as stopped, tempfile.TemporaryFile() as said:
        more = {"PYTHONPATH": os.pathsep.join((str(HOOK), ENTRY)), "KILL": "stop:after:closed", "ALIVE": stopped}
        with subprocess.Popen(
            command, cwd=folder, env={**environment, **more}, stdout=said, stderr=subprocess.STDOUT
        ) as run:
            done: set[str] = set()
            while run.poll() is None:
                for path in set(map(str, Path(stopped).iterdir())) - done:
                    done.add(path)
                    closing = psutil.Process(int(Path(path).name))
                    while closing.status() != psutil.STATUS_STOPPED:
                        time.sleep(0.01)
                    for process in (psutil.Process(run.pid), *psutil.Process(run.pid).children(recursive=True)):
                        with contextlib.suppress(psutil.NoSuchProcess, ProcessLookupError):  # it has ended
                            if "second_edition.custody" in " ".join(process.cmdline()):
                                custodians.add(process.pid)
                                continue
                            processes.add(f"{process.name()} {process.pid}")
                            memory += _pages(process.pid, seen)
                    os.kill(closing.pid, signal.SIGCONT)
                time.sleep(0.02)
        said.seek(0)
        text = said.read()
    files = [path.read_bytes() for top in (folder, home) for path in top.rglob("*") if path.is_file()]
    image = b"".join(row + bytes(PAGE - len(row) % PAGE) for row in (*memory, text, *files))
    names = tuple(sorted(processes))
    return Collected(run.returncode, text.decode("utf-8", "replace"), image, names, len(custodians), len(files))


def _pages(pid: int, seen: set[int]) -> Iterator[bytes]:
    """What a process may have written, in pieces that belong together: each pair of pages that follow another once."""
    process = psutil.Process(pid)
    process.suspend()
    try:
        with Path(f"/proc/{pid}/mem").open("rb", buffering=0) as memory:
            for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
                where, rights, *_ = line.split()
                if not rights.startswith("rw"):
                    continue
                start, end = (int(one, 16) for one in where.split("-"))
                memory.seek(start)
                yield from _new(memory.read(end - start), seen)
    finally:
        process.resume()


def _new(data: bytes, seen: set[int]) -> Iterator[bytes]:
    piece = b""
    before = False
    for start in range(0, len(data), PAGE):
        pair = hash(data[start : start + 2 * PAGE])
        new = pair not in seen
        seen.add(pair)
        if new or before:
            piece += data[start : start + PAGE]
        elif piece:
            yield piece
            piece = b""
        before = new
    yield piece
