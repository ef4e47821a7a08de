"""Identities: all of them, at SES's pace, as boto3 reads them one by one."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pandas as pd
import pytest

from byodkim import explore
from byodkim.errors import ByodkimError, InputError
from byodkim.sandbox.world import World, control
from tests.sandbox.tools import CURRENT, client

SANDBOX = "sandbox"


def calls(world: World) -> Counter[str]:
    return Counter(each["operation"] for each in control(world, "calls"))


def row_of(frame: pd.DataFrame, identity: str) -> Any:
    [row] = [each for each in frame.itertuples() if each.identity == identity]
    return row


def add(world: World, domain: str, **change: Any) -> str:
    control(world, "identity", domain=domain, add=True, **change)
    return domain


def test_every_identity_once_by_few_calls(alone):
    ses = client(alone, "sesv2")
    names = [f"d{number}.example.jp" for number in range(1001)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda name: ses.create_email_identity(EmailIdentity=name), names))
    ses.create_email_identity(EmailIdentity="sato@example.jp")
    control(alone, "forget")
    frame = explore.identities(target=SANDBOX)
    assert sorted(frame.identity) == sorted(
        [*names, "example.jp", "sub.example.jp", "sato@example.jp"]
    )
    assert calls(alone)["ListEmailIdentities"] == 2
    assert calls(alone)["GetIdentityDkimAttributes"] == 11
    assert calls(alone)["GetEmailIdentity"] == 0
    assert dict(frame.kind.value_counts()) == {"DOMAIN": 1003, "EMAIL_ADDRESS": 1}


@pytest.mark.parametrize("details", [False, True])
def test_rows_are_what_ses_says_of_each(alone, details):
    names = [
        "example.jp",
        add(alone, "off.example.jp", signing_enabled=False),
        add(alone, "easy.example.jp", origin="AWS_SES"),
        add(alone, "pending.example.jp", status="PENDING"),
        add(alone, "lost.example.jp", status="TEMPORARY_FAILURE"),
    ]
    frame = explore.identities(target=SANDBOX, details=details)
    for name in names:
        shown = client(alone, "sesv2").get_email_identity(EmailIdentity=name)["DkimAttributes"]
        row, tokens = row_of(frame, name), shown["Tokens"]
        assert (row.status, row.signing_enabled) == (shown["Status"], shown["SigningEnabled"])
        assert row.origin == shown["SigningAttributesOrigin"]
        assert pd.isna(row.selector) if len(tokens) != 1 else row.selector == tokens[0]
    assert set(frame.account) == {alone.account}
    assert set(frame.region) == {alone.region}


def test_columns_are_typed_and_can_be_saved(world):
    frame = explore.identities(target=SANDBOX)
    kinds = {name: str(kind) for name, kind in frame.dtypes.items()}
    assert kinds["key_since"] == "datetime64[us, Asia/Tokyo]"
    assert {kinds[name] for name in ("status", "origin", "kind", "region")} == {"category"}
    assert (kinds["signing_enabled"], kinds["key_age_days"]) == ("boolean", "Int64")
    assert frame.to_csv(index=False).count(world.region) == len(frame) >= 2


def test_a_key_is_as_old_as_its_object(alone):
    before = row_of(explore.identities(target=SANDBOX), "example.jp")
    place = {"Bucket": alone.key_bucket, "Key": f"dkim-keys/example.jp/{CURRENT}/private_key.pem"}
    assert before.key_since == client(alone, "s3").head_object(**place)["LastModified"]
    assert (before.key_age_days, before.key_date_from) == (0, "S3")
    control(alone, "ses", advance_h=72)
    assert row_of(explore.identities(target=SANDBOX), "example.jp").key_age_days == 3


@pytest.mark.usefixtures("world")
def test_no_date_without_the_selector_in_the_secret():
    row = row_of(explore.identities(target=SANDBOX), "sub.example.jp")
    assert row.selector == CURRENT
    assert [pd.isna(each) for each in (row.key_since, row.key_age_days, row.key_date_from)] == [
        True,
        True,
        True,
    ]


@pytest.mark.parametrize(
    ("operation", "code"),
    [("HeadObject", "403"), ("GetSecretValue", "AccessDeniedException")],
)
def test_why_a_date_is_missing_is_said(world, operation, code):
    control(world, "fault", operation=operation, code="AccessDeniedException", status=403)
    row = row_of(explore.identities(target=SANDBOX), "example.jp")
    assert (row.key_date_from, row.status) == (f"not read ({code})", "SUCCESS")
    assert pd.isna(row.key_since)


def test_throttled_calls_are_made_again(world):
    control(world, "ses", calls_per_second=2)
    control(world, "forget")
    assert len(explore.identities(target=SANDBOX)) >= 2
    made = [each for each in control(world, "calls") if each["service"] == "ses"]
    assert [each["status"] for each in made] == [400, 200]


def test_an_identity_that_is_deleted_meanwhile_is_left_out(world):
    every = len(explore.identities(target=SANDBOX))
    fault = {"operation": "GetEmailIdentity", "code": "NotFoundException", "status": 404}
    control(world, "fault", **fault, times=1)
    assert len(explore.identities(target=SANDBOX, details=True)) == every - 1


@pytest.mark.parametrize(
    ("operation", "details"),
    [
        ("ListEmailIdentities", False),
        ("GetIdentityDkimAttributes", False),
        ("GetEmailIdentity", True),
    ],
)
def test_a_denied_read_says_what_to_allow(world, operation, details):
    control(world, "fault", operation=operation, code="AccessDeniedException", status=403)
    with pytest.raises(ByodkimError) as caught:
        explore.identities(target=SANDBOX, details=details)
    assert f"ses:{operation}" in str(caught.value)


def test_another_region_is_read_where_it_is_named(world):
    frame = explore.identities(target=SANDBOX, region="us-west-2")
    assert list(frame.identity) == ["example.jp"]
    assert set(frame.region) == {"us-west-2"}
    regions = {each["region"] for each in control(world, "calls") if each["service"] != "sts"}
    assert "us-west-2" in regions


@pytest.mark.parametrize("target", ["aws", "sandbox:nowhere", "prod"])
@pytest.mark.usefixtures("world")
def test_a_look_without_region_or_world_is_refused(target):
    with pytest.raises(InputError):
        explore.identities(target=target)
