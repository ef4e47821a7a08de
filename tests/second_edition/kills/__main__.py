"""``make kills``: two hundred runs struck in every way at every journal write, and fifty operators at once."""

from __future__ import annotations

import random
import subprocess
import sys
import tempfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue

from second_edition.evidence import journal
from second_edition.evidence.journal import SUFFIX, JournalError
from second_edition.evidence.record import Record
from second_edition.sandbox.client import Sandbox
from tests.second_edition.kills.killing import PUT, ROOT, SOON_S, Blow, Struck, command, environment, faults, quiet, strike

WRITES = 15
DIRECT = [(whom, when) for whom in ("kernel", "custodian") for when in ("before", "torn", "after")]
DIRECT += [("disk", "before"), ("disk", "torn"), ("stop", "after")]
BY_RUNNER = [(f"runner-{name}", when) for name in ("KILL", "TERM", "HUP") for when in ("before", "after")]
OPERATORS = 50


def blows(count: int) -> list[Blow]:
    """Every kind at every write, then at chance; an eighth of them under papermill."""
    chance = random.Random(20261124)
    every = [Blow(whom, when, number) for whom, when in DIRECT for number in range(WRITES)]
    runners = [Blow(whom, when, number, papermill=True) for whom, when in BY_RUNNER for number in range(WRITES)]
    chance.shuffle(runners)
    wanted = [*every, *runners[: max(count // 8, count - len(every))]]
    chance.shuffle(wanted)
    return wanted[:count]


def kills(count: int, sandboxes: list[Sandbox], folder: Path) -> int:
    """Strikes ``count`` runs and says what came of it; how many were not as they must be."""
    free: SimpleQueue[Sandbox] = SimpleQueue()
    for sandbox in sandboxes:
        free.put(sandbox)

    def tell(numbered: tuple[int, Blow]) -> tuple[Struck | None, list[str]]:
        number, blow = numbered
        sandbox = free.get()
        try:
            struck = strike(sandbox, folder / str(number), blow)
        except JournalError as error:
            return None, [f"{blow}: a torn file: {error}"]
        finally:
            free.put(sandbox)
        facts = sandbox.facts
        return struck, [f"{blow}: {fault}" for fault in faults(struck, facts.current_selector, facts.next_selector)]

    with ThreadPoolExecutor(len(sandboxes)) as pool:
        told = list(pool.map(tell, enumerate(blows(count))))
    seen = [struck for struck, _ in told if struck is not None]
    found = [fault for _, several in told for fault in several]
    found += [f"{one.blow}: a process outlived it by {one.outlived_s:.1f} s" for one in seen if one.outlived_s > SOON_S]
    closed = Counter(str(Record(one.first.events).outcome) for one in seen if one.first and one.first.events)
    print(f"{len(seen)} runs struck: {dict(sorted(closed.items()))} by their journals, None: never closed")
    print(f"{sum(one.puts for one in seen)} had written to SES; after the next run each had been written to once")
    print(f"longest life of a process after its run: {max(one.outlived_s for one in seen):.1f} s")
    print(f"{sum('torn file' in fault for fault in found)} torn files, {len(found)} faults in all")
    for fault in found:
        print(f"  {fault}")
    return len(found)


def race(sandbox: Sandbox, folder: Path) -> int:
    """Fifty operators at once; how many writes beyond the first."""
    sandbox.reset("ready")
    (folder / "outputs").mkdir(parents=True)
    (folder / "home").mkdir()
    env = environment(folder / "home", PYTHONPATH=str(ROOT))
    started = [
        subprocess.Popen(command(sandbox, "-", papermill=False), cwd=folder, env=env, **quiet())
        for _ in range(OPERATORS)
    ]
    for process in started:
        process.wait(timeout=600)
    accounts = [journal.read(path) for path in folder.glob(f"outputs/*{SUFFIX}")]
    outcomes = Counter(str(Record(account.events).outcome) for account in accounts)
    puts = len(sandbox.calls(PUT))
    print(f"{OPERATORS} operators at once: {puts} write, {dict(sorted(outcomes.items()))}")
    return abs(puts - 1) + abs(len(accounts) - OPERATORS)


def main(count: int) -> int:
    """Both, in a folder of their own; 1 where anything was not as it must be."""
    with tempfile.TemporaryDirectory() as name, Sandbox.start() as one, Sandbox.start() as other:
        folder = Path(name)
        return int(kills(count, [one, other], folder / "kills") + race(one, folder / "race") > 0)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if sys.argv[1:] else 200))
