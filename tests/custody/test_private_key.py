"""Private keys as openssl writes them, and texts that are none."""

import base64
import math
import pickle

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from byodkim.custody.private_key import KeyDefect, holds_private_key, load
from tests.aws.keys import bare, openssl, pem, public, traditional


def forms() -> list[tuple[bytes, str]]:
    """Return one key in every form that a generator writes."""
    old, new = traditional(pem()), pem()
    return [
        (new, "PKCS#8 PEM"),
        (old, "PKCS#1 PEM"),
        (new.replace(b"\n", b"\r\n"), "PKCS#8 PEM"),
        (bare(new).encode(), "PKCS#8 base64"),
        (bare(old).encode() + b"\n", "PKCS#1 base64"),
        (b"\n".join(new.splitlines()[1:-1]), "PKCS#8 base64"),
    ]


@pytest.mark.parametrize("number", range(6))
def test_forms(number):
    data, form = forms()[number]
    key = load(data)
    assert (key.form, key.bits, key.public_key) == (form, 2048, public(pem()))
    # SES's form is the same key, in the same container.
    kind = ["-traditional"] if form.startswith("PKCS#1") else []
    written = openssl("pkey", *kind, "-inform", "DER", data=base64.b64decode(key.for_ses()))
    assert bare(written) == key.for_ses()
    beginnings = ("MIIEo", "MIIEp") if kind else ("MIIEu", "MIIEv", "MIIEw")  # by length
    assert key.for_ses().startswith(beginnings)


def test_sizes():
    assert load(pem(1024)).bits == 1024
    assert load(pem(3072)).bits == 3072  # the check says that SES takes 2048 at most


def defective() -> list[tuple[bytes, str]]:
    """Return what is no usable key, with its defect."""
    key = bare(pem())
    changed = base64.b64decode(key)[:-40] + bytes(40)
    return [
        (b"", "empty"),
        (b" \r\n", "empty"),
        (b"no key", "unreadable"),
        (pem()[:900], "unreadable"),
        (key[:800].encode(), "unreadable"),
        (base64.b64encode(changed), "unreadable"),
        (public(pem()).encode(), "unreadable"),
        (base64.b64encode(pem()), "unreadable"),
        (openssl("pkcs8", "-topk8", "-passout", "pass:x", data=pem()), "encrypted"),
        (openssl("rsa", "-traditional", "-aes128", "-passout", "pass:x", data=pem()), "encrypted"),
        (openssl("genpkey", "-algorithm", "ED25519"), "not-rsa"),
        (pem(2048, 2**32 + 1), "wide-exponent"),
        (b"A" * 70_000, "too-large"),
    ]


@pytest.mark.parametrize("number", range(13))
def test_defects(number):
    data, code = defective()[number]
    with pytest.raises(KeyDefect) as defect:
        load(data)
    assert defect.value.code == code
    assert defect.value.args == (code,)


def der(*numbers: int) -> bytes:
    """Return an RSAPrivateKey (RFC 8017 appendix A.1.2) in base64."""

    def field(tag: int, content: bytes) -> bytes:
        size = len(content)
        length = (
            [size] if size < 128 else [0x81, size] if size < 256 else [0x82, *divmod(size, 256)]
        )
        return bytes([tag, *length]) + content

    body = b"".join(field(2, each.to_bytes(each.bit_length() // 8 + 1)) for each in numbers)
    return base64.b64encode(field(0x30, body))


NAMES = ("n", "e", "d", "p", "q", "dmp1", "dmq1", "iqmp")


@pytest.mark.parametrize("changed", [*NAMES, "", "p is 1", "p is no prime"])
def test_numbers_that_do_not_belong_together(changed):
    """Not even where they do, and give no signature that verifies."""
    key = rsa.generate_private_key(65537, 2048).private_numbers()
    e, p, q = 65537, key.p, key.q
    if changed == "p is 1":
        p, q = 1, p * q
    if changed == "p is no prime":
        p *= 3
    d = pow(e, -1, math.lcm(p - 1, q - 1) or 1)
    numbers = [p * q, e, d, p, q, d % max(p - 1, 1), d % (q - 1), pow(q, -1, p)]
    data = der(
        0, *[each + 2 * (name == changed) for name, each in zip(NAMES, numbers, strict=True)]
    )
    if not changed:
        assert load(data).sha256
        return
    with pytest.raises(KeyDefect) as defect:
        load(data)
    assert defect.value.code in ("unreadable", "wide-exponent")


def test_nothing_is_shown():
    key = load(pem())
    assert repr(key) == str(key) == f"PrivateKey({key.sha256[:16]})"
    with pytest.raises(TypeError):
        pickle.dumps(key)


def test_public_texts():
    certificate = openssl("req", "-x509", "-key", "/dev/stdin", "-subj", "/CN=x", data=pem())
    for text in (public(pem()), certificate.decode(), base64.b64encode(certificate).decode()):
        assert not holds_private_key(text)
