"""The registry of checks, findings, and phrases: that each phrase asked for exists, and says what it was given."""

from __future__ import annotations

import json
from datetime import UTC

import pytest

from byodkim.display.words import Words
from byodkim.messages import LANGUAGES
from byodkim.plain import from_plain, plain
from byodkim.rotation.findings import (
    CheckFailed,
    CheckSkipped,
    CheckUnknown,
    Compared,
    Finding,
    Level,
    Phrase,
    Registry,
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
        "{count} of {total} differ; {server}: {word}{detail}", count=1, total=2, server="192.0.2.53:53",
        word=phrase("no key record"), detail="",
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


def registry() -> Registry:
    checks = Registry()

    @checks("DNS-ONE", "Ask for one.")
    def one(case: object) -> Compared:
        """DNS-ONE: It is one."""
        if case is None:
            raise CheckUnknown("1", "?")
        if case != 1:
            raise CheckFailed("1", str(case), phrase("Ask for another one."))
        return Compared("1", "1")

    @checks("KEY-TWO", "Ask for less.", Level.WARNS, waivable=False)
    def two(case: object) -> Compared:
        """KEY-TWO: It is less than two."""
        if case == 2:
            raise CheckFailed("<2", "2")
        if case == 0:
            raise CheckSkipped("<2", "0")
        return Compared("<2", str(case))

    return checks


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
    checks = Registry()

    @checks("DNS-ONE", "Ask for one.")
    def one(case: object) -> Compared:
        """DNS-ONE: It is one."""
        raise CheckSkipped("1", str(case))

    (found,) = checks.evaluate(1, {"DNS-ONE": "because"})
    assert (found.verdict, found.reason, found.stops, found.objects) == (Verdict.SKIPPED, "", False, False)


def test_a_failed_check_says_what_was_seen() -> None:
    failed = CheckFailed("1", phrase("{seconds} s apart", seconds=3))
    assert "s apart" in str(failed)
    assert (failed.remedy, failed.level) == (None, None)


def test_a_waiver_needs_a_reason() -> None:
    waivers = {"DNS-ONE": "", "KEY-TWO": "because"}
    assert [finding.verdict for finding in registry().evaluate(2, waivers)] == [Verdict.FAIL, Verdict.FAIL]


def test_an_error_in_a_check_is_not_a_verdict() -> None:
    checks = Registry()

    @checks("DNS-ONE", "Ask for one.")
    def one(case: object) -> Compared:
        """DNS-ONE: it never comes to anything."""
        raise KeyError(case)

    with pytest.raises(KeyError):
        checks.evaluate(1, {"DNS-ONE": "waived"})


def test_a_check_is_registered_once_and_under_the_id_of_its_docstring() -> None:
    checks = registry()
    for identifier, words in (("DNS-ONE", "DNS-ONE: again."), ("DNS-NEW", "DNS-OTHER: no."), ("DNS-NEW", None)):

        def make(case: object) -> Compared:
            raise CheckFailed("", str(case))

        make.__doc__ = words
        with pytest.raises(TypeError, match=f"^the check {identifier} is registered twice, or its docstring does not"):
            checks(identifier, "Ask.")(make)
    assert list(checks.checks) == ["DNS-ONE", "KEY-TWO"]


def test_checks_are_arranged_by_the_modules_that_make_them() -> None:
    checks = Registry()

    def registered(identifier: str, module: str) -> None:
        def make(case: object) -> Compared:
            raise CheckFailed("", str(case))

        make.__doc__, make.__module__ = f"{identifier}: it is so.", module
        checks(identifier, "Ask.")(make)

    for identifier, module in (("A-1", "late"), ("B-1", "early"), ("A-2", "late"), ("B-2", "early")):
        registered(identifier, module)
    checks.arrange(["early", "late", "early"])
    assert list(checks.checks) == ["B-1", "B-2", "A-1", "A-2"]
    assert [checks.checks[name].id for name in checks.checks] == ["B-1", "B-2", "A-1", "A-2"]


def test_a_check_blocks_and_can_be_waived_unless_it_says_otherwise() -> None:
    one, two = registry().checks.values()
    assert (one.level, one.waivable) == (Level.BLOCKS, True)
    assert (two.level, two.waivable) == (Level.WARNS, False)
