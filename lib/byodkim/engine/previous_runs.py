"""The runs of the identity before this one: the newest of any procedure, and what the newest of rotate left open."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from itertools import chain, takewhile
from pathlib import Path

from msgspec import UNSET
from msgspec.structs import replace

from byodkim.dkim.secrecy import looks_private
from byodkim.events.parts import Previous
from byodkim.events.writes import Intent, Rollback
from byodkim.evidence import journal
from byodkim.evidence.ends import End, find_ends
from byodkim.evidence.journal import Account, JournalError
from byodkim.evidence.record import ROTATE, Record
from byodkim.evidence.ses_write import sights
from byodkim.evidence.world import World
from byodkim.rotation.outcome import Outcome
from byodkim.rotation.timing import LATE_WRITE


def previous(
    folder: Path, world: World | None, selector: str, vouches: Callable[[Account], bool]
) -> Previous | None:  # fmt: skip
    """Return what the first event of a run about ``selector`` says of the runs before it; ``None``: there are none.

    ``run``, ``outcome`` and ``head`` are those of the newest run, to which this one is chained. The rest is rotate's:
    which selector its newest run was asked for, which one that left ("" where that was retired since), and since when a
    write of it waits to be seen verified. A run about another selector that gave SES nothing is passed over. Where the
    newest run is passed over or of another procedure, ``rotated`` is the outcome of rotate's.

    What follows from runs that nobody signed is as little as can be: of one that began a write, that write; of another
    one, nothing. ``vouches``: whether a run is signed.

    Raises:
        JournalError: a journal that this follows from holds what looks like a private key.
    """
    found = journal.earlier(folder, world.same_identity) if world else iter(())
    newest = next(found, None)
    if newest is None:
        return None
    retired, shown = set[str](), set[str]()
    rotated: Account | None = None
    for account in chain((newest,), found):
        signed = vouches(account)
        concerned = account.procedure == ROTATE and (account.begin.selector == selector or _gave(account))
        if concerned and (signed or _gave(account)):
            rotated = account if signed else _alone(account)
            break
        if signed:
            retired, shown = retired | _retired(account), shown | _shown(account)
    for account in filter(None, (newest, rotated)):
        _check_public(account)
    found_ends, run = find_ends(folder, world.same_identity) if world else [], newest.begin.run
    summary = Previous(
        run=run, outcome=newest.outcome or "", head=newest.head, selector="", left_selector="", written_at="",
        gone=next((end.gone for end in found_ends if end.run == run and not end.closed), UNSET),
        # Of others: one that never closed is named until a run that closed has found its process gone.
        beside=tuple(end.beside for end in unnamed(found_ends) if end.run != run),
    )  # fmt: skip
    if rotated is None:
        return replace(summary, rotated="")
    left = _left(rotated)
    until, open_selector = _unanswered(rotated, shown)
    return replace(
        summary, selector=rotated.begin.selector, written_at=_waits_since(rotated),
        left_selector="" if left.lower() in retired else left,  # there is no going back to one that was retired
        open_until=until, open_selector=open_selector,
        rotated=UNSET if rotated.begin.run == run else rotated.outcome or "",
    )  # fmt: skip


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
