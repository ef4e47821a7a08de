"""What a check is: a pure function over an observation that returns what it saw, or raises why the
claim was not shown to hold.

A check has an ID, a claim, and a level. Its docstring states the rule. It is evaluated once per
observation; the finding is passed on from there.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Literal, NamedTuple

from msgspec import Struct

from byodkim.checks.world import Observation, Unread
from byodkim.errors import InputError
from byodkim.words import Sentence, _

Verdict = Literal["PASS", "FAIL", "UNKNOWN", "SKIPPED"]
#: A finding that ``blocks`` stops the run when it is FAIL or UNKNOWN, unless it is waived.
#: ``warns`` is only shown.
Level = Literal["blocks", "warns"]


class NotPassed(Exception):
    """The claim was not shown to hold.

    Attributes:
        saw: what was seen.
        todo: what to do next.
        mail: what it means for mail now, where it means something.
        warns: the check does not stop the run in this case.
    """

    verdict: Verdict

    def __init__(
        self,
        saw: Sentence,
        *,
        todo: Sentence | None = None,
        mail: Sentence | None = None,
        warns: bool = False,
    ) -> None:
        super().__init__(saw.text)
        self.saw, self.todo, self.mail, self.warns = saw, todo, mail, warns


class Failed(NotPassed):
    """The claim is false."""

    verdict: Verdict = "FAIL"


class Unknown(NotPassed):
    """The claim could not be checked."""

    verdict: Verdict = "UNKNOWN"


class Skipped(NotPassed):
    """The claim does not apply here."""

    verdict: Verdict = "SKIPPED"


class Finding(Struct, frozen=True, omit_defaults=True):
    """What a check came to.

    Attributes:
        check: its ID.
        verdict: PASS, FAIL, UNKNOWN or SKIPPED.
        claim: what was to be shown.
        saw: what was seen.
        level: whether it stops the run.
        todo: what to do next.
        mail: what it means for mail now.
        waived: the reason for which it was waived; "" where it was not.
    """

    check: str
    verdict: Verdict
    claim: Sentence
    saw: Sentence
    level: Level = "blocks"
    todo: Sentence | None = None
    mail: Sentence | None = None
    waived: str = ""

    @property
    def is_met(self) -> bool:
        """Return whether the claim holds or does not apply."""
        return self.verdict in ("PASS", "SKIPPED")

    @property
    def stops(self) -> bool:
        """Return whether this finding stops the run."""
        return not self.is_met and self.level == "blocks" and not self.waived


class Check(NamedTuple):
    """A check in the table.

    Attributes:
        id: its name, for waivers and documents.
        claim: what it shows.
        run: the function.
        level: whether it stops the run.
        waivable: whether an operator may waive it with a reason.
    """

    id: str
    claim: Sentence
    run: Callable[[Observation], Sentence]
    level: Level = "blocks"
    waivable: bool = True


def unreadable(cause: Unread, action: str) -> Unknown:
    """Return the finding of a check that needs what could not be read.

    Args:
        cause: why it could not.
        action: the IAM action that the read needs.
    """
    from byodkim.checks import causes  # only where something could not be read

    return Unknown(causes.unread(cause), todo=causes.todo(cause, action))


def see(*checks: str) -> Unknown:
    """Return the finding of a check that needs what other checks did not find."""
    return Unknown(_("Not known: see {checks}", checks=list(checks)))


def in_utc(moment: datetime) -> str:
    """Return a time for a sentence."""
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"


def check(
    name: str, claim: Sentence, *, level: Level = "blocks", waivable: bool = True
) -> Callable[[Callable[[Observation], Sentence]], Check]:
    """Make a function a check."""
    return lambda run: Check(name, claim, run, level, waivable)


def evaluate(checks: Iterable[Check], seen: Observation) -> list[Finding]:
    """Return the finding of each check. A check that breaks is UNKNOWN, never passed."""
    return [_evaluated(each, seen) for each in checks]


def _evaluated(one: Check, seen: Observation) -> Finding:
    try:
        return Finding(one.id, "PASS", one.claim, one.run(seen), one.level)
    except NotPassed as error:
        result = error
    except Exception as error:  # noqa: BLE001 - a check that breaks stops the run
        result = Unknown(
            _("byodkim could not evaluate this check ({error})", error=type(error).__name__),
            todo=_("Run again. If it happens again, report it with this record."),
        )
    level: Level = "warns" if result.warns else one.level
    waived = ""
    if one.waivable and result.verdict != "SKIPPED":
        waived = seen.wanted.waivers.get(one.id, "")
    return Finding(
        one.id, result.verdict, one.claim, result.saw, level, result.todo, result.mail, waived
    )


def read_waivers(text: str, checks: Iterable[Check]) -> dict[str, str]:
    """Return the reasons for which checks are waived, by ID.

    Args:
        text: ``ID: reason; ID: reason``.
        checks: of the procedure.

    Raises:
        InputError: an ID is not known or may not be waived, or a reason is missing.
    """
    waivable, reasons = sorted(each.id for each in checks if each.waivable), dict[str, str]()
    for part in filter(None, map(str.strip, text.split(";"))):
        name, _colon, reason = map(str.strip, part.partition(":"))
        if name not in waivable:
            raise InputError(
                _(
                    "The parameter waive names {name}, which is not a check that can be waived.",
                    name=name,
                ),
                todo=_("These can be waived: {names}.", names=waivable),
            )
        if not reason:
            raise InputError(
                _("The waiver of {name} has no reason.", name=name),
                todo=_('Add it after a colon: "{name}: ns3 is being replaced".', name=name),
            )
        reasons[name] = reason
    return reasons
