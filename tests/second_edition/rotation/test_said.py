"""Each row of the six tables of checks: what the check comes to, whether a reason waives it, and what a person reads.

What they read stands in ``said.txt``, to be read over as a whole; ``python -m tests.second_edition.rotation.test_said`` writes it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC
from functools import partial
from itertools import zip_longest
from pathlib import Path
from typing import Any

from second_edition.display.words import Words
from second_edition.messages import LANGUAGES
from second_edition.plain import from_plain, plain
from second_edition.rotation.checks import CHECKS, checks_of
from second_edition.rotation.checks.message import AFTER
from second_edition.rotation.findings import Check, Finding, Registry, Verdict
from tests.second_edition.each import each
from tests.second_edition.rotation import approvals, fleet_rows, message_rows, prepare_rows, publish_rows, retire_rows, world
from tests.second_edition.rotation.remedies import REGISTRIES, special
from tests.second_edition.rotation.rows import ROWS

SAID = Path(__file__).with_name("said.txt")
KNOWN: dict[str, Check] = {name: check for registry in REGISTRIES for name, check in registry.checks.items()}
# Keys are made anew for each run of the tests, and with them every digest.
NAMES = {
    world.sha256(world.NEXT_BITS): "<next key>",
    world.sha256(world.CURRENT_BITS): "<current key>",
    world.sha256(world.WEAK_BITS): "<weak key>",
    approvals.PLAN.digest: "<plan>",
    approvals.DRIFTED.digest: "<drifted plan>",
}
# Without these, mail would be signed with a key that nobody can verify, or in the wrong place, or what retire ends
# would be needed still: no reason waives them. Nor is there anything to waive in a message that has been received.
NEVER_WAIVED = {
    *("SES-ACCOUNT", "SES-REGION", "SES-EXISTS", "SES-ORIGIN", "SECRET-SHAPE", "SECRET-SELECTOR", "SECRET-RECORD"),
    *("STORE-OBJECT", "KEY-FORM", "KEY-SIZE", "KEY-PAIR", "PLAN-APPROVED", "PLAN-LOCK", "RECORD-SEALED"),
    *("PLAN-SELECTOR", "SECRET-PENDING", "SECRET-ENTRY", "STORE-PLACE", "KEY-STORED"),
    *(set(checks_of("publish").checks) - set(CHECKS.checks)),
    *(set(checks_of("retire").checks) - set(CHECKS.checks) - {"TIME-OVERLAP", "TIME-SEEN"}),
    *(set(checks_of("fleet").checks) - {"RECORD-COPIED", "TIME-CLOCK"}),
    *AFTER.checks,
}
WARNS = {"BACK-CHECKS", "STORE-VERSION", "KEY-STRENGTH", "DNS-V6", "DNS-RESOLVERS", "KEY-FLAGS", "KEY-FILES"}


@dataclass(frozen=True)
class Made:
    """A check in a world."""

    check: str
    name: str
    verdict: Verdict
    make: Callable[[], Any]  # in the test, and not before

    def found(self, waivers: Mapping[str, str] | None = None) -> Finding:
        """Return what it comes to."""
        alone = Registry()
        alone.checks = {self.check: KNOWN[self.check]}
        (finding,) = alone.evaluate(self.make(), waivers or {})
        return finding


def rows() -> Iterator[Made]:
    for row in ROWS:
        make = partial(lambda row: world.case(row.change(world.good()), row.expected, row.applying), row)
        yield Made(row.check, row.name, row.verdict, make)
    for after in message_rows.MESSAGE_ROWS:
        yield Made(after.check, after.name, after.verdict, partial(after.change, message_rows.GOOD))
    for of_prepare in prepare_rows.ROWS:
        made = partial(prepare_rows.case, of_prepare.change, of_prepare.shelve)
        yield Made(of_prepare.check, of_prepare.name, of_prepare.verdict, made)
    for of_publish in publish_rows.ROWS:
        told = partial(publish_rows.case, of_publish.lay, applies=of_publish.applies)
        yield Made(of_publish.check, of_publish.name, of_publish.verdict, told)
    for of_retire in retire_rows.ROWS:
        ends = partial(retire_rows.case, of_retire.change, of_retire.lay)
        yield Made(of_retire.check, of_retire.name, of_retire.verdict, ends)
    for of_fleet in fleet_rows.ROWS:
        yield Made(of_fleet.check, of_fleet.name, of_fleet.verdict, partial(getattr, of_fleet, "case"))


MADE = tuple(rows())
by_row = each("made", MADE, ids=[f"{made.check}-{made.name}" for made in MADE])


def line(check: str, name: str, finding: Finding) -> str:
    """What one check comes to and does, the remedy where it is not the usual one, what it expected, and what it saw."""
    words = Words("en", UTC)
    todo = words.phrase(finding.remedy or "") if special(finding) else ""
    does = f"{finding.verdict} {finding.level} {todo}".rstrip()
    told = f"{does} | {words.phrase(finding.expected)} | {words.phrase(finding.observed)}"
    for digest, named in NAMES.items():
        told = told.replace(digest, named)
    told = re.sub(r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", "<version>", told)
    # Keys are told in the order of their digests.
    told = re.sub(r"<\w+ key> <\w+ key>", lambda pair: " ".join(sorted(re.findall("<.+?>", pair[0]))), told)
    return f"{check} {name} | {told}"


def said() -> Iterator[str]:
    """Each check in the good world, then each row."""
    for finding in CHECKS.evaluate(world.case(world.good()), {}):
        yield line(finding.id, "good", finding)
    for made in MADE:
        yield line(made.check, made.name, made.found())


def test_each_check_says_what_it_is_known_to_say() -> None:
    for told, known in zip_longest(said(), SAID.read_text("utf-8").splitlines()):
        assert told == known


@by_row
def test_a_check_comes_to_its_verdict_and_says_it_in_every_language(made: Made) -> None:
    finding = made.found()
    assert finding.verdict is made.verdict
    for language in LANGUAGES:
        words = Words(language, UTC)
        said = [words.phrase(finding.expected), words.phrase(finding.observed), words(finding.claim)]
        assert all([*said, words.phrase(finding.remedy or "") if finding.objects else "-"])


@by_row
def test_only_a_waivable_check_is_waived_and_only_where_it_has_not_passed(made: Made) -> None:
    finding = made.found({made.check: "agreed, CHG-1042"})
    waived = made.verdict in (Verdict.FAIL, Verdict.UNKNOWN) and made.check not in NEVER_WAIVED
    assert finding.verdict is (Verdict.WAIVED if waived else made.verdict)
    assert finding.reason == ("agreed, CHG-1042" if waived else "")
    assert not (waived and finding.stops)
    assert made.found({made.check: ""}).verdict is made.verdict  # no reason is none
    assert from_plain(Finding, plain(finding)) == finding


def test_which_checks_can_never_be_waived_and_which_only_warn() -> None:
    assert {name for name, check in KNOWN.items() if not check.waivable} == NEVER_WAIVED
    assert {name for name, check in KNOWN.items() if check.level == "warns"} == WARNS


def test_every_check_has_a_row_that_fails_and_one_that_does_not_know() -> None:
    # A campaign's plan is there and sound, or it is not; and a profile names its publisher.
    assert {made.check for made in MADE if made.verdict is Verdict.UNKNOWN} == set(KNOWN) - {
        "FLEET-PLAN",
        "DNS-PUBLISHER",
    }
    # The selector in use is known or not, and so are IPv6, who gave SES its key, and whether a message has come.
    known = {"PLAN-CHANGE", "PLAN-REWRITE", "DNS-V6", "MESSAGE-ARRIVED"}
    assert {made.check for made in MADE if made.verdict is Verdict.FAIL} == set(KNOWN) - known


def test_every_check_has_a_claim_and_a_remedy() -> None:
    for check in KNOWN.values():
        assert check.claim[0].isupper()
        assert not check.claim.endswith(".")
        assert check.remedy.text.endswith(".")


if __name__ == "__main__":
    SAID.write_text("".join(f"{told}\n" for told in said()), "utf-8")
