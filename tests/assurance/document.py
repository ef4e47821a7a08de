"""The assurance table: each check's claim, why it holds, and the tests that prove it; each fault, and what is said."""

from __future__ import annotations

from collections.abc import Iterable

from byodkim.messages import LANGUAGES, sentence, translated
from byodkim.rotation.checks import CHECKS, fleet, prepare, retired
from byodkim.rotation.checks.message import AFTER
from byodkim.rotation.findings import Check, Verdict
from tests.assurance.faults import FAULTS, Fault
from tests.assurance.proofs import tests_of
from tests.rotation import fleet_rows, prepare_rows, retire_rows
from tests.rotation.message_rows import MESSAGE_ROWS
from tests.rotation.rows import ROWS

HEAD = """\
# Assurance

What each check claims, why that is so, and the tests that prove it; and what a run says to each fault that it must
survive. Written by `make assurance` from the code and its tests; a test compares it with them.

A check that blocks stops the run when it fails or cannot be made. Its cases are rows of `tests/rotation/rows.py`, each
the good world with one thing changed; its tests meet real sockets.

## Checks
"""
AFTER_HEAD = """
## After the switch

Where a message is to prove the switch, these are made on the message that was received; their cases are rows of
`tests/rotation/message_rows.py`. One that fails makes the outcome FAILED where SES says SUCCESS; one that is not known
leaves the outcome and ends the run with a non-zero exit code.

"""
PREPARE_HEAD = """
## Checks of prepare

Its own; those that it shares with rotate stand above. Their cases are rows of `tests/rotation/prepare_rows.py`.

"""
RETIRE_HEAD = """
## Checks of retire

Its own; those that it shares with rotate stand above. Their cases are rows of `tests/rotation/retire_rows.py`.

"""
FLEET_HEAD = """
## Checks of fleet

Its own; PLAN-LOCK stands above, and each identity's run makes all of rotate's. Their cases are rows of
`tests/rotation/fleet_rows.py`.

"""
FAULTS_HEAD = """
## Faults

What is left: O, the current selector, nothing was written; R, what SES has was read back, or the next run reads it,
says it and goes on; N, the next selector; X, refused. Words in braces are filled in by the run.
"""


def document() -> str:
    """The whole text."""
    columns = (
        "check",
        "level",
        "may be waived",
        "claim",
        "主張",
        "argument",
        "it fails",
        "it is not known",
        "tests",
    )
    checks = _table(columns, map(_row, CHECKS.checks.values()))
    after = _table(columns, (_row(check) for check in AFTER.checks.values()))
    own = _table(columns, (_row(prepare.ALL.checks[name]) for name in prepare.OWN))
    of_retire = _table(columns, (_row(retired.ALL.checks[name]) for name in retired.OWN))
    fleets = _table(columns, (_row(fleet.ALL.checks[name]) for name in fleet.OWN))
    faults = _table(("fault", "what", "内容", "left", "said by", "tests"), map(_fault, FAULTS))
    others = f"{PREPARE_HEAD}{own}{RETIRE_HEAD}{of_retire}{FLEET_HEAD}{fleets}"
    return f"{HEAD}\n{checks}{AFTER_HEAD}{after}{others}{FAULTS_HEAD}\n{faults}"


def argument(check: Check) -> str:
    """What a check's docstring says below its claim: how it is known."""
    return " ".join((check.make.__doc__ or "").partition("\n\n")[2].split())


def cases(check: Check, verdict: Verdict) -> list[str]:
    """The rows in which a check comes to a verdict, by name."""
    rows = [(row.check, row.verdict, row.name) for row in ROWS]
    rows += [(row.check, row.verdict, row.name) for row in MESSAGE_ROWS]
    rows += [(row.check, row.verdict, row.name) for row in prepare_rows.ROWS]
    rows += [(row.check, row.verdict, row.name) for row in retire_rows.ROWS]
    rows += [(row.check, row.verdict, row.name) for row in fleet_rows.ROWS]
    return [name for identifier, came, name in rows if (identifier, came) == (check.id, verdict)]


def _row(check: Check) -> tuple[str, ...]:
    return (
        f"`{check.id}`", check.level.value, "yes" if check.waivable else "no",
        check.claim, translated(check.claim, "ja"), argument(check),
        ", ".join(cases(check, Verdict.FAIL)), ", ".join(cases(check, Verdict.UNKNOWN)), _lines(tests_of(check.id)),
    )  # fmt: skip


def _fault(fault: Fault) -> tuple[str, ...]:
    names = ", ".join(f"`{check}`" for check in fault.checks)
    told = [" / ".join(sentence(topic, key, language) for language in LANGUAGES) for topic, key in fault.said]
    said = "<br>".join(filter(None, (names, *told)))
    return (str(fault.number), fault.what, fault.what_ja, fault.came, said, _lines(fault.tests))


def _lines(tests: Iterable[str]) -> str:
    return "<br>".join(f"`{test.removeprefix('tests/')}`" for test in tests)


def _table(columns: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [columns, ("---",) * len(columns), *rows]
    return "".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |\n" for line in lines)
