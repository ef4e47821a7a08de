"""The inventory: every identity of account and Region, a row at a time as it is known.

SES's calls set the pace: 1,000 names a page, 100 identities a batch, one call under way at any time. DNS is asked
meanwhile. What waits for DNS is bounded, so that memory does not grow with the number of identities.
"""

from __future__ import annotations

import contextlib
import itertools
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from queue import SimpleQueue
from typing import Any, Final

from second_edition.aws.budget import MARGIN, THROTTLED
from second_edition.custody.client import Refused
from second_edition.dkim.matrix import judge_together, targets
from second_edition.dkim.names import record_name
from second_edition.dkim.published import Answer, Server
from second_edition.dns.bulk import Asker
from second_edition.engine import survey
from second_edition.engine.exploring import Exploration
from second_edition.engine.zone_servers import ZoneServers
from second_edition.errors import AccessError
from second_edition.evidence.inventory_file import InventoryFile
from second_edition.evidence.past import Trace, lead_time
from second_edition.plain import from_plain
from second_edition.rotation import due as dues
from second_edition.rotation.inventory import BATCH, DIFFER, UNFOUND, Row, key_bits, of_batch, record_state, termed, unclear
from second_edition.rotation.observation import EXTERNAL, Identity

#: Identities that may wait for DNS before SES is asked for more.
MOST_WAITING: Final = 1000
#: How often a call that SES refuses as one too many is made again: the budget slows it down each time.
MOST_REFUSALS: Final = 8
TURN_S: Final = 0.01


@dataclass
class Progress:
    """Hold how far the inventory is.

    Attributes:
        all: identities there are, as far as they are listed.
        rows: of those, how many are known.
        left_s: seconds that the rest takes, by what was measured so far; ``None`` where nothing was.
        listing: names are still being listed.
    """

    all: int = 0
    rows: int = 0
    left_s: float | None = None
    listing: bool = True


@dataclass
class _Lookup:
    """An identity whose key record is being looked at.

    ``followed``: what the servers of a CNAME's target say. ``again``: with the zones' serials, as servers differ.
    """

    identity: Identity
    by: str
    servers: tuple[Server, ...] = ()
    answers: list[Answer] = field(default_factory=list)
    followed: tuple[Answer, ...] = ()
    again: bool = False


class InventoryRun:
    """One inventory under way.

    Args:
        exploration: the open session, which only reads.
        file: where it is kept.
        monotonic: seconds, by which speed is measured.
        servers: finds name servers.
        tell: is told how far it is, again and again.
        most: how many are read, each by GetEmailIdentity, which says more; ``None`` for all, by the hundred.
    """

    def __init__(
        self,
        exploration: Exploration,
        file: InventoryFile,
        monotonic: Callable[[], float],
        servers: ZoneServers,
        tell: Callable[[Progress], None] = lambda _: None,
        most: int | None = None,
    ) -> None:
        self._session, self._file, self._monotonic, self._servers = exploration, file, monotonic, servers
        self._on_progress, self._most = tell, most
        self._asker = Asker()
        self._found: SimpleQueue[tuple[_Lookup, Future[tuple[Server, ...]]]] = SimpleQueue()
        self._followed: SimpleQueue[tuple[_Lookup, Future[tuple[Answer, ...]]]] = SimpleQueue()
        self._waiting = 0
        self._unclear: deque[str] = deque()
        self._call: Future[Any] | None = None
        self._request: tuple[str, list[str]] = ("", [])
        self._calls_left, self._refusals = 0, 0
        self._moments: deque[float] = deque(maxlen=50)
        self._began, self._before = 0.0, 0
        self._pasts: dict[str, list[Trace]] = {}
        self._rows: deque[Row] = deque()
        self.progress = Progress()

    def rows(self) -> Iterator[Row]:
        """Yield each identity that has no row yet, once it is known and kept. Close the generator to stop.

        Raises:
            AccessError: SES cannot be read. What is kept stays, and the next inventory goes on from there.
            OSError: it cannot be kept.
        """
        self.list_names()
        self._pasts = survey.pasts(self._session)
        left = [name for name in self._file.names if name not in self._file.done]
        if self._most is not None:
            self._unclear, left = deque(left[: self._most]), []
        known, wanted = dict(self._file.answers), iter([name for name in left if name not in self._file.answers])
        self._calls_left = -(-(len(left) - len(known)) // BATCH) + len(self._unclear)
        self._began, self._before = self._monotonic(), len(self._file.done)
        self._take(known)
        more = True
        try:
            while more or self._call or self._unclear or self._waiting:
                more = self._ask_ses(wanted, more)
                self._find()
                for lookup, answer in self._asker.turn(TURN_S):
                    self._answered(lookup, answer)
                self._tell()
                while self._rows:
                    self._file.row(row := self._rows.popleft())
                    yield row
        finally:
            self._asker.close()
            self._servers.close()

    def list_names(self) -> None:
        """List all names, a page at a time.

        Raises:
            AccessError: they cannot be listed.
        """
        while (following := self._file.following) is not None:
            try:
                page = self._session.custodian.ask("page", following=following).result()
            except Refused as refused:
                self._refusals += 1
                old = bool(following) and self._file.resumed and self._refusals == 1
                if refused.code in THROTTLED and self._refusals <= MOST_REFUSALS:
                    continue
                if not old:
                    raise self._session.unread(refused) from None
                self._file.again()  # the token of an earlier run has become too old
                continue
            self._refusals = 0
            self._file.page(page["identities"], page["following"])
            self._forget_calls()
            self.progress.all = len(self._file.names)
            self._on_progress(self.progress)
        self.progress = Progress(len(self._file.names), len(self._file.done), None, listing=False)

    def _forget_calls(self) -> None:
        """Let go of what is kept of calls, where as many are made as there are identities."""
        if self._most is None:
            self._session.custodian.drain()

    def _ask_ses(self, wanted: Iterator[str], more: bool) -> bool:
        """Take the answer to the call under way, and make the next one; return whether names are left for batches."""
        if self._call is not None and self._call.done():
            self._answer_of_ses(self._call)
            self._forget_calls()
        if self._call is not None or self._waiting >= MOST_WAITING:
            return more
        if more and (names := list(itertools.islice(wanted, BATCH))):
            self._make_call("batch", names)
            return True
        if self._unclear:
            self._make_call("identity", [self._unclear.popleft()])
        return False

    def _make_call(self, operation: str, names: list[str]) -> None:
        self._request, ask = (operation, names), self._session.custodian.ask
        self._call = ask(operation, names=names) if operation == "batch" else ask(operation, name=names[0])

    def _answer_of_ses(self, call: Future[Any]) -> None:
        (operation, names), self._call = self._request, None
        try:
            answer = call.result()
        except Refused as refused:
            self._refused(refused, operation, names)
            return
        self._refusals = 0
        self._moments.append(self._monotonic())
        self._calls_left -= 1
        if operation == "batch":
            every = {name: answer.get(name) for name in names}
            self._file.batch(every)
            self._take(every)
        elif answer is None:
            self._rows.append(Row(names[0], unread="NotFoundException"))
        else:
            self._look(from_plain(Identity, answer), "ses")

    def _refused(self, refused: Refused, operation: str, names: list[str]) -> None:
        self._refusals += 1
        if refused.code in THROTTLED and self._refusals <= MOST_REFUSALS:
            self._make_call(operation, names)
        elif operation == "batch":
            raise self._session.unread(refused) from None
        else:
            self._calls_left -= 1
            self._rows.append(Row(names[0], unread=refused.code))

    def _take(self, answers: Mapping[str, Any]) -> None:
        for name, attributes in answers.items():
            if attributes is None:  # deleted since it was listed
                self._rows.append(Row(name, unread="NotFoundException"))
                continue
            identity = of_batch(name, attributes)
            if unclear(identity):
                self._unclear.append(name)
                self._calls_left += 1
            else:
                self._look(identity, "tokens" if identity.signing_origin else "")

    def _look(self, identity: Identity, by: str) -> None:
        lookup = _Lookup(identity, by)
        if identity.signing_origin != EXTERNAL or not identity.selector:
            self._finish(lookup, "")
            return
        self._waiting += 1
        found = self._servers.of(record_name(identity.selector, identity.name))
        found.add_done_callback(lambda found: self._found.put((lookup, found)))

    def _find(self) -> None:
        """Put the questions to the servers that were found, and judge the CNAMEs that were followed."""
        while not self._followed.empty():
            lookup, ends = self._followed.get()
            lookup.followed = ends.result()
            self._judge(lookup)
        while not self._found.empty():
            lookup, found = self._found.get()
            with contextlib.suppress(AccessError):
                lookup.servers = found.result()
            if lookup.servers:
                self._put(lookup)
            else:
                self._waiting -= 1
                self._finish(lookup, UNFOUND)

    def _put(self, lookup: _Lookup) -> None:
        name = record_name(lookup.identity.selector, lookup.identity.name)
        for server in lookup.servers:
            self._asker.ask(server, name, lookup, serial=lookup.again)

    def _answered(self, lookup: _Lookup, answer: Answer) -> None:
        lookup.answers.append(answer)
        if len(lookup.answers) < len(lookup.servers):
            return
        if targets(lookup.answers):
            ends = self._servers.follow(lookup.answers)
            ends.add_done_callback(lambda ends: self._followed.put((lookup, ends)))
        else:
            self._judge(lookup)

    def _judge(self, lookup: _Lookup) -> None:
        state = record_state(judge_together(lookup.answers, None, lookup.followed))
        if state == DIFFER and not lookup.again:  # an older copy of a zone is known by its serial
            lookup.again, lookup.answers = True, []
            self._put(lookup)
            return
        self._waiting -= 1
        self._finish(lookup, state)

    def _finish(self, lookup: _Lookup, state: str) -> None:
        identity, now = lookup.identity, self._session.clock()
        answers = sorted(lookup.answers, key=lambda answer: (answer.server.name, str(answer.server)))
        servers = tuple(
            (one.server.name, str(one.server), str(judged.verdict), judged.detail)
            for one, judged in zip(answers, judge_together(answers, None, lookup.followed), strict=True)
        )
        key = survey.published_key((*answers, *lookup.followed))
        bits = key_bits(identity) or (key.bits if key else 0)
        past = self._pasts.get(identity.name, [])
        made = survey.made(self._session, identity, past, key)
        days = self._session.intent.section.rotate_after_days
        term = dues.due(made, days, lead_time(past)) if made else None
        row = Row(
            identity.name, identity.selector, identity.status, identity.signing_enabled, identity.signing_origin,
            lookup.by, state, servers, bits, at=now.isoformat(timespec="seconds"),
            verified_for_sending=identity.verified_for_sending, **termed(term, now),
        )  # fmt: skip
        self._rows.append(row)

    def _tell(self) -> None:
        """Tell how far it is: the rest takes as long as SES's calls that are left, or DNS, whichever is longer."""
        self.progress.rows = len(self._file.done)
        rate = self._session.intent.requests_per_second
        between = (1 + MARGIN) / rate if rate else 0.0
        if len(self._moments) > 1:
            between = (self._moments[-1] - self._moments[0]) / (len(self._moments) - 1)
        known, taken = self.progress.rows - self._before, self._monotonic() - self._began
        by_rows = taken * (self.progress.all - self.progress.rows) / known if known >= BATCH else 0.0
        measured = len(self._moments) > 1 or bool(rate)
        self.progress.left_s = max(self._calls_left * between, by_rows) if measured else None
        self._on_progress(self.progress)
