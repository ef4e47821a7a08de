"""The command ``byodkim``: run, followed line by line, and what its journal says it came to."""

from __future__ import annotations

import csv
import fcntl
import glob
import json
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

JOURNAL: Final = ".journal.jsonl"
TABLE: Final = ".fleet.csv"
TURN_S: Final = 0.5
#: The groups of a plan, in the order in which they are shown.
GROUPS: Final = ("ready", "there", "ses", "dns", "generator", "wrong", "unread")
WELL: Final = ("SWITCHED", "UNCHANGED", "SWITCHED-PENDING")


class Command:
    """One run of a command. It goes on to its end when Airflow's process is killed: whoever comes next waits for it.

    Args:
        words: the command and its arguments.
        project: its working folder.
        lock: a file that is held as long as the command runs.
        environment: of the command, whole.
    """

    def __init__(self, words: Sequence[str], project: Path, lock: Path, environment: Mapping[str, str]) -> None:
        self._words, self._project, self._lock, self._environment = words, project, lock, environment
        self._process: subprocess.Popen[str] | None = None

    def run(self, say: Callable[[str], None], given: Mapping[str, Any] | None = None) -> int:
        """Run it and return its exit code.

        Args:
            say: gets each line that it prints.
            given: its parameters, as JSON on its standard input.
        """
        self._lock.parent.mkdir(parents=True, exist_ok=True)
        # It prints to a file: a pipe would break, and end it, with the process that reads.
        with (
            self._lock.open("a") as lock,
            tempfile.TemporaryFile("w+") as parameters,
            tempfile.NamedTemporaryFile() as printed,
            Path(printed.name).open() as lines,
        ):
            fcntl.flock(lock, fcntl.LOCK_EX)
            json.dump(given, parameters)
            parameters.seek(0)
            process = self._process = subprocess.Popen(
                self._words, cwd=self._project, env=self._environment, text=True, start_new_session=True,
                stdin=parameters, stdout=printed, stderr=subprocess.STDOUT, pass_fds=[lock.fileno()],
            )  # fmt: skip
            while True:
                code = process.poll()
                for line in lines:
                    say(line.rstrip())
                if code is not None:
                    return code
                time.sleep(TURN_S)

    def stop(self) -> None:
        """Ask it to stop: it begins nothing more, finishes what is under way, and closes its record."""
        if self._process is not None:
            self._process.terminate()


def result(record: Path) -> dict[str, Any]:
    """Return what a campaign's run came to, by the journal beside its record.

    ``outcome`` is "" where the journal was not closed. ``byodkim verify`` says whether it holds together.
    """
    found: dict[str, Any] = {"record": record.name, "run": "", "outcome": "", "halted": "", "counts": {}, "ready": 0}
    ended: dict[int, dict[str, Any]] = {}
    taken_over: list[dict[str, Any]] = []
    for path in _journals(record):
        found["run"] = path.name[len(record.stem) + 1 : -len(JOURNAL)]
        for event in map(_event, path.read_bytes().splitlines()):
            match event.get("event"):
                case "surveyed":
                    found["counts"] = event["counts"]
                case "planned":
                    found["ready"] = int(event["plan"]["relies_on"]["count"])
                case "ended":
                    ended[event["number"]] = event
                case "resumed":
                    taken_over = event["ended"]
                case "halted":
                    found["halted"] = event["why"]
                case "closed":
                    found["outcome"] = event["outcome"]
    for key, events in (("records", ended.values()), ("taken_over", taken_over)):
        found[key] = [event["record"] for event in events if event["outcome"]]
    bad = [event for event in ended.values() if event["outcome"] not in WELL]
    found["failed"] = [f"{event['domain']}: {event['outcome'] or '-'} {event['record']}" for event in bad]
    return found


def _journals(record: Path) -> Iterator[Path]:
    found = record.parent.glob(f"{glob.escape(record.stem)}.*{JOURNAL}")
    return (path for path in found if path.is_file())  # a pipe would be waited for


def _event(line: bytes) -> dict[str, Any]:
    try:
        event: dict[str, Any] = json.loads(line)
    except (ValueError, RecursionError):  # torn by a kill
        return {}
    return event


def unready(record: Path, run: str) -> list[dict[str, str]]:
    """Return the rows of a plan's table that are neither ready nor switched already; what is no group is ``unread``."""
    with record.with_name(f"{record.stem}.{run}{TABLE}").open(encoding="utf-8", newline="") as table:
        rows = [{**row, "group": row["group"] if row["group"] in GROUPS else "unread"} for row in csv.DictReader(table)]
    return [row for row in rows if row["group"] not in ("ready", "there")]
