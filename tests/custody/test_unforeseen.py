"""What a write came to, where something breaks that nobody foresaw."""

import msgspec
import pytest
from botocore.exceptions import NoCredentialsError

from byodkim.custody import custodian as process
from byodkim.custody.settings import AwsSettings, PutAnswer, PutSigningKey, Refused


@pytest.mark.parametrize(
    ("error", "result"),
    [
        (RuntimeError("after the sending, for all one knows"), "unclear"),
        (Refused("PlainHttp"), "rejected"),
        (NoCredentialsError(), "rejected"),
    ],
)
def test_only_what_was_not_sent_is_rejected(monkeypatch, error, result):
    def breaks(*_arguments):
        raise error

    monkeypatch.setattr(process.Custodian, "_key", breaks)
    custodian = process.Custodian(AwsSettings("ap-northeast-1"), may_write=True)
    operation = PutSigningKey("example.jp", "mail-2", "0" * 64)
    answer = custodian.answer(msgspec.Raw(msgspec.json.encode(operation)))
    assert isinstance(answer, PutAnswer)
    assert answer.result == result
