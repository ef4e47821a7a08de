"""The seal of a run: made with a local key, verified by OpenSSL too, and broken by whatever is altered."""

from __future__ import annotations

import base64
import json
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec.structs import replace

from second_edition.evidence import seal, sealing_key
from second_edition.evidence.dsse import PAYLOAD, STATEMENT, Signature, pae
from second_edition.evidence.journal import Account
from second_edition.evidence.seal import Seal, SealError
from second_edition.evidence.sealing_key import KeyDefect, SealingKey, parse
from second_edition.messages import Language
from tests.second_edition.each import each
from tests.second_edition.evidence.journals import RUN, run

KEY = Ed25519PrivateKey.generate()
PUBLIC = sealing_key.public_half(KEY)


def sign(statement: str, key: Ed25519PrivateKey = KEY) -> Signature:
    return Signature(key.sign(pae(PAYLOAD, statement.encode())), sealing_key.public_half(key).der)


@pytest.fixture
def account(tmp_path: Path) -> Account:
    return run(tmp_path, previous={"run": "20261110T000000Z-0001", "head": "ab" * 32, "outcome": "SWITCHED"})


@pytest.fixture
def sealed(account: Account) -> Seal:
    return seal.seal(account, sign)


def code(found: Seal, account: Account, *trusted: SealingKey) -> str:
    """Return why a seal does not hold; "" where it does."""
    try:
        seal.check_seal(found, account, {key.keyid: key for key in trusted})
    except SealError as error:
        return error.code if found.path.name in error.what else "nothing is said"
    return ""


def code_of_file(path: Path, account: Account, *trusted: SealingKey) -> str:
    """The same for a seal's file as it stands."""
    try:
        return code(seal.read_seal(path), account, *trusted)
    except SealError as error:
        return error.code


def test_a_seal_states_what_the_journal_says(account: Account, sealed: Seal, tmp_path: Path) -> None:
    assert sealed.path.name == f"a.{RUN}.seal.json"
    assert sealed.stated["subject"][0]["name"] == f"a.{RUN}.journal.jsonl"
    digest = subprocess.run(["openssl", "dgst", "-sha256", "-r", str(account.path)], capture_output=True, text=True)
    assert sealed.sha256 == digest.stdout.split()[0]
    assert sealed.predicate == {
        "run": RUN,
        "domain": "example.jp",
        "region": "ap-northeast-1",
        "account": "123456789012",
        "outcome": "SWITCHED",
        "head": account.head,
        "events": 3,
        "previous": {"run": "20261110T000000Z-0001", "head": "ab" * 32},
    }
    assert seal.statement(run(tmp_path / "open", outcome=""))["predicate"]["outcome"] == ""
    assert code(sealed, account, PUBLIC) == ""
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_file()) == [
        f"a.{RUN}.journal.jsonl",
        sealed.path.name,
    ]


def test_openssl_verifies_the_seal(sealed: Seal, tmp_path: Path) -> None:
    envelope = json.loads(sealed.path.read_bytes())
    payload = base64.b64decode(envelope["payload"])
    head = f"DSSEv1 {len(PAYLOAD)} {PAYLOAD} {len(payload)} ".encode()
    (tmp_path / "message").write_bytes(head + payload)
    (tmp_path / "signature").write_bytes(base64.b64decode(envelope["signatures"][0]["sig"]))
    (tmp_path / "key").write_bytes(base64.b64decode(envelope["publicKey"]))
    command = ["openssl", "pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-inkey", str(tmp_path / "key"), "-rawin"]
    command += ["-in", str(tmp_path / "message"), "-sigfile", str(tmp_path / "signature")]
    assert subprocess.run(command, capture_output=True, text=True).stdout.strip() == "Signature Verified Successfully"
    named = ["openssl", "dgst", "-sha256", "-r", str(tmp_path / "key")]
    assert subprocess.run(named, capture_output=True, text=True).stdout.split()[0] == sealed.keyid


def test_a_seal_that_was_made_anew_with_another_key_is_seen(account: Account) -> None:
    forger = Ed25519PrivateKey.generate()
    forged = seal.seal(account, lambda statement: sign(statement, forger))
    assert code(forged, account, PUBLIC) == "unknown-key"
    with pytest.raises(SealError) as refused:  # with what a profile lists, once it is known whose key it is
        seal.check_seal(forged, account, {PUBLIC.keyid: PUBLIC})
    assert parse(str(refused.value).rpartition(" ")[2], account.path.parent).keyid == forged.keyid
    claimed = replace(forged, keyid=PUBLIC.keyid, public_key=PUBLIC)
    assert code(claimed, account, PUBLIC) == "forged"


@pytest.mark.parametrize("bit", [0, 5, 7])  # 5: the case of a letter
def test_no_bit_of_a_seal_can_be_changed(account: Account, sealed: Seal, bit: int) -> None:
    whole = sealed.path.read_bytes()
    found = set()
    for place in range(len(whole)):
        sealed.path.write_bytes(whole[:place] + bytes([whole[place] ^ 1 << bit]) + whole[place + 1 :])
        found.add(code_of_file(sealed.path, account, PUBLIC))
    assert found <= {"malformed", "unknown-key", "forged"}


def test_a_seal_is_made_once(account: Account, sealed: Seal) -> None:
    before = sealed.path.read_bytes()
    again = seal.seal(account, lambda statement: sign(statement, Ed25519PrivateKey.generate()))
    assert (sealed.path.read_bytes(), again.keyid) == (before, sealed.keyid)
    sealed.path.unlink()
    longer = seal.statement(account)
    longer["predicate"]["head"] = "0" * 64
    seal.write(sealed.path, seal.envelope(longer, sign), "en")
    with pytest.raises(SealError) as raised:
        seal.seal(account, sign, "ja")
    assert raised.value.what == f"電子署名 {sealed.path.name} が既にありますが、このジャーナルのものではありません。"


@pytest.mark.parametrize(
    "data",
    [
        *(b"", b"{", b"[]", b"null", b"{}", b'{"payload": "!"}', b"[" * 100_000, b" " * 70_000, b'{"payload": 1}'),
        seal.envelope({"_type": STATEMENT, "subject": [], "predicate": {}}, sign),
    ],
)
def test_what_is_no_seal_is_malformed(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.seal.json").write_bytes(data)
    with pytest.raises(SealError) as raised:
        seal.read_seal(tmp_path / "a.seal.json")
    assert (raised.value.code, raised.value.what) == ("malformed", "The seal a.seal.json is damaged.")


@each(
    ("said", "code", "language"),
    [
        (
            "What the timestamp authority W answered does not verify (R). The run's outcome stands; the record is not "
            "timestamped. Check that timestamp_roots holds this authority's root certificate; the identity's next run "
            "finishes it.",
            "stamp.refused",
            "en",
        ),
        (
            "The seal W was made with the key R, which is not among the trusted ones. The journal is not proved to be "
            "as the run left it. Compare journal and seal with a copy from elsewhere. Where you know from elsewhere "
            "whose key that is, list it under sealing_keys: K",
            "unknown-key",
            "en",
        ),
        (
            "電子署名 W の鍵 R は、信頼する鍵に含まれていません。ジャーナルが実行時のままであることは証明されません。"
            "ジャーナルと電子署名を、別の場所に保管した写しと比べてください。誰の鍵かを別の手段で確認できたら、"
            "sealing_keys に登録してください: K",
            "unknown-key",
            "ja",
        ),
        (
            "W holds no Ed25519 or P-256 public key in PEM. Name a file that begins with BEGIN PUBLIC KEY.",
            "public.unusable",
            "en",
        ),
    ],
)
def test_what_is_said_of_a_seal_or_a_key(said: str, code: str, language: Language) -> None:
    assert str(SealError(code, language, where="W", reason="R", key="K")) == said


def test_what_keeps_a_seal_from_being_made_is_said_with_the_reason(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(SealError) as raised:
        seal.write(tmp_path / "file" / "a.seal.json", b"", "en")
    assert raised.value.what == "The seal a.seal.json cannot be written (File exists)."
    refused = seal.refused(KeyDefect("make.refused", "alias/seal", "AccessDenied"), "en")
    assert refused.what == "The sealing key alias/seal did not sign (AccessDenied)."


def test_a_seal_that_is_not_there_is_absent(tmp_path: Path) -> None:
    with pytest.raises(SealError, match=r"電子署名 a\.seal\.json がありません") as raised:
        seal.read_seal(tmp_path / "a.seal.json", "ja")
    assert raised.value.code == "absent"
    with pytest.raises(SealError) as raised:
        seal.read_seal(tmp_path)
    assert raised.value.what == f"The seal {tmp_path.name} cannot be read (no regular file)."
