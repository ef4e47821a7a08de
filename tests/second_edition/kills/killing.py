"""A run struck at one of its journal writes, the run after it, and what of it all is not as it must be."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import psutil

from second_edition.display import summary, words
from second_edition.display.notebook import Shown
from second_edition.evidence import journal
from second_edition.evidence.journal import SUFFIX, Account
from second_edition.evidence.record import Record
from second_edition.rotation.outcome import Outcome
from second_edition.sandbox.client import Sandbox
from tests.second_edition.eventually import eventually
from tests.second_edition.notebooks.stage import Story

B = TypeVar("B")
T = TypeVar("T")
ROOT = Path(__file__).resolve().parents[3]
ENTRY = str(ROOT / "tests/second_edition/papermill")
HOOK = Path(__file__).with_name("hook")
PUT = "PutEmailIdentityDkimSigningAttributes"
TO_DIE_S = 60.0  # a limit for what never ends; how quickly it ends depends on the machine
SOON_S = 5.0  # what the documents say of it: `make kills` holds every run to that
STOPPED_S = 1.0


@dataclass(frozen=True)
class Blow:
    """Whom it hits, when, and at which write of the journal (``tests/second_edition/kills/hook``); whether papermill runs the run."""

    whom: str
    when: str
    number: int | str
    papermill: bool = False

    def __str__(self) -> str:
        return f"{self.whom} {self.when} write {self.number}" + (" under papermill" if self.papermill else "")


@dataclass(frozen=True)
class Struck:
    """Hold what was there after the blow, and after the run that followed."""

    blow: Blow
    landed: bool
    outlived_s: float
    first: Account | None
    puts: int
    selector: str
    second: Account | None
    second_code: int
    puts_then: int
    selector_then: str


def environment(home: Path, **more: str) -> dict[str, str]:
    given = {**more, "PYTHONPATH": os.pathsep.join(filter(None, (more.get("PYTHONPATH"), ENTRY)))}
    return {"PATH": os.environ["PATH"], "HOME": str(home), "LANG": "C.UTF-8", "TZ": "UTC", **given}


def command(sandbox: Sandbox, name: str, *, papermill: bool) -> list[str]:
    facts = sandbox.facts
    if not papermill:
        return [sys.executable, "-m", "tests.second_edition.kills.play", facts.endpoint_url, facts.next_selector]
    given = {"target": "sandbox", "endpoint_url": facts.endpoint_url, "mode": "apply", "selector": facts.next_selector}
    words_of_it = [word for pair in given.items() for word in ("-r", *pair)]
    notebook = str(ROOT / "lib/second_edition/notebooks/rotate.ipynb")
    program = str(Path(sys.executable).with_name("papermill"))
    return [program, notebook, f"outputs/{name}.ipynb", "--no-progress-bar", *words_of_it]


def strike(sandbox: Sandbox, folder: Path, blow: Blow) -> Struck:
    """Resets the world, runs, strikes, and runs again."""
    sandbox.reset("ready")
    (folder / "outputs").mkdir(parents=True)
    home, alive = folder / "home", folder / "alive"
    home.mkdir()
    path = os.pathsep.join((str(HOOK), str(ROOT)))
    struck = environment(home, PYTHONPATH=path, KILL=f"{blow.whom}:{blow.when}:{blow.number}", ALIVE=str(alive))
    with subprocess.Popen(
        command(sandbox, "first", papermill=blow.papermill), cwd=folder, env=struck, **quiet()
    ) as process:
        if blow.whom == "stop":
            go_on(alive)
        process.wait(timeout=600)
    outlived = until_gone(alive)
    first = newest(folder, None)
    puts, selector = len(sandbox.calls(PUT)), selected(sandbox)
    again = environment(home, PYTHONPATH=str(ROOT))
    second_code = subprocess.run(
        command(sandbox, "second", papermill=False), cwd=folder, env=again, timeout=600, **quiet()
    ).returncode
    second = newest(folder, first)
    return Struck(
        blow, alive.exists(), outlived, first, puts, selector, second, second_code, len(sandbox.calls(PUT)),
        selected(sandbox),
    )  # fmt: skip


def play(sandbox: Sandbox, folder: Path, selector: str, procedure: str, **env: str) -> int:
    """All steps of a procedure in a process of their own; the exit code."""
    words = [sys.executable, "-m", "tests.second_edition.kills.play", sandbox.facts.endpoint_url, selector, procedure]
    made = environment(folder / "home", **{"PYTHONPATH": str(ROOT), **env})
    return subprocess.run(words, cwd=folder, env=made, timeout=600, **quiet()).returncode


def blown(
    sandbox: Sandbox, folder: Path, blow: tuple[str, str, int], selector: str, procedure: str
) -> tuple[bool, float, Account | None]:
    """Play a procedure and strike: whether the blow landed, how long processes outlived it, and the journal."""
    (folder / "outputs").mkdir(parents=True)
    (folder / "home").mkdir()
    alive, path = folder / "alive", os.pathsep.join((str(HOOK), str(ROOT)))
    play(sandbox, folder, selector, procedure, PYTHONPATH=path, KILL=":".join(map(str, blow)), ALIVE=str(alive))
    return alive.exists(), until_gone(alive), newest(folder, None)


def headline(record: Record) -> str:
    """Return what stands at the top of a record."""
    blocks = summary.verdict(record, words.of(record.begin))
    return "\n".join(str(Shown([block]).bundle()["text/plain"]) for block in blocks)


def quiet() -> dict[str, Any]:
    return {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}


def go_on(alive: Path) -> None:
    """Wakes what was stopped, after a while, as when a laptop is opened again."""
    eventually(alive.exists)
    time.sleep(STOPPED_S)
    os.kill(int(alive.read_text().split()[0]), signal.SIGCONT)


def until_gone(alive: Path) -> float:
    """Seconds until nothing of the run is left, counted from the end of its runner."""
    since = time.monotonic()
    pids = [int(pid) for pid in alive.read_text().split()] if alive.exists() else []
    while time.monotonic() < since + TO_DIE_S + 1:
        if not any(psutil.pid_exists(pid) and psutil.Process(pid).status() != "zombie" for pid in pids):
            break
        time.sleep(0.05)
    return time.monotonic() - since


def newest(folder: Path, other: Account | None) -> Account | None:
    """The journal that is not the ``other`` one; its chain is checked in reading."""
    found = [path for path in folder.glob(f"outputs/*{SUFFIX}") if other is None or path != other.path]
    return journal.read(found[0]) if found else None


def selected(sandbox: Sandbox) -> str:
    (selector,) = sandbox.state()["identities"][sandbox.facts.domain]["selectors"]
    return str(selector)


def faults(struck: Struck, current: str, following: str) -> Iterator[str]:
    """Yield what is not as it must be; nothing where all is well."""
    if not struck.landed:
        yield "the blow did not land"
    if struck.outlived_s > TO_DIE_S:
        yield f"a process outlived the run by {struck.outlived_s:.1f} s"
    if struck.puts > 1 or struck.puts_then != 1:
        yield f"SES was written to {struck.puts}, then {struck.puts_then} times"
    if struck.selector != (following if struck.puts else current):
        yield f"SES has {struck.selector}"
    if struck.first is not None and struck.first.events:
        yield from untrue(struck.first, struck.puts, struck.selector)
    yield from not_completed(struck, following)


def untrue(account: Account, puts: int, selector: str) -> Iterator[str]:
    """Yield what the record of the run that was struck says, and is not so."""
    record = Record(account.events)
    told = headline(record)
    if puts and record.switch is None:
        yield "a write without an intent in the journal"
    if ("SES was not touched" in told or "nothing was written" in told) and puts:
        yield "says that SES was not touched"
    wrote = record.switch is not None and record.switch.answer is not None
    if wrote and not puts:
        yield "tells of a write that was not made"
    if record.outcome in (Outcome.SWITCHED, Outcome.SWITCHED_PENDING) and selector != record.begin.selector:
        yield f"says {record.outcome}"
    if record.outcome in (Outcome.REFUSED, Outcome.PLANNED) and puts:
        yield f"says {record.outcome} after a write"
    if record.outcome is None and not told.startswith("NOT FINISHED"):
        yield "says that it has ended"
    if record.switch is not None and record.outcome is not Outcome.REFUSED and current_of(record) not in told:
        yield "does not tell the rollback"


def current_of(record: Record) -> str:
    return record.current_selector if record.written_at or record.perhaps_written_at else ""


def not_completed(struck: Struck, following: str) -> Iterator[str]:
    """Yield what the run after it did not do: say which selector SES has, and complete what was begun."""
    if struck.second is None or struck.second_code != 0 or struck.selector_then != following:
        yield f"the next run did not complete it (exit code {struck.second_code})"
        return
    record = Record(struck.second.events)
    expected = {Outcome.SWITCHED, Outcome.UNCHANGED} if struck.puts else {Outcome.SWITCHED}
    if record.outcome not in expected:
        yield f"the next run says {record.outcome}"
    if record.before is None or record.before.identity is None or record.current_selector != struck.selector:
        yield "the next run does not tell which selector SES has"
    known = record.previous.run or None
    if struck.first is not None and struck.first.as_json and known != struck.first.as_json[0]["run"]:
        yield "the next run does not know of it"


@dataclass(frozen=True)
class Blown:
    """Hold what any blow comes to: who outlived it, the journal that it left, and the run that followed."""

    landed: bool
    outlived_s: float
    first: Account | None
    second: Account | None
    second_code: int

    @property
    def record(self) -> Record:
        """Return what the run that was struck had written down."""
        return Record(self.first.events if self.first else ())


def unsettled(found: Blown, *outcomes: str, wrote: bool) -> Iterator[str]:
    """Yield what is not as after any blow: it landed, the processes died, the next run came to one of these.

    And what the record of the run that was struck says of its end, and is not so.
    """
    if not found.landed:
        yield "the blow did not land"
    if found.outlived_s > TO_DIE_S:
        yield f"a process outlived the run by {found.outlived_s:.1f} s"
    outcome = Record(found.second.events).outcome if found.second else None
    if found.second_code or outcome not in outcomes:
        yield f"the next run came to {outcome} ({found.second_code})"
    record = found.record
    if not record.events:
        return
    told = headline(record)
    if wrote and ("Nothing was written" in told or record.outcome in ("REFUSED", "PLANNED")):
        yield f"says {record.outcome} after a write"
    if record.outcome is None and not told.startswith("NOT FINISHED"):
        yield "says that it has ended"
    if found.second and (found.second.as_json[0]["previous"] or {}).get("run") != record.begin.run:
        yield "the next run does not know of it"


def stories(
    strike: Callable[[Sandbox, Path, B], T], sandbox: Sandbox, folder: Path, blows: Iterable[B]
) -> dict[B, Story[T]]:
    """Return what each blow comes to, once somebody asks."""
    return {blow: Story(partial(strike, sandbox, folder / str(number), blow)) for number, blow in enumerate(blows)}
