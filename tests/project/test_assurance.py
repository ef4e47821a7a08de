"""The assurance table is what the code and its tests are, and leaves no check and no fault without a proof."""

from __future__ import annotations

from pathlib import Path

import pytest

from byodkim.messages import LANGUAGES, sentence
from byodkim.rotation.checks import CHECKS, fleet, prepare, retired
from byodkim.rotation.checks.message import AFTER
from byodkim.rotation.findings import Verdict
from tests.assurance import proofs
from tests.assurance.document import argument, cases, document
from tests.assurance.faults import FAULTS, Fault
from tests.each import each
from tests.project.tracked import ROOT

OTHERS = {name: other.ALL.checks[name] for other in (prepare, retired, fleet) for name in other.OWN}
KNOWN = {**CHECKS.checks, **AFTER.checks, **OTHERS}
by_check = each("check", KNOWN)


def test_it_is_the_one_that_the_code_gives() -> None:
    assert (ROOT / "ASSURANCE.md").read_text("utf-8") == document(), "run: make assurance"


@by_check
def test_every_check_has_an_argument_and_cases_and_a_test_with_real_sockets(check: str) -> None:
    made = KNOWN[check]
    assert len(argument(made)) > 20
    assert cases(made, Verdict.FAIL) + cases(made, Verdict.UNKNOWN)
    assert proofs.tests_of(check)


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


def test_what_a_test_speaks_of_is_found_where_it_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = (
        'TABLE = {"x": {"DNS-CNAME"}}', 'OTHER = {"KEY-PAIR"}', "def told():", '    return "KEY-SIZE failed: no"',
        "def test_it(table):", '    """Not SES-EXISTS."""', "    assert TABLE and told() and findings",
        '    waived = "KEY-FORM: agreed"', '    assert waived != "NO-CHECK failed"',
        "def test_other():", "    assert TABLE",
    )  # fmt: skip
    (tmp_path / "test_planted.py").write_text("\n".join(lines))
    monkeypatch.setattr(proofs, "ROOT", tmp_path)
    assert proofs.checks_of.__wrapped__("test_planted.py") == {
        "test_it": {"DNS-CNAME", "KEY-SIZE"},
        "test_other": set(),
    }
