"""The Japanese catalogue is complete, up to date, and Japanese."""

import re

import pytest

from byodkim.words import Sentence, Value, speak
from tests.words import catalogue

JAPANESE = re.compile("[\u3040-\u30ff\u4e00-\u9fff]")
#: Names and signs that are the same in both languages.
SAME = {
    "Enabled",
    "HTTP",
    "{began} to {ended}",
    "{passed} PASS, {failed} FAIL, {unknown} UNKNOWN, {skipped} SKIPPED",
}
#: Latin words of Japanese operators. All others come from the English text.
OWN_WORDS = {"API", "ASCII", "AWS", "DNSSEC", "From", "ID", "NS", "prepare"}


@pytest.fixture(autouse=True)
def english_again():
    yield
    speak("en")


def latin_words(text):
    """Return the Latin words of a text, without its placeholders."""
    without = re.sub(r"\{\w+\}", " ", text)
    return {word.rstrip(".") for word in re.findall(r"[A-Za-z][\w.-]*", without)}


def test_every_sentence_of_the_code_is_translated():
    assert sorted(catalogue.of_code() - set(catalogue.of_po())) == []


def test_no_translation_is_left_over():
    assert sorted(set(catalogue.of_po()) - catalogue.of_code()) == []


def test_no_translation_is_empty_or_a_guess():
    assert [key for key, text in catalogue.of_po().items() if not text.strip()] == []
    assert catalogue.fuzzy() == []


def test_the_compiled_file_is_that_of_the_text_file():
    assert catalogue.of_mo() == catalogue.of_po()


def test_a_translation_takes_the_same_values():
    for (text, plural), translated in catalogue.of_po().items():
        names = catalogue.names(text) | catalogue.names(plural)
        assert catalogue.names(translated) == names, text


def test_every_sentence_is_shown_in_japanese():
    speak("ja")
    for (text, plural), translated in catalogue.of_po().items():
        values: dict[str, Value] = dict.fromkeys(catalogue.names(translated), "7")
        assert str(Sentence(text, values, plural)) == translated.format_map(values), text


def test_translations_are_japanese():
    foreign = [
        text
        for (text, _plural), translated in catalogue.of_po().items()
        if latin_words(text) and text not in SAME and not JAPANESE.search(translated)
    ]
    assert foreign == []


def test_latin_words_are_those_of_the_english_text():
    for (text, plural), translated in catalogue.of_po().items():
        known = latin_words(text) | latin_words(plural) | OWN_WORDS
        assert latin_words(translated) <= known, text


@pytest.mark.parametrize(
    ("count", "shown"), [(1, "AWS API 呼び出し 1 件"), (2, "AWS API 呼び出し 2 件")]
)
def test_one_form_for_every_number(count, shown):
    speak("ja")
    assert str(Sentence("{count} AWS call", {"count": count}, "{count} AWS calls")) == shown
