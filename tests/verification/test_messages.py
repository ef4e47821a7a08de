"""A run with messages: what was found of them, and the answers it rests on, cannot be changed unseen."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from byodkim.evidence import by_message, journal
from byodkim.evidence.seal import PAGE, envelope
from tests.each import each
from tests.verification.judged import codes, copied, faults, journal_of, judge, run
from tests.verification.made import Change, forge, put, reseal, signer


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


def keep(folder: Path, change: Callable[[Any], object], key: Ed25519PrivateKey | None = None) -> None:
    """Write what ``byodkim message --keep`` does, changed and signed."""
    path = journal_of(folder, "proved")
    account = journal.read(path)
    stated = by_message.statement(account, path.name, account.head)
    place = by_message.path_of(path, stated["predicate"]["message"]["sha256"])
    change(stated)
    place.write_bytes(envelope(stated, signer(key)))


@each(
    "change",
    [
        lambda stated: stated.update(predicateType=PAGE),
        lambda stated: stated["subject"][0]["digest"].update(sha256="0" * 64),
        lambda stated: stated["predicate"].update(run="20261124T000000Z-00000000"),
        lambda stated: stated["predicate"]["message"].update(sha256="0" * 64),
        lambda stated: stated["predicate"]["findings"][0].update(verdict="FAIL"),
        lambda stated: stated["predicate"].pop("findings"),
    ],
)
def test_a_statement_on_a_message_counts_for_its_run_its_message_and_its_verdict(
    proved: Path, tmp_path: Path, change: Callable[[Any], object]
) -> None:
    folder = copied(proved, tmp_path / str(len([*tmp_path.iterdir()])))
    keep(folder, lambda stated: stated)
    (one,) = judge(folder)
    (later,) = (finding for finding in one.findings if finding.code == "message-later")
    assert (faults([one]), "UTC: proved (" in later.text) == ({}, True)
    keep(folder, lambda stated: stated, Ed25519PrivateKey.generate())
    assert faults(judge(folder)) == {"proved": {"message-off"}}
    keep(folder, change)
    assert faults(judge(folder)) == {"proved": {"message-off"}}
