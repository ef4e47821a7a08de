"""Threads that read events at once: none ends the process."""

from __future__ import annotations

import subprocess
import sys
import tarfile
from pathlib import Path

from tests.second_edition.project.tracked import ROOT

READING = """
import json, sys, threading
from pathlib import Path
from second_edition import events

lines = {}
for path in Path(sys.argv[1]).rglob("*.journal.jsonl"):
    for line in path.read_bytes().splitlines():
        lines.setdefault(json.loads(line)["event"], line)
assert len(lines) > 10
sys.setswitchinterval(1e-6)
together = threading.Barrier(16)

def read():
    together.wait()
    for name, line in lines.items():
        events.decode(line, name)

threads = [threading.Thread(target=read) for _ in range(16)]
for one in threads: one.start()
for one in threads: one.join()
"""


def test_threads_may_read_events_of_the_same_kinds_at_once(tmp_path: Path) -> None:
    """msgspec 0.22 ends most of these processes (SIGSEGV) where two threads may learn a class at once."""
    with tarfile.open(ROOT / "tests/second_edition/golden/archive.tar.xz") as archive:
        archive.extractall(tmp_path, filter="data")
    command = [sys.executable, "-c", READING, str(tmp_path)]
    assert [subprocess.run(command, timeout=600).returncode for _ in range(6)] == [0] * 6
