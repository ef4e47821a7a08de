"""Runs of base64 in AWS's own words are left out; names, ids and addresses stay."""

from __future__ import annotations

import base64
import random

from second_edition.aws.discreet import discreet
from tests.second_edition.each import each


@each(
    "text",
    [
        "User: arn:aws:sts::123456789012:assumed-role/mail-ops/sato is not authorized to perform: s3:GetObject",
        "arn:aws:sts::123456789012:assumed-role/AWSReservedSSO_AdministratorAccess_0123456789abcdef/sato",
        "6b2f0f3c-5e2b-4c1d-9a7e-0123456789ab",
        "79104EXAMPLEB72379104EXAMPLEB723",
        "0123456789abcdef" * 4,
        "PutEmailIdentityDkimSigningAttributesV2Exception4u",
        'Could not connect to the endpoint URL: "https://email.ap-northeast-1.amazonaws.com/v2/email/identities"',
        "",
    ],
)
def test_what_is_not_base64_stays(text: str) -> None:
    assert discreet(text) == text


def test_base64_goes() -> None:
    chance = random.Random(7)
    runs = [base64.b64encode(chance.randbytes(48)).decode() for _ in range(2000)]
    kept = [run for run in runs if discreet(f"Invalid key {run}.") != "Invalid key …."]
    assert len(kept) < 3  # what looks like a name by chance stays
