"""A campaign's events: which identities were begun and what became of each, taken over ones included."""

from __future__ import annotations

import csv
import errno
import hashlib
import io
import json
import math
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

from second_edition.events.campaign import Ended, EndedRun, Laid, Resumed, Started, Surveyed
from second_edition.evidence import exclusive
from second_edition.evidence.approval import MEMBER
from second_edition.evidence.folders import opened
from second_edition.evidence.journal import SUFFIX, decode
from second_edition.evidence.record import Record
from second_edition.plain import from_plain, plain
from second_edition.rotation import merkle, waves
from second_edition.rotation.fleet import Member, entries, ready, settled
from second_edition.rotation.fleet_plan import FleetPlan
from second_edition.rotation.outcome import Outcome, decide_fleet


def plan_of(record: Record) -> FleetPlan | None:
    """Return the campaign's plan."""
    plan = record.made
    return FleetPlan(plan.writes, plan.relies_on, plan.digest) if plan else None


def ended(record: Record) -> dict[int, Ended]:
    """Return, by number, what each identity's newest run came to, those of earlier runs of the campaign first."""
    earlier = (one for event in record.all_of(Resumed) for one in event.ended)
    own = (event.ended for event in record.all_of(EndedRun))
    return {one.number: one for one in (*earlier, *own)}


def begun(record: Record) -> dict[int, Started]:
    """Return, by number, what this run of the campaign began and its account does not show as ended."""
    over = {event.number: event.n for event in record.all_of(EndedRun)}
    return {one.number: one for one in record.all_of(Started) if one.n > over.get(one.number, -1)}


def counts(found: Mapping[int, Ended]) -> dict[str, int]:
    """Return how many are switched, pending and failed."""
    came = [one.came for one in found.values()]
    return {kind.value: came.count(kind) for kind in waves.Came}


def reach(record: Record) -> tuple[int, dict[int, Ended]]:
    """Return how many identities this run of the campaign is for, and what those that have ended came to."""
    numbers = {number for _, lane in lanes(record) for wave in lane for number in wave}
    plan, begin = plan_of(record), record.begin
    if record.of(Laid) is None:
        return plan.count if plan else 0, ended(record)
    some = begin.value("lane") or begin.value("last_wave") not in ("", "0")
    count = len(numbers) if some or plan is None else plan.count
    return count, {number: one for number, one in ended(record).items() if number in numbers}


def outcome_of(record: Record) -> Outcome:
    """Return what a campaign came to; FAILED too where it made no plan."""
    if plan_of(record) is None:
        return Outcome.FAILED
    surveyed, (count, came) = record.of(Surveyed), reach(record)
    found = surveyed.counts if surveyed else {}
    return decide_fleet(
        applies=record.begin.mode == "apply",
        planned=count,
        there=int(found.get("there", 0)),
        all_of=sum(found.values()),
        came=counts(came),
    )


def lanes(record: Record) -> Sequence[tuple[str, Sequence[Sequence[int]]]]:
    """Return the lanes in their order: their names, and their waves by the identities' numbers."""
    laid = record.of(Laid)
    return [(one.name, one.waves) for one in laid.lanes] if laid else []


PLAN: Final = ".fleet.jsonl"
TABLE: Final = ".fleet.csv"
BACK: Final = ".back.csv"
FOLDER: Final = ".fleet"
_COLUMNS: Final = (
    "domain", "selector", "account", "region", "group", "current_selector", "status", "stopping", "plan",
    "waive", "ready_at",
)  # fmt: skip
#: What a row of the rollback repeats of an identity's own parameters.
_REPEATED: Final = (
    "profile", "region", "secret_id", "key_bucket", "aws_profile", "store_region", "store_profile",
    "endpoint_url", "nameservers",
)  # fmt: skip


class FleetFileError(ValueError):
    """A campaign's file is not the one that its journal names."""


def beside(journal: Path, ending: str) -> Path:
    """Return a file of the campaign whose journal that is."""
    return journal.with_name(journal.name.removesuffix(SUFFIX) + ending)


class PlanFile:
    """The plan as it is written, a line at a time.

    Raises:
        OSError: it exists, or the disk does not take it.
    """

    def __init__(self, path: Path) -> None:
        self.path, self._hash = path, hashlib.sha256()
        self._file = path.open("xb")

    def add(self, member: Member) -> None:
        """Write one identity."""
        line = json.dumps(plain(member), ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode() + b"\n"
        self._hash.update(line)
        self._file.write(line)

    @property
    def sha256(self) -> str:
        """Return the SHA-256 of what was written so far, in hex."""
        return self._hash.hexdigest()

    def __enter__(self) -> PlanFile:
        return self

    def __exit__(self, *_: object) -> None:
        """Close it, once it is on the disk."""
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()


class Planned:
    """A plan's file read back.

    Raises:
        FleetFileError: the file is not the one of that digest, or holds something else.
        OSError: it cannot be read.
    """

    def __init__(self, path: Path, sha256: str) -> None:
        with opened(path, largest=math.inf) as file:
            data = file.read()
        try:
            members = [from_plain(Member, decode(line)) for line in data.splitlines()]
        except (LookupError, TypeError, ValueError, AttributeError, RecursionError) as error:
            raise FleetFileError(path.name) from error
        if hashlib.sha256(data).hexdigest() != sha256:
            raise FleetFileError(path.name)
        self.members = tuple(settled(members))
        self.ready = tuple(ready(self.members))


def table(members: Iterable[Member], came: Mapping[int, Sequence[str]] | None = None) -> str:
    """Return the identities as CSV. ``came``: outcome and record of each by its place in ``members``."""
    rows = []
    for number, one in enumerate(members):
        plan, waived = one.plan.digest if one.plan else "", one.parameters.get("waive", "")
        cells = [one.domain, one.selector, one.account, one.region, one.group.value, one.current_selector, one.status]
        cells += [" ".join(one.stopping), plan, waived, one.until]
        rows.append([*map(_plain, cells), *(came.get(number, ("", "", "")) if came is not None else ())])
    return _csv([*_COLUMNS, *(("outcome", "record", "head") if came is not None else ())], rows)


def way_back(members: Iterable[Member]) -> str:
    """Return the table of a campaign that takes these identities back to the selector that each signed with."""
    rows = [
        [one.domain, one.current_selector, *(_plain(one.parameters.get(name, "")) for name in _REPEATED)]
        for one in members
        if one.current_selector
    ]
    return _csv(["domain", "selector", *_REPEATED], rows)


def _csv(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    text = io.StringIO(newline="")
    csv.writer(text).writerows([columns, *rows])
    return text.getvalue()


def write(path: Path, text: str) -> str:
    """Write a file that was not there; return its SHA-256 in hex.

    Raises:
        OSError: it exists, or the disk does not take it.
    """
    data = text.encode()
    if not exclusive.create(path, data):
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path))
    return hashlib.sha256(data).hexdigest()


def place(
    folder: Path, number: int, member: Member, plan: FleetPlan, proof: Sequence[bytes], runs: tuple[str, str]
) -> tuple[Path, str]:
    """Write an identity's place in the plan, and return where that is, and its SHA-256 in hex.

    Args:
        folder: of the campaign's places.
        number: the identity's, in the order of the tree.
        member: the identity.
        plan: of the campaign.
        proof: that its plan is among those.
        runs: ids of the campaign's run that carries it out, and of its plan run.
    """
    content = {
        "kind": MEMBER,
        **dict(zip(("campaign", "planned"), runs, strict=True)),
        "index": number,
        "proof": [one.hex() for one in proof],
        "fleet": plain(plan),
        "plan": plain(member.plan),
        "at": member.at,
    }
    data = json.dumps(content, ensure_ascii=False, sort_keys=True).encode() + b"\n"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name_of_place(number, member.domain)
    path.write_bytes(data)
    return path, hashlib.sha256(data).hexdigest()


def name_of_place(number: int, domain: str) -> str:
    """Return what the file with an identity's place in the plan is called."""
    return f"{number:06}-{domain}.json"


def proofs(members: Sequence[Member]) -> list[tuple[bytes, ...]]:
    """Return the proof of each member that is ready, in the order of the tree."""
    return merkle.proofs(entries(members))


def _plain(value: str) -> str:
    """Return a cell that no spreadsheet takes for a formula."""
    return f"'{value}" if value.startswith(tuple("=+-@\t\r")) and value != "-" else value
