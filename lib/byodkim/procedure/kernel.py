"""The notebook's kernel: what stands in its namespace, what is shown in it, and what it must never keep."""

from __future__ import annotations

import resource
from collections.abc import Callable
from typing import Any

from IPython import get_ipython
from IPython.display import display, update_display

from byodkim.display.blocks import Headline, Paragraph
from byodkim.display.notebook import Shown
from byodkim.errors import ByodkimError
from byodkim.intent import caller
from byodkim.intent.parameters import PAPERMILL_PATHS, Parameters
from byodkim.procedure.beginning import Started
from byodkim.procedure.run import Run

HEADLINE = "byodkim-headline"
JOURNAL = "application/vnd.byodkim.journal+json"
RUN = "application/vnd.byodkim.run+json"


def harden() -> None:
    """Short tracebacks without local variables, no history on disk, no core dump."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    shell = get_ipython()
    if shell is not None:
        shell.InteractiveTB.set_mode("Minimal")
        shell.history_manager.enabled = False


def parameters() -> dict[str, Any]:
    """The values of the known parameters, and of whatever else papermill injected."""
    namespace = _namespace()
    names = [*Parameters.model_fields, *caller.injected(_cells())]
    return {name: namespace[name] for name in names if name in namespace and name not in PAPERMILL_PATHS}


def started() -> Started:
    """Which names were injected, and who runs this kernel."""
    return Started(frozenset(caller.injected(_cells())), caller.find(_namespace()))


def show(shown: Shown, run: Run | None = None) -> None:
    """Shows a result below the cell, with the run's id and its journal's name where the run begins."""
    bundle: dict[str, Any] = dict(shown._repr_mimebundle_())
    if run is not None:
        bundle[RUN] = {"run": run.id, "journal": run.journal.path.name}
    display(bundle, raw=True)


def show_headline(shown: Shown, run: Run | None = None) -> None:
    """Shows the headline, or fills it in where it stands already; at the end with a copy of the journal."""
    bundle: dict[str, Any] = dict(shown._repr_mimebundle_())
    if run is None:
        display(bundle, raw=True, display_id=HEADLINE)
    else:
        bundle[JOURNAL] = run.journal.events
        update_display(bundle, raw=True, display_id=HEADLINE)


def show_refusal(error: BaseException) -> None:
    """Fills the headline in where a run could not even begin."""
    text = error.diagnostics() if isinstance(error, ByodkimError) else type(error).__name__
    update_display(
        dict(Shown([Headline("REFUSED", text, "bad"), Paragraph("")])._repr_mimebundle_()),
        raw=True,
        display_id=HEADLINE,
    )


class Progress:
    """A result that is shown again and again in the same place."""

    def __init__(self, look: Callable[[], Shown]) -> None:
        self._look = look
        self._handle: Any = None

    def __call__(self) -> None:
        """Shows how things stand."""
        bundle = dict(self._look()._repr_mimebundle_())
        if self._handle is None:
            self._handle = display(bundle, raw=True, display_id=True)
        else:
            self._handle.update(bundle, raw=True)


def _namespace() -> dict[str, Any]:
    shell = get_ipython()
    return shell.user_ns if shell is not None else {}


def _cells() -> list[str]:
    return [cell for cell in _namespace().get("In", ()) if isinstance(cell, str)]
