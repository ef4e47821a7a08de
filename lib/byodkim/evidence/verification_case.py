"""Define what verifying takes and gives: a run's files, the keys that count, findings, a verdict."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final, Literal

from byodkim.evidence import served
from byodkim.evidence.sealing_key import SealingKey
from byodkim.evidence.verification_link import Link
from byodkim.evidence.verification_policy import Policy
from byodkim.messages import Language, say

Verdict = Literal["verified", "stopped", "off", "cannot-tell", "no-run"]

#: What is worth knowing and contradicts nothing. All else that can be found is a fault.
NOTES: Final = frozenset(
    {
        "no-notebook", "notebook-cut", "notebook-unfinished", "renamed", "torn", "taken-up", "previous-elsewhere",
        "overlapping", "begun-only", "unbegun",
        "template-unknown", "template-untold", "template-changed", "error-uncovered", "notebook-uncovered",
        "approvers-own", "approval-brought", "stamp-unchecked", "landed-late",
        "no-record", "request-missing", "request-uncovered",
        "message-later", "copies-untold", "page-uncovered", "fleet-elsewhere", "head-late", "head-unnamed",
        "campaign-elsewhere",
    }
)  # fmt: skip

#: What keeps a run from being judged: what it would be judged by is not at hand.
UNDECIDED: Final = frozenset(
    {
        "format", "journal-unread", "notebook-unread", "seal-unreadable", "seal-untrusted", "seal-stamp.roots",
        "stamp-unread", "not-plain", "campaign-unknown",
    }
)  # fmt: skip
#: What is said of a run that was stopped, where nothing is lost by it.
STOPPED: Final = frozenset({"taken-up"})


@dataclass(frozen=True)
class Finding:
    """Hold what was found of a run: a stable code, and a sentence for people."""

    code: str
    text: str

    @property
    def fault(self) -> bool:
        """Return whether the run is not verified because of it."""
        return self.code not in NOTES

    @property
    def undecided(self) -> bool:
        """Return whether it says no more than that something cannot be judged here."""
        return self.code in UNDECIDED


class Speaker:
    """Makes findings in one language."""

    def __init__(self, language: Language) -> None:
        self.language: Language = language

    def __call__(self, code: str, **values: object) -> Finding:
        """Return a finding."""
        return Finding(code, say("verify", code, self.language, **values))


@dataclass(frozen=True)
class Files:
    """The files of one run.

    Attributes:
        journal: its journal, ``None`` where there is only a notebook or a seal.
        notebook: the executed notebook that bears the journal's name.
        whole: all runs of its folder are being verified, so that a missing one shows.
        top: the folder that was named for it; ``None`` where a file was.
        messages: statements on messages that were verified after the run.
        pages: other pages in its folder, under names that no run's signature covers.
        plain: ``False`` for a link, a pipe, or anything else in a file's place that is not looked into.
    """

    journal: Path | None
    notebook: Path | None = None
    whole: bool = True
    messages: tuple[Path, ...] = ()
    pages: tuple[Path, ...] = ()
    plain: bool = True
    top: Path | None = None

    @property
    def path(self) -> Path:
        """Return the file that stands for the run."""
        return self.journal or self.notebook or Path()


@dataclass(frozen=True)
class Trust:
    """Whose word counts.

    Attributes:
        keys: sealing keys by their ``keyid``.
        approvers: public keys (base64 of 32 bytes) by name; ``None``: those that a run's own journal names.
        roots: file with the certificates (PEM) that a timestamp authority's own must lead to.
        policy: what each run must satisfy besides; ``None`` for nothing.
        templates: digests of the cells of the notebooks that this version ships.
    """

    keys: Mapping[str, SealingKey] = field(default_factory=dict)
    approvers: Mapping[str, str] | None = None
    roots: Path | None = None
    policy: Policy | None = None
    templates: Collection[str] = ()


@dataclass(frozen=True)
class Verified:
    """Hold what a run's files came to.

    Attributes:
        files: which they are.
        run, domain, outcome, head: "" where they are not known.
        keyid: of the key that sealed it; "" where no trusted key did.
        stamped: when a timestamp authority that is trusted saw the seal; ``None`` where none did.
        findings: faults and notes, in the order in which they were looked for.
        served: what it made of its approvals; ``None`` where no journal holds together.
        link: what binds it to those before and after it; ``None`` where no journal holds together.
        template: the digest of the cells of the notebook that it was made from; "" where it is not known.
        target: where it acted: ``aws``, ``twin`` or ``sandbox[:scenario]``; "" where that is not known.
        waived: the IDs of the checks that it waived.
        approved: how many approvals of its plan hold; ``required``: how many it needed to write, 0 where it did not.
    """

    files: Files
    run: str = ""
    domain: str = ""
    outcome: str = ""
    head: str = ""
    keyid: str = ""
    stamped: datetime | None = None
    findings: tuple[Finding, ...] = ()
    served: served.Served | None = None
    link: Link | None = None
    template: str = ""
    target: str = ""
    waived: tuple[str, ...] = ()
    approved: int = 0
    required: int = 0

    @property
    def sound(self) -> bool:
        """Return whether nothing is off."""
        return not any(finding.fault for finding in self.findings)

    @property
    def verdict(self) -> Verdict:
        """Return ``off`` where anything is, ``cannot-tell`` where something could not be judged, and nothing is off.

        ``stopped`` for a run that never closed and for which another accounts; ``no-run`` where nothing was begun.
        """
        if not self.sound:
            return "cannot-tell" if all(one.undecided for one in self.findings if one.fault) else "off"
        if any(one.code in STOPPED for one in self.findings):
            return "stopped"
        return "verified" if self.link else "no-run"

    @property
    def path(self) -> Path:
        """Return the file that stands for the run."""
        return self.files.path
