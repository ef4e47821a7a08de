"""Makes small archives: runs that are written and signed as the engine does it, without AWS."""

import base64
import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from byodkim.checks.world import Approval, PastRun
from byodkim.finish import cover
from byodkim.record.approval import approve
from byodkim.record.archive import chain_lock, last_sealed, read_seals
from byodkim.record.coverage import seal_index
from byodkim.record.envelope import digest_of
from byodkim.record.events import (
    Begun,
    Closed,
    Planned,
    Requested,
    WriteAnswered,
    WriteIntended,
)
from byodkim.record.journal import Journal
from byodkim.record.seal import RunStatement, seal_run
from byodkim.record.sealing_key import SealingKey
from byodkim.record.verify import Report, verify_folder
from byodkim.words import _

DIGEST = "5b1e" * 16
PUT = "PutEmailIdentityDkimSigningAttributes"
IDENTITY: dict[str, Any] = {
    "account": "123456789012",
    "region": "ap-northeast-1",
    "domain": "example.jp",
}


def new_key() -> SealingKey:
    return SealingKey(Ed25519PrivateKey.generate())


@dataclass
class Clock:
    """Counts seconds, so that records are in order."""

    at: datetime = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.at += timedelta(seconds=1)
        return self.at


@dataclass
class Archive:
    """A folder with the keys of those who sign in it."""

    folder: Path
    mori: SealingKey = field(default_factory=new_key)
    sato: SealingKey = field(default_factory=new_key)
    tanaka: SealingKey = field(default_factory=new_key)
    clock: Clock = field(default_factory=Clock)
    #: Seals as they were before the notebook was added, by name of the run.
    first_seals: dict[str, bytes] = field(default_factory=dict)

    def verify(self, folder: Path | None = None, **options: Any) -> Report:
        trusted = {self.mori.public: "mori", self.sato.public: "sato"}
        chosen: dict[str, Any] = {
            "approvers": {"tanaka": self.tanaka.public},
            "approvals_required": 1,
        } | options
        return verify_folder(folder or self.folder, trusted, **chosen)

    def fill(self, count: int) -> None:
        """Make so many runs, each without a look at those before."""
        before = ("", "")
        for number in range(count):
            name = f"r{number:05}"
            self.run(name, before=before)
            before = name, digest_of(self.folder / f"{name}.journal.jsonl")

    def run(
        self,
        name: str,
        outcome: str = "PLANNED",
        *,
        folder: Path | None = None,
        key: SealingKey | None = None,
        mode: str = "plan",
        target: str = "aws",
        selector: str = "mail-20261124-1",
        approvals: Sequence[Path] = (),
        before: tuple[str, str] | None = None,
        writes: bool = False,
        ends: str = "covered",
    ) -> None:
        """Make a run that ends ``killed``, ``closed``, ``sealed`` or ``covered`` (notebook too)."""
        folder, key = folder or self.folder, key or self.mori
        journal = Journal(folder / f"{name}.journal.jsonl", self.clock)
        begun = journal.write(begun_event(name, mode=mode, target=target, selector=selector))
        files = [f"{name}.journal.jsonl", f"{name}.html"]
        approved = [
            Approval("tanaka", DIGEST, datetime(2026, 11, 24, tzinfo=UTC), path.name)
            for path in approvals
        ]
        journal.write(Planned(digest=DIGEST, facts={}, writes=[_("Set it")], approvals=approved))
        if writes:
            request = f"{name}.csv"
            (folder / request).write_text(f"{selector}._domainkey.example.jp,TXT,v=DKIM1; p=AA==\n")
            files.append(request)
            record = f"{selector}._domainkey.example.jp"
            journal.write(
                Requested(file=request, sha256="0" * 64, name=record, value="v=DKIM1", ttl=300)
            )
            journal.write(
                WriteIntended(
                    operation=PUT, target="example.jp", before="old", after=selector, key_sha256=""
                )
            )
        write_notebook(folder / f"{name}.ipynb", begun.run, "")
        if ends == "killed":
            return
        if writes:
            journal.write(WriteAnswered(operation=PUT, result="accepted"))
        with chain_lock(folder):
            previous, head = before or last_sealed(folder)
            closed = journal.write(
                Closed(
                    outcome=outcome,
                    headline=_("It is done"),
                    previous_record=previous,
                    previous_head=head,
                )
            )
            journal.close()
            (folder / f"{name}.html").write_text(f"<h1>{outcome}</h1>\n")
            if ends != "closed":
                past = past_run(name, begun, closed, writes=writes)
                seal = seal_run(folder, RunStatement(past, previous, head), files, key)
                self.first_seals[name] = seal.read_bytes()
        write_notebook(folder / f"{name}.ipynb", begun.run, outcome)
        if ends == "covered":
            cover(folder, name, f"{name}.ipynb", key)


def begun_event(
    name: str, *, mode: str = "plan", target: str = "aws", selector: str = "mail-20261124-1"
) -> Begun:
    return Begun(
        run=base64.b16encode(name.encode().ljust(8, b".")[-8:]).decode().lower(),
        procedure="rotate",
        mode=mode,
        target=target,
        selector=selector,
        parameters={},
        settings={},
        operator="mori@host",
        version="3",
        notebook=f"{name}.ipynb",
        **IDENTITY,
    )


def past_run(name: str, begun: Begun, closed: Closed, *, writes: bool = False) -> PastRun:
    assert begun.at is not None
    assert closed.at is not None
    return PastRun(
        name=name,
        run=begun.run,
        procedure="rotate",
        mode="apply" if begun.mode == "apply" else "plan",
        outcome=closed.outcome,
        target=begun.target,
        selector=begun.selector,
        opened_at=begun.at,
        closed_at=closed.at,
        wrote=writes,
        **IDENTITY,
    )


def write_notebook(path: Path, run: str, outcome: str) -> None:
    """Write a notebook as papermill leaves it. ``outcome``: "" for a run that did not close."""
    mark = {"byodkim": {"run": run, "outcome": outcome}} if outcome else {}

    def cell(text: str, metadata: dict[str, Any]) -> dict[str, Any]:
        shown = {
            "output_type": "display_data",
            "data": {"text/plain": [text]},
            "metadata": metadata,
        }
        stream = {"output_type": "stream", "name": "stderr", "text": ["a warning\n"]}
        return {
            "cell_type": "code",
            "execution_count": 1,
            "metadata": {},
            "source": ["steps.step(run)"],
            "outputs": [stream, shown],
        }

    heading = {"cell_type": "markdown", "metadata": {}, "source": ["# Rotate"]}
    cells = [heading, cell(f"{outcome} example.jp", mark), cell("36 passed", {}), cell("end", mark)]
    path.write_text(
        json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}, indent=1)
    )


def make_sample(folder: Path) -> Archive:
    """Make an archive with two signers, an approval, a killed run, a rehearsal and an index."""
    archive = Archive(folder)
    archive.run("plan-1")
    approval = approve(folder, "plan-1", DIGEST, "tanaka", archive.tanaka, archive.clock())
    archive.run("apply-1", "SWITCHED", mode="apply", writes=True, approvals=[approval])
    archive.run("rehearsal", target="sandbox")
    archive.run("killed", mode="apply", writes=True, ends="killed")
    (folder / "killed.csv").unlink()
    archive.run("apply-2", "REFUSED", mode="apply", key=archive.sato)
    archive.run("plan-2", selector="mail-20261201-1")
    (folder / "index.html").write_text("<table></table>\n")
    seal_index(folder, read_seals(folder)[-1].head, archive.mori)
    return archive


def copied(archive: Archive, folder: Path) -> Archive:
    """Return the archive in another folder."""
    shutil.copytree(archive.folder, folder)
    return Archive(
        folder, archive.mori, archive.sato, archive.tanaka, archive.clock, archive.first_seals
    )


def said(report: Report) -> str:
    """Return everything that a report says, a line each."""
    lines = [f"{run.name}: {run.verdict} {run.why or ''}" for run in report.runs]
    return "\n".join([*lines, *map(str, report.problems), *map(str, report.notes)])
