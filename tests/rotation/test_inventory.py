"""What SES's API v1 leaves open, and what servers say together."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

from byodkim.dkim.published import Judgement, Verdict
from byodkim.plain import from_plain, plain
from byodkim.rotation.due import Lead, Made, Source, due
from byodkim.rotation.inventory import Row, of_batch, record_state, termed, unclear
from tests.each import each

NOW = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)


@each(
    ("selectors", "enabled", "status", "origin", "asked"),
    [
        (["mail-1"], True, "SUCCESS", "EXTERNAL", False),
        (["mail-1"], False, "FAILED", "EXTERNAL", False),
        (["a" * 32, "b" * 32, "c" * 32], True, "PENDING", "AWS_SES", False),
        ([], True, "SUCCESS", "", True),
        ([], True, "NOT_STARTED", "", True),
        ([], False, "FAILED", "", True),
        ([], False, "NOT_STARTED", "", False),  # DKIM was never set up
        ([], None, "", "", False),
        (["a", "b"], True, "SUCCESS", "", True),
    ],
)
def test_the_origin_is_told_by_the_number_of_tokens(
    selectors: list[str], enabled: bool | None, status: str, origin: str, asked: bool
) -> None:
    found = of_batch("example.jp", {"selectors": selectors, "signing_enabled": enabled, "status": status})
    assert (found.name, found.signing_origin, found.status, found.signing_enabled) == (
        "example.jp", origin, status, enabled,
    )  # fmt: skip
    assert found.selector == (selectors[0] if len(selectors) == 1 else "")
    assert unclear(found) is asked


def judged(*words: str) -> list[Judgement]:
    """A sound key is named by its first letters."""
    return [
        Judgement(Verdict.A_KEY, sha256=word) if word.startswith("key") else Judgement(Verdict(word)) for word in words
    ]


@each(
    ("words", "state"),
    [
        ((), ""),
        (("key-1", "key-1"), "a-key"),
        (("key-1", "key-2"), "differ"),
        (("key-1", "absent"), "differ"),
        (("absent", "absent"), "absent"),
        (("key-1", "no-answer"), "differ"),
        (("key-1", "no-ipv6"), "a-key"),  # what this machine cannot ask says nothing of the server
        (("no-ipv6", "no-ipv6"), "no-ipv6"),
    ],
)
def test_what_servers_say_together(words: tuple[str, ...], state: str) -> None:
    assert record_state(judged(*words)) == state


def test_a_row_survives_json() -> None:
    made = Made(NOW - timedelta(days=360), Source.ARCHIVED_USE)
    term = termed(due(made, 365, Lead()), NOW)
    assert (term["rotate_by"], term["start_by"]) == ("2026-11-29T04:00:00+00:00", "2026-11-15T04:00:00+00:00")
    assert (term["urgency"], term["made_by"]) == ("late", "archived-use")
    assert termed(None, NOW) == {}
    servers = (("ns1.example.jp", "192.0.2.53:53", "a-key", ""),)
    row = Row("example.jp", "mail-1", "SUCCESS", True, "EXTERNAL", "tokens", "a-key", servers, 2048, **term)
    assert from_plain(Row, json.loads(json.dumps(plain(row)))) == row
