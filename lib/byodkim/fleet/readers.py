"""Who reads for the runs of a campaign: one reader for each account and Region, with a custodian that only reads.

Where one cannot be had, or is gone, the runs read by themselves: that takes longer, and nothing else is different.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Any

from byodkim.custody.client import Custodian
from byodkim.custody.reader_client import VARIABLE
from byodkim.errors import ByodkimError
from byodkim.evidence.fleet_file import Planned
from byodkim.fleet.planning import Surroundings, opening
from byodkim.fleet.reader import Reader
from byodkim.intent.campaign import Row
from byodkim.rotation.fleet import Member
from byodkim.rotation.inventory import BATCH

Lane = tuple[str, str, str]


class Readers:
    """The readers of a campaign. A context manager.

    Args:
        planned: the plan, with what was read for it.
        around: what its rows share.
        folder: of the campaign's records.
    """

    def __init__(self, planned: Planned, around: Surroundings, folder: Path) -> None:
        self._planned, self._folder = planned, folder
        self._readers: dict[Lane, Reader] = {}
        self._numbers: dict[Lane, list[int]] = {}
        for number, member in enumerate(planned.ready):
            self._numbers.setdefault(member.lane, []).append(number)
        # Here, not in the pool: a custodian ends with the thread that started it.
        self._custodians = {lane: Custodian(read_only=True) for lane in self._numbers}
        with ThreadPoolExecutor(16, "readers") as pool:
            for lane, found in pool.map(lambda lane: (lane, self._made(lane, around)), self._numbers):
                if found is not None:
                    self._readers[lane] = found

    def _made(self, lane: Lane, around: Surroundings) -> Reader | None:
        member, custodian = self._planned.ready[self._numbers[lane][0]], self._custodians[lane]
        try:
            intent, clock = around.intent(Row(0, dict(member.parameters)))
            custodian.ask("open", settings=opening(intent, clock))
            caller = custodian.ask("caller").result()
            if (caller["account"], caller["region"]) != lane[:2]:
                return None
            reader = Reader(
                custodian, self._folder, account=caller["account"], region=caller["region"],
                endpoint=caller["endpoint"], clock=clock,
            )  # fmt: skip
        except (ByodkimError, OSError):
            return None
        reader.seed(self._seeds(lane))
        return reader

    def _seeds(self, lane: Lane) -> Iterator[tuple[Any, str]]:
        for number in self._numbers[lane]:
            member = self._planned.full(self._planned.ready[number])
            if member.identity is not None:
                yield member.identity, member.at

    def __enter__(self) -> Readers:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def environment(self, member: Member) -> dict[str, str] | None:
        """Return what an identity's run finds its reader by; ``None``: it reads by itself."""
        reader = self._readers.get(member.lane)
        return {VARIABLE: reader.address} if reader else None

    def ahead(self, done: Collection[int], running: Collection[int]) -> None:
        """Tells each reader which identities come next, as many as go into a call, and how many are under way."""
        for lane, reader in self._readers.items():
            reader.busy(sum(self._planned.ready[number].lane == lane for number in running))
            coming = (number for number in self._numbers[lane] if number not in done and number not in running)
            reader.ahead([self._planned.ready[number].domain for number in itertools.islice(coming, BATCH)])

    def counts(self) -> dict[str, dict[str, int]]:
        """Return what was read, by account and Region."""
        return {" ".join(filter(None, lane)): dict(vars(one.counts())) for lane, one in self._readers.items()}

    def close(self) -> None:
        """Ends the readers and their custodians. May be called twice."""
        for reader in self._readers.values():
            reader.close()
        for custodian in self._custodians.values():
            custodian.close()
