"""SES's API v1 as the sandbox speaks it: read by botocore's own parser, and judged by its model."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from second_edition.aws.identity import STATUSES, attributes
from second_edition.sandbox.client import Sandbox
from second_edition.ses_sandbox import ses_query
from tests.second_edition.sandbox.contract import defects
from tests.second_edition.sandbox.outside import CURRENT, DOMAIN, NEXT, put, stored_key


@pytest.fixture
def v1(sandbox: Sandbox) -> Iterator[Any]:
    config = Config(retries={"total_max_attempts": 1}, parameter_validation=False)
    session = boto3.Session("sandbox", "sandbox", region_name=sandbox.facts.region)
    client = session.client("ses", endpoint_url=sandbox.facts.endpoint_url, config=config)
    yield client
    client.close()


def test_what_v1_tells_is_what_v2_tells_and_fits_the_model(sandbox: Sandbox, ses: Any, v1: Any) -> None:
    ses.create_email_identity(EmailIdentity="easy.example.jp")
    names = [DOMAIN, "easy.example.jp", "absent.example.jp"]
    answer = v1.get_identity_dkim_attributes(Identities=names)
    shape = v1.meta.service_model.operation_model("GetIdentityDkimAttributes").output_shape
    assert defects({"DkimAttributes": answer["DkimAttributes"]}, shape) == []
    assert answer["ResponseMetadata"]["RequestId"]
    told = attributes(v1, names)
    assert set(told) == set(names[:2])
    for name in names[:2]:
        dkim = ses.get_email_identity(EmailIdentity=name)["DkimAttributes"]
        expected = {"signing_enabled": dkim["SigningEnabled"], "selectors": dkim["Tokens"]}
        assert told[name] == expected | {"status": dkim["Status"]}
    assert (told[DOMAIN]["selectors"], len(told["easy.example.jp"]["selectors"])) == ([CURRENT], 3)
    assert [call["operation"] for call in sandbox.calls() if call["service"] == "ses"] == [ses_query.OPERATION] * 2


def test_the_life_of_a_selector_shows_in_v1(sandbox: Sandbox, aws: dict[str, Any], ses: Any, v1: Any) -> None:
    sandbox.unpublish()
    put(ses, NEXT, stored_key(aws, sandbox.facts, NEXT))
    seen = [attributes(v1, [DOMAIN])[DOMAIN]]
    sandbox.advance(timedelta(hours=73))
    ses.put_email_identity_dkim_attributes(EmailIdentity=DOMAIN, SigningEnabled=False)
    seen.append(attributes(v1, [DOMAIN])[DOMAIN])
    assert seen == [
        {"signing_enabled": True, "status": "PENDING", "selectors": [NEXT]},
        {"signing_enabled": False, "status": "FAILED", "selectors": [NEXT]},
    ]
    sandbox.set_knobs(tokens="empty")
    assert attributes(v1, [DOMAIN])[DOMAIN]["selectors"] == []


def test_every_status_of_the_model_has_its_word_in_both_directions(v1: Any) -> None:
    shape = v1.meta.service_model.operation_model("GetIdentityDkimAttributes").output_shape
    words = set(shape.members["DkimAttributes"].value.members["DkimVerificationStatus"].enum)
    assert words == set(STATUSES)


def test_a_hundred_names_are_taken_and_no_more(v1: Any) -> None:
    names = [f"d{number}.example.jp" for number in range(101)]
    assert v1.get_identity_dkim_attributes(Identities=names[:100])["DkimAttributes"] == {}
    with pytest.raises(ClientError) as caught:
        v1.get_identity_dkim_attributes(Identities=names)
    assert caught.value.response["Error"]["Code"] == "ValidationError"
    with pytest.raises(ValueError, match="more identities"):
        attributes(v1, names)
