"""The rollback that a run makes by itself is a write to SES like any other, whatever became of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from second_edition.display import summary
from second_edition.display.answers import answers
from second_edition.display.notebook import Shown
from second_edition.display.words import Words
from second_edition.engine import write_ahead
from second_edition.engine.previous_runs import _gave, _unanswered
from second_edition.events import name_of
from second_edition.evidence.journal import Account
from second_edition.evidence.record import Record
from second_edition.evidence.verification_case import link_of
from second_edition.rotation.timing import LATE_WRITE
from tests.second_edition.display.test_answers import only_back
from tests.second_edition.each import each
from tests.second_edition.events.noted import Line, record_of
from tests.second_edition.evidence.journals import whole
from tests.second_edition.rotation.world import CURRENT, NEXT

THIRD = "mail-20270101-1"
WORDS = Words("en", UTC)


def until(events: list[Line], name: str) -> list[Line]:
    """Return the events of a run that was killed once ``name`` was in its journal."""
    return events[: [one["event"] for one in events].index(name) + 1]


def account(events: list[Line]) -> Account:
    return Account(
        tuple(record_of(*(whole(one["event"], one) for one in events)).events), Path("a.journal.jsonl"), "", torn=False
    )


def text(record: Record) -> str:
    return str(Shown(tuple(summary.answered(record, WORDS))).bundle()["text/plain"])


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("rollback", f"The rollback to {CURRENT} was begun: SES has either {NEXT} or {CURRENT}."),
        ("rolled", f"SES took the rollback to {CURRENT}, begun at "),
    ],
)
def test_the_record_of_a_killed_rollback_says_so_and_gives_the_command_that_completes_it(
    tmp_path: Path, name: str, says: str
) -> None:
    found = text(record_of(*until(only_back(tmp_path, "shown"), name)))
    assert says in found
    assert "SES was not touched" not in found
    assert found.count("papermill ") == 1
    assert f"-r selector {CURRENT} " in found
    assert f"{CURRENT}: this run began it" in found


@pytest.mark.parametrize(
    ("identity", "changed", "back"),
    [
        (
            {"selectors": [THIRD]},
            f"nothing that lasts: {NEXT} → {CURRENT} was written, and somebody set SES to {THIRD}",
            f"not by this record: somebody set SES to {THIRD} ",
        ),
        (
            {"selectors": ["a", "b", "c"], "signing_origin": "AWS_SES"},
            "an earlier run's switch was undone",
            "nothing to roll back",
        ),
        ({"signing_enabled": False}, "an earlier run's switch was undone", "nothing to roll back"),
    ],
    ids=["third", "easy", "off"],
)
def test_what_ses_took_is_not_denied_where_somebody_wrote_after_it(
    tmp_path: Path, identity: dict[str, Any], changed: str, back: str
) -> None:
    events = only_back(tmp_path, "shown")
    place = [one["event"] for one in events].index("rolled") + 1
    events[place:] = [
        {**one, "identity": {**one["identity"], **identity}} if one["event"] == "read" else one
        for one in events[place:]
    ]
    record = record_of(*events)
    assert "SES was not touched" not in text(record)
    assert "The switch of example.jp to" in text(record)
    found = dict(answers(record, WORDS))
    assert found["what changed"].startswith(changed)
    assert found["rollback"].startswith(back)
    if THIRD in str(identity):
        assert THIRD in found["is it finished"]


@pytest.mark.parametrize(
    ("answered", "name", "pending"),
    [
        ("shown", "rollback", CURRENT),
        ("shown", "rolled", ""),
        ("unclear", "rolled", CURRENT),
        ("refused", "rolled", ""),
    ],
)
def test_verification_and_the_next_run_know_that_it_may_have_landed(
    tmp_path: Path, answered: str, name: str, pending: str
) -> None:
    first, *others = until(only_back(tmp_path, answered), name)
    previous = {**first["previous"], "run": "20261109T020011Z-7f3a", "head": "a" * 64}
    found = account([{**first, "previous": previous}, *others])
    link = link_of(found)
    assert (link.pending, link.after) == (pending, None)  # what SES has after a write is not known without a reading
    assert _gave(found) is (answered != "refused")
    write = found.last_write
    assert write is not None
    landing = ((write.at + LATE_WRITE).isoformat(timespec="seconds"), pending)
    assert _unanswered(found, set()) == (landing if pending else ("", ""))


AT = "2026-11-24T04:08:57.000+00:00"


@pytest.mark.parametrize("kind", [write_ahead.PUT, write_ahead.ROLLBACK], ids=["put", "rollback"])
@pytest.mark.parametrize(
    ("answer", "aim", "lands"),
    [
        ({"error": {"code": "ReadTimeoutError", "unclear": True}}, THIRD, True),
        ({"error": {"code": "ReadTimeoutError", "unclear": True}}, NEXT, True),
        (None, THIRD, True),
        (None, NEXT, False),
        ({"error": {"code": write_ahead.DIED, "unclear": True}}, THIRD, True),
        ({"error": {"code": "AccessDenied", "unclear": False}}, THIRD, False),
        ({"answer": {}}, THIRD, False),
    ],
    ids=["unclear", "unclear-same", "killed", "killed-same", "custodian-died", "refused", "answered"],
)
def test_until_it_can_no_longer_land_another_write_waits(
    kind: write_ahead.Events, answer: dict[str, Any] | None, aim: str, lands: bool
) -> None:
    change = {"current_selector": NEXT, "next_selector": CURRENT}
    events: list[Line] = [
        {"event": "begin", "n": 0, "late_write_seconds": 60},
        {"event": name_of(kind.intent), "n": 1, "at": AT, "change": change},
    ]
    if answer is not None:
        events.append({"event": name_of(kind.answer), "n": 2, "at": AT, **answer})
    run: Any = SimpleNamespace(
        seen=SimpleNamespace(identity=SimpleNamespace(selector=NEXT)), intent=SimpleNamespace(selector=aim)
    )
    expected = datetime.fromisoformat(AT) + timedelta(seconds=60) if lands else None
    assert write_ahead._ses_until(run, account(events)) == expected


UNCLEAR = {"code": "ReadTimeoutError", "unclear": True}


@pytest.mark.parametrize(
    "kind", [write_ahead.STORE, write_ahead.ERASE, write_ahead.ZONE], ids=["key store", "retire", "zone"]
)
@each(
    ("error", "applied", "lands"),
    [
        (UNCLEAR, None, True),
        (UNCLEAR, False, True),
        (UNCLEAR, True, False),
        ({**UNCLEAR, "code": write_ahead.DIED}, None, False),
        ({"code": "AccessDenied", "unclear": False}, None, False),
        (None, None, False),
    ],
)
def test_so_it_is_with_a_write_to_the_key_store_or_to_dns(
    kind: write_ahead.Events, error: dict[str, Any] | None, applied: bool | None, lands: bool
) -> None:
    events: list[Line] = [{"event": "begin", "n": 0, "late_write_seconds": 60}]
    if error is not None:
        events.append({"event": name_of(kind.answer), "n": 1, "at": AT, "error": error})
    if applied is not None and kind.resolved is not None:
        events.append({"event": name_of(kind.resolved), "n": 2, "at": AT, "applied": applied})
    expected = datetime.fromisoformat(AT) + timedelta(seconds=60) if lands else None
    assert write_ahead._lands_until(account(events), kind) == expected
