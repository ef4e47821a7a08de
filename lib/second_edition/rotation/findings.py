"""Checks with names, and what they find. A check raises; it does not return a verdict that could be overlooked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import StrEnum
from functools import wraps
from typing import Any, Final

from msgspec import Struct, field

from second_edition.messages.checks import TEXTS


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


class Phrase(Struct, frozen=True, forbid_unknown_fields=True):
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
Expectation = Said | Callable[[Any], Said]


def phrase(text: str, /, **values: str | int | Phrase) -> Phrase:
    """Return an English sentence with its values; the catalogues of other languages are complete for calls of this."""
    return Phrase(text, values)


#: What a check sees that could not be made because of what an earlier one says.
NOT_CHECKED: Final = phrase("not checked: see the checks above")


#: What a passing check returns that saw just what it expected.
AS_EXPECTED: Final = ""


def advice(key: str, **values: str | int | Phrase) -> Phrase:
    """Return what to do where the usual remedy of a check is not it, by a key of the catalogue ``checks``."""
    return Phrase(TEXTS[key], values)


class CheckFailed(Exception):
    """The claim does not hold.

    Attributes:
        observed: what was seen.
        remedy: what to do; ``None`` for what the check always says.
        level: what the failure does this time; ``None`` for what it always does.
        expected: what should have been seen; ``None`` for what the check always expects.
    """

    verdict = Verdict.FAIL

    def __init__(
        self, observed: Said, remedy: Phrase | None = None, level: Level | None = None, expected: Said | None = None
    ) -> None:
        self.observed, self.remedy, self.level, self.expected = observed, remedy, level, expected
        super().__init__(observed)


class CheckUnknown(CheckFailed):
    """The claim could not be looked at: what an earlier check says stands in the way, or what is ``observed``."""

    verdict = Verdict.UNKNOWN

    def __init__(self, observed: Said = NOT_CHECKED, remedy: Phrase | None = None, level: Level | None = None) -> None:
        super().__init__(observed, remedy, level)


class CheckSkipped(CheckFailed):
    """The check was not made: there is nothing to check, or nothing was asked. ``observed`` says why."""

    verdict = Verdict.SKIPPED


def held(observed: Said, holds: bool) -> Said:
    """Return what was seen, where the claim holds.

    Raises:
        CheckFailed: it does not.
    """
    if not holds:
        raise CheckFailed(observed)
    return observed


class Check(Struct, frozen=True):
    """A check.

    Attributes:
        id: stable.
        claim: what holds where it passes, in English.
        remedy: what to do where it does not, unless it says so itself.
        level: what its failure does.
        waivable: whether a reason may stand in for it.
        make: returns what it expected and saw; raises where the claim does not hold.
    """

    id: str
    claim: str
    remedy: Phrase
    level: Level
    waivable: bool
    make: Callable[[Any], tuple[Said, Said]]


class Finding(Struct, frozen=True, forbid_unknown_fields=True):
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
        self, identifier: str, expected: Expectation, level: Level = Level.BLOCKS, *, waivable: bool = True
    ) -> Callable[[Callable[[Any], Said]], Callable[[Any], tuple[Said, Said]]]:
        """Register the decorated function as the check ``identifier``: it returns what it sees, or raises.

        Its docstring starts with that ID and a line that is the check's claim; its last paragraph is the remedy: what
        to do where the claim does not hold.

        Args:
            identifier: stable.
            expected: what a check sees that passes; a function of the case where it is not always the same.
            level: what its failure does.
            waivable: whether a reason may stand in for it.
        """

        def register(look: Callable[[Any], Said]) -> Callable[[Any], tuple[Said, Said]]:
            text, _, remedy = (look.__doc__ or "").partition("Remedy: ")
            named, _, claim = text.partition("\n")[0].rstrip(".").partition(": ")
            if identifier in self.checks or named != identifier or not remedy:
                raise TypeError(
                    f"the check {identifier} is registered twice, or its docstring does not have its ID and remedy"
                )

            @wraps(look)
            def make(case: Any) -> tuple[Said, Said]:
                wanted = expected(case) if callable(expected) else expected
                try:
                    return wanted, look(case) or wanted
                except CheckFailed as failed:
                    failed.expected = wanted if failed.expected is None else failed.expected
                    raise

            said = phrase(" ".join(remedy.split()))
            self.checks[identifier] = Check(identifier, claim, said, level, waivable, make)
            return make

        return register

    def __or__(self, other: Registry) -> Registry:
        both = Registry()
        both.checks = self.checks | other.checks
        return both

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
        expected, observed = check.make(case)
    except CheckFailed as failed:
        verdict, level, reason = failed.verdict, failed.level or check.level, ""
        remedy = None if verdict is Verdict.SKIPPED else failed.remedy or check.remedy
        if verdict is not Verdict.SKIPPED and check.waivable and (reason := waivers.get(check.id, "")):
            verdict = Verdict.WAIVED
        return Finding(check.id, check.claim, level, verdict, failed.expected or "", failed.observed, remedy, reason)
    return Finding(check.id, check.claim, check.level, Verdict.PASS, expected, observed)


def by_cause(findings: Iterable[Finding]) -> list[Finding]:
    """Return the findings that stop a run, in the order of the checks; last those that an earlier one explains."""
    return sorted((one for one in findings if one.stops), key=lambda one: one.observed == NOT_CHECKED)
