"""What ended a run, in another language than the run's own."""

from __future__ import annotations

import re
from datetime import UTC

from msgspec.structs import replace

from byodkim.display.failure import quoted, recorded, refusal
from byodkim.display.words import Words
from byodkim.rotation.findings import Verdict
from tests.display.archive import Archive, events_of
from tests.each import each
from tests.events.noted import record_of


@each(("name", "language", "said"), [("refused", "ja", "DNS-PUBLISHED「すべての権威サーバー"), ("japanese", "en", "")])
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
    ("changed", "also"),
    [
        ({"SECRET-SHAPE": Verdict.UNKNOWN, "KEY-FORM": Verdict.UNKNOWN}, "KEY-FORM"),
        ({"SECRET-SHAPE": Verdict.UNKNOWN, "KEY-FORM": Verdict.UNKNOWN, "SES-SIGNING": Verdict.FAIL}, "SECRET-SHAPE"),
    ],
)
def test_each_check_that_counts_as_failed_is_named_once(
    archive: Archive, changed: dict[str, Verdict], also: str
) -> None:
    """A secret that cannot be read does; what could not be looked at because something failed does not."""
    record = record_of(*events_of(archive("refused")))
    findings = [replace(one, verdict=changed.get(one.id, one.verdict)) for one in record.findings]
    found = refusal(findings, record, Words("en", UTC))
    assert found is not None
    assert found[0].startswith("SES-SIGNING failed" if "SES-SIGNING" in changed else "SECRET-SHAPE failed")
    assert found[0].endswith(f" Also failed: DNS-PUBLISHED. Could not be checked: {also}.")


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
