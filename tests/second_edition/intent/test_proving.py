"""By which message a switch is to be proved: the profile's mailbox, a rehearsal's, or a file; wrong ones refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from second_edition.errors import ParameterError
from second_edition.intent import proving
from second_edition.intent.parameters import parse
from second_edition.intent.profile import of
from second_edition.intent.proving import Proving
from second_edition.messages import LANGUAGES, Language
from second_edition.settings import Parameters, Profile
from tests.second_edition.each import each

MAILBOX = {"proof_from": "proof@example.jp", "proof_to": "inbox@example.com", "inbox": "s3://mail-bucket/proof/"}


def profile(**values: object) -> Profile:
    return of({"domain": "example.jp", **MAILBOX, **values}, "default", "en")


def asked(**values: object) -> Parameters:
    return parse({"selector": "mail-20261124-1", **values})


def found(section: Profile, folder: Path = Path(), language: Language = "en", **values: object) -> Proving | None:
    return proving.of(asked(**values), section, folder, language)


def test_the_profiles_mailbox_is_taken_without_being_asked_for() -> None:
    assert found(profile()) == Proving("proof@example.jp", "inbox@example.com", "mail-bucket", "proof/", 1, 120)
    assert found(profile(proof_messages=7, proof_wait_seconds=9), message="send") == Proving(
        "proof@example.jp", "inbox@example.com", "mail-bucket", "proof/", 7, 9
    )


@each(
    ("inbox", "bucket", "prefix"),
    [
        ("s3://b-1", "b-1", ""),
        ("s3://b.1/", "b.1", ""),
        ("s3://bucket/mail", "bucket", "mail"),
        ("s3://bucket/a/b/", "bucket", "a/b/"),
    ],
)
def test_an_inbox_is_a_bucket_and_a_prefix(inbox: str, bucket: str, prefix: str) -> None:
    mailbox = found(profile(inbox=inbox))
    assert mailbox
    assert (mailbox.bucket, mailbox.prefix) == (bucket, prefix)


def test_without_a_mailbox_or_with_none_asked_for_there_is_nothing() -> None:
    assert found(of({"domain": "example.jp"}, "default", "en")) is None
    assert found(profile(), message="none") is None
    assert found(profile(), message="none", domain="other.example") is None


def test_a_rehearsal_sends_only_when_told_and_never_to_the_profiles_mailbox() -> None:
    assert found(profile(), target="sandbox") is None
    rehearsed = found(profile(proof_messages=3), target="sandbox", message="send")
    assert rehearsed == Proving(messages=3)
    there = rehearsed.in_sandbox("example.jp", "inbox-bucket")
    assert (there.bucket, there.prefix) == ("inbox-bucket", "inbox/")
    assert there.sender.endswith("@example.jp")


def test_a_file_is_read_and_its_bytes_are_shown_nowhere(tmp_path: Path) -> None:
    data = b"From: taro@example.jp\r\n\r\nbody\r\n"
    (tmp_path / "received.eml").write_bytes(data)
    taken = found(profile(), tmp_path, message="received.eml")
    assert taken
    assert (taken.file, taken.data, taken.sends) == ("received.eml", data, False)
    assert "body" not in repr(taken)
    assert taken.plain() == {"file": "received.eml"}
    assert taken.in_sandbox("example.jp", "bucket") is taken


@each("language", LANGUAGES)
@each(
    ("values", "english"),
    [
        ({"proof_to": ""}, "names only some of proof_from, proof_to and inbox"),
        ({"proof_from": "Proof <proof@example.jp>"}, "proof_from in the profile is not an address"),
        ({"proof_to": "a@example.com\r\nBcc: b@example.com"}, "proof_to in the profile is not an address"),
        ({"proof_from": "proof@example.com"}, "is no address of example.jp"),
    ],
)
def test_half_a_mailbox_or_a_wrong_one_is_refused(language: Language, values: dict[str, object], english: str) -> None:
    with pytest.raises(ParameterError) as refused:
        found(profile(**values), language=language)
    assert refused.value.means
    assert refused.value.todo
    if language == "en":
        assert english in str(refused.value)


def test_an_address_below_the_domain_may_send() -> None:
    assert found(profile(proof_from="proof@News.Example.jp"))


def test_to_send_takes_a_mailbox() -> None:
    with pytest.raises(ParameterError, match="the profile names no mailbox"):
        found(of({"domain": "example.jp"}, "default", "en"), message="send")


def test_a_message_of_more_than_ses_takes_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proving, "LARGEST", 30)
    (tmp_path / "large.eml").write_bytes(b"From: taro@example.jp\r\n\r\n" + b"x" * 30)
    with pytest.raises(ParameterError, match="larger than 40 MB"):
        proving.received(tmp_path / "large.eml", "en")
