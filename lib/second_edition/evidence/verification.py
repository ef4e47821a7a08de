"""Runs verified from their files alone: the tables of what one run, and several together, are held against.

Nothing here asks a network, a clock or a private key. What is found has a code that programs can rely on: its sentence
stands under that code in the catalogue ``verify``, its verdict in ``NOTES`` and ``UNDECIDED``; all else is a fault.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from msgspec.structs import replace

from second_edition.evidence import journal, served, verification_checks
from second_edition.evidence import verification_beside as beside
from second_edition.evidence import verification_chain as chain
from second_edition.evidence import verification_fleet as fleet
from second_edition.evidence import verification_notebook as notebook
from second_edition.evidence import verification_run as run
from second_edition.evidence.exclusive import is_held
from second_edition.evidence.folders import contents
from second_edition.evidence.journal import ForeignEvent, JournalError
from second_edition.evidence.verification_case import (
    NOT_YET,
    Files,
    Finding,
    Speaker,
    Trust,
    Verified,
    link_of,
    waived,
)
from second_edition.evidence.verification_chain import Archive, Found
from second_edition.evidence.verification_run import Case
from second_edition.messages import Language

Check = Callable[[Case], Iterable[Finding]]

#: What a run is held against, in the order in which it is told.
OF_RUN: Final[tuple[Check, ...]] = (
    run.seal,  # the journal's bytes, head and outcome: what a trusted key signed
    run.timestamp,  # the seal's signature: what an authority saw
    run.copies,  # a run that was to be copied: the list of its copies
    run.ending,  # the file's name: the run; the last event: the closing one
    run.times,  # each event: in the order of the journal, and within the run
    run.raw_answers,  # what the journal says: what AWS and DNS answered, byte by byte
    run.endpoint,  # of a run on AWS: TLS, by which AWS is known
    run.outcome,  # the outcome: one that the procedure has, and that the events come to
    run.writes,  # each write: one of the plan's
    verification_checks.findings,  # what was waived: the waivers; SES-ACCOUNT: the account that STS named
    beside.requests,  # the sheets for the DNS team: their digests
    run.approvals,  # signatures: the plan that was carried out, and when
    run.requirements,  # the run: the policy
    beside.page,  # the page: its own seal
    beside.messages,  # messages: what was found of them
    notebook.copy,  # the notebook's copy of the journal, and the run that it names: the journal
    notebook.contents,  # cells, code and outputs: their digests in the journal
)


#: What runs are held against that are verified together. Each yields the place of a run among them, and what is off.
TOGETHER: Final[tuple[Callable[[Archive], Found], ...]] = (
    chain.twice,  # each run is there once
    chain.predecessors,  # those that it follows are there, as it saw them, and SES was as they left it
    chain.reused,  # no approval served two runs
    chain.brought,  # the plan runs that were approved are there
    chain.left_open,  # a run that never closed was found stopped by one that did
    chain.forks,  # no two runs follow the same one
    fleet.campaigns,  # a campaign's records and tables are those that it wrote down
)


def verify_run(
    files: Files, trust: Callable[[str], Trust], language: Language, checks: Sequence[Check] = OF_RUN
) -> Verified:
    """Verify one run by itself.

    Args:
        files: of the run.
        trust: whose word counts for the runs of a profile.
        language: of the findings.
        checks: to make.
    """
    tell, path = Speaker(language), files.journal
    if not files.plain:
        return Verified(files, findings=(tell("not-plain", name=files.path.name),))
    if path is None:
        return Verified(files, findings=(notebook.alone(files.path, tell),))
    named, under_way = journal.run_of(path), is_held(path)  # asked first: it may end meanwhile
    try:
        account = journal.parse(path, contents(path))
    except (JournalError, OSError) as error:
        return Verified(files, named, head=getattr(error, "head", ""), findings=(_unread(error, tell),))
    if not account.events:
        why = tell("under-way") if under_way else notebook.beside_nothing(path, files.notebook, tell)
        return Verified(files, named, findings=(why,))
    try:
        return _verified(Case(files, account, trust(account.begin.profile), tell, under_way), checks)
    except (LookupError, TypeError, ValueError, AttributeError, RecursionError, OverflowError) as error:
        off = tell("journal-foreign", type=type(error).__name__)
        return Verified(files, named, head=account.head, findings=(off,))


def verify_chain(runs: Sequence[Verified], language: Language) -> list[Verified]:
    """Return the runs with what ``TOGETHER`` finds added to their findings, in the order of their ids.

    Args:
        runs: each verified by itself.
        language: of the findings.

    Truncation of the newest runs leaves a chain that holds: only heads that are kept elsewhere show it (``heads``).
    """
    archive, found = Archive(runs, Speaker(language)), defaultdict[int, list[Finding]](list)
    for check in TOGETHER:
        for place, finding in check(archive):
            found[place].append(finding)
    judged = [replace(one, findings=(*one.findings, *found[place])) for place, one in enumerate(runs)]
    return sorted(judged, key=lambda one: one.run or one.path.name)


def _verified(case: Case, checks: Sequence[Check]) -> Verified:
    account, closed, (sealed, _), (stamped, _) = case.account, case.account.closed, case.sealed, case.stamped
    found = [finding for check in checks for finding in check(case)]
    if case.under_way:
        found = [case.tell("under-way") if finding.code in NOT_YET else finding for finding in found]
    return Verified(
        case.files,
        run=case.account.begin.run,
        domain=case.account.begin.domain,
        table=account.table,
        outcome=closed.outcome if closed else "",
        head=account.head,
        keyid=sealed.keyid if sealed else "",
        stamped=stamped,
        findings=tuple(dict.fromkeys(found)),
        under_way=case.under_way,
        link=link_of(account),
        target=case.account.begin.target,
        served=served.of(account),
        template=case.account.begin.template_sha256,
        waived=waived(account),
        approved=case.approved.count,
        required=max(case.approved.required, case.trust.policy.approvals if case.trust.policy and case.wrote else 0),
    )


def _unread(error: JournalError | OSError, tell: Speaker) -> Finding:
    """Return what is said of a journal that does not hold together, has an event of no run, or may not be read."""
    if isinstance(error, ForeignEvent):
        return tell("journal-foreign", type=error.kind)
    if isinstance(error, JournalError):
        return tell("journal-broken", why=error.explain(tell.language).rstrip(".。"))
    return tell("journal-unread", reason=error.strerror or error)
