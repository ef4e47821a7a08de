"""What a warm run's custodian is told to expect is what its run asks for; what is wrong is still said by ``begin``."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest

from byodkim import steps
from byodkim.custody.client import Custodian
from byodkim.errors import ParameterError
from byodkim.procedure import beginning
from tests.procedure.played import Stage

PROFILE = """
[mail]
domain = "example.jp"
region = "ap-northeast-1"
account = "123456789012"
secret_id = "byodkim/dkim/example.jp"
key_bucket = "byodkim-keys"
aws_profile = "mail"
ses_requests_per_second = 0.5
"""


class Listening(Custodian):
    """Notes what it is asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, Any]]] = []

    def ask(self, op: str, **arguments: Any) -> Future[Any]:
        self.asked.append((op, arguments))
        return Future()


@pytest.fixture
def waiting() -> Iterator[list[Custodian]]:
    """Those that wait for their run; none is left over."""
    assert steps._waiting == []
    yield steps._waiting
    while steps._waiting:
        steps._waiting.pop().close()


def test_it_expects_what_begin_asks_for(stage: Stage) -> None:
    facts = stage.sandbox.facts
    given = {"selector": facts.next_selector, "target": "sandbox", "endpoint_url": facts.endpoint_url}
    custodian = Listening()
    beginning.expect(given, custodian)
    run = stage.begin()
    assert custodian.asked == [("expect", {"settings": run.settings})]
    assert run.settings["endpoint_url"] == facts.endpoint_url


def test_so_it_does_of_aws(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "byodkim.toml").write_text(PROFILE)
    monkeypatch.chdir(tmp_path)
    custodian = Listening()
    beginning.expect({"selector": "mail-20261124-1", "profile": "mail", "mode": "apply"}, custodian)
    (asked,) = custodian.asked
    assert asked == (
        "expect",
        {
            "settings": {
                "region": "ap-northeast-1", "aws_profile": "mail", "endpoint_url": "", "sandbox": False,
                "requests_per_second": 0.5, "account": "123456789012", "clock_offset_s": 0.0,
            },
        },
    )  # fmt: skip


def test_of_a_sandbox_that_is_not_there_yet_nothing_is_expected() -> None:
    custodian = Listening()
    beginning.expect({"selector": "mail-20261124-1", "target": "sandbox"}, custodian)
    assert custodian.asked == []


def test_what_is_wrong_is_said_by_begin(waiting: list[Custodian]) -> None:
    given = {"selector": "no selector", "target": "sandbox"}
    steps.expect(given)
    (custodian,) = waiting
    with pytest.raises(ParameterError, match="selector"):
        steps.begin(**given)
    assert waiting == []
    assert not custodian.alive
