"""One run verified from its files alone: journal, seal and approvals; what its notebook says is held against that.

Nothing here asks a network, a clock or a private key. What is found has a code that programs can rely on.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Literal

from byodkim.events import FORMAT
from byodkim.evidence import journal, served, timestamp
from byodkim.evidence.folders import contents, is_plain
from byodkim.evidence.journal import Account, ForeignEvent, JournalError, OtherFormat
from byodkim.evidence.notebook import CutOff, Executed, Respelled
from byodkim.evidence.raw_answers import contradictions
from byodkim.evidence.seal import Seal, SealError, check_bytes, check_seal, read_seal, seal_path
from byodkim.evidence.sealing_key import SealingKey
from byodkim.evidence.verification_approvals import approvals
from byodkim.evidence.verification_beside import messages, page, requests, uncopied
from byodkim.evidence.verification_finding import STOPPED, Finding, Speaker
from byodkim.evidence.verification_link import Link, link_of
from byodkim.evidence.verification_policy import Policy, other_code, unsatisfied, unsigned, waived
from byodkim.evidence.verification_unbegun import of_empty, of_silent
from byodkim.messages import Language

Verdict = Literal["verified", "stopped", "off", "cannot-tell", "no-run"]


@dataclass(frozen=True)
class Files:
    """The files of one run.

    Attributes:
        journal: its journal, ``None`` where there is only a notebook or a seal.
        notebook: the executed notebook that bears the journal's name.
        whole: all runs of its folder are being verified, so that a missing one shows.
        top: the folder that was named for it; ``None`` where a file was.
        messages: statements on messages that were verified after the run.
        plain: ``False`` for a link, a pipe, or anything else in a file's place that is not looked into.
    """

    journal: Path | None
    notebook: Path | None = None
    whole: bool = True
    messages: tuple[Path, ...] = ()
    plain: bool = True
    top: Path | None = None


@dataclass(frozen=True)
class Trust:
    """Whose word counts.

    Attributes:
        keys: sealing keys by their ``keyid``.
        approvers: public keys (base64 of 32 bytes) by name; ``None``: those that a run's own journal names.
        roots: file with the certificates (PEM) that a timestamp authority's own must lead to.
        policy: what each run must satisfy besides; ``None`` for nothing.
    """

    keys: Mapping[str, SealingKey] = field(default_factory=dict)
    approvers: Mapping[str, str] | None = None
    roots: Path | None = None
    policy: Policy | None = None


@dataclass(frozen=True)
class Verified:
    """What a run's files came to.

    Attributes:
        files: which they are.
        run, domain, outcome, head: "" where they are not known.
        keyid: of the key that sealed it; "" where no trusted key did.
        stamped: when a timestamp authority that is trusted saw the seal; ``None`` where none did.
        findings: faults and notes, in the order in which they were looked for.
        served: what it made of its approvals; ``None`` where no journal holds together.
        link: what binds it to those before and after it; ``None`` where no journal holds together.
        template: the digest of the cells of the notebook that it was made from; "" where it is not known.
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
        return self.files.journal or self.files.notebook or Path()


Compare = Callable[[Executed, Account, Seal | None], Iterator[Finding]]


def verify_run(files: Files, trust: Callable[[str], Trust], language: Language, compare: Compare) -> Verified:
    """Verify one run by itself, or one account of a publication, which follows the run whose record asked for it.

    Args:
        files: of the run.
        trust: whose word counts for the runs of a profile.
        language: of the findings.
        compare: holds the run's notebook against its journal.
    """
    tell = Speaker(language)
    if not files.plain:
        return Verified(files, findings=(tell("not-plain", name=(files.notebook or Path()).name),))
    if files.journal is None:
        return Verified(files, findings=(of_silent(files.notebook or Path(), tell),))
    data = b""
    try:
        data = contents(files.journal)
        account = journal.parse(files.journal, data)
    except (JournalError, OSError) as error:
        head = getattr(error, "head", "")
        found = (unread(error, tell), *unvouched(files.journal, error, data, trust("").keys, tell))
        return Verified(files, _named(files.journal), head=head, findings=found)
    if not account.events:
        return Verified(files, _named(files.journal), findings=(of_empty(files.journal, files.notebook, tell),))
    try:
        return _verify(files, account, data, trust(str(account.events[0]["profile"])), tell, compare)
    except (LookupError, TypeError, ValueError, AttributeError, RecursionError) as error:
        off = tell("journal-foreign", type=type(error).__name__)
        return Verified(files, _named(files.journal), head=account.head, findings=(off,))


def unread(error: JournalError | OSError, tell: Speaker) -> Finding:
    """Return what is said of a journal that does not hold together, is of another format, or may not be read."""
    if isinstance(error, OtherFormat):
        return tell("format", found=error.found, known=FORMAT)
    if isinstance(error, ForeignEvent):
        return tell("journal-foreign", type=error.kind)
    if isinstance(error, JournalError):
        return tell("journal-broken", why=error.what)
    return tell("journal-unread", reason=error.strerror or error)


def unvouched(
    path: Path, error: Exception, data: bytes, keys: Mapping[str, SealingKey], tell: Speaker
) -> list[Finding]:  # fmt: skip
    """Return what is off with the seal of a journal of another format: who alters one can say that it is of another."""
    if not isinstance(error, OtherFormat):
        return []
    if not is_plain(seal_path(path)):
        return [tell("unsealed-format")]
    try:
        check_bytes(read_seal(seal_path(path), tell.language), hashlib.sha256(data).hexdigest(), keys, tell.language)
    except SealError as off:
        return [_of_seal(off, keys)]
    return []


def _of_seal(error: SealError, keys: Mapping[str, SealingKey]) -> Finding:
    """Return what is said of a seal that does not hold. Where no key is trusted, none is the wrong one."""
    code = error.code if keys or error.code != "unknown-key" else "untrusted"
    return Finding(f"seal-{code}", error.what.rstrip(".。"))


def _verify(files: Files, account: Account, data: bytes, trust: Trust, tell: Speaker, compare: Compare) -> Verified:
    begin, closed = account.events[0], account.last("closed")
    sealed, found = seal_of(account, data, trust, tell)
    stamped, late = stamp_of(account, sealed, trust, tell)
    found += [*late, *uncopied(account, tell), *_of_journal(account, closed is not None, tell)]
    made = Verified(
        files,
        run=str(begin["run"]),
        domain=str(begin["domain"]),
        outcome=str(closed["outcome"]) if closed else "",
        head=account.head,
        keyid=sealed.keyid if sealed else "",
        stamped=stamped,
        findings=tuple(found),
        link=link_of(account),
    )
    return made if account.path.name.endswith(journal.ACCOUNT) else _of_run(made, account, sealed, trust, tell, compare)


def _of_run(
    made: Verified, account: Account, sealed: Seal | None, trust: Trust, tell: Speaker, compare: Compare
) -> Verified:
    """Return what else a run's files came to: its requests, approvals, page, messages and notebook."""
    files, found, policy = made.files, [*made.findings, *requests(account, tell)], trust.policy
    approved = approvals(account, trust, tell)
    found += approved.findings
    found += unsatisfied(policy, account, approved.count, made.stamped, tell)
    of_page = page(account, trust, tell)
    found += [*of_page, *unsigned(policy, of_page, tell), *messages(account, files.messages, trust, tell)]
    if files.notebook is None:
        found.append(tell("no-notebook"))
    else:
        found += _of_notebook(
            files.notebook, account, tell,
            lambda read: [*compare(read, account, sealed), *other_code(policy, account, read.sources, tell)],
        )  # fmt: skip
    return replace(
        made,
        findings=tuple(found),
        served=served.of(account),
        template=str(account.events[0]["template_sha256"]),
        waived=waived(account.events),
        approved=approved.count,
        required=max(approved.required, policy.approvals if policy and account.last("intent") else 0),
    )


def _named(path: Path) -> str:
    """Return the run that a journal's file is named for."""
    return path.name.removesuffix(journal.SUFFIX).removesuffix(journal.ACCOUNT).rpartition(".")[2]


def seal_of(account: Account, data: bytes, trust: Trust, tell: Speaker) -> tuple[Seal | None, list[Finding]]:
    """Return the seal of a journal where it holds, and what is off with it."""
    path = seal_path(account.path)
    if not is_plain(path):
        # A run that never closed has none: it is told as such.
        return None, [tell("unsealed")] if account.last("closed") else []
    try:
        seal = read_seal(path, tell.language)
        check_seal(seal, account, trust.keys, tell.language, sha256=hashlib.sha256(data).hexdigest())
    except SealError as error:
        return None, [_of_seal(error, trust.keys)]
    name = seal.stated["subject"][0]["name"]
    return seal, [] if name == account.path.name else [tell("renamed", name=name)]


def stamp_of(account: Account, seal: Seal | None, trust: Trust, tell: Speaker) -> tuple[datetime | None, list[Finding]]:
    """Return when an authority saw the seal, and what is off with that."""
    path = timestamp.path_of(seal_path(account.path))
    expected = (account.events[0].get("keeping") or {}).get("timestamp_url")
    if seal is None:
        return None, []
    if not is_plain(path):
        return None, [tell("unstamped")] if expected else []
    if trust.roots is None:
        return None, [tell("stamp-unchecked", name=path.name)]
    try:
        return timestamp.check(contents(path), seal.signature, trust.roots, path.name, tell.language), []
    except OSError as error:
        return None, [tell("stamp-unread", name=path.name, reason=error.strerror or error)]
    except SealError as error:
        return None, [Finding(f"seal-{error.code}", error.what.rstrip(".。"))]


def _of_journal(account: Account, closed: bool, tell: Speaker) -> list[Finding]:
    found = []
    run = str(account.events[0]["run"])
    if _named(account.path) != run:
        found.append(tell("misnamed", run=run))
    if account.torn:
        found.append(tell("torn-closed" if closed else "torn"))
    if closed and account.events[-1]["event"] != "closed":
        found.append(tell("after-the-end"))
    if conflicts := [f"{number} ({what})" for number, what in contradictions(account.events)]:
        found.append(tell("raw", events=", ".join(conflicts)))
    return found


def _of_notebook(
    path: Path, account: Account, tell: Speaker, compare: Callable[[Executed], Iterable[Finding]]
) -> list[Finding]:
    try:
        notebook = Executed.read(path, account)
    except OSError as error:
        return [tell("notebook-unread", reason=error.strerror or error)]
    except CutOff:
        return [tell("notebook-cut")]
    except Respelled:
        return [tell("notebook-spelling")]
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError):
        return [tell("notebook-malformed")]
    found, closed = list[Finding](), account.last("closed")
    if notebook.unbegun:
        return [tell("notebook-unbegun" if closed else "notebook-uncovered")]
    name = {"run": account.events[0]["run"], "journal": account.path.name}
    # A run that was stopped, or refused, as it began has not shown its name; the copy of its journal names it too.
    silent = notebook.named is None and (not closed or notebook.copy == "equal" or notebook.unfinished)
    if notebook.named != name and not silent:
        found.append(tell("notebook-other", run=(notebook.named or {}).get("run", "-")))
    if closed and notebook.unfinished:
        found.append(tell("notebook-unfinished"))
    elif closed and notebook.copy == "absent":
        found.append(tell("copy-absent"))
    elif notebook.copy == "differs":
        found.append(tell("copy-differs"))
    return [*found, *compare(notebook)]
