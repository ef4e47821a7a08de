"""The procedures by name. Only the one that is used is imported."""

from collections.abc import Sequence
from typing import Any, Protocol

from byodkim.checks.check import Check
from byodkim.engine.run import Run


class Procedure(Protocol):
    """A procedure, in the order of its steps."""

    @property
    def CHECKS(self) -> Sequence[Check]:  # noqa: N802 - a constant of the module
        """Return every check of the procedure, in order."""

    def observe(self, run: Run) -> Any:
        """Observe everything that the decision rests on."""

    def check(self, run: Run) -> Any:
        """Evaluate every check. One that stops the run closes its record as REFUSED."""

    def make_plan(self, run: Run) -> Any:
        """Make the plan and note it in the journal."""

    def apply(self, run: Run) -> None:
        """Write the plan that was shown, in an apply run."""

    def verify(self, run: Run) -> Any:
        """Wait until what was written shows."""

    def hand_over(self, run: Run) -> Any:
        """Write the DNS request."""

    def finish(self, run: Run) -> None:
        """Decide the outcome, and close the record."""


def procedure_of(name: str) -> Procedure:
    """Return a procedure.

    Raises:
        ValueError: there is none of this name.
    """
    if name == "rotate":
        from byodkim.procedures import rotate

        return rotate
    if name == "prepare":
        from byodkim.procedures import prepare

        return prepare
    if name == "retire":
        from byodkim.procedures import retire

        return retire
    if name == "fleet":
        from byodkim.procedures import fleet

        return fleet
    raise ValueError(name)
