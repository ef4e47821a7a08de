"""A run with messages: what was found of them, and the answers it rests on, cannot be changed unseen."""

from __future__ import annotations

from pathlib import Path

import pytest

from second_edition.events.writes import Received
from second_edition.evidence import journal
from tests.second_edition.verification.judged import codes, copied, faults, journal_of, judge, run
from tests.second_edition.verification.made import Change, forge, put, reseal


@pytest.fixture(scope="module")
def proved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that sent a message."""
    folder = tmp_path_factory.mktemp("proved")
    selector = ("-p", "selector", "mail-20261124-1", "-p", "message", "send")
    words = (*selector, "-p", "target", "sandbox", "-p", "mode", "apply")
    assert run(folder / "proved.ipynb", *words) == 0
    return folder


def test_as_it_was_left_it_is_verified(proved: Path) -> None:
    assert faults(judge(proved)) == {}


SIGNATURE = ("received", "message", "signatures", 0)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (put("weighed", "findings", 0, "verdict", "FAIL"), "message-weighed"),
        (put(*SIGNATURE, "selector", "other"), "message-weighed"),
        (put(*SIGNATURE, "results", 0, "defect", "BadSignature"), "message-weighed"),
        (put("weighed", "records", 0, "ttl", 1), "raw"),
        (put("received", "token", "0" * 32), "message-weighed"),
        (put("received", "message", "sha256", "0" * 64), "copy-differs"),
    ],
    ids=["verdict", "selector", "result", "record", "token", "digest"],
)
def test_what_is_changed_shows(proved: Path, tmp_path: Path, change: Change, code: str) -> None:
    folder = copied(proved, tmp_path / "runs")
    forge(folder, "proved", change)
    reseal(journal_of(folder, "proved"))
    (one,) = judge(folder)
    assert code in codes(one)
    assert not one.sound
    if code == "message-weighed":
        sent = journal.read(journal_of(folder, "proved")).of(Received)
        assert sent is not None
        found_by_token = sent.message is not None and set(sent.token) != {"0"}
        named = sent.message.sha256[:16] if sent.message and found_by_token else "-"
        assert f"of the message {named} does" in " ".join(found.text for found in one.findings)
