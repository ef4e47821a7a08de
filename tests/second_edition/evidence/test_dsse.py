"""DSSE envelopes, with the protocol's own example and OpenSSL as judge of the signatures."""

from __future__ import annotations

import base64
import copy
import hashlib
import subprocess
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from second_edition.evidence.dsse import EnvelopeDefect, key_id, open_envelope, pae, seal
from tests.second_edition.each import each

TYPE = "application/vnd.in-toto+json"
KEY, OTHER = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
PUBLIC, STRANGER = KEY.public_key().public_bytes_raw(), OTHER.public_key().public_bytes_raw()
PAYLOAD = '{"subject":"計画"}'.encode()


def code(envelope: Any, keys: tuple[bytes, ...] = (PUBLIC,), named: str = TYPE) -> str:
    with pytest.raises(EnvelopeDefect) as caught:
        open_envelope(envelope, named, keys)
    return caught.value.code


def test_the_protocol_s_own_example_of_what_is_signed() -> None:
    assert pae("http://example.com/HelloWorld", b"hello world") == (
        b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    )


def test_lengths_are_those_of_bytes() -> None:
    assert pae("型", PAYLOAD) == b"DSSEv1 3 \xe5\x9e\x8b 20 " + PAYLOAD


def test_the_payload_comes_back_with_the_key_that_signed_it() -> None:
    assert open_envelope(seal(TYPE, PAYLOAD, KEY), TYPE, (STRANGER, PUBLIC)) == (PAYLOAD, PUBLIC)


def test_openssl_verifies_the_signature(tmp_path: Path) -> None:
    envelope = seal(TYPE, PAYLOAD, KEY)
    for name, data in (
        ("key.pem", KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)),
        ("message", f"DSSEv1 {len(TYPE)} {TYPE} {len(PAYLOAD)} ".encode() + PAYLOAD),
        ("signature", base64.b64decode(envelope["signatures"][0]["sig"])),
    ):
        (tmp_path / name).write_bytes(data)
    words = ["-verify", "-pubin", "-inkey", "key.pem", "-rawin", "-in", "message", "-sigfile", "signature"]
    done = subprocess.run(["openssl", "pkeyutl", *words], cwd=tmp_path, capture_output=True, text=True)
    assert (done.returncode, done.stdout.strip()) == (0, "Signature Verified Successfully"), done.stderr
    assert envelope["signatures"][0]["keyid"] == hashlib.sha256(PUBLIC).hexdigest() == key_id(PUBLIC)


def test_who_is_not_known_is_told_apart_from_who_did_not_sign() -> None:
    assert code(seal(TYPE, PAYLOAD, OTHER)) == "unknown-key"
    assert code(seal(TYPE, PAYLOAD, KEY), ()) == "unknown-key"
    forged = seal(TYPE, PAYLOAD, OTHER)
    forged["signatures"][0]["keyid"] = key_id(PUBLIC)
    assert code(forged) == "forged"


def test_the_key_id_is_a_hint_and_no_evidence() -> None:
    envelope = seal(TYPE, PAYLOAD, KEY)
    envelope["signatures"][0]["keyid"] = key_id(STRANGER)
    assert open_envelope(envelope, TYPE, (STRANGER, PUBLIC)) == (PAYLOAD, PUBLIC)
    del envelope["signatures"][0]["keyid"]
    assert open_envelope(envelope, TYPE, (PUBLIC,)) == (PAYLOAD, PUBLIC)


@each("place", range(len(PAYLOAD)))
def test_another_byte_of_the_payload_is_not_what_was_signed(place: int) -> None:
    changed = bytearray(PAYLOAD)
    changed[place] ^= 1
    envelope = {**seal(TYPE, PAYLOAD, KEY), "payload": base64.b64encode(bytes(changed)).decode()}
    assert code(envelope) == "forged"


def test_the_type_is_signed_too() -> None:
    envelope = {**seal("text/plain", PAYLOAD, KEY), "payloadType": TYPE}
    assert code(envelope) == "forged"
    assert code(seal("text/plain", PAYLOAD, KEY)) == "malformed"


@each(
    "damage",
    [
        {"payload": None},
        {"payload": "not base64!"},
        {"payloadType": None},
        {"signatures": []},
        {"signatures": "x"},
        {"signatures": [{}]},
        {"signatures": [{"keyid": "", "sig": 7}]},
        {"signatures": [None]},
        {"signatures": [{"keyid": "", "sig": "!" + base64.b64encode(bytes(64)).decode()}]},
    ],
)
def test_what_is_no_envelope_is_said(damage: dict[str, Any]) -> None:
    envelope = copy.deepcopy(seal(TYPE, PAYLOAD, KEY)) | damage
    assert code(envelope) == "malformed"
    for name in damage:
        del envelope[name]
    assert code(envelope) == "malformed"


def test_two_signatures_are_one_too_many() -> None:
    envelope = seal(TYPE, PAYLOAD, KEY)
    envelope["signatures"] *= 2
    assert code(envelope) == "malformed"


def test_a_signature_or_key_of_another_length_verifies_nothing() -> None:
    envelope = seal(TYPE, PAYLOAD, KEY)
    envelope["signatures"][0]["sig"] = "AAAA"
    assert code(envelope) == "forged"
    assert code(seal(TYPE, PAYLOAD, KEY), (b"short",)) == "unknown-key"
