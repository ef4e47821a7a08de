"""Show how far a campaign is, on the terminal or in the log: counts, and the first failures as they happen."""

from __future__ import annotations

from second_edition.engine.live_line import LiveLine
from second_edition.engine.run import Run
from second_edition.procedures.fleet.campaign import Count


class CampaignLine:
    """Shows what the events of a campaign's journal come to, until it is closed."""

    def __init__(self, run: Run) -> None:
        self._run, self._count, self._line, self._taken = run, Count(run.intent.language), LiveLine(), 0
        self._waves = ""

    def show(self) -> None:
        """Print each new failure; show the line again where it is due, and where another wave goes on."""
        self._take()
        waves = self._count.waves
        if (self._line.due or waves != self._waves) and (text := self._count.line()):
            self._line.show(text)
        self._waves = waves

    def close(self) -> None:
        """Show the line a last time; it stays."""
        self._take()
        self._line.close(self._count.line())

    def _take(self) -> None:
        events = self._run.journal.events
        for event in events[self._taken :]:
            self._line.add(self._count.take(event))
        self._taken = len(events)
