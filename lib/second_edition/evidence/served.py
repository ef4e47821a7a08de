"""The run that used an approval: each serves one run whose write SES took.

A run whose write SES refused, or that died before SES had it, leaves its approvals to the run that completes it. A
write without a clear answer counts as taken once a later run sees SES sign with its selector. Where SES had the
selector already, nothing tells whether it took it once more: such a write without an answer uses its approvals up.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import takewhile

from msgspec import Struct

from second_edition.events.writes import Intent
from second_edition.evidence.journal import Account
from second_edition.evidence.ses_write import sights
from second_edition.rotation.approval import Use, statement_of


class Served(Struct, frozen=True):
    """Hold what a run made of its approvals.

    Attributes:
        run: its id; ``at``: when it began to write (ISO 8601), "" where it did not.
        approvals: approver and time of each, and the plan run that was looked at, by what was signed.
        taken: whether SES is known to have taken its write.
        pending: the selector of a write of which that is not known; "" for none.
        shows: the selectors that it saw SES sign with before it wrote.
    """

    run: str
    at: str
    approvals: Mapping[str, tuple[str, str, str]]
    taken: bool
    pending: str
    shows: frozenset[str]

    def uses(self, statement: str, at: str) -> bool:
        """Return whether it began to write at that time with an approval, in a write that SES took or may have."""
        return statement in self.approvals and self.at == at and (self.taken or bool(self.pending))


def of(account: Account) -> Served:
    """Return what a run made of its approvals, by its journal.

    Raises:
        LookupError, TypeError, ValueError: an event is not as this project writes it.
    """
    before = sights(takewhile(lambda one: not isinstance(one, Intent), account.events))
    shows = frozenset(one.identity.selector for one in before) - {""}
    run, approvals = account.begin.run, dict(_approvals(account))
    write = next((one for one in account.writes if not one.rollback), None)
    if write is None:
        return Served(run, "", approvals, False, "", shows)
    # Given once more, a selector is no sign of the write.
    again = write.change.resubmit
    seen = not again and any(one.identity.selector == write.selector for one in sights(account.events[write.n :]))
    taken = write.accepted or seen or (again and write.answered_at is not None and write.unclear)
    pending = "" if again or taken or not write.unclear else write.selector
    return Served(run, write.at.isoformat(timespec="milliseconds"), approvals, taken, pending, shows)


def serving(runs: Iterable[Served]) -> Iterator[Served]:
    """Yield the runs of one identity, given oldest first, whose write SES took, as they or a later run tell.

    Of several with the same approvals, which wait for one selector, the newest counts: one write is all that SES shows.
    """
    waiting: list[Served] = []
    for one in runs:
        landed = [each for each in waiting if each.pending in one.shows]
        for place, each in enumerate(landed):
            same = (each.pending, each.approvals)
            if same not in [(later.pending, later.approvals) for later in landed[place + 1 :]]:
                yield each
        waiting = [each for each in waiting if each not in landed]
        if one.taken:
            yield one
        elif one.pending:
            waiting.append(one)


def used(runs: Iterable[Served]) -> dict[str, Use]:
    """Return the run that each approval served first, by what was signed; ``runs`` as for ``serving``."""
    found: dict[str, Use] = {}
    for one in serving(runs):
        for statement in one.approvals:
            found.setdefault(statement, Use(one.run, one.at))
    return found


def _approvals(account: Account) -> Iterator[tuple[str, tuple[str, str, str]]]:
    for one in account.approvals:
        if (signed := one.approval) is not None:
            yield statement_of(one.envelope), (signed.approver, signed.at, signed.run)
