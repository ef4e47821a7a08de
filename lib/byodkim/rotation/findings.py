"""Checks with names, and what they find. A check raises; it does not return a verdict that could be overlooked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final


class Level(StrEnum):
    """Hold what a failing check does to the run."""

    BLOCKS = "blocks"
    WARNS = "warns"


class Verdict(StrEnum):
    """Hold what a check came to. UNKNOWN: it could not be made. SKIPPED: it was not made. Neither counts as PASS."""

    PASS = "PASS"  # noqa: S105 - a verdict
    FAIL = "FAIL"
    UNKNOWN = "UNKNOWN"
    WAIVED = "WAIVED"
    SKIPPED = "SKIPPED"


@dataclass(frozen=True)
class Phrase:
    """An English sentence with named values. The journal stores it so; records translate it by gettext.

    ``values``: text and numbers stand for themselves in every language, a phrase among them is translated too.
    """

    text: str
    values: Mapping[str, str | int | Phrase] = field(default_factory=dict)

    def given(self, **values: str | int | Phrase) -> Phrase:
        """Return the sentence with these values."""
        return Phrase(self.text, values)


#: What a check expects or sees: a sentence, or text that is the same in every language (a selector, a status).
Said = Phrase | str


def phrase(text: str, /, **values: str | int | Phrase) -> Phrase:
    """Return an English sentence with its values; the catalogues of other languages are complete for calls of this."""
    return Phrase(text, values)


#: What a check sees that could not be made because of what an earlier one says.
NOT_CHECKED: Final = phrase("not checked: see the checks above")


@dataclass(frozen=True)
class Compared:
    """Hold what a passing check expected and saw."""

    expected: Said
    observed: Said


class CheckFailed(Exception):
    """The claim does not hold. ``remedy``: what to do; ``None`` for what the check always says.

    ``level``: what the failure does this time, where that is not what it always does.
    """

    def __init__(
        self, expected: Said, observed: Said, remedy: Phrase | None = None, level: Level | None = None
    ) -> None:
        self.expected, self.observed, self.remedy, self.level = expected, observed, remedy, level
        super().__init__(observed)


class CheckUnknown(CheckFailed):
    """The claim could not be looked at."""


class CheckSkipped(Exception):
    """The check was not made: there is nothing to check, or nothing was asked. ``observed`` says why."""

    def __init__(self, expected: Said, observed: Said) -> None:
        self.expected, self.observed = expected, observed
        super().__init__(observed)


@dataclass(frozen=True)
class Check:
    """A check.

    Attributes:
        id: stable.
        claim: what holds where it passes, in English.
        remedy: what to do where it does not, unless it says so itself.
        level: what its failure does.
        waivable: whether a reason may stand in for it.
        make: raises where the claim does not hold.
    """

    id: str
    claim: str
    remedy: Phrase
    level: Level
    waivable: bool
    make: Callable[[Any], Compared]


@dataclass(frozen=True)
class Finding:
    """One line of the table of checks.

    Attributes:
        id, claim, level: of the check.
        verdict: what it came to.
        expected, observed: as it says.
        remedy: what to do; ``None`` where it passed or was skipped.
        reason: the waiver's, as it was written.
    """

    id: str
    claim: str
    level: Level
    verdict: Verdict
    expected: Said
    observed: Said
    remedy: Phrase | None = None
    reason: str = ""

    @property
    def values(self) -> Mapping[str, str | int | Phrase]:
        """Return the values of what was observed; none where that is text."""
        return self.observed.values if isinstance(self.observed, Phrase) else {}

    @property
    def stops(self) -> bool:
        """Return whether nothing may be written while this stands."""
        return self.level is Level.BLOCKS and self.verdict in (Verdict.FAIL, Verdict.UNKNOWN)

    @property
    def objects(self) -> bool:
        """Return whether it speaks against the run: FAIL, UNKNOWN, or WAIVED. A skipped check speaks neither way."""
        return self.verdict not in (Verdict.PASS, Verdict.SKIPPED)


class Registry:
    """The checks, in the order in which they are made and shown."""

    def __init__(self) -> None:
        self.checks: dict[str, Check] = {}

    def __call__(
        self, identifier: str, remedy: str, level: Level = Level.BLOCKS, *, waivable: bool = True
    ) -> Callable[[Callable[[Any], Compared]], Callable[[Any], Compared]]:
        """Register the decorated function as the check ``identifier``.

        Its docstring must start with that ID and a line that is the check's claim. ``remedy``: what to do where it does
        not hold.
        """

        def register(make: Callable[[Any], Compared]) -> Callable[[Any], Compared]:
            named, _, claim = (make.__doc__ or "").partition("\n")[0].rstrip(".").partition(": ")
            if identifier in self.checks or named != identifier:
                raise TypeError(
                    f"the check {identifier} is registered twice, or its docstring does not start with its ID"
                )
            self.checks[identifier] = Check(identifier, claim, phrase(remedy), level, waivable, make)
            return make

        return register

    def share(self, other: Registry, *identifiers: str) -> None:
        """Take the checks of another registry as they are."""
        self.checks |= {identifier: other.checks[identifier] for identifier in identifiers}

    def arrange(self, modules: Sequence[str]) -> None:
        """Put the checks in the order of the modules that make them, and within a module in that of its text."""
        self.checks = dict(sorted(self.checks.items(), key=lambda item: modules.index(item[1].make.__module__)))

    def evaluate(self, case: object, waivers: Mapping[str, str], *, but: Sequence[str] = ()) -> tuple[Finding, ...]:
        """Make every check on ``case`` except ``but``.

        ``waivers``: reasons by check ID, applied to what fails or is unknown.
        """
        return tuple(_evaluate(check, case, waivers) for check in self.checks.values() if check.id not in but)


def _evaluate(check: Check, case: object, waivers: Mapping[str, str]) -> Finding:
    try:
        seen = check.make(case)
    except CheckSkipped as skipped:
        return Finding(check.id, check.claim, check.level, Verdict.SKIPPED, skipped.expected, skipped.observed)
    except CheckFailed as failed:
        verdict = Verdict.UNKNOWN if isinstance(failed, CheckUnknown) else Verdict.FAIL
        reason = waivers.get(check.id, "") if check.waivable else ""
        verdict = Verdict.WAIVED if reason else verdict
        level, remedy = failed.level or check.level, failed.remedy or check.remedy
        return Finding(check.id, check.claim, level, verdict, failed.expected, failed.observed, remedy, reason)
    return Finding(check.id, check.claim, check.level, Verdict.PASS, seen.expected, seen.observed)
