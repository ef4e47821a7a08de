"""Outcomes: what a run came to, decided from what was written and what SES answered, never from a status kept aside."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from enum import StrEnum
from typing import Final

from second_edition.rotation.observation import SUCCESS, Identity


class Outcome(StrEnum):
    """Hold what a run came to.

    ``PREPARED`` is prepare's, ``PUBLISHED`` publish's, ``RETIRED`` retire's, ``STOPPED`` fleet's, ``SWITCHED`` and
    ``ROLLED-BACK`` rotate's.
    """

    PLANNED = "PLANNED"
    REFUSED = "REFUSED"
    UNCHANGED = "UNCHANGED"
    SWITCHED = "SWITCHED"
    SWITCHED_PENDING = "SWITCHED-PENDING"
    ROLLED_BACK = "ROLLED-BACK"
    PREPARED = "PREPARED"
    PUBLISHED = "PUBLISHED"
    RETIRED = "RETIRED"
    STOPPED = "STOPPED"
    FAILED = "FAILED"


#: What a run of any procedure may come to, whatever its mode.
ANY: Final = frozenset({Outcome.PLANNED, Outcome.REFUSED, Outcome.UNCHANGED, Outcome.FAILED})
#: How a run ends that wrote nothing to SES.
UNWRITTEN: Final = frozenset({Outcome.PLANNED, Outcome.REFUSED, Outcome.UNCHANGED})


def possible(applied: Collection[Outcome], mode: str, outcome: str, *, wrote: bool) -> bool:
    """Return whether a run can end with an outcome.

    Args:
        applied: what a run of its procedure that applies may come to besides.
        mode: of the run.
        outcome: as its record says.
        wrote: it gave SES or DNS something, or may have.
    """
    fits = not wrote or (mode == "apply" and outcome not in UNWRITTEN)
    return fits and (outcome in ANY or (mode == "apply" and outcome in applied))


def decide(
    *,
    applies: bool,
    wrote: bool,
    changes: bool,
    after: Identity,
    selector: str,
    given_up: bool,
    stood: bool,
    completes: bool,
) -> Outcome:
    """Return the outcome of a run that came to its end, by the four rows of the run sheet.

    Selector, status, signing enabled and signing origin all have to be as required: a selector that SES has verified
    signs nothing while DKIM signing is disabled.

    Args:
        applies: the mode is apply.
        wrote: the write was made, or was found applied when SES was read back.
        changes: the plan held a write.
        after: the identity as SES showed it last.
        selector: the selector asked for.
        given_up: SES has given up on what it has now; FAILED may for a moment still be the status of before the write.
        stood: SES already signed with the selector and had verified it before the run.
        completes: an earlier run gave SES the selector, and its record says that SES had not verified it yet.
    """
    if stood and after.signs and not changes and not (applies and completes):
        return Outcome.UNCHANGED
    if not applies:
        return Outcome.PLANNED
    # SES may show no selector at all (an empty Tokens list): then what it answered to the write has to do.
    uses_it = after.selector == selector or (wrote and not after.selectors)
    if not uses_it or not after.signs or given_up:
        return Outcome.FAILED
    return Outcome.SWITCHED if after.status == SUCCESS else Outcome.SWITCHED_PENDING


def decide_made(
    made: Outcome, *, applies: bool, changes: bool, wrote: bool, proved: bool, requested: bool = False
) -> Outcome:
    """Return the outcome of a run of prepare, publish or retire that came to its end.

    Args:
        made: what it comes to where it has written.
        applies: the mode is apply.
        changes: the plan holds a write.
        wrote: a write was made, or was found applied when it was read back.
        proved: what is to stand, or to be gone, was seen to be so.
        requested: other people are asked for a part of it, which is not done yet.
    """
    if requested:
        return Outcome.PLANNED
    if not changes and not wrote:
        return Outcome.UNCHANGED if proved else Outcome.FAILED
    if not applies:
        return Outcome.PLANNED
    return made if proved else Outcome.FAILED


def decide_fleet(*, applies: bool, planned: int, there: int, all_of: int, came: Mapping[str, int]) -> Outcome:
    """Return the outcome of a campaign that came to its end.

    Args:
        applies: the mode is apply.
        planned: identities that the plan would write.
        there: those that sign with the selector asked for already.
        all_of: all in its table.
        came: how many are ``switched``, ``pending`` and ``failed`` by now.
    """
    if not applies:
        return Outcome.UNCHANGED if not planned and there == all_of else Outcome.PLANNED
    if sum(came.values()) < planned:
        return Outcome.STOPPED
    if came.get("failed"):
        return Outcome.FAILED
    return Outcome.SWITCHED_PENDING if came.get("pending") else Outcome.SWITCHED
