"""Heads of an archive in S3: with which Region S3 is asked, and what comes of an archive that cannot be read."""

from __future__ import annotations

from concurrent.futures import Future
from typing import Any

import pytest

from byodkim.custody.client import Refused
from byodkim.launch import verifying


class Custodian:
    """Answers as S3 does that refuses; what it was opened with stands in ``opened``."""

    opened: dict[str, Any]

    def __init__(self, *, read_only: bool) -> None:
        assert read_only

    def ask(self, operation: str, **given: Any) -> Future[Any]:
        found: Future[Any] = Future()
        if operation == "open":
            Custodian.opened = given["settings"]
            found.set_result(None)
        else:
            found.set_exception(Refused("ListObjectVersions", "AccessDenied", ""))
        return found

    def close(self) -> None:
        """Nothing is open."""


@pytest.fixture
def refusing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verifying, "Custodian", Custodian)


@pytest.mark.usefixtures("refusing")
def test_an_archive_that_cannot_be_read_is_a_witness_of_which_nothing_is_known() -> None:
    found = verifying.witnesses((), ["s3://dkim-records/dkim"], (), "en")
    assert found.heads == ()
    (why,) = found.unread
    assert "s3://dkim-records/dkim" in why
    assert "AccessDenied" in why


@pytest.mark.usefixtures("refusing")
def test_s3_is_asked_in_the_region_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_REGION", "ap-northeast-1")
    verifying.witnesses((), ["s3://dkim-records/dkim"], (), "en")
    assert Custodian.opened["region"] == "ap-northeast-1"
