"""What ended a run, in another language than the run's own."""

from __future__ import annotations

import re
from datetime import UTC

from msgspec.structs import replace

from second_edition.display.failure import quoted, recorded, refusal
from second_edition.display.summary import advised
from second_edition.display.words import Words
from second_edition.evidence.request import command
from second_edition.messages import Language
from second_edition.rotation.checks.case import unanswered
from second_edition.rotation.findings import NOT_CHECKED, Phrase, Verdict
from second_edition.rotation.outcome import Outcome
from tests.second_edition.display.archive import Archive, events_of
from tests.second_edition.each import each
from tests.second_edition.events.noted import record_of

DENIED = unanswered("GetEmailIdentity", "AccessDenied")


@each(
    ("name", "language", "said"),
    [("refused", "ja", "DNS-PUBLISHED「応答したすべての権威サーバー"), ("japanese", "en", "")],
)
def test_a_page_says_it_in_its_own_language(archive: Archive, name: str, language: str, said: str) -> None:
    record = record_of(*events_of(archive(name)))
    found = recorded(record, Words("ja" if language == "ja" else "en", UTC))
    if not said:
        assert found is None
        return
    assert found is not None
    assert found[0].startswith(said)
    assert [text for text in found if re.search(r"[a-z]{4,} [a-z]{4,}", text)] == []
    assert found[1].startswith("SES には")


@each(
    ("changed", "first", "others"),
    [
        ({"SES-EXISTS": DENIED, "KEY-FORM": NOT_CHECKED}, "SES-EXISTS", ("DNS-PUBLISHED", "KEY-FORM")),
        ({"KEY-FORM": NOT_CHECKED}, "DNS-PUBLISHED", ("", "KEY-FORM")),
    ],
)
def test_the_first_cause_comes_first_and_every_check_that_stops_the_run_is_named(
    archive: Archive, changed: dict[str, Phrase], first: str, others: tuple[str, str]
) -> None:
    record = record_of(*events_of(archive("refused")))
    findings = [
        replace(one, verdict=Verdict.UNKNOWN, observed=changed[one.id]) if one.id in changed else one
        for one in record.findings
    ]
    found = refusal(findings, record, Words("en", UTC))
    assert found is not None
    said = "could not be checked" if first in changed else "failed"
    assert found[0].startswith(f"{first} {said}: ")
    failed, unknown = others
    assert found[0].endswith(f"{f' Also failed: {failed}.' if failed else ''} Could not be checked: {unknown}.")


def test_what_is_no_finding_stays_as_the_run_said_it(archive: Archive) -> None:
    *events, closed = events_of(archive("refused"))
    error = {"type": "RunFailed", "what": "What.", "means": "Means.", "todo": "Do."}
    record = record_of(*events, {**closed, "error": error})
    japanese, own = Words("ja", UTC), Words("en", UTC)
    assert recorded(record, japanese) == ("What.", "Means.", "Do.")
    assert quoted("What. Means. Do.", record, japanese) == "実行時の言語のまま引用: What. Means. Do."
    assert quoted("Do.", record, japanese) == "実行時の言語のまま引用: Do."
    assert quoted("Do.", record, own) == "Do."
    assert quoted("翻訳済み。", record, japanese) == "翻訳済み。"


@each(("language", "said"), [("en", "Correct what the error names"), ("ja", "エラーが示す箇所を修正し")])
def test_a_refusal_that_advises_nothing_names_a_next_step(archive: Archive, language: Language, said: str) -> None:
    *events, closed = events_of(archive("refused"))
    error = {"type": "ParameterError", "what": "There is no section [nope].", "means": "Nothing was read.", "todo": ""}
    (block,) = advised(record_of(*events, {**closed, "error": error}), Outcome.REFUSED, Words(language, UTC))
    assert getattr(block, "text", "").startswith(said)


def test_a_record_with_a_request_is_made_anew_by_a_plan(archive: Archive) -> None:
    """A run that had switched is not to be made again for its request's sake."""
    assert command(record_of(*events_of(archive("switched")))).endswith("-p mode plan")
