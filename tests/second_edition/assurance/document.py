"""The assurance documents: the claims with their arguments, and on pages of their own the evidence for each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from hashlib import sha256

from second_edition.messages import LANGUAGES, sentence
from second_edition.rotation.checks import CHECKS
from second_edition.rotation.checks.message import AFTER
from second_edition.rotation.findings import Check, Verdict
from tests.second_edition.assurance.claims import CLAIMS, Claim
from tests.second_edition.assurance.faults import FAULTS, Fault
from tests.second_edition.assurance.proofs import proved, tests_of
from tests.second_edition.rotation import fleet_rows, message_rows, prepare_rows, publish_rows, retire_rows, rows
from tests.second_edition.rotation.remedies import own

PLACE = "docs/assurance"
# Title, why, the checks, and the module of their rows.
PARTS = (
    ("Checks of rotate", "Made before the write.", CHECKS.checks, "rows"),
    (
        "Checks after the switch",
        "Made on a message that was received, where one is to prove the switch. One that fails makes the outcome "
        "FAILED where SES says SUCCESS; one that is not known ends the run with a non-zero exit code.",
        AFTER.checks,
        "message_rows",
    ),
    ("Checks of prepare", "Its own; the others are those of rotate.", own("prepare"), "prepare_rows"),
    ("Checks of publish", "Its own; the others are those of rotate.", own("publish"), "publish_rows"),
    ("Checks of retire", "Its own; the others are those of rotate.", own("retire"), "retire_rows"),
    ("Checks of fleet", "Its own; each identity's run makes those of rotate.", own("fleet"), "fleet_rows"),
)
# Each row's check, verdict and name.
ROWS = [
    *((row.check, row.verdict, row.name) for row in rows.ROWS),
    *((row.check, row.verdict, row.name) for row in message_rows.MESSAGE_ROWS),
    *((row.check, row.verdict, row.name) for row in prepare_rows.ROWS),
    *((row.check, row.verdict, row.name) for row in publish_rows.ROWS),
    *((row.check, row.verdict, row.name) for row in retire_rows.ROWS),
    *((row.check, row.verdict, row.name) for row in fleet_rows.ROWS),
]

HEAD = """\
# Assurance

What byodkim claims, why that is so, and which tests fail where it is not. `make assurance` writes this page and the
pages in `docs/assurance` from the code and its tests; a test compares them.

Read it from the top. Each claim of the README stands here with its argument and its evidence. Two of them rest on
tables, which have pages of their own: [the checks](docs/assurance/checks.md) that a run makes before and after it
writes, and [the faults](docs/assurance/faults.md) that it must survive. Tests are named by their path below `tests/`;
`make test TESTS=tests/...` runs one, `make prove` its long cases.
"""
CHECKS_HEAD = """\
# The checks

[Assurance](../../ASSURANCE.md) says what rests on them. A check that blocks stops the run when it fails or cannot be
made. Under each stand its claim, how it is known, and the evidence:

- **Rows**: worlds in which one thing is wrong, each a row of `tests/second_edition/rotation`, and what the check comes to in it.
  `rotation/test_said.py` makes them all, and fails where a check passes in one of them.
- **Fails without it**: a test over real sockets that fails when this check passes whatever it sees
  (`python -m tests.second_edition.assurance.disarmed`).
- **Meets it**: tests over real sockets, of whole runs too, that speak of the check.
"""
FAULTS_HEAD = """\
# The faults

[Assurance](../../ASSURANCE.md) says what rests on them. What is left: O, the current selector, nothing was written; R,
what SES has was read back, or the next run reads it, says it and goes on; N, the next selector; X, refused. Words in
braces are filled in by the run.

"""


def documents() -> Mapping[str, str]:
    """Return each page's text by its path in the checkout."""
    pages = {f"{PLACE}/checks.md": _checks(), f"{PLACE}/faults.md": _faults()}
    claims = "".join(map(_claim, CLAIMS))
    digests = "".join(f"- `{path}`: SHA-256 {sha256(text.encode()).hexdigest()}\n" for path, text in pages.items())
    summary = f"\n## The evidence's pages\n\n{len(ROWS)} rows, {_count()} checks, {len(FAULTS)} faults.\n\n{digests}"
    return {"ASSURANCE.md": f"{HEAD}\n## Claims\n{claims}{summary}", **pages}


def argument(check: Check) -> str:
    """Return what a check's docstring says below its claim: how it is known."""
    return " ".join((check.make.__doc__ or "").partition("Remedy: ")[0].partition("\n\n")[2].split())


def cases(check: str, verdict: Verdict) -> list[str]:
    """Return the rows in which a check comes to a verdict, by name."""
    return [name for identifier, came, name in ROWS if (identifier, came) == (check, verdict)]


def parts() -> Iterable[tuple[str, str, str, list[Check]]]:
    """Return each part's title, text and module of rows, and the checks that are its own."""
    for title, text, checks, module in PARTS:
        yield title, text, module, list(checks.values())


def _count() -> int:
    return sum(len(checks) for *_, checks in parts())


def _claim(claim: Claim) -> str:
    return f"\n### {claim.claim.rstrip('.')}\n\n{claim.argument}\n\n{_lines(claim.tests)}"


def _checks() -> str:
    text = CHECKS_HEAD
    for title, why, module, checks in parts():
        text += f"\n## {title}\n\n{why} Rows: `rotation/{module}.py`.\n" + "".join(map(_check, checks))
    return text


def _check(check: Check) -> str:
    waived = "may be waived" if check.waivable else "never waived"
    rows = [f"{name}: {verdict}" for verdict in (Verdict.FAIL, Verdict.UNKNOWN) for name in cases(check.id, verdict)]
    fails = [proved()[check.id]] if check.id in proved() else []
    meets = [] if fails else tests_of(check.id)
    evidence = "".join(
        f"- {title}: {', '.join(found)}\n"
        for title, found in (("Rows", rows), ("Fails without it", _code(fails)), ("Meets it", _code(meets)))
        if found
    )
    return f"\n### {check.id}\n\n{check.claim} ({check.level}, {waived}). {argument(check)}\n\n{evidence}"


def _faults() -> str:
    columns = ("fault", "what", "内容", "left", "said by", "tests")
    lines = [columns, ("---",) * len(columns), *map(_fault, FAULTS)]
    return FAULTS_HEAD + "".join(
        "| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |\n" for line in lines
    )


def _fault(fault: Fault) -> tuple[str, ...]:
    names = ", ".join(f"`{check}`" for check in fault.checks)
    told = [" / ".join(sentence(topic, key, language) for language in LANGUAGES) for topic, key in fault.said]
    said = "<br>".join(filter(None, (names, *told)))
    return (str(fault.number), fault.what, fault.what_ja, fault.came, said, "<br>".join(_code(fault.tests)))


def _code(tests: Iterable[str]) -> list[str]:
    return [f"`{test.removeprefix('tests/')}`" for test in tests]


def _lines(tests: Iterable[str]) -> str:
    return "".join(f"- {test}\n" for test in _code(tests))
