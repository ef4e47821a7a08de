"""One reader for all runs of a campaign in an account and Region: SES is read for a hundred identities at a time.

SES allows one call a second, and every call that is no write takes a second from one. The reader writes what SES shows
of each identity to a file, in a folder only this user can enter, and runs read it there (``engine.shared_reading``).
While it lives it holds a lock: where that is free, or nothing new enough comes, a run reads by itself. Nothing secret
is in it.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
import threading
import time
from collections.abc import Collection, Mapping, Sequence
from contextlib import ExitStack
from itertools import chain, islice
from pathlib import Path
from typing import Any, Final

from second_edition.aws.budget import THROTTLED
from second_edition.custody.client import Custodian, Refused
from second_edition.engine import run_start
from second_edition.engine.shared_reading import LOCK, VARIABLE
from second_edition.errors import ByodkimError
from second_edition.evidence.fleet_record import Planned
from second_edition.intent.campaign import Row
from second_edition.procedures.fleet.planning import Surroundings
from second_edition.rotation.fleet import Member
from second_edition.rotation.inventory import BATCH
from second_edition.rotation.observation import SUCCESS
from second_edition.rotation.reading import BATCH_CALL, FRESH_S

#: Seconds between two calls: while runs begin, which are to write, and at first where none has begun for a while. Where
#: nothing new shows, the time until the next call is a quarter of the time for which that has been so, up to the last.
EVERY_S: Final = 40.0
ALONE_S: Final = 10.0
WHILE_S: Final = 10.0
PART: Final = 0.25
LONGEST_S: Final = 60.0
TURN_S: Final = 0.2
#: Seconds until a call is made again that was refused, or got no answer; how many in turn end the reader.
AGAIN_S: Final = 2.0
MOST_FAILURES: Final = 3
#: Seconds between two runs that are shown to be verified, and for all of one answer: forty that end at once keep others
#: from writing in time.
APART_S: Final = 0.5
ALL_APART_S: Final = EVERY_S / 2
Lane = tuple[str, str, str]
Waves = Sequence[Sequence[int]]


class Schedule:
    """Which identities are read next. Moments are seconds of a clock that never goes back.

    ``every_s``: seconds between two calls while runs begin.
    """

    def __init__(self, every_s: float = EVERY_S) -> None:
        self._every_s = every_s
        self._began: dict[str, float] = {}  # by name, of the runs under way
        self._coming: tuple[str, ...] = ()
        self._read: dict[str, float] = {}  # when each was read last
        self._changed = 0.0

    def expect(self, under_way: Collection[str], coming: Sequence[str], now: float) -> None:
        """Take whose runs are under way, and who comes next."""
        if set(under_way) != self._began.keys():
            self._changed = now
        for name in self._began.keys() - set(under_way):  # its run has ended, and may have written
            self._read.pop(name, None)
        self._began = {name: self._began.get(name, now) for name in under_way}
        self._coming = tuple(coming)

    def due(self, now: float) -> tuple[str, ...]:
        """Return the names of one call that is to be made now; none where none is."""
        last = {name: self._read.get(name, float("-inf")) for name in chain(self._began, self._coming)}
        # Half of the time for which a run takes an answer: it may wait for its turn before it asks.
        missing = [name for name, began in self._began.items() if last[name] < began - FRESH_S / 2]
        writing = any(now - began < WHILE_S for began in self._began.values())
        least = self._every_s if writing else min(ALONE_S, self._every_s)
        every = max(least, min((now - self._changed) * PART, LONGEST_S))
        if not missing and not any(last[name] <= now - every for name in self._began):
            return ()
        longest_ago = sorted(self._began, key=last.__getitem__)
        return tuple(islice(dict.fromkeys((*missing, *longest_ago, *self._coming)), BATCH))

    def read(self, names: Collection[str], moment: float, *, changed: bool) -> None:
        """Take that a call was made at that moment, and whether it showed anything new."""
        self._read |= dict.fromkeys(names, moment)
        self._changed = moment if changed else self._changed


class Reader:
    """Reads for the runs of one account and Region, in a thread of its own. Closed by ``close``.

    Args:
        custodian: opened; its calls wait for the budget that the runs' own wait for, and go first.
        folder: for the answers; made anew.
        place: account, Region and endpoint, as STS and the custodian's client tell.
        fulls: by name, each identity as it was read in full, plain, and when that was.
        every_s: as ``Schedule`` takes it.

    Raises:
        OSError: the folder cannot be made.
    """

    def __init__(
        self,
        custodian: Custodian,
        folder: Path,
        place: Sequence[str],
        fulls: Mapping[str, tuple[Mapping[str, Any], str]],
        every_s: float = EVERY_S,
    ) -> None:
        self._custodian, self._place, self._fulls, self.folder = custodian, list(place), fulls, folder
        self._schedule, self._lock, self._closed = Schedule(every_s), threading.Lock(), threading.Event()
        self._latest: dict[str, Any] = {}
        self.counts = {"batch": 0, "refused": 0}
        shutil.rmtree(folder, ignore_errors=True)  # of a campaign that was killed
        folder.mkdir(mode=0o700, parents=True)
        self._held = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        fcntl.flock(self._held, fcntl.LOCK_EX)
        self._thread = threading.Thread(target=self._serve, name="reader", daemon=True)
        self._thread.start()

    def expect(self, under_way: Collection[str], coming: Sequence[str]) -> None:
        """Take whose runs are under way, and who comes next."""
        with self._lock:
            self._schedule.expect(under_way, coming, time.monotonic())

    def close(self) -> None:
        """End it; runs that wait for an answer read by themselves. May be called twice."""
        self._closed.set()
        self._thread.join()

    def _serve(self) -> None:
        failures = 0
        try:
            while failures < MOST_FAILURES and not self._closed.wait(TURN_S):
                with self._lock:
                    names = self._schedule.due(moment := time.monotonic())
                if not names:
                    continue
                try:
                    self._publish(names, moment, self._custodian.ask("hundred", names=list(names)).result())
                    failures = 0
                except Refused as refused:
                    throttled = refused.code in THROTTLED
                    self.counts["refused"] += throttled
                    failures += not throttled
                    self._closed.wait(AGAIN_S)
        except (ByodkimError, OSError):
            return  # runs read by themselves from now on
        finally:
            os.close(self._held)
            shutil.rmtree(self.folder, ignore_errors=True)
            with contextlib.suppress(OSError):  # runs are under way
                self.folder.parent.rmdir()

    def _publish(self, names: Sequence[str], moment: float, answer: Mapping[str, Any]) -> None:
        attributes, call = answer["told"], answer["call"]
        self.counts["batch"] += 1
        self.counts["refused"] += int(call["retries"])
        shared = {"at": call["at"], "by": BATCH_CALL, "request_id": call["request_id"], "others": len(names) - 1}
        new = [name for name in names if attributes.get(name) != self._latest.get(name)]
        with self._lock:
            self._schedule.read(names, moment, changed=bool(new))
        for name in sorted(names, key=new.__contains__):  # who is shown something new ends, and is in nobody's way
            state, full = attributes.get(name), self._fulls.get(name)
            reading = {**shared, "full": full[0], "full_at": full[1], "told": state} if state and full else None
            beside = self.folder / f".{name}"
            beside.write_text(json.dumps({"moment": moment, "place": self._place, "reading": reading}), "utf-8")
            beside.replace(self.folder / name)
            if name in new and name in self._latest and state and state["status"] == SUCCESS:
                self._closed.wait(min(APART_S, ALL_APART_S / len(new)))
        self._latest |= {name: attributes.get(name) for name in names}


class Readers(ExitStack):
    """The readers of a campaign, one for each account and Region, each with a custodian that only reads.

    Where one cannot be had, the runs read by themselves. A context manager.

    Args:
        planned: the plan, with what was read for it.
        around: what its rows share.
        folder: of the campaign's runs under way.
        lanes: that it is for: another command may be at the others now.
    """

    def __init__(self, planned: Planned, around: Surroundings, folder: Path, lanes: Collection[Lane]) -> None:
        super().__init__()
        self._planned, self._readers = planned, dict[Lane, Reader]()
        for lane in lanes:
            numbers = [number for number, member in enumerate(planned.ready) if member.lane == lane]
            custodian = Custodian(read_only=True)
            self.callback(custodian.close)
            with contextlib.suppress(ByodkimError, OSError):
                intent, sandbox = around.intent(Row(0, dict(planned.ready[numbers[0]].parameters)))
                custodian.ask("open", settings=run_start.settings_of(intent, sandbox))
                caller = custodian.ask("caller").result()
                place = (caller["account"], caller["region"], caller["endpoint"])
                named = "-".join("".join(char if char.isalnum() else "-" for char in part) for part in lane if part)
                if place[:2] == lane[:2]:
                    reader = Reader(custodian, folder / f"reader-{named}", place, self._fulls(numbers))
                    self._readers[lane] = reader
                    self.callback(reader.close)

    def _fulls(self, numbers: Sequence[int]) -> dict[str, tuple[Mapping[str, Any], str]]:
        members = (self._planned.ready[number] for number in numbers)
        return {one.domain: (one.identity, one.at) for one in members if one.identity is not None}

    def environment(self, member: Member) -> dict[str, str] | None:
        """Return what an identity's run finds its reader by; ``None``: it reads by itself."""
        reader = self._readers.get(member.lane)
        return {VARIABLE: str(reader.folder.absolute())} if reader else None

    def expect(self, done: Collection[int], running: Collection[int], lanes: Mapping[Lane, Waves]) -> None:
        """Tell each reader whose runs are under way, and which come next in the wave, as many as go into a call."""
        ready = self._planned.ready
        for lane, reader in self._readers.items():
            wave = next((one for one in lanes.get(lane, ()) if any(number not in done for number in one)), ())
            coming = (number for number in wave if number not in done and number not in running)
            under_way = [ready[number].domain for number in running if ready[number].lane == lane]
            reader.expect(under_way, [ready[number].domain for number in islice(coming, BATCH)])

    def counts(self) -> dict[str, dict[str, int]]:
        """Return what was read, by account and Region."""
        return {" ".join(filter(None, lane)): dict(one.counts) for lane, one in self._readers.items()}
