"""Private keys are seen wherever they stand in a secret, in every form; public values are let be."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from second_edition.dkim.secrecy import holds_private, looks_private, may_be_key, may_be_piece
from tests.second_edition.aws.test_key_store import entry, parsed
from tests.second_edition.custody import forms
from tests.second_edition.dkim import keys
from tests.second_edition.each import each


def private_forms(key: rsa.RSAPrivateKey) -> list[str]:
    """A private key as it gets about: PEM, base64 of DER and of PEM, wrapped and not, within other text."""
    texts = []
    for form in (PrivateFormat.PKCS8, PrivateFormat.TraditionalOpenSSL):
        pem = key.private_bytes(Encoding.PEM, form, NoEncryption())
        der = base64.b64encode(key.private_bytes(Encoding.DER, form, NoEncryption())).decode()
        texts += [pem.decode(), der, base64.b64encode(pem).decode(), forms.wrapped(der.encode(), 64, "\r\n").decode()]
        texts += [f"v=DKIM1; k=rsa; p={der}", f'x"{der}"', f"abc{der}", "".join(pem.decode().splitlines()[1:-1])]
    return texts


def public_forms(key: rsa.RSAPrivateKey) -> list[str]:
    texts = []
    for form in (PublicFormat.SubjectPublicKeyInfo, PublicFormat.PKCS1):
        pem = key.public_key().public_bytes(Encoding.PEM, form)
        der = base64.b64encode(key.public_key().public_bytes(Encoding.DER, form)).decode()
        texts += [pem.decode(), der, base64.b64encode(pem).decode(), f"v=DKIM1; k=rsa; p={der}"]
    return texts


def test_private_keys_are_seen_in_every_form_and_public_ones_let_be() -> None:
    made = [rsa.generate_private_key(65537, 1024) for _ in range(190)]
    made += [rsa.generate_private_key(65537, 2048) for _ in range(10)]
    assert [text for key in made for text in private_forms(key) if not looks_private(text)] == []
    assert [text for key in made for text in public_forms(key) if looks_private(text)] == []


def test_other_private_keys_are_seen_too() -> None:
    for pem in (
        forms.ec_pem(forms.PKCS8),
        forms.ec_pem(forms.PKCS1),
        forms.ed25519_pem(),
        forms.encrypted(forms.PKCS8),
    ):
        assert looks_private(pem.decode())
    for pem in (forms.ec_pem(forms.PKCS8), forms.ec_pem(forms.PKCS1), forms.ed25519_pem()):
        assert looks_private("".join(pem.decode().splitlines()[1:-1]))


def test_words_about_private_keys_are_none() -> None:
    words = ("n=public half of the PRIVATE KEY of mail", "-----BEGIN PRIVATE KEY-----", "-----BEGIN PRIVATE KEY----- 1")
    assert [text for text in words if looks_private(text) or may_be_key(text)] == []
    by_chance = base64.b64encode(b"\x30\x82\x01\x00\x02\x01\x00\x05" + bytes(16)).decode()
    assert not looks_private(by_chance)


@each("before", ["M", "MM", "MI", "LS0t", "LS0tM", "aM+/", "MA" * 12, "M\nM", "M "])
def test_private_keys_are_seen_behind_what_looks_like_their_beginning(before: str) -> None:
    body = "".join(forms.ec_pem(forms.PKCS8).decode().splitlines()[1:-1])
    assert looks_private(before + body)
    assert looks_private(f"{before}{body[:24]}")
    assert not looks_private(before + body[:23])


def test_a_piece_of_a_key_is_seen_where_none_is_expected_and_what_a_run_is_given_is_let_be() -> None:
    key = rsa.generate_private_key(65537, 2048)
    der = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    spki = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    public = base64.b64encode(spki).decode()
    bare, digest = base64.b64encode(der).decode(), hashlib.sha256(der)
    lines = forms.wrapped(bare.encode(), 64, "\n").decode()
    pieces = [bare[500:650], f"because {bare[300:510]} is", lines[200:600], der.hex()[400:800], der.hex(":")[400:1000]]
    pieces += [forms.ed25519_pem().decode(), f"the key is {der.hex(' ')}"]
    pieces += [base64.urlsafe_b64encode(der).decode()[500:900], public[:48] + bare[500:900], public + bare[500:900]]
    assert [text for text in pieces if not may_be_key(text)] == []
    given = [
        digest.hexdigest(), base64.b64encode(digest.digest()).decode(), " for ".join([digest.hexdigest()] * 9),
        "arn:aws:kms:ap-northeast-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab",
        "outputs/" + "Campaign/Wave/" * 30, "yearly rotation of every selector " * 12, "年次の鍵更新のため" * 30,
        ",".join(["outputs/plan.20261124T040849Z-7f3a.approval.tanaka.json"] * 5), f"v=DKIM1; k=rsa; p={public}",
        ",".join(["20261124T040849Z-7f3a"] * 20), ",".join(["2600:9000:5300:1200::1,[2001:db8::53]:5354"] * 8),
        ",".join(["192.0.2.53", "198.51.100.53"] * 9), " ".join(["1234abcd-12ab-34cd-56ef-1234567890ab"] * 9),
        str([f"p256:{base64.b64encode(keys.ec_spki()).decode()}"] * 3),
        f'the zone serves "v=DKIM1; k=rsa; p={public[:200]}" "{public[200:]}"',
        forms.wrapped(public.encode()).decode(), keys.b64(keys.spki_of(keys.modulus(2048), 3)).decode(),
    ]  # fmt: skip
    assert [text for text in given if may_be_key(text)] == []


def test_a_whole_prime_is_seen_where_none_is_expected() -> None:
    """Of RSA-2048, and the private exponent: numbers of their size, as programs print them."""
    missed = []
    for size in (128, 256):
        data = b"\xc5" + hashlib.shake_256(b"prime").digest(size - 1)
        base32, base64_ = base64.b32encode(data).decode(), base64.b64encode(data).decode()
        pairs = [between.join(f"{one:02x}" for one in data) for between in ("", ":", " ", "_", "-", ", ", ":\n    ")]
        lists = [str(list(data)), str([f"0x{one:02x}" for one in data])[1:].replace("'", "")]
        lists += ["".join(f"\\x{one:02x}" for one in data), str(int.from_bytes(data, "big"))]
        lists += [
            base32,
            base32.lower(),
            f"because {base32} is",
            base64_,
            forms.wrapped(base64_.encode(), 64, "\n").decode(),
        ]
        lists.append(forms.wrapped(base64_.encode(), 64, "\n").decode())
        missed += [text for text in (*pairs, pairs[0].upper(), *lists) if not may_be_key(text)]
    assert missed == []


def test_what_people_list_is_no_key() -> None:
    digest = hashlib.sha256(b"").hexdigest()
    address = "2001:0db8:85a3:1234:5678:8a2e:0370:7334"
    given = [
        ", ".join([address] * 8), f"{digest},{digest}", f"{digest} -> {digest}", "-".join([digest] * 2),
        hashlib.sha512(b"").hexdigest(), ", ".join(["2026-11-24 03:00:00"] * 12), " ".join(["482913"] * 20),
        ", ".join([hashlib.sha1(b"").hexdigest()] * 3), ",".join(["123456789012"] * 12),
        ", ".join(["02:42:ac:11:00:02"] * 12), ",".join(["03-1234-5678"] * 12),
    ]  # fmt: skip
    assert [text for text in given if may_be_key(text)] == []


def test_a_private_key_anywhere_in_the_secret_is_found() -> None:
    """Every place and spelling in which a generator may have left the key beside what is public."""
    found = {name: make().decode() for name, (_, make) in forms.SOUND.items()}
    pem, bare = found["pkcs1-pem"], "".join(found["pkcs8-base64"].split())
    spelled = {
        **found,
        "base64 of PEM": base64.b64encode(pem.encode()).decode(),
        "base64 of base64": base64.b64encode(bare.encode()).decode(),
        "hexadecimal": base64.b64decode(bare).hex(),
        "hexadecimal with colons": base64.b64decode(bare).hex(":"),
        "JSON in JSON": json.dumps({"key": pem}),
    }
    for name, text in spelled.items():
        places: dict[str, Any] = {
            "beside": {**entry(), "private_key": text},
            "deep": {**entry(), "a": {"b": [{"c": {"d": {"e": {"f": [text]}}}}]}},
            "a name": {**entry(), text: ""},
            "no entry": {"note": text},
            "record": [entry(2), entry(dns_record={"value": f"v=DKIM1; k=rsa; p={text}"})],
        }
        if name in found:  # in another field that is public, beside another entry
            places |= {
                "selector": [entry(2), entry(selector=text)],
                "path": [entry(2), entry(s3_key_path=f"s3://keys/{text}")],
            }
        for place, planted in places.items():
            assert parsed(planted)[1] == "private-key-inside", (name, place)
    jwk = {"kty": "RSA", "n": "AQAB" * 20, "e": "AQAB", "d": "Cg" * 40}
    assert parsed({**entry(), "jwk": jwk})[1] == "private-key-inside"
    for names in (("n", "d"), ("p", "q")):
        assert parsed({**entry(), "jwk": dict.fromkeys(names, 1 << 1023)})[1] == "private-key-inside"
    public = {
        "n": 1,
        "d": 2,
        "public_key": base64.b64encode(b"public" * 50).decode(),
        "jwk": {"kty": "RSA", "n": "AQAB", "e": "AQAB"},
    }
    assert parsed({**entry(), **public})[1] == ""


def test_a_private_key_is_found_in_pieces_and_under_other_spellings() -> None:
    der = keys.pkcs8()
    bare, number = keys.b64(der), int.from_bytes(b"\xc5" * 128)
    texts = [f"the key is {der.hex(' ')}", keys.pem().hex(":"), str({"d": "Cg" * 20}), f"d = {number}"]
    texts += ["key=" + forms.wrapped(bare, 8, "|").decode(), forms.wrapped(keys.b64(bare), 8).decode()]
    assert [text for text in texts if not holds_private(text)] == []
    assert looks_private(forms.wrapped(bare, 8).decode())
    assert holds_private({"a": keys.pem().decode(), "b": ["x"]})
    assert holds_private(dict.fromkeys("nd", 1 << 128))
    assert not holds_private(dict.fromkeys("nd", (1 << 128) - 1))  # as large as a UUID


def test_a_piece_of_a_key_is_no_name_and_names_of_words_and_identifiers_are() -> None:
    pieces = ["q7" * 20, "q7" * 10 + "\t" + "q7" * 10, "aB1" * 8, keys.spki()[:12].hex(":")]
    assert [text for text in pieces if not may_be_piece(text)] == []
    digest = hashlib.sha256(b"").hexdigest()
    names = [digest, f"{digest[:32]}\n{digest[32:]}", "Wave1/Wave2/Wave3/Wave4/Wave5"]
    names += ["Z1D633PJN98FT9/Z35SXDOTRQ7X7K", "i-0a1b2c3d4e5f60718/i-0a1b2c3d4e5f60719"]
    assert [text for text in names if may_be_piece(text)] == []
