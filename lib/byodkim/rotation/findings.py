"""Checks with names, and what they find. A check raises; it does not return a verdict that could be overlooked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Level(StrEnum):
    """What a failing check does to the run."""

    BLOCKS = "blocks"
    WARNS = "warns"


class Verdict(StrEnum):
    """What a check came to. UNKNOWN: it could not be made. SKIPPED: it was not made. Neither counts as PASS."""

    PASS = "PASS"  # noqa: S105 - a verdict
    FAIL = "FAIL"
    UNKNOWN = "UNKNOWN"
    WAIVED = "WAIVED"
    SKIPPED = "SKIPPED"


@dataclass(frozen=True)
class Phrase:
    """Words to be said in the reader's language: a key of the catalogue ``phrases`` and its values."""

    key: str
    values: Mapping[str, str | int] = field(default_factory=dict)


def verbatim(text: str) -> Phrase:
    """A value that is the same in every language: a selector, a status, a number."""
    return Phrase("verbatim", {"text": text})


def phrase(key: str, **values: str | int) -> Phrase:
    """The phrase ``key`` of the catalogue ``phrases``."""
    return Phrase(key, values)


@dataclass(frozen=True)
class Compared:
    """What a passing check expected and saw."""

    expected: Phrase
    observed: Phrase


class CheckFailed(Exception):
    """The claim does not hold. ``remedy`` names a sentence of the catalogue ``checks``; "" for the check's own.

    ``level``: what the failure does this time, where that is not what it always does.
    """

    def __init__(self, expected: Phrase, observed: Phrase, remedy: str = "", level: Level | None = None) -> None:
        self.expected, self.observed, self.remedy, self.level = expected, observed, remedy, level
        super().__init__(observed.key)


class CheckUnknown(CheckFailed):
    """The claim could not be looked at."""


class CheckSkipped(Exception):
    """The check was not made: there is nothing to check, or nothing was asked. ``observed`` says why."""

    def __init__(self, expected: Phrase, observed: Phrase) -> None:
        self.expected, self.observed = expected, observed
        super().__init__(observed.key)


@dataclass(frozen=True)
class Check:
    """A check's stable ID, what its failure does, whether it may be waived, and the function that makes it."""

    id: str
    level: Level
    waivable: bool
    make: Callable[[Any], Compared]


@dataclass(frozen=True)
class Finding:
    """One line of the table of checks. ``reason`` is the waiver's, as it was written."""

    id: str
    level: Level
    verdict: Verdict
    expected: Phrase
    observed: Phrase
    remedy: str = ""
    reason: str = ""

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
        self, identifier: str, level: Level = Level.BLOCKS, *, waivable: bool = True
    ) -> Callable[[Callable[[Any], Compared]], Callable[[Any], Compared]]:
        """Registers the decorated function as the check ``identifier``; its docstring must start with that ID."""

        def register(make: Callable[[Any], Compared]) -> Callable[[Any], Compared]:
            if identifier in self.checks or not (make.__doc__ or "").startswith(f"{identifier}: "):
                raise TypeError(
                    f"the check {identifier} is registered twice, or its docstring does not start with its ID"
                )
            self.checks[identifier] = Check(identifier, level, waivable, make)
            return make

        return register

    def share(self, other: Registry, *identifiers: str) -> None:
        """Takes checks of another registry, as they are."""
        self.checks |= {identifier: other.checks[identifier] for identifier in identifiers}

    def arrange(self, modules: Sequence[str]) -> None:
        """Puts the checks in the order of the modules that make them, and within a module in that of its text."""
        self.checks = dict(sorted(self.checks.items(), key=lambda item: modules.index(item[1].make.__module__)))

    def evaluate(self, case: object, waivers: Mapping[str, str], *, but: Sequence[str] = ()) -> tuple[Finding, ...]:
        """Makes every check on ``case`` except ``but``.

        ``waivers``: reasons by check ID, applied to what fails or is unknown.
        """
        return tuple(_evaluate(check, case, waivers) for check in self.checks.values() if check.id not in but)


def _evaluate(check: Check, case: object, waivers: Mapping[str, str]) -> Finding:
    try:
        seen = check.make(case)
    except CheckSkipped as skipped:
        return Finding(check.id, check.level, Verdict.SKIPPED, skipped.expected, skipped.observed)
    except CheckFailed as failed:
        verdict = Verdict.UNKNOWN if isinstance(failed, CheckUnknown) else Verdict.FAIL
        reason = waivers.get(check.id, "") if check.waivable else ""
        verdict = Verdict.WAIVED if reason else verdict
        level = failed.level or check.level
        return Finding(check.id, level, verdict, failed.expected, failed.observed, failed.remedy, reason)
    return Finding(check.id, check.level, Verdict.PASS, seen.expected, seen.observed)
