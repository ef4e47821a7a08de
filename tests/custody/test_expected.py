"""A custodian that was told what it will be asked has it ready, and has called nobody for it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from byodkim.aws.session import NotARead
from byodkim.custody.client import Custodian, Refused
from byodkim.custody.duties import Duties
from byodkim.custody.protocol import OPERATIONS, READS
from byodkim.sandbox.client import Sandbox
from tests.custody import forms


@pytest.fixture
def custodian() -> Iterator[Custodian]:
    custodian = Custodian()
    yield custodian
    custodian.close()


@pytest.fixture
def settings(sandbox: Sandbox) -> dict[str, Any]:
    return forms.settings(sandbox.facts.endpoint_url)


def test_what_is_expected_calls_nobody(custodian: Custodian, sandbox: Sandbox, settings: dict[str, Any]) -> None:
    assert custodian.ask("expect", settings=settings).result() is None
    assert sandbox.calls() == []
    assert custodian.drain() == []
    assert custodian.ask("open", settings=settings).result()["region"] == settings["region"]
    assert custodian.ask("caller").result()["account"] == sandbox.facts.account
    assert [call["operation"] for call in custodian.drain()] == ["GetCallerIdentity"]


def test_it_is_what_is_opened_then(settings: dict[str, Any]) -> None:
    duties = Duties(OPERATIONS)
    duties.expect(settings)
    assert not duties.opened
    assert duties._expected is not None
    ready = duties._expected[1]
    duties.open(dict(settings))
    assert duties.clients is ready
    for service in ("secretsmanager", "sesv2", "sts", "s3"):
        assert f"{service}  True" in ready._made


def test_whoever_asks_for_something_else_gets_that(custodian: Custodian, settings: dict[str, Any]) -> None:
    custodian.ask("expect", settings=settings).result()
    opened = custodian.ask("open", settings={**settings, "region": "eu-west-1"}).result()
    assert opened["region"] == "eu-west-1"
    assert custodian.ask("caller").result()["region"] == "eu-west-1"


def test_what_cannot_be_made_is_said_when_it_is_asked_for(custodian: Custodian, settings: dict[str, Any]) -> None:
    wrong = {**settings, "aws_profile": "nobody"}
    for op in ("expect", "open"):
        with pytest.raises(Refused) as caught:
            custodian.ask(op, settings=wrong).result()
        assert caught.value.code == "ProfileNotFound"
    assert custodian.ask("open", settings=settings).result()["region"] == settings["region"]


def test_who_only_looks_expects_only_to_look(sandbox: Sandbox, settings: dict[str, Any]) -> None:
    duties = Duties(READS)
    duties.expect(settings)
    duties.open(settings)
    with pytest.raises(NotARead, match="is no read"):
        duties.clients.get("sesv2").delete_email_identity(EmailIdentity="example.jp")
    assert sandbox.calls() == []
