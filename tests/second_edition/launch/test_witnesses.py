"""Heads of an archive in S3 that cannot be read: nothing is known of it, and that is said."""

from __future__ import annotations

from concurrent.futures import Future
from typing import Any

import pytest

from second_edition.custody.client import Refused
from second_edition.launch import verifying


class Custodian:
    """Answers as S3 does that refuses."""

    def __init__(self, *, read_only: bool) -> None:
        assert read_only

    def ask(self, operation: str, **_: object) -> Future[Any]:
        found: Future[Any] = Future()
        if operation == "open":
            found.set_result(None)
        else:
            found.set_exception(Refused("ListObjectVersions", "AccessDenied", ""))
        return found

    def close(self) -> None:
        """Nothing is open."""


def test_an_archive_that_cannot_be_read_is_a_witness_of_which_nothing_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verifying, "Custodian", Custodian)
    found = verifying.witnesses((), ["s3://dkim-records/dkim"], (), "en")
    assert found.heads == ()
    (why,) = found.unread
    assert "s3://dkim-records/dkim" in why
    assert "AccessDenied" in why
