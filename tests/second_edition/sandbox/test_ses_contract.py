"""Every answer of the sandbox's SES fits botocore's model, and every documented error is the modelled one."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from second_edition.sandbox.client import Sandbox
from tests.second_edition.sandbox.contract import defects
from tests.second_edition.sandbox.outside import CURRENT, DOMAIN, NEXT, dkim, put, stored_key


@pytest.fixture
def judged(ses: Any) -> Iterator[list[str]]:
    """Yield which operations answered; whatever does not fit the model fails the test."""
    answered: list[str] = []
    wrong: list[str] = []

    def judge(operation_model: Any, response_dict: dict[str, Any], **_: object) -> None:
        body = json.loads(response_dict["body"])
        answered.append(operation_model.name)
        if not response_dict["headers"].get("x-amzn-requestid"):
            wrong.append(f"{operation_model.name}: no request id")
        if response_dict["status_code"] == 200:
            wrong.extend(f"{operation_model.name}{word}" for word in defects(body, operation_model.output_shape))

    ses.meta.events.register("before-parse.sesv2", judge, unique_id="judge")
    yield answered
    ses.meta.events.unregister("before-parse.sesv2", unique_id="judge")
    assert wrong == []


def test_every_answer_fits_the_model(sandbox: Sandbox, aws: dict[str, Any], ses: Any, judged: list[str]) -> None:
    key = stored_key(aws, sandbox.facts, NEXT)
    external = {"DomainSigningSelector": "sel-1", "DomainSigningPrivateKey": key}
    ses.get_email_identity(EmailIdentity=DOMAIN)
    put(ses, NEXT, key)
    sandbox.unpublish()
    sandbox.advance(timedelta(hours=1))
    assert dkim(ses)["Status"] == "PENDING"
    sandbox.publish()
    sandbox.advance(timedelta(hours=1))
    ses.put_email_identity_dkim_attributes(EmailIdentity=DOMAIN, SigningEnabled=False)
    ses.put_email_identity_dkim_attributes(EmailIdentity=DOMAIN, SigningEnabled=True)
    ses.create_email_identity(EmailIdentity="byo.example.jp", DkimSigningAttributes=external)
    ses.create_email_identity(EmailIdentity="easy.example.jp")
    ses.get_email_identity(EmailIdentity="easy.example.jp")
    ses.put_email_identity_dkim_signing_attributes(
        EmailIdentity="byo.example.jp",
        SigningAttributesOrigin="AWS_SES",
        SigningAttributes={"NextSigningKeyLength": "RSA_1024_BIT"},
    )
    ses.list_email_identities(PageSize=2)
    content = {"Simple": {"Subject": {"Data": "s"}, "Body": {"Text": {"Data": "t"}}}}
    ses.send_email(FromEmailAddress=f"a@{DOMAIN}", Destination={"ToAddresses": ["b@example.jp"]}, Content=content)
    ses.delete_email_identity(EmailIdentity="easy.example.jp")
    assert set(judged) == {
        "CreateEmailIdentity",
        "DeleteEmailIdentity",
        "GetEmailIdentity",
        "ListEmailIdentities",
        "PutEmailIdentityDkimAttributes",
        "PutEmailIdentityDkimSigningAttributes",
        "SendEmail",
    }


@pytest.mark.parametrize(
    ("operation", "more"),
    [
        ("get_email_identity", {}),
        ("delete_email_identity", {}),
        ("put_email_identity_dkim_attributes", {"SigningEnabled": True}),
        ("put_email_identity_dkim_signing_attributes", {"SigningAttributesOrigin": "AWS_SES"}),
    ],
)
def test_an_unknown_identity_is_not_found(ses: Any, judged: list[str], operation: str, more: dict[str, Any]) -> None:
    with pytest.raises(ses.exceptions.NotFoundException) as caught:
        getattr(ses, operation)(EmailIdentity="absent.example.jp", **more)
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 404
    assert caught.value.response["Error"]["Message"] == "Email identity absent.example.jp does not exist."
    assert len(judged) == 1


GOOD = "MIIB"


@pytest.mark.parametrize("selector", ["-a", "a-", "a.b", "a_b", "a\n", "ａ", "a" * 64, " a", ""])
def test_a_selector_that_is_not_as_documented_is_a_bad_request(ses: Any, selector: str) -> None:
    with pytest.raises(ses.exceptions.BadRequestException):
        put(ses, selector, GOOD)
    assert dkim(ses)["Tokens"] == [CURRENT]


@pytest.mark.parametrize("selector", ["a", "A-9", "a" * 63])
def test_a_selector_as_documented_is_taken(ses: Any, selector: str) -> None:
    assert put(ses, selector, GOOD)["DkimTokens"] == [selector]


@pytest.mark.parametrize("key", ["", "-----BEGIN KEY-----", "MIIB\n", "MI IB", "MIIB===", "=MIIB", "MI-_", "A" * 20481])
def test_a_key_that_is_not_as_documented_is_a_bad_request_that_does_not_repeat_it(ses: Any, key: str) -> None:
    with pytest.raises(ses.exceptions.BadRequestException) as caught:
        put(ses, NEXT, key)
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert not key or key not in str(caught.value)
    assert dkim(ses)["Tokens"] == [CURRENT]


def private_der(key: Any, form: PrivateFormat = PrivateFormat.PKCS8) -> str:
    return base64.b64encode(key.private_bytes(Encoding.DER, form, NoEncryption())).decode()


def garbage() -> list[str]:
    pem = rsa.generate_private_key(65537, 2048).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return [
        "QUJDREVGRw==",
        "ABCDE",
        base64.b64encode(pem).decode(),
        private_der(ec.generate_private_key(ec.SECP256R1())),
        private_der(rsa.generate_private_key(65537, 3072)),
    ]


def test_garbage_is_taken_and_never_verifies(sandbox: Sandbox, ses: Any) -> None:
    for text in garbage():
        assert put(ses, NEXT, text)["DkimStatus"] == "NOT_STARTED"
        sandbox.advance(timedelta(hours=1))
        assert dkim(ses)["Status"] == "PENDING"
        info = ses.get_email_identity(EmailIdentity=DOMAIN)["VerificationInfo"]
        assert info["ErrorType"] == "INVALID_VALUE"


def test_garbage_is_refused_if_the_knob_says_so(sandbox: Sandbox, aws: dict[str, Any], ses: Any) -> None:
    sandbox.set_knobs(garbage_keys="refused")
    for text in garbage():
        with pytest.raises(ses.exceptions.BadRequestException):
            put(ses, NEXT, text)
    assert dkim(ses)["Tokens"] == [CURRENT]
    assert put(ses, NEXT, stored_key(aws, sandbox.facts, NEXT))["DkimStatus"] == "NOT_STARTED"
    traditional = private_der(rsa.generate_private_key(65537, 1024), PrivateFormat.TraditionalOpenSSL)
    assert put(ses, NEXT, traditional)["DkimStatus"] == "NOT_STARTED"


def test_identities_are_made_once_listed_in_pages_and_deleted(ses: Any) -> None:
    for number in range(4):
        ses.create_email_identity(EmailIdentity=f"d{number}.example.jp")
    with pytest.raises(ses.exceptions.AlreadyExistsException):
        ses.create_email_identity(EmailIdentity="D0.example.jp")
    with pytest.raises(ses.exceptions.BadRequestException):
        ses.create_email_identity(EmailIdentity="no domain")
    names, token = [], ""
    while True:
        page = ses.list_email_identities(PageSize=2, **({"NextToken": token} if token else {}))
        names += [one["IdentityName"] for one in page["EmailIdentities"]]
        token = page.get("NextToken", "")
        if not token:
            break
    assert names == ["d0.example.jp", "d1.example.jp", "d2.example.jp", "d3.example.jp", DOMAIN]
    with pytest.raises(ses.exceptions.BadRequestException):
        ses.list_email_identities(NextToken="never given")
    ses.delete_email_identity(EmailIdentity="d0.example.jp")
    with pytest.raises(ses.exceptions.NotFoundException):
        ses.get_email_identity(EmailIdentity="d0.example.jp")


def test_what_the_sandbox_does_not_have_is_501_and_not_moto_s(ses: Any, aws: dict[str, Any]) -> None:
    for call in (
        lambda: ses.get_account(),
        lambda: ses.create_contact_list(ContactListName="a"),
        lambda: ses.create_email_identity(EmailIdentity="somebody@example.jp"),
        lambda: ses.put_email_identity_dkim_signing_attributes(
            EmailIdentity=DOMAIN, SigningAttributesOrigin="AWS_SES_EU_WEST_1"
        ),
    ):
        with pytest.raises(ClientError) as caught:
            call()
        assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501
        assert caught.value.response["Error"]["Code"] == "NotImplemented"
    assert aws["sts"].get_caller_identity()["Account"] == "123456789012"


def test_what_belongs_elsewhere_is_a_bad_request(ses: Any) -> None:
    attributes = {"DomainSigningSelector": "a", "DomainSigningPrivateKey": GOOD}
    for origin, given in (
        ("EXTERNAL", attributes | {"NextSigningKeyLength": "RSA_2048_BIT"}),
        ("EXTERNAL", attributes | {"DomainSigningAttributesOrigin": "EXTERNAL"}),
        ("EXTERNAL", {"DomainSigningSelector": "a"}),
        ("EXTERNAL", {"DomainSigningPrivateKey": GOOD}),
        ("AWS_SES", attributes),
        ("AWS_SES", {"NextSigningKeyLength": "RSA_4096_BIT"}),
        ("OTHER", attributes),
    ):
        with pytest.raises(ses.exceptions.BadRequestException):
            ses.put_email_identity_dkim_signing_attributes(
                EmailIdentity=DOMAIN, SigningAttributesOrigin=origin, SigningAttributes=given
            )
    assert dkim(ses) == dkim(ses) | {"Tokens": [CURRENT], "SigningAttributesOrigin": "EXTERNAL"}
