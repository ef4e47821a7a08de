"""The private key's object: read at its place, pinned, and why it cannot be read."""

import base64
import hashlib

import pytest

from byodkim.checks.world import Unread
from byodkim.custody.settings import GetKey, KeyPlace
from tests.aws.conftest import PLACE
from tests.aws.fake_aws import s3_error
from tests.aws.keys import pem, public

ELSEWHERE = KeyPlace("keys", "other/key.pem")


@pytest.mark.usefixtures("aws")
def test_a_key(custodian):
    key = custodian.ask(GetKey(PLACE)).result()
    assert key.place == "s3://keys/dkim/key.pem?versionId=v7"
    assert (key.form, key.bits, key.public_key) == ("PKCS#8 PEM", 2048, public(pem()))
    assert key.sha256 == hashlib.sha256(base64.b64decode(public(pem()))).hexdigest()


@pytest.mark.usefixtures("aws")
def test_no_key(custodian):
    assert custodian.ask(GetKey(ELSEWHERE)).result() == Unread("NoSuchKey")


def test_defect(aws, custodian):
    aws.objects["/keys/dkim/key.pem"] = b"no key"
    key = custodian.ask(GetKey(PLACE)).result()
    assert (key.defect, key.sha256, key.version) == ("unreadable", "", "v7")


KMS = "User: x is not authorized to perform: kms:Decrypt on resource: y"
LIST = "User: x is not authorized to perform: s3:ListBucket on resource: y"


@pytest.mark.parametrize(
    ("status", "aws_code", "message", "code", "detail"),
    [
        (403, "AccessDenied", "Access Denied", "AccessDenied", ""),
        (403, "AccessDenied", KMS, "AccessDenied", "kms"),
        (403, "AccessDenied", LIST, "AccessDenied", "s3:ListBucket"),
        (404, "NoSuchBucket", "", "NoSuchBucket", ""),
        (404, "NoSuchVersion", "", "NoSuchVersion", ""),
        (405, "MethodNotAllowed", "", "NoSuchVersion", ""),
        (403, "InvalidObjectState", "", "InvalidObjectState", ""),
        (301, "PermanentRedirect", "", "PermanentRedirect", ""),
    ],
)
def test_causes(
    aws,
    custodian,
    status,
    aws_code,
    message,
    code,
    detail,
):
    aws.answers["GetObject"] = [s3_error(aws_code, status, message)]
    place = KeyPlace("keys", "dkim/key.pem", "v6")
    assert custodian.ask(GetKey(place)).result() == Unread(code, detail)
