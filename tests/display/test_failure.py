"""What ended a run, in another language than the run's own."""

from __future__ import annotations

import re
import time
from datetime import UTC

import pytest

from byodkim.display.failure import recorded, reworded
from byodkim.display.words import Words
from byodkim.evidence.record import Record
from byodkim.messages import LANGUAGES, say
from tests.display.archive import Archive, events_of
from tests.each import each


@each(("name", "language", "said"), [("refused", "ja", "DNS-PUBLISHED「すべての権威サーバー"), ("japanese", "en", "")])
def test_a_page_says_it_in_its_own_language(archive: Archive, name: str, language: str, said: str) -> None:
    record = Record(tuple(events_of(archive(name))))
    found = recorded(record, Words("ja" if language == "ja" else "en", UTC))
    if not said:
        assert found is None
        return
    assert found is not None
    assert found[0].startswith(said)
    assert [text for text in found if re.search(r"[a-z]{4,} [a-z]{4,}", text)] == []
    assert found[1].startswith("SES には")


@pytest.mark.parametrize("source", LANGUAGES)
def test_values_and_sentences_among_them_are_said_again(source: str) -> None:
    one, other = ("en", "ja") if source == "en" else ("ja", "en")
    values = {"selector": "mail-20261124-1", "hours": "24"}

    def done(language: str) -> str:
        why = say("rollback", "why.time", "ja" if language == "ja" else "en", **values)
        return say("rollback", "done", "ja" if language == "ja" else "en", why=why, left="mail-20260912-1")

    assert reworded(done(one), "en" if one == "en" else "ja", "ja" if other == "ja" else "en") == done(other)


@pytest.mark.parametrize(
    "text", ["", "Nobody wrote this sentence.", "{why}, so {left}", "{0.__class__} failed: {x}. Expected: . Seen: ."]
)
def test_what_is_no_sentence_of_ours_stays(text: str) -> None:
    assert not reworded(text, "en", "ja")


@each("text", ["Take the bytes as they came; else SES signs with another key than the published one", "Go on. {x}"])
def test_what_only_looks_like_a_sentence_is_not_cut_to_pieces(text: str) -> None:
    assert reworded(text, "en", "ja") is None


@pytest.mark.parametrize("count", [1, 3])
def test_a_sentence_for_one_and_for_several_is_found(count: int) -> None:
    values = {"count": count, "first": "2026-11-26", "last": "2026-11-28"}
    english, japanese = (say("message", "measured", language, **values) for language in LANGUAGES)
    assert reworded(english, "en", "ja") == japanese


def test_a_value_is_not_interpreted() -> None:
    hostile = "{0.__class__} <script>"
    text = say("rollback", "todo", "en", selector=hostile)
    assert reworded(text, "en", "ja") == say("rollback", "todo", "ja", selector=hostile)


def test_a_long_text_that_almost_fits_takes_no_time() -> None:
    began = time.process_time()
    reworded(" failed: . Expected: . Seen: " * 130, "en", "ja")
    assert time.process_time() - began < 1
