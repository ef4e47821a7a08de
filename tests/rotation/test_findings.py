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
    Phrase,
    Registry,
    Said,
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


def test_an_error_in_a_check_is_not_a_verdict() -> None:
    checks = Registry()

    @checks("DNS-ONE", "1")
    def one(case: object) -> Said:
        """DNS-ONE: it never comes to anything.

        Remedy: Ask for one.
        """
        raise KeyError(case)

    with pytest.raises(KeyError):
        checks.evaluate(1, {"DNS-ONE": "waived"})


def test_a_check_is_registered_once_and_under_the_id_of_its_docstring_which_has_its_remedy() -> None:
    checks = Registry()

    def register(identifier: str, words: str | None) -> None:
        def make(case: object) -> Said:
            raise CheckFailed(str(case))

        make.__doc__ = words
        checks(identifier, "")(make)

    remedy = "\n\nRemedy: Ask for\none."
    register("DNS-ONE", f"DNS-ONE: It is one.{remedy}")
    assert checks.checks["DNS-ONE"].remedy == phrase("Ask for one.")
    for identifier, words in (
        ("DNS-ONE", f"DNS-ONE: again.{remedy}"),
        ("DNS-NEW", f"DNS-OTHER: no.{remedy}"),
        ("DNS-NEW", "DNS-NEW: no remedy."),
        ("DNS-NEW", None),
    ):
        with pytest.raises(TypeError, match=f"^the check {identifier} is registered twice, or its docstring does not"):
            register(identifier, words)
    assert list(checks.checks) == ["DNS-ONE"]
