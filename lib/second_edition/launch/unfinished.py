"""Define what whoever executes a notebook knows of its run, also where its own cells did not come to say it."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from second_edition.display import summary, words
from second_edition.display.blocks import Block, Headline
from second_edition.display.notebook import Shown
from second_edition.errors import ByodkimError, paragraph
from second_edition.evidence.cells import text_of
from second_edition.evidence.folders import is_plain
from second_edition.evidence.journal import SUFFIX, Account, read, run_of, stem_of
from second_edition.messages import LANGUAGES, say

if TYPE_CHECKING:
    from second_edition.engine.run import Run

HEADLINE: Final = "steps.headline()"
BEGUN: Final = "… "  # how the headline starts until the run has filled it in


@dataclass
class Watch:
    """Hold what whoever executes a notebook knows of its run.

    Attributes:
        record: where the notebook goes in the end; ``None`` where it is no file.
        searches: whether the notebook is searched before its run closes.
        leaks: whether the custodian found key material in it.
        error: the type of the error that ended the execution.
        unsaved: why the notebook was not saved to its end, so that it is not put in its place.
        run: the run, whose custodian signs the notebook; ``None`` where none has begun in this process.
        since: when it was begun: a journal that was written last before is another run's.
        of_campaign: whether a campaign began it.
    """

    record: Path | None
    searches: bool = False
    leaks: bool = False
    error: str = ""
    unsaved: OSError | None = None
    run: Run | None = None
    since: float = field(default_factory=time.time)
    of_campaign: bool = False

    @property
    def journal(self) -> Path | None:
        """Return the run's journal, once there is one."""
        if self.run is not None:
            return self.run.journal.path
        if self.record is None:
            return None
        found = (path for path in self.record.parent.glob(f"*{SUFFIX}") if stem_of(path) == self.record.stem)
        found = (path for path in found if is_plain(path))
        return max((path for path in found if path.stat().st_mtime >= self.since), key=run_of, default=None)


def reason(watch: Watch) -> str:
    """Return the paragraph of the error that ended the run, "" where there was none."""
    account = _account(watch)
    closed = account.closed if account else None
    return paragraph(closed.error.what, closed.error.means, closed.error.todo) if closed and closed.error else ""


def verdict(watch: Watch) -> tuple[list[Block], words.Words] | None:
    """Return what the journal tells of a run whose notebook cannot, with the rollback; ``None`` without a journal."""
    account = _account(watch)
    if account is None or not account.events:
        return None
    speak = words.of(account.begin)
    return summary.verdict(account, speak), speak


def tell(nb: Any, watch: Watch) -> None:
    """Say in the headline that there is no run, where the notebook was refused or stopped before there was one."""
    cell = next((cell for cell in nb.cells if cell.cell_type == "code" and HEADLINE in cell.source), None)
    if cell is None or watch.journal is not None:
        return
    shown = [output for output in cell.outputs if "text/plain" in (output.get("data") or {})]
    if shown and not text_of(shown[0]["data"]["text/plain"]).startswith(BEGUN):
        return
    blocks: list[Block] = [
        Headline(say("record", "outcome.none", one), say("command", "unbegun", one), "bad") for one in LANGUAGES
    ]
    output: dict[str, Any] = shown[0] if shown else {"output_type": "display_data", "metadata": {}, "data": {}}
    output["data"] = type(nb.metadata)(Shown(blocks).bundle())
    if not shown:
        cell.outputs.append(type(nb.metadata)(output))


def left_running(nb: Any) -> None:
    """Note in a notebook whose runner was killed that the cell under way did not come to its end.

    The file may be a moment behind: then that is the first cell of which it does not say that it was completed.
    """
    nb.metadata.papermill["exception"] = True
    notes = [cell.metadata.get("papermill", {}) for cell in nb.cells if cell.cell_type == "code"]
    open_ones = [note for note in notes if note.get("status") in ("running", "pending")]
    for note in [note for note in notes if note.get("status") == "running"] or open_ones[:1]:
        note.update(status="failed", exception=True)


def _account(watch: Watch) -> Account | None:
    path = watch.journal
    try:
        return read(path) if path else None
    except (ByodkimError, OSError):
        return None
