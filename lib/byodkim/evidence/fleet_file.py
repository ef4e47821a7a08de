"""The files of a campaign, beside its journal and named as that is: the journal holds the SHA-256 of each.

``.fleet.jsonl`` has one line an identity, as it was planned; ``.fleet.csv`` the same for people; ``.back.csv`` is a
table by which the fleet is taken back. ``.fleet`` is a folder with each identity's place in the plan, for its run.
"""

from __future__ import annotations

import csv
import errno
import hashlib
import io
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from msgspec import structs

from byodkim.evidence import exclusive
from byodkim.evidence.approval import MEMBER
from byodkim.evidence.journal import SUFFIX, decode
from byodkim.plain import from_plain, plain
from byodkim.rotation import merkle
from byodkim.rotation.fleet import Member, entries, ready, settled
from byodkim.rotation.fleet_plan import FleetPlan

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

    def flush(self) -> None:
        """Write out what is there, for whoever goes on with it."""
        self._file.flush()

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
    """A plan's file read back: each identity without what its plan relies on, which is read when it is wanted.

    Raises:
        FleetFileError: the file is not the one of that digest, or holds something else.
        OSError: it cannot be read.
    """

    def __init__(self, path: Path, sha256: str) -> None:
        self._path, found, lines = path, hashlib.sha256(), list[tuple[int, Member]]()
        with path.open("rb") as file:
            for line in file:
                found.update(line)
                lines.append((file.tell() - len(line), light(self._member(line))))
        if found.hexdigest() != sha256:
            raise FleetFileError(path.name)
        self.members = tuple(settled([member for _, member in lines]))
        self.ready = tuple(ready(self.members))
        self._starts = {id(member): start for member, (start, _) in zip(self.members, lines, strict=True)}

    def full(self, member: Member) -> Member:
        """Return one of ``members`` with its whole plan."""
        with self._path.open("rb") as file:
            file.seek(self._starts[id(member)])
            return self._member(file.readline())

    def _member(self, line: bytes) -> Member:
        try:
            return from_plain(Member, decode(line))
        except (LookupError, TypeError, ValueError, AttributeError) as error:
            raise FleetFileError(self._path.name) from error


def light(member: Member) -> Member:
    """Return the same without what its plan relies on and what SES showed: ten thousand of those are too many."""
    plan = structs.replace(member.plan, relies_on={}) if member.plan else None
    return replace(member, plan=plan, identity=None)


def table(members: Iterable[Member], came: Mapping[int, Sequence[str]] | None = None) -> str:
    """Return the identities as CSV. ``came``: outcome and record of each by its place in ``members``."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow([*_COLUMNS, *(("outcome", "record", "head") if came is not None else ())])
    for number, one in enumerate(members):
        cells = [one.domain, one.selector, one.account, one.region, one.group.value, one.current_selector, one.status]
        cells += [
            " ".join(one.stopping),
            one.plan.digest if one.plan else "",
            one.parameters.get("waive", ""),
            one.until,
        ]
        writer.writerow([*map(_plain, cells), *((came or {}).get(number, ("", "", "")) if came is not None else ())])
    return text.getvalue()


def way_back(members: Iterable[Member]) -> str:
    """Return the table of a campaign that takes these identities back to the selector that each signed with."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(["domain", "selector", *_REPEATED])
    for one in members:
        if one.current_selector:
            own = [_plain(one.parameters.get(name, "")) for name in _REPEATED]
            writer.writerow([one.domain, one.current_selector, *own])
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
