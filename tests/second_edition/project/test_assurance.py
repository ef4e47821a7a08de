"""The assurance pages are what the code and its tests are, and leave no claim, check or fault without evidence."""

from __future__ import annotations

import re

from second_edition.messages import LANGUAGES, sentence
from second_edition.rotation.findings import Verdict
from tests.second_edition.assurance import proofs
from tests.second_edition.assurance.claims import CLAIMS
from tests.second_edition.assurance.document import argument, cases, documents
from tests.second_edition.assurance.faults import FAULTS, Fault
from tests.second_edition.assurance.proofs import KNOWN
from tests.second_edition.each import each
from tests.second_edition.project.tracked import ROOT


def exists(test: str) -> bool:
    path, _, name = test.partition("::")
    return (ROOT / path).is_file() and (not name or name in proofs.checks_of(path))


def test_the_pages_are_those_that_the_code_gives() -> None:
    for path, text in documents().items():
        assert (ROOT / path).read_text("utf-8") == text, "run: make assurance"


def test_every_claim_of_the_readme_has_tests_that_exist() -> None:
    text = (ROOT / "README.md").read_text("utf-8").partition("## What you can rely on\n")[2].partition("\n## ")[0]
    assert re.findall(r"^- \*\*(.+?)\*\*", text, re.MULTILINE) == [claim.claim for claim in CLAIMS]
    assert [test for claim in CLAIMS for test in claim.tests if not exists(f"tests/{test}")] == []


@each("check", KNOWN)
def test_every_check_has_an_argument_rows_and_a_test_with_real_sockets(check: str) -> None:
    assert len(argument(KNOWN[check])) > 20
    assert cases(check, Verdict.FAIL) + cases(check, Verdict.UNKNOWN)
    assert proofs.proved().get(check) or proofs.tests_of(check)


def test_what_was_noticed_without_a_check_exists() -> None:
    assert set(proofs.proved()) <= set(KNOWN)
    assert [test for test in proofs.proved().values() if not exists(test)] == []


@each("fault", FAULTS, ids=[str(fault.number) for fault in FAULTS])
def test_every_fault_is_named_by_checks_in_tests_that_exist(fault: Fault) -> None:
    spoken: set[str] = set()
    for test in fault.tests:
        path, _, name = test.partition("::")
        spoken |= proofs.checks_of(path)[name]
    assert fault.checks or fault.said
    assert set(fault.checks) <= spoken
    assert all(sentence(topic, key, language) for topic, key in fault.said for language in LANGUAGES)


def test_the_faults_are_all_there() -> None:
    assert [fault.number for fault in FAULTS] == [*range(1, 44)]
