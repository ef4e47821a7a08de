"""Explorations told: what was not read, what was refused, urgencies, and what comes from outside."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

from second_edition.display import exploration
from second_edition.display.blocks import Block, Headline, Paragraph, Table
from second_edition.display.notebook import Shown
from second_edition.display.words import Words
from second_edition.events.parts import Call
from second_edition.messages import LANGUAGES, Language
from second_edition.rotation.due import Due, Lead, Made, Source, Urgency, due
from second_edition.rotation.inventory import Row
from tests.second_edition.each import each
from tests.second_edition.events.noted import noted
from tests.second_edition.rotation import world

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
ENGLISH = Words("en", UTC)


def term(days_ago: int) -> Due:
    return due(Made(NOW - timedelta(days=days_ago), Source.OBJECT), 365, Lead())


def told(blocks: list[Block]) -> str:
    return repr(Shown(blocks))


@each("language", LANGUAGES)
@each(
    ("days_ago", "urgency", "tone"),
    [
        (10, Urgency.FINE, "good"),
        (310, Urgency.WARNED, "wait"),
        (352, Urgency.LATE, "wait"),
        (400, Urgency.OVERDUE, "bad"),
    ],
)
def test_each_urgency_has_its_headline(language: Language, days_ago: int, urgency: Urgency, tone: str) -> None:
    words = Words(language, UTC)
    headline, _, table, lead = exploration.due(world.found(), term(days_ago), Lead(), 365, NOW, words)
    assert isinstance(headline, Headline)
    assert isinstance(table, Table)
    assert headline.tone == tone
    assert term(days_ago).urgency(NOW) is urgency
    assert str(abs(365 - days_ago)) in headline.sentence
    assert [row[0] for row in table.rows] == sorted(row[0] for row in table.rows)
    assert {int(row[1]) for row in table.rows} >= {-days_ago, 365 - days_ago}
    assert isinstance(lead, Paragraph)
    assert {"en": "14 d", "ja": "14 日"}[language] in lead.text


@each(("hours", "offset", "age"), [(8, 9, 0), (23, 9, 1), (8, 0, 0), (10, 0, 1), (25, -12, 1), (46, -12, 2)])
def test_days_are_counted_by_the_dates_beside_them(hours: int, offset: int, age: int) -> None:
    words = Words("en", timezone(timedelta(hours=offset)))
    own = due(Made(NOW - timedelta(hours=hours), Source.OBJECT), 365, Lead())
    headline, signs, table, _ = exploration.due(world.found(), own, Lead(), 365, NOW, words)
    assert isinstance(headline, Headline)
    assert isinstance(signs, Table)
    assert isinstance(table, Table)
    today = date.fromisoformat(words.date(NOW))
    counted = [(row[0], int(row[1])) for row in table.rows]
    assert [days for _, days in counted] == [(date.fromisoformat(at) - today).days for at, _ in counted]
    assert (counted[0][1], counted[-1][1]) == (-age, 365 - age)
    assert f"{365 - age} days are left" in headline.sentence
    assert signs.rows[1][1] == str(age)


def test_an_identity_that_may_not_be_read_is_a_row_that_says_so() -> None:
    seen = [Row("a.example.jp", unread="AccessDeniedException"), Row("b.example.jp")]
    frame, more, addresses = exploration.inventory(seen, 900, 7, NOW, ENGLISH)
    assert isinstance(frame, Table)
    assert [row[:3] for row in frame.rows] == [
        ("a.example.jp", "AccessDeniedException", "-"), ("b.example.jp", "not read", "-"),
    ]  # fmt: skip
    assert {len(row) for row in frame.rows} == {len(frame.columns)}
    assert "The first 1 of 900 were read. world.identities(most=900)" in told([more])
    assert "email addresses: 7. They are not listed, and SES was not asked about them." in told([addresses])


def test_a_region_without_identities_says_so() -> None:
    assert told(exploration.inventory([], 0, 0, NOW, ENGLISH)) == "SES has no domain here."


def test_a_call_that_is_no_read_is_said() -> None:
    read, write = (noted(Call, service="s3", operation=name) for name in ("GetObject", "PutObject"))
    assert "All of them are reads." in told(exploration.calls([read], ENGLISH))
    text = told(exploration.calls([write], ENGLISH))
    assert "Not all of them are reads: PutObject" in text
    assert "All of them" not in text


def test_a_secret_that_cannot_be_understood_is_said() -> None:
    version = {"stage": "AWSCURRENT", "version_id": "v", "created": "", "entries": [], "defect": "not-json"}
    assert "AWSCURRENT cannot be understood (the secret is not JSON)" in told(
        exploration.key_store([version], {}, NOW, ENGLISH)
    )
    assert exploration.key_store([], {}, NOW, ENGLISH) == []
