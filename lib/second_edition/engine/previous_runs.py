"""The runs of the identity before this one: the newest of any procedure, and what the newest of rotate left open."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Sequence
from itertools import chain, takewhile
from pathlib import Path
from typing import NamedTuple

from msgspec import UNSET
from msgspec.structs import replace

from second_edition.dkim.secrecy import looks_private
from second_edition.events.parts import Previous
from second_edition.events.writes import Intent, Rollback
from second_edition.evidence import journal
from second_edition.evidence.ends import End, find_ends
from second_edition.evidence.journal import Account, JournalError
from second_edition.evidence.record import ROTATE, Record
from second_edition.evidence.ses_write import sights
from second_edition.evidence.world import World
from second_edition.rotation.outcome import Outcome
from second_edition.rotation.timing import LATE_WRITE


def previous(
    folder: Path, world: World | None, selector: str, vouches: Callable[[Account], bool]
) -> Previous | None:  # fmt: skip
    """Return what the first event of a run about ``selector`` says of the runs before it; ``None``: there are none.

    ``run``, ``outcome`` and ``head`` are those of the newest run, to which this one is chained. The rest is rotate's:
    which selector its newest run was asked for, which one that left ("" where that was retired since), and since when a
    write of it waits to be seen verified. A run about another selector that gave SES nothing is passed over. Where the
    newest run is passed over or of another procedure, ``rotated`` is the outcome of rotate's.

    Of runs that nobody signed, as one that was killed right after its write, only writes count: of ``selector``, where
    no signed run tells since when SES has it; and until when one without a clear answer may land, which only stops.
    ``vouches``: whether a run is signed.

    Raises:
        JournalError: a journal that this follows from holds what looks like a private key.
    """
    found = journal.earlier(folder, world.same_identity) if world else iter(())
    newest = next(found, None)
    if newest is None:
        return None
    _check_public(newest)
    told = _find_rotations(chain((newest,), found), selector, vouches)
    found_ends, run = find_ends(folder, world.same_identity) if world else [], newest.begin.run
    summary = Previous(
        run=run, outcome=newest.outcome or "", head=newest.head, selector="", left_selector="", written_at="",
        rotated="", open_until=told.open_write[0], open_selector=told.open_write[1],
        gone=next((end.gone for end in found_ends if end.run == run and not end.closed), UNSET),
        # Of others: one that never closed is named until a run that closed has found its process gone.
        beside=tuple(end.beside for end in unnamed(found_ends) if end.run != run),
    )  # fmt: skip
    counts = told.counting(selector)
    if counts is None:
        return summary
    own = told.signed if told.signed and told.signed.begin.selector == selector else None
    left = (_left(own) if own else "") or _left(counts)
    return replace(
        summary, selector=counts.begin.selector, written_at=_waits_since(counts),
        left_selector="" if left.lower() in told.retired else left,  # there is no going back to one that was retired
        rotated=UNSET if counts.begin.run == run else counts.outcome or "",
    )  # fmt: skip


class _Rotations(NamedTuple):
    """Hold what the runs of rotate tell.

    Attributes:
        signed: the newest that a key signed, about the selector or one that gave SES another.
        claimed: the newest since then that nobody signed, and that gave SES the selector; without those before it.
        open_write: until when the newest write without a clear answer may land, and what it sets; "" for none.
        retired: the selectors that signed runs of retire since ``signed`` saw out of use.
    """

    signed: Account | None
    claimed: Account | None
    open_write: tuple[str, str]
    retired: set[str]

    def counting(self, selector: str) -> Account | None:
        """Return the run by which it is known since when SES has ``selector``, where it waits for that."""
        signed = self.signed
        if self.claimed is None or signed is None or signed.begin.selector != selector:
            return self.claimed or signed
        saw = signed.after is not None and signed.after.selector == selector
        return signed if saw or _waits_since(signed) else self.claimed


def _find_rotations(accounts: Iterable[Account], selector: str, vouches: Callable[[Account], bool]) -> _Rotations:
    retired, shown, open_write = set[str](), set[str](), ("", "")
    claimed: Account | None = None
    for account in accounts:
        about, gave = account.begin.selector == selector, _gave(account)
        concerned = account.procedure == ROTATE and (about or gave)
        if vouches(account):
            if concerned:
                _check_public(account)
                open_write = open_write if any(open_write) else _unanswered(account, shown)
                return _Rotations(account, claimed, open_write, retired)
            retired, shown = retired | _retired(account), shown | _shown(account)
        elif concerned and gave:
            _check_public(account)
            alone = _alone(account)
            claimed = claimed or (alone if about else None)
            open_write = open_write if any(open_write) else _unanswered(alone, shown)
    return _Rotations(None, claimed, open_write, retired)


def _check_public(account: Account) -> None:
    """Refuse a journal that no run wrote: this run's own would hold what stands in it."""
    if any(looks_private(line.decode(errors="replace")) for line in account.lines):
        raise JournalError("private", file=account.path)


def _alone(account: Account) -> Account:
    """Return a run without what it says of those before it."""
    return dataclasses.replace(account, events=(replace(account.begin, previous=None), *account.events[1:]))


def unnamed(ends: Sequence[End]) -> list[End]:
    """Return those that no other one has named as they stand."""
    named = [one for end in ends if end.closed for one in end.named]  # what never closes vouches for nothing
    seen, gone = {(one.run, one.head) for one in named}, {(one.run, one.head) for one in named if one.gone}
    return [end for end in ends if (end.run, end.head) not in (seen if end.closed else gone)]


def _waits_since(record: Record) -> str:
    """Return since when a write waits for its verification: until an apply run sees it, or another takes its place."""
    seen = record.begin.mode == "apply" and record.outcome in (Outcome.SWITCHED, Outcome.UNCHANGED)
    written = None if seen or record.overruled else record.perhaps_written_at or record.written_at
    return written.isoformat(timespec="milliseconds") if written else ""


def _unanswered(record: Record, shown: set[str]) -> tuple[str, str]:
    """Return until when a write without a clear answer, of that run or one before it, may land, and what it sets.

    There was one attempt: what SES was seen to have taken has landed. ``shown``: what it had in later runs.
    """
    write = record.last_write
    if write is not None and write.unclear:
        until, selector = (write.at + LATE_WRITE).isoformat(timespec="seconds"), write.selector
        shown = shown - {write.change.current_selector}  # which it had before, too
    else:
        until, selector = record.previous.open_until, record.previous.open_selector
        shown = shown | _shown(record)
    return ("", "") if selector in shown else (until, selector)


def _shown(record: Record) -> set[str]:
    """Return the selectors that SES was seen to have before the run gave it any."""
    seen = takewhile(lambda event: not isinstance(event, Intent | Rollback), record.events)
    return {sight.identity.selector for sight in sights(seen)}


def _left(record: Record) -> str:
    """Return the selector that the run, or one before it, left for the selector asked for."""
    left, earlier, requested = record.current_selector, record.begin.previous, record.begin.selector
    if earlier and earlier.selector == requested and (left == requested or not (left or record.switch)):
        return earlier.left_selector
    return left


def _retired(record: Record) -> set[str]:
    """Return the selector that a run of retire saw out of use; none where it did not, or in another procedure."""
    done = record.procedure == "retire" and record.outcome in (Outcome.RETIRED, Outcome.UNCHANGED)
    return {record.begin.selector.lower()} if done else set()


def _gave(record: Record) -> bool:
    """Return whether a run of rotate gave SES a selector, or may have."""
    write = record.last_write
    return write is not None and (write.accepted or write.unclear)
