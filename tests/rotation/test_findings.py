"""The registry of checks, findings, and phrases: that each phrase asked for exists, and says what it was given."""

from __future__ import annotations

import json
from datetime import UTC

import pytest

from byodkim.display.words import Words
from byodkim.messages import LANGUAGES
from byodkim.plain import from_plain, plain
from byodkim.rotation.findings import (
    AS_EXPECTED,
    CheckFailed,
    CheckSkipped,
    CheckUnknown,
    Finding,
    Level,
    Phrase,
    Registry,
    Said,
    Verdict,
    phrase,
)
from tests.each import each


@each("language", LANGUAGES)
@each("text", ["@", "@verdict.absent", "@none", "{0}", "{x}", "%s", "<b>", "mail-20261124-1", "@checks:X", "absent"])
def test_a_value_from_outside_is_never_taken_for_a_key(text: str, language: str) -> None:
    words = Words(language, UTC)  # type: ignore[arg-type]
    assert words.phrase(text) == text
    assert text in words.phrase(phrase("{stage}, version {version}", stage=text, version="1"))


def test_a_phrase_among_the_values_is_translated_too() -> None:
    differ = phrase(
        "{count} of {total} differ; {server}: {word}", count=1, total=2, server="192.0.2.53:53",
        word=phrase("no key record"),
    )  # fmt: skip
    assert Words("en", UTC).phrase(differ) == "1 of 2 differ; 192.0.2.53:53: no key record"
    assert Words("ja", UTC).phrase(differ) == "2 台中 1 台が不一致。192.0.2.53:53: レコードなし"
    assert Words("ja", UTC).phrase("no key record") == "no key record"


@each("language", LANGUAGES)
@each("text", ["{x.__class__}", "{x!r:>9999999}", "{x:>9999999}", "{", "}{", "{{x}}", "{0}", "{y}", "{x[0]}", "100%"])
def test_a_sentence_of_any_journal_is_shown_and_nothing_in_it_is_evaluated(text: str, language: str) -> None:
    words = Words(language, UTC)  # type: ignore[arg-type]
    assert words.phrase(phrase(text, x="value")) == text.replace("{x}", "value")


def test_a_journal_can_be_read_without_this_program() -> None:
    seen = phrase("{count} of {total} differ; {word}", count=1, total=2, word=phrase("no key record"))
    assert json.loads(json.dumps(plain(seen))) == {
        "text": "{count} of {total} differ; {word}",
        "values": {"count": 1, "total": 2, "word": {"text": "no key record", "values": {}}},
    }
    assert from_plain(Phrase, plain(seen)) == seen


REMEDIES = {"DNS-ONE": "Ask for one.", "KEY-TWO": "Ask for less."}


def registry() -> Registry:
    checks = Registry(REMEDIES)

    @checks("DNS-ONE", "1")
    def one(case: object) -> Said:
        """DNS-ONE: It is one."""
        if case is None:
            raise CheckUnknown("?")
        if case != 1:
            raise CheckFailed(str(case), phrase("Ask for another one."))
        return AS_EXPECTED

    @checks("KEY-TWO", lambda case: "<2" if case != 3 else "3?", Level.WARNS, waivable=False)
    def two(case: object) -> Said:
        """KEY-TWO: It is less than two."""
        if case in (2, 3):
            raise CheckFailed(str(case))
        if case == 0:
            raise CheckSkipped("0")
        if case == 4:
            raise CheckFailed("4", expected="<4")
        return str(case)

    return checks


def test_a_check_says_what_it_expected_by_its_case_or_this_time() -> None:
    passed, failed, otherwise = (registry().evaluate(case, {})[1] for case in (1, 3, 4))
    assert (passed.expected, passed.observed) == ("<2", "1")
    assert (failed.expected, failed.observed) == ("3?", "3")
    assert (otherwise.expected, otherwise.observed) == ("<4", "4")
    assert registry().evaluate(1, {})[0].observed == "1"


def test_a_check_that_another_one_makes_says_what_itself_expected() -> None:
    checks, inner = Registry(REMEDIES), registry()

    @checks("DNS-ONE", "all of it")
    def whole(case: object) -> Said:
        """DNS-ONE: It is one."""
        inner.checks["KEY-TWO"].make(case)
        return AS_EXPECTED

    assert [checks.evaluate(case, {})[0].expected for case in (1, 2)] == ["all of it", "<2"]


def test_a_registry_evaluates_in_order() -> None:
    checks = registry()
    one, two = checks.evaluate(2, {})
    assert one == Finding("DNS-ONE", "It is one", Level.BLOCKS, Verdict.FAIL, "1", "2", phrase("Ask for another one."))
    assert two == Finding(
        "KEY-TWO", "It is less than two", Level.WARNS, Verdict.FAIL, "<2", "2", phrase("Ask for less.")
    )
    assert (one.stops, two.stops) == (True, False)
    assert [finding.verdict for finding in checks.evaluate(None, {})] == [Verdict.UNKNOWN, Verdict.PASS]
    assert [finding.verdict for finding in checks.evaluate(1, {})] == [Verdict.PASS, Verdict.PASS]


def test_a_skipped_check_is_no_pass_stops_nothing_and_cannot_be_waived() -> None:
    _, two = registry().evaluate(0, {"KEY-TWO": "because"})
    assert two == Finding("KEY-TWO", "It is less than two", Level.WARNS, Verdict.SKIPPED, "<2", "0")
    checks = Registry(REMEDIES)

    @checks("DNS-ONE", "1")
    def one(case: object) -> Said:
        """DNS-ONE: It is one."""
        raise CheckSkipped(str(case))

    (found,) = checks.evaluate(1, {"DNS-ONE": "because"})
    assert (found.verdict, found.reason, found.stops, found.objects) == (Verdict.SKIPPED, "", False, False)


def test_a_failed_check_says_what_was_seen() -> None:
    failed = CheckFailed(phrase("{seconds} s apart", seconds=3))
    assert "s apart" in str(failed)
    assert (failed.remedy, failed.level) == (None, None)


def test_a_waiver_needs_a_reason() -> None:
    waivers = {"DNS-ONE": "", "KEY-TWO": "because"}
    assert [finding.verdict for finding in registry().evaluate(2, waivers)] == [Verdict.FAIL, Verdict.FAIL]


def test_an_error_in_a_check_is_not_a_verdict() -> None:
    checks = Registry(REMEDIES)

    @checks("DNS-ONE", "1")
    def one(case: object) -> Said:
        """DNS-ONE: it never comes to anything."""
        raise KeyError(case)

    with pytest.raises(KeyError):
        checks.evaluate(1, {"DNS-ONE": "waived"})


def test_a_check_is_registered_once_and_under_the_id_of_its_docstring() -> None:
    checks = registry()
    for identifier, words in (("DNS-ONE", "DNS-ONE: again."), ("DNS-NEW", "DNS-OTHER: no."), ("DNS-NEW", None)):

        def make(case: object) -> Said:
            raise CheckFailed(str(case))

        make.__doc__ = words
        with pytest.raises(TypeError, match=f"^the check {identifier} is registered twice, or its docstring does not"):
            checks(identifier, "")(make)
    assert list(checks.checks) == ["DNS-ONE", "KEY-TWO"]


def test_checks_are_arranged_by_the_modules_that_make_them() -> None:
    checks = Registry(dict.fromkeys(("A-1", "A-2", "B-1", "B-2"), "Ask."))

    def registered(identifier: str, module: str) -> None:
        def make(case: object) -> Said:
            raise CheckFailed(str(case))

        make.__doc__, make.__module__ = f"{identifier}: it is so.", module
        checks(identifier, "")(make)

    for identifier, module in (("A-1", "late"), ("B-1", "early"), ("A-2", "late"), ("B-2", "early")):
        registered(identifier, module)
    checks.arrange(["early", "late", "early"])
    assert list(checks.checks) == ["B-1", "B-2", "A-1", "A-2"]
    assert [checks.checks[name].id for name in checks.checks] == ["B-1", "B-2", "A-1", "A-2"]


def test_a_check_blocks_and_can_be_waived_unless_it_says_otherwise() -> None:
    one, two = registry().checks.values()
    assert (one.level, one.waivable) == (Level.BLOCKS, True)
    assert (two.level, two.waivable) == (Level.WARNS, False)
