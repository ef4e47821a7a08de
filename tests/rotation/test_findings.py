"""The registry of checks, findings, and phrases: that each phrase asked for exists, and says what it was given."""

from __future__ import annotations

from datetime import UTC

import pytest

from byodkim.display.words import Words
from byodkim.messages import LANGUAGES
from byodkim.rotation.findings import (
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


@each("language", LANGUAGES)
@each("text", ["{x.__class__}", "{x!r:>9999999}", "{x:>9999999}", "{", "}{", "{{x}}", "{0}", "{y}", "{x[0]}", "100%"])
def test_a_sentence_of_any_journal_is_shown_and_nothing_in_it_is_evaluated(text: str, language: str) -> None:
    words = Words(language, UTC)  # type: ignore[arg-type]
    assert words.phrase(phrase(text, x="value")) == text.replace("{x}", "value")


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
