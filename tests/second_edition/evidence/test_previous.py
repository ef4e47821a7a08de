"""Which run was the one before: of the same identity in the same world, by journals that hold together."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from second_edition.engine.previous_runs import previous
from second_edition.events.run import Begin, Closed
from second_edition.evidence import journal
from second_edition.evidence.journal import SUFFIX, JournalError
from second_edition.evidence.world import World
from tests.second_edition.events.noted import record_of
from tests.second_edition.evidence.journals import Log

HERE = World("example.jp", "", "123456789012", "ap-northeast-1")
STANDING = "http://127.0.0.1:4570"


def begin(endpoint: str = "", source: str = "default", region: str = HERE.region, **told: Any) -> dict[str, Any]:
    """The first event of a run, as ``engine.run_start`` writes it."""
    values = {"endpoint_url": {"value": endpoint, "source": source}, "region": {"value": region, "source": "profile"}}
    return {"domain": HERE.domain, "account": HERE.account, "target": "aws", "parameters": values} | told


def world_of(*values: str, **told: Any) -> World | None:
    """The world of a run that begins so."""
    return World.of(record_of({"event": "begin", **begin(*values, **told)}).begin)


def written(folder: Path, run: str, **told: Any) -> Path:
    path = folder / f"x.{run}{SUFFIX}"
    log = Log(path, lambda: datetime(2026, 11, 24, tzinfo=UTC))
    log.write(Begin, run=run, **begin(**told))
    log.write(Closed, outcome="PLANNED")
    log.close()
    return path


def previous_run(folder: Path, world: World | None = HERE) -> str | None:
    account = next(journal.earlier(folder, world.same_identity), None) if world else None
    return None if account is None else str(account.as_json[0]["run"])


def test_the_newest_run_of_that_domain(tmp_path: Path) -> None:
    written(tmp_path, "20261110T020011Z-91c0").rename(tmp_path / f"zzz.20261110T020011Z-91c0{SUFFIX}")
    written(tmp_path, "20261124T040849Z-7f3a").rename(tmp_path / f"aaa.20261124T040849Z-7f3a{SUFFIX}")
    written(tmp_path, "20261125T000000Z-1111", domain="other.example.jp")
    assert previous_run(tmp_path) == "20261124T040849Z-7f3a"
    assert previous_run(tmp_path, World("third.example.jp", "", HERE.account, HERE.region)) is None
    assert previous_run(tmp_path / "nowhere") is None


def test_a_run_does_not_take_over_what_looks_like_a_key(tmp_path: Path) -> None:
    """Somebody who may write to the archive puts one there; the run says where, before it begins."""
    # How the text of a private key begins; there is no key of which this is the beginning.
    key = "-----BEGIN PRIVATE KEY-----MIIEvgIBADANBgkqhkiG9w0BAQEFAASCBKgwggSkAgEAAoIBAQ"
    assert previous(tmp_path, HERE, "mail-1", lambda _: False) is None
    path = written(tmp_path, "20261124T040849Z-7f3a", reason=f"zone serves {key}")
    with pytest.raises(JournalError) as refused:
        previous(tmp_path, HERE, "mail-1", lambda _: False)
    assert str(path) in str(refused.value)
    assert "BEGIN" not in str(refused.value)


@pytest.mark.parametrize(
    "told",
    [
        {"target": "sandbox:ready", "endpoint": STANDING, "source": "parameter"},
        {"target": "sandbox", "endpoint": "http://127.0.0.1:40001", "source": "sandbox"},
        {"region": "us-east-1"},
        {"account": "210987654321"},
    ],
    ids=["standing-sandbox", "embedded-sandbox", "another-region", "another-account"],
)
def test_runs_of_other_worlds_are_no_predecessors(tmp_path: Path, told: dict[str, Any]) -> None:
    written(tmp_path, "20261110T020011Z-91c0")
    written(tmp_path, "20261124T040849Z-7f3a", **told)
    assert previous_run(tmp_path) == "20261110T020011Z-91c0"


def test_a_rehearsal_follows_the_one_in_the_same_sandbox_only(tmp_path: Path) -> None:
    written(tmp_path, "20261110T020011Z-91c0", target="sandbox:ready", endpoint=STANDING, source="parameter")
    written(tmp_path, "20261111T020011Z-91c0", target="sandbox", endpoint="http://127.0.0.1:1", source="parameter")
    written(tmp_path, "20261112T020011Z-91c0")
    assert previous_run(tmp_path, world_of(STANDING + "/", "parameter", target="sandbox")) == "20261110T020011Z-91c0"


def test_a_sandbox_of_the_run_s_own_has_no_past(tmp_path: Path) -> None:
    written(tmp_path, "20261110T020011Z-91c0", target="sandbox", endpoint=STANDING, source="sandbox")
    assert world_of(STANDING, "sandbox", target="sandbox") is None
    assert previous_run(tmp_path, None) is None


def test_one_that_does_not_hold_together_is_passed_over(tmp_path: Path) -> None:
    written(tmp_path, "20261110T020011Z-91c0")
    damaged = written(tmp_path, "20261111T020011Z-91c0")
    damaged.write_bytes(damaged.read_bytes().replace(b"91c0", b"91c1"))
    written(tmp_path, "20261112T020011Z-91c0").write_bytes(b"")
    (tmp_path / f"a.20261113T020011Z-91c0{SUFFIX}").mkdir()
    (tmp_path / f"a.20261114T020011Z-91c0{SUFFIX}").write_text('["a list"]\n')
    (tmp_path / f"notes{SUFFIX}").write_text("not a journal\n")
    assert previous_run(tmp_path) == "20261110T020011Z-91c0"


@pytest.mark.parametrize(("kept", "expected"), [(-5, "20261110T020011Z-91c0"), (40, None)])
def test_one_that_was_stopped_in_a_line_counts_if_it_had_begun(tmp_path: Path, kept: int, expected: str | None) -> None:
    path = written(tmp_path, "20261110T020011Z-91c0")
    path.write_bytes(path.read_bytes()[:kept])
    assert previous_run(tmp_path) == expected


def test_the_newest_run_where_clocks_are_off(tmp_path: Path) -> None:
    """One machine is four minutes ahead; each run names the one before it, whatever its id says."""
    written(tmp_path, "20261124T040000Z-1111")
    written(tmp_path, "20261124T040500Z-ahead", previous={"run": "20261124T040000Z-1111"})
    written(tmp_path, "20261124T040200Z-right", previous={"run": "20261124T040500Z-ahead"})
    assert previous_run(tmp_path) == "20261124T040200Z-right"
    told = [account.as_json[0]["run"][-5:] for account in journal.earlier(tmp_path, HERE.same_identity)]
    assert told == ["right", "ahead", "-1111"]
    # A clock may be set back by more than clocks are apart, and once more before the next run.
    written(tmp_path, "20261124T033000Z-again", previous={"run": "20261124T040200Z-right"})
    written(tmp_path, "20261124T033500Z-other", domain="other.example.jp")
    written(tmp_path, "20261124T032000Z-third", previous={"run": "20261124T033000Z-again"})
    told = [account.as_json[0]["run"][-5:] for account in journal.earlier(tmp_path, HERE.same_identity)]
    assert told == ["third", "again", "right", "ahead", "-1111"]
