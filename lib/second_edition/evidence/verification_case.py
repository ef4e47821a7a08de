"""Define what verifying takes and gives: a run's files, whose word counts, findings, links to other runs, a verdict."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated, Final, Literal

from msgspec import Meta, Struct, field

from second_edition.events import run, writes
from second_edition.events.parts import Beside, Event
from second_edition.evidence import served
from second_edition.evidence.journal import Account
from second_edition.evidence.predecessors import named
from second_edition.evidence.record import Record
from second_edition.evidence.seal import SealError
from second_edition.evidence.sealing_key import SealingKey
from second_edition.evidence.world import World
from second_edition.messages import Language, say
from second_edition.rotation.findings import Verdict as Found
from second_edition.settings import PublicKey

Template = Annotated[str, Meta(pattern=r"\A(shipped|[0-9a-f]{64})\Z")]
Verdict = Literal["verified", "stopped", "off", "cannot-tell", "no-run"]

#: What is worth knowing and contradicts nothing. All else that can be found is a fault.
NOTES: Final = frozenset(
    {
        "no-notebook", "notebook-cut", "notebook-unfinished", "renamed", "torn", "taken-up", "previous-elsewhere",
        "overlapping", "unbegun",
        "template-unknown", "template-untold", "template-changed", "error-uncovered", "notebook-uncovered",
        "approvers-own", "approval-brought", "rollback-alone", "stamp-unchecked", "stamp-late",
        "landed-late", "answer-unread",
        "no-record", "request-missing", "request-uncovered",
        "copies-untold", "page-uncovered", "fleet-elsewhere", "head-late", "head-unnamed",
        "campaign-elsewhere", "ahead", "changed-unsigned", "endpoint-plain", "page-of-another",
    }
)  # fmt: skip

#: What keeps a run from being judged: what it would be judged by is not at hand.
UNDECIDED: Final = frozenset(
    {
        "journal-unread", "notebook-unread", "seal-unreadable", "seal-untrusted", "seal-stamp.roots",
        "stamp-unread", "not-plain", "campaign-unknown", "raw-unreadable", "under-way",
    }
)  # fmt: skip
#: What a run that is under way lacks and may still make, after its closing event too.
NOT_YET: Final = frozenset({"unsealed", "unstamped", "policy-timestamp"})
#: What is said of a run that was stopped, where nothing is lost by it.
STOPPED: Final = frozenset({"taken-up"})

#: What SES does not change by itself; all of it is shown in the record's comparison.
STANDING: Final = ("selectors", "signing_enabled", "signing_origin")

_SEEN: Final = (run.Read, run.Observed, writes.Intent, writes.Answer, writes.Resolved, writes.Rollback)


class Finding(Struct, frozen=True):
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


def of_seal(error: SealError, keys: Mapping[str, SealingKey]) -> Finding:
    """Return what is said of a seal that does not hold. Where no key is trusted, none is the wrong one."""
    code = error.code if keys or error.code != "unknown-key" else "untrusted"
    return Finding(f"seal-{code}", error.what.rstrip(".。"))


class Files(Struct, frozen=True):
    """The files of one run.

    Attributes:
        journal: its journal, ``None`` where there is only a notebook or a seal.
        notebook: the executed notebook that bears the journal's name.
        whole: all runs of its folder are being verified, so that a missing one shows.
        top: the folder that was named for it; ``None`` where a file was.
        pages: other pages in its folder, under names that no run's signature covers.
        plain: ``False`` for a link, a pipe, or anything else in a file's place that is not looked into.
    """

    journal: Path | None
    notebook: Path | None = None
    whole: bool = True
    pages: tuple[Path, ...] = ()
    plain: bool = True
    top: Path | None = None

    @property
    def path(self) -> Path:
        """Return the file that stands for the run."""
        return self.journal or self.notebook or Path()


class Policy(Struct, frozen=True, forbid_unknown_fields=True):
    """Hold what a verifier requires, as its TOML says it. The defaults require only that no check was waived.

    Attributes:
        trusted_keys: the only keys that may seal runs; none for those of the profile, or of this user.
        approvals: how many of the ``approvers`` must have approved the plan of each rotation that wrote.
        approvers: public keys by name.
        timestamps: whether each closed run must have a timestamp by an authority that ``timestamp_roots`` leads to.
        timestamp_roots: file with certificates (PEM).
        templates: digests of the code of notebooks from which runs may be made, ``shipped`` for all that this version
            ships; empty for any.
        newest_run_days: how old the newest run of each identity may be; 0 for any age.
        waivers: IDs of the checks that may be waived by runs that apply.
        witness: ``required`` where a witness must name each run that closed since there is one.
        pages: ``signed`` where each page beside a journal must be.
        code: ``committed`` where a run's code must be that of a commit.
    """

    trusted_keys: tuple[str, ...] = ()
    approvals: Annotated[int, Meta(ge=0, le=9)] = 0
    approvers: Mapping[str, PublicKey] = field(default_factory=dict)
    timestamps: bool = False
    timestamp_roots: str = ""
    templates: tuple[Template, ...] = ()
    newest_run_days: Annotated[int, Meta(ge=0, le=36500)] = 0
    waivers: tuple[str, ...] = ()
    witness: Literal["", "required"] = ""
    pages: Literal["", "signed"] = ""
    code: Literal["", "committed"] = ""


class Trust(Struct, frozen=True):
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


class Link(Struct, frozen=True):
    """Hold what binds a run to those before and after it.

    Attributes:
        world: what identity it is of, and where; ``None`` for a sandbox of the run's own.
        began, ended: times by its clock; ``ended`` is ``None`` for a run that never closed.
        previous: id of the run that it follows, as it says itself; "" for none.
        named: all runs that it saw as it began: that one, and others that none had named as they stood.
        heads: SHA-256 of each of its journal's lines in hex.
        before, after: what ``STANDING`` names as the run found and left it; ``None`` where that is not known.
        after_at: when it saw SES last, or wrote to it; ``None`` where it did neither.
        pending: the selector of a write without a clear answer, which SES may have taken after the run; else "".
        campaign: the campaign's run that began it, by the place in the plan that it was given; "" for none.
        record: name of its notebook, as it says itself.
        blind: whether it neither saw how SES stood nor began to write to it.
        skew_s: how far ahead of AWS's the run's clock was, in seconds; 0 where it did not learn that.
    """

    world: World | None
    began: datetime
    ended: datetime | None
    previous: str
    heads: tuple[str, ...]
    before: Mapping[str, object] | None
    after: Mapping[str, object] | None
    named: tuple[Beside, ...] = ()
    after_at: datetime | None = None
    pending: str = ""
    skew_s: float = 0.0
    campaign: str = ""
    record: str = ""
    blind: bool = False


class Verified(Struct, frozen=True):
    """Hold what a run's files came to.

    Attributes:
        files: which they are.
        run, domain, outcome, head: "" where they are not known; ``table``: a campaign's, which has no domain.
        keyid: of the key that sealed it; "" where no trusted key did.
        stamped: when a timestamp authority that is trusted saw the seal; ``None`` where none did.
        findings: faults and notes, in the order in which they were looked for.
        served: what it made of its approvals; ``None`` where no journal holds together.
        link: what binds it to those before and after it; ``None`` where no journal holds together.
        template: the digest of the cells of the notebook that it was made from; "" where it is not known.
        target: where it acted: ``aws``, ``twin`` or ``sandbox[:scenario]``; "" where that is not known.
        waived: the IDs of the checks that it waived.
        approved: how many approvals of its plan hold; ``required``: how many it needed to write, 0 where it did not.
        under_way: whether a process of this machine still had its journal when that was read.
    """

    files: Files
    run: str = ""
    domain: str = ""
    table: str = ""
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
    under_way: bool = False

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


def link_of(record: Account) -> Link:
    """Return the link of a run whose journal holds together."""
    begin, closed = record.begin, record.closed
    first = next((event for event in record.events if isinstance(event, run.Observed)), None)
    last = next((event for event in reversed(record.events) if isinstance(event, _SEEN)), None)
    members = [one.member for one in record.approvals if one.member]
    return Link(
        world=World.of(begin),
        began=begin.at,
        ended=closed.at if closed else None,
        previous=begin.previous.run if begin.previous else "",
        heads=record.heads,
        before=_standing(first),
        after=_standing(last),
        named=tuple(named(begin)),
        after_at=last.at if last else None,
        pending=_pending(record),
        skew_s=record.caller.clock_skew_s or 0.0,
        campaign=members[0].campaign if members else "",
        record=begin.record,
        blind=not any(isinstance(event, writes.Intent) or _standing(event) for event in record.events),
    )


def _pending(record: Record) -> str:
    write = record.last_write
    return write.selector if write is not None and write.unclear else ""


def _standing(event: Event | None) -> Mapping[str, object] | None:
    """Return how SES stood, as an event saw it; ``None`` where it saw nothing, as one of a write."""
    seen = event.observation if isinstance(event, run.Observed) else event if isinstance(event, run.Read) else None
    identity = seen.identity if seen else None
    return {name: getattr(identity, name) for name in STANDING} if identity else None


def waived(account: Account) -> tuple[str, ...]:
    """Return the IDs of the checks that a run waived."""
    found = (one for event in account.all_of(run.Checked) for one in event.findings)
    return tuple(sorted({one.id for one in found if one.verdict is Found.WAIVED}))
