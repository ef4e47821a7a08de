"""The registry of checks, findings, and phrases: that each phrase asked for exists, and says what it was given."""

from __future__ import annotations

from datetime import UTC

import pytest

from second_edition.display.words import Words
from second_edition.messages import LANGUAGES
from second_edition.rotation import findings
from second_edition.rotation.checks import CHECKS, delegation
from second_edition.rotation.findings import CheckFailed, CheckSkipped, Finding, Level, Registry, Said, Verdict, phrase
from tests.second_edition.each import each


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


def test_a_check_says_what_its_docstring_says_and_comes_to_what_it_raises() -> None:
    checks = Registry()

    def one(case: str) -> Said:
        """DNS-ONE: The name has this: an MX.

        It is asked for.

        Remedy: Ask for
        one.
        """
        if case == "skipped":
            raise CheckSkipped(case)
        if case != "good":
            raise CheckFailed(case, expected="another" if case == "other" else None)
        return findings.AS_EXPECTED

    checks("DNS-ONE", lambda case: case and f"wanted of {case}")(one)
    for case, waivers, verdict, wanted, seen, reason in (
        ("good", {}, Verdict.PASS, "wanted of good", "wanted of good", ""),
        ("", {}, Verdict.FAIL, "", "", ""),
        ("other", {}, Verdict.FAIL, "another", "other", ""),
        ("bad", {"DNS-ONE": "agreed"}, Verdict.WAIVED, "wanted of bad", "bad", "agreed"),
        ("skipped", {"DNS-ONE": "agreed"}, Verdict.SKIPPED, "wanted of skipped", "skipped", ""),
    ):
        remedy = phrase("Ask for one.") if verdict in (Verdict.FAIL, Verdict.WAIVED) else None
        found = Finding("DNS-ONE", "The name has this: an MX", Level.BLOCKS, verdict, wanted, seen, remedy, reason)
        assert checks.evaluate(case, waivers) == (found,)
        assert found.values == {}
    for identifier in ("DNS-ONE", "DNS-TWO"):  # twice, and another than its docstring's
        with pytest.raises(TypeError, match=f"{identifier} is registered twice"):
            checks(identifier, "1")(one)
    checks.share(CHECKS, "DNS-V6")
    assert [*checks.checks] == ["DNS-ONE", "DNS-V6"]
    checks.arrange([delegation.__name__, __name__])
    assert [*checks.checks] == ["DNS-V6", "DNS-ONE"]
    assert (checks | CHECKS).checks.keys() == {"DNS-ONE", *CHECKS.checks}


def test_what_follows_from_an_earlier_check_is_told_after_its_cause() -> None:
    rows = (("A", Verdict.UNKNOWN, findings.NOT_CHECKED), ("B", Verdict.FAIL, "absent"), ("C", Verdict.PASS, "0"))
    follows, cause, passed = (Finding(one, "", Level.BLOCKS, verdict, "", seen) for one, verdict, seen in rows)
    assert findings.by_cause([follows, cause, passed]) == [cause, follows]
