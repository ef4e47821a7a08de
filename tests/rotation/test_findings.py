"""The registry of checks, findings, and phrases: that each phrase asked for exists, and says what it was given."""

from __future__ import annotations

import ast
from datetime import UTC
from pathlib import Path

import pytest

import byodkim
from byodkim.display.words import Words
from byodkim.messages import LANGUAGES
from byodkim.messages.phrases import TEXTS as PHRASES
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
    verbatim,
)
from tests.each import each

SOURCES = {path: ast.parse(path.read_text("utf-8")) for path in Path(byodkim.__file__).parent.rglob("*.py")}


def phrase_keys(tree: ast.AST) -> list[str]:
    """The keys in calls of ``phrase``; a key with a value in its middle as its fixed beginning and a star."""
    keys = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "phrase":
            first = node.args[0]
            if isinstance(first, ast.Constant):
                keys.append(str(first.value))
            elif isinstance(first, ast.JoinedStr) and isinstance(first.values[0], ast.Constant):
                keys.append(str(first.values[0].value) + "*")
            elif not isinstance(first, ast.Name):
                raise AssertionError(f"a key of phrase() that cannot be read: {ast.unparse(node)}")
    return keys


def asked_for() -> set[str]:
    return {key for tree in SOURCES.values() for key in phrase_keys(tree)}


def test_every_phrase_that_the_code_asks_for_exists() -> None:
    keys = asked_for()
    assert len(keys) > 30
    for key in keys:
        assert any(known.startswith(key[:-1]) if key.endswith("*") else known == key for known in PHRASES), key


def test_a_key_that_cannot_be_read_is_seen() -> None:
    assert phrase_keys(ast.parse("phrase('a', x=1); phrase(f'key.{defect}'); other('b')")) == ["a", "key.*"]
    with pytest.raises(AssertionError, match="cannot be read"):
        phrase_keys(ast.parse("phrase('a' + b)"))


@each("language", LANGUAGES)
@each("text", ["@", "@verdict.absent", "@none", "{0}", "{x}", "%s", "<b>", "mail-20261124-1", "@checks:DNS-SINGLE"])
def test_a_value_from_outside_is_never_taken_for_a_key(text: str, language: str) -> None:
    words = Words(language, UTC)  # type: ignore[arg-type]
    assert words.phrase(verbatim(text)) == text
    assert text in words.phrase(phrase("secret-version", stage=text, version="1"))


def test_a_value_can_name_another_phrase_or_a_sentence_of_another_catalogue() -> None:
    differ = phrase("servers-differ", count=1, total=2, server="192.0.2.53:53", word="@verdict.absent", detail="")
    assert Words("en", UTC).phrase(differ) == "1 of 2 differ; 192.0.2.53:53: absent"
    assert Words("ja", UTC).phrase(differ) == "2 台中 1 台が不一致。192.0.2.53:53: レコードなし"
    defect = phrase(
        "key-record-defect", defect="too-few-bits", explained="@key_record:too-few-bits", bits=512, fewest=1024
    )
    assert "512" in Words("en", UTC).phrase(defect)


def test_phrase_and_verbatim_make_phrases() -> None:
    assert verbatim("x") == Phrase("verbatim", {"text": "x"})
    assert phrase("skew", seconds=3) == Phrase("skew", {"seconds": 3})


def registry() -> Registry:
    checks = Registry()

    @checks("DNS-ONE")
    def one(case: object) -> Compared:
        """DNS-ONE: it is one."""
        if case is None:
            raise CheckUnknown(verbatim("1"), verbatim("?"))
        if case != 1:
            raise CheckFailed(verbatim("1"), verbatim(str(case)), "DNS-ONE.other")
        return Compared(verbatim("1"), verbatim("1"))

    @checks("KEY-TWO", Level.WARNS, waivable=False)
    def two(case: object) -> Compared:
        """KEY-TWO: it is less than two."""
        if case == 2:
            raise CheckFailed(verbatim("<2"), verbatim("2"))
        if case == 0:
            raise CheckSkipped(verbatim("<2"), verbatim("0"))
        return Compared(verbatim("<2"), verbatim(str(case)))

    return checks


def test_a_registry_evaluates_in_order() -> None:
    checks = registry()
    one, two = checks.evaluate(2, {})
    assert one == Finding("DNS-ONE", Level.BLOCKS, Verdict.FAIL, verbatim("1"), verbatim("2"), "DNS-ONE.other")
    assert two == Finding("KEY-TWO", Level.WARNS, Verdict.FAIL, verbatim("<2"), verbatim("2"))
    assert (one.stops, two.stops) == (True, False)
    assert [finding.verdict for finding in checks.evaluate(None, {})] == [Verdict.UNKNOWN, Verdict.PASS]
    assert [finding.verdict for finding in checks.evaluate(1, {})] == [Verdict.PASS, Verdict.PASS]


def test_a_skipped_check_is_no_pass_stops_nothing_and_cannot_be_waived() -> None:
    _, two = registry().evaluate(0, {"KEY-TWO": "because"})
    assert two == Finding("KEY-TWO", Level.WARNS, Verdict.SKIPPED, verbatim("<2"), verbatim("0"))
    checks = Registry()

    @checks("DNS-ONE")
    def one(case: object) -> Compared:
        """DNS-ONE: it is one."""
        raise CheckSkipped(verbatim("1"), verbatim(str(case)))

    (found,) = checks.evaluate(1, {"DNS-ONE": "because"})
    assert (found.verdict, found.reason, found.stops, found.objects) == (Verdict.SKIPPED, "", False, False)


def test_a_failed_check_tells_the_key_of_what_was_seen() -> None:
    failed = CheckFailed(phrase("key-everywhere"), phrase("skew", seconds=3))
    assert str(failed) == "skew"
    assert (failed.remedy, failed.level) == ("", None)


def test_a_waiver_needs_a_reason() -> None:
    waivers = {"DNS-ONE": "", "KEY-TWO": "because"}
    assert [finding.verdict for finding in registry().evaluate(2, waivers)] == [Verdict.FAIL, Verdict.FAIL]


def test_an_error_in_a_check_is_not_a_verdict() -> None:
    checks = Registry()

    @checks("DNS-ONE")
    def one(case: object) -> Compared:
        """DNS-ONE: it never comes to anything."""
        raise KeyError(case)

    with pytest.raises(KeyError):
        checks.evaluate(1, {"DNS-ONE": "waived"})


def test_a_check_is_registered_once_and_under_the_id_of_its_docstring() -> None:
    checks = registry()
    for identifier, words in (("DNS-ONE", "DNS-ONE: again."), ("DNS-NEW", "DNS-OTHER: no."), ("DNS-NEW", None)):

        def make(case: object) -> Compared:
            raise CheckFailed(verbatim(""), verbatim(str(case)))

        make.__doc__ = words
        with pytest.raises(TypeError, match=f"^the check {identifier} is registered twice, or its docstring does not"):
            checks(identifier)(make)
    assert list(checks.checks) == ["DNS-ONE", "KEY-TWO"]


def test_checks_are_arranged_by_the_modules_that_make_them() -> None:
    checks = Registry()

    def registered(identifier: str, module: str) -> None:
        def make(case: object) -> Compared:
            raise CheckFailed(verbatim(""), verbatim(str(case)))

        make.__doc__, make.__module__ = f"{identifier}: it is so.", module
        checks(identifier)(make)

    for identifier, module in (("A-1", "late"), ("B-1", "early"), ("A-2", "late"), ("B-2", "early")):
        registered(identifier, module)
    checks.arrange(["early", "late", "early"])
    assert list(checks.checks) == ["B-1", "B-2", "A-1", "A-2"]
    assert [checks.checks[name].id for name in checks.checks] == ["B-1", "B-2", "A-1", "A-2"]


def test_a_check_blocks_and_can_be_waived_unless_it_says_otherwise() -> None:
    one, two = registry().checks.values()
    assert (one.level, one.waivable) == (Level.BLOCKS, True)
    assert (two.level, two.waivable) == (Level.WARNS, False)
