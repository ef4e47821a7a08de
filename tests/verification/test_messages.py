"""A run with messages: what was found of them, and the answers it rests on, cannot be changed unseen."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from byodkim.evidence import sealing_key
from tests.verification.judged import codes, copied, faults, judge, run
from tests.verification.made import Events, forge

Change = Callable[[Events], object]


@pytest.fixture(scope="module")
def proved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that sent a message."""
    folder = tmp_path_factory.mktemp("proved")
    selector = ("-p", "selector", "mail-20261124-1", "-p", "message", "send")
    words = (*selector, "-p", "target", "sandbox", "-p", "mode", "apply")
    assert run(folder / "proved.ipynb", *words) == 0
    return folder


def own(state: Path) -> Ed25519PrivateKey:
    return sealing_key.local(state / "byodkim/sealing-key.pem")


def weighed(events: Events) -> dict[str, object]:
    return next(event for event in events if event["event"] == "weighed")


def received(events: Events) -> dict[str, object]:
    return next(event for event in events if event["event"] == "received")


def another_verdict(events: Events) -> None:
    weighed(events)["findings"][0]["verdict"] = "FAIL"  # type: ignore[index]


def another_selector(events: Events) -> None:
    received(events)["message"]["signatures"][0]["selector"] = "other"  # type: ignore[index]


def another_result(events: Events) -> None:
    received(events)["message"]["signatures"][0]["results"][0]["defect"] = "BadSignature"  # type: ignore[index]


def another_record(events: Events) -> None:
    weighed(events)["records"][0]["ttl"] += 1  # type: ignore[index]


def another_digest(events: Events) -> None:
    received(events)["message"]["sha256"] = "0" * 64  # type: ignore[index]


def test_as_it_was_left_it_is_verified(proved: Path) -> None:
    assert faults(judge(proved)) == {}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (another_verdict, "message-weighed"),
        (another_selector, "message-weighed"),
        (another_result, "message-weighed"),
        (another_record, "raw"),
        (another_digest, "copy-differs"),
    ],
)
def test_what_is_changed_shows(proved: Path, state: Path, tmp_path: Path, change: Change, code: str) -> None:
    folder = copied(proved, tmp_path / "runs")
    forge(folder, "proved", change, own(state))
    (one,) = judge(folder)
    assert code in codes(one)
    assert not one.sound
