"""One budget of SES's control-plane calls for each account and Region, shared by all processes of this user.

SES allows one call a second to an account in a Region, whoever asks. Who wants to make a call takes the next free
moment from a small file, and sleeps until then: nobody holds the file while waiting, so that one who dies takes at most
its own moment along. A call that many wait for goes first, and pushes all moments back by one. Where SES refuses a call
as one too many, somebody else calls too: all slow down, and come back step by step.
Source: Service quotas in Amazon SES, "Amazon SES API".
"""

from __future__ import annotations

import fcntl
import json
import math
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from second_edition.aws.reads import READING

#: Moments are given out this much further apart than the quota has it: calls arrive less evenly than they leave.
MARGIN: Final = 0.01
#: Who leaves late is followed at the quota and this part of the margin: so nobody comes too early, and it is made good.
CLOSEST: Final = 0.5
#: An answer that takes longer than the quickest ones may do so because its call came late, which the next one allows
#: for, up to this part of the interval. The quickest is taken to be that much slower by each answer that is slower.
LATEST: Final = 0.1
DRIFT: Final = 1.02
#: A call that has to wait for longer than this part of the interval, although its moment has come, pushes all moments
#: back: else several would wait so, and who came first would not go first.
BEHIND: Final = 0.5
#: By how much all slow down when SES refuses, at most, and what of it is left after each call that follows.
HALVED: Final = 2.0
SLOWEST: Final = 16.0
RECOVERY: Final = 0.8
#: Seconds ahead that the next free moment can be, and be believed: the clock starts anew with the machine.
FAR: Final = 600.0
#: Seconds to wait for the file: who has it, has it for microseconds, unless it was stopped just then.
PATIENCE: Final = 2.0
SIZE: Final = 256  # bytes, always the same: a full disk has room for what is written in place
THROTTLED: Final = frozenset(
    {"TooManyRequestsException", "Throttling", "ThrottlingException", "RequestLimitExceeded", "429"}
)
#: A write that came to nothing for the pace alone: refused as one too many, or never sent (``session.TooLate``).
AGAIN: Final = THROTTLED | {"TooLate"}
#: Calls that are no part of the control plane: messages have a rate of their own.
SENDING: Final = frozenset({"SendEmail", "SendRawEmail"})
_BOOT: Final = Path("/proc/sys/kernel/random/boot_id")


class Pace:
    """Keeps the calls of one process at least ``1 / per_second`` seconds apart."""

    def __init__(
        self,
        per_second: float,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._interval = 1 / per_second if per_second else 0.0
        self._clock, self._sleep, self._free, self._lock = clock, sleep, 0.0, threading.Lock()

    def wait(self, *, first: bool = False) -> None:  # noqa: ARG002 - here nobody waits long
        """Return when the next call may be made."""
        with self._lock:
            now = self._clock()
            due = max(self._free, now)
            self._free = due + self._interval
        if due > now:
            self._sleep(due - now)


@dataclass
class State:
    """Hold the values of the file.

    Attributes:
        boot: of this machine's start, by whose clock the moments are; "" where the system does not tell.
        free: the next moment that nobody has, in monotonic seconds.
        slow: how many times the interval calls are apart now, at least 1.
        paused: until when no call is made.
        pushed: seconds by which moments were pushed back so far, by calls that went first.
        last: when the last call left, or came to SES, as far as its answer tells: it may be later than its moment was.
        read, write: seconds that an answer takes at its quickest, to a read and to a write; 0 where none is known.
    """

    boot: str
    free: float
    slow: float = 1.0
    paused: float = 0.0
    pushed: float = 0.0
    last: float = 0.0
    read: float = 0.0
    write: float = 0.0


class Budget:
    """The budget of one account in one Region.

    Args:
        path: the file; it and its folder are made where they are missing.
        per_second: how many calls this process takes to be allowed; others may have another opinion.
        clock: monotonic seconds, the same for all processes of the machine.
        sleep: by seconds.
    """

    def __init__(
        self,
        path: Path,
        per_second: float,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.path = path
        self._interval = (1 + MARGIN) / per_second
        self._closest = (1 + MARGIN * CLOSEST) / per_second
        self._clock, self._sleep, self._lock = clock, sleep, threading.Lock()
        # Where the file cannot be had, a run goes on at its own pace: SES's refusals still slow it down.
        self._alone = Pace(1 / self._interval, clock, sleep)

    def wait(self, *, first: bool = False) -> None:
        """Return when the next call may be made.

        Args:
            first: before all that wait, each of which waits for one call more.
        """
        while True:
            try:
                now, due, pushed = self._take(first=first)
            except OSError:
                self._alone.wait()
                return
            while due > now:
                self._sleep(due - now)
                paused, by_now = self._since(due, pushed)
                if paused:
                    break
                now, due, pushed = due, due + by_now - pushed, by_now
            else:
                return

    def leave(self) -> None:
        """Return when the call may leave that has waited and is signed by now, which takes one longer than another."""
        try:
            while True:
                with self._open() as state:
                    now = self._clock()
                    left = state.last + self._closest - now
                    if left <= 0 or left > self._interval:
                        state.last = now
                        return
                    if left > self._interval * BEHIND:  # too late to be made good: all others wait as much longer
                        state.free += left
                        state.pushed = round(state.pushed + left, 6)
                self._sleep(left)
        except OSError:
            return

    def took(self, seconds: float, *, write: bool = False) -> None:
        """Note how many seconds after its call an answer came: SES may have seen the call so much later as well."""
        kind = "write" if write else "read"
        try:
            with self._open() as state:
                quickest = getattr(state, kind)  # none is known of the first, which opens its connection as well
                late = min(max(0.0, seconds - quickest), self._interval * LATEST)
                state.last = max(state.last, self._clock() - seconds + late)
                setattr(state, kind, round(min(seconds, (quickest or seconds) * DRIFT, FAR), 6))
        except OSError:
            return

    def refused(self) -> None:
        """Slow all callers down for a while: SES refused a call as one too many."""
        try:
            with self._open() as state:
                now = self._clock()
                if now < state.paused:  # one of those that were under way when the first was refused
                    return
                state.slow = min(state.slow * HALVED, SLOWEST)
                state.paused = now + self._interval * state.slow
                state.free = max(state.free, state.paused)
        except OSError:
            return

    def _take(self, *, first: bool) -> tuple[float, float, float]:
        """Return now, this call's own moment, and by how much moments were pushed back until it was taken."""
        with self._open() as state:
            now, apart = self._clock(), self._interval * state.slow
            due, free = max(state.free, now, state.paused), state.free
            if first:  # all that wait have the moment after theirs; who is about to leave is waited for in ``leave``
                due = min(due, max(now, state.paused, state.last + apart))
                state.pushed = round(state.pushed + apart, 6)
            state.free = max(free, due) + apart
            state.slow = max(1.0, state.slow * RECOVERY)
            return now, due, state.pushed

    def _since(self, due: float, pushed: float) -> tuple[bool, float]:
        """Return whether a pause has begun that this moment lies in, and by how much moments are pushed back by now."""
        try:
            with self._open() as state:
                return due < state.paused, max(pushed, state.pushed)
        except OSError:
            return False, pushed

    @contextmanager
    def _open(self) -> Iterator[State]:
        with self._lock:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
            try:
                self._hold(file)
                state = _read(file, self._clock(), self._interval)
                yield state
                os.pwrite(file, json.dumps(asdict(state)).encode().ljust(SIZE), 0)
            finally:
                os.close(file)

    def _hold(self, file: int) -> None:
        until = time.monotonic() + PATIENCE
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            except BlockingIOError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.002)


def _read(file: int, now: float, interval: float) -> State:
    """Return what the file holds, or an empty state where it holds none or one of another boot of the machine."""
    boot = _boot()
    data = os.pread(file, SIZE, 0)
    if not data.strip(b" \0"):
        return State(boot, now)
    try:
        state = State(**json.loads(data))
        latest = max(state.free, state.paused, state.last)
        numbers = (latest, state.slow, state.pushed, state.read, state.write)
        sound = all(map(math.isfinite, numbers)) and latest <= now + FAR and 1 <= state.slow <= SLOWEST
    except (ValueError, TypeError):
        return State(boot, now + interval)  # somebody may have called just now
    return state if sound and state.boot == boot else State(boot, now)


def _boot() -> str:
    try:
        return _BOOT.read_text("ascii").strip()
    except OSError:
        return ""


def file_of(folder: Path, place: str) -> Path:
    """Return where the budget of a place lies: account and Region, or the endpoint of a sandbox."""
    return folder / f"ses-{''.join(char if char.isalnum() else '-' for char in place)}.budget"


class Keeper:
    """Makes every attempt at a call of SES's control plane wait for its budget, botocore's own second ones included.

    Args:
        budget: called at the first call, since it may have to find out whose budget it is.
        first: whether a call that is made now goes before all that wait.
    """

    def __init__(self, budget: Callable[[], Budget | Pace], first: Callable[[], bool] = lambda: False) -> None:
        self._budget, self._first, self._left = budget, first, threading.local()

    def watch(self, events: Any) -> None:
        """Take part in the calls of a client. Whatever else is to refuse a call is registered before."""
        events.register("before-call", self.before)
        # Before it is signed: a signature that has waited is an old one.
        events.register_first("request-created", self.attempted)
        events.register("before-send", self.leaving)
        events.register("response-received", self.answered)

    def before(self, model: Any, context: dict[str, Any], **_: object) -> None:
        """botocore's ``before-call``."""
        if model.name not in SENDING:
            self._budget().wait(first=self._first())
            context["byodkim_waited"] = True

    def attempted(self, request: Any, operation_name: str, **_: object) -> None:
        """botocore's ``request-created``, once for each attempt: the first has waited."""
        if operation_name not in SENDING and not request.context.pop("byodkim_waited", False):
            self._budget().wait(first=self._first())

    def leaving(self, event_name: str, **_: object) -> None:
        """botocore's ``before-send``: signed, and about to leave."""
        operation = event_name.rpartition(".")[2]
        budget = self._budget() if operation not in SENDING else None
        if isinstance(budget, Budget):
            budget.leave()
            self._left.call = time.monotonic(), operation not in READING

    def _arrived(self) -> None:
        if (call := vars(self._left).pop("call", None)) is None:
            return
        budget, (left, write) = self._budget(), call
        if isinstance(budget, Budget):
            budget.took(time.monotonic() - left, write=write)

    def answered(self, parsed_response: dict[str, Any] | None, context: dict[str, Any], **_: object) -> None:
        """botocore's ``response-received``."""
        self._arrived()
        response = parsed_response or {}
        status = response.get("ResponseMetadata", {}).get("HTTPStatusCode")
        code = str(response.get("Error", {}).get("Code", ""))
        sending = getattr(context.get("byodkim_call", (None,))[0], "name", "") in SENDING
        budget = self._budget() if (status == 429 or code in THROTTLED) and not sending else None
        if isinstance(budget, Budget):
            budget.refused()
