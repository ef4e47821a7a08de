"""Outcomes of a run, and which of them ask for a person."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from byodkim.record.events import AnyEvent, Begun, Closed, MessageJudged

#: Nothing was done that was asked for.
NOT_DONE: Final = frozenset({"REFUSED", "FAILED"})


def exit_code(events: Sequence[AnyEvent]) -> int:
    """Return 0, or 1 where a person has to look.

    That is: the run did not close its record, was refused or failed, waited for SES in vain, or was
    given a message that does not prove the switch.
    """
    begun, closed = events[0], events[-1]
    if not isinstance(begun, Begun) or not isinstance(closed, Closed):
        return 1
    has_waited = begun.settings.get("wait_minutes", "0") != "0"
    expired = closed.outcome == "SWITCHED-PENDING" and has_waited
    unproved = any(
        isinstance(event, MessageJudged) and event.finding.verdict != "PASS" for event in events
    )
    return int(closed.outcome in NOT_DONE or expired or unproved)
