"""Key records as people publish them, whole and damaged. ``KEY`` stands for a 2048-bit key."""

from __future__ import annotations

from cryptography.hazmat.primitives.serialization import PrivateFormat

from tests.dkim.keys import (
    b64,
    ec_spki,
    ed25519_spki,
    pem,
    pkcs1_public,
    private_der,
    small_spki,
    spki,
    spki_of,
)

KEY = b64(spki())

#: Records that are accepted.
SOUND = [
    text.replace("KEY", KEY)
    for text in (
        "v=DKIM1; k=rsa; p=KEY",
        "k=rsa; p=KEY",
        "p=KEY",
        "p=KEY;",
        "v=DKIM1;k=rsa;p=KEY",
        " v = DKIM1 ;\tk = rsa ; p = KEY ",
        "v=DKIM1; x_1=any/thing=here; k=rsa; p=KEY",
        "v=DKIM1; n=for=20the=20mail=20team; p=KEY",
        "v=DKIM1; n=; p=KEY",
        "v=DKIM1; t=y:s; p=KEY",
        "v=DKIM1; t=x; p=KEY",
        "v=DKIM1; h=sha256; p=KEY",
        "v=DKIM1; h=sha1:sha256; p=KEY",
        "v=DKIM1; s=email; p=KEY",
        "v=DKIM1; s=*; g=*; p=KEY",
        "p=KEY; k=rsa",
        "v=DKIM1; P=x; p=KEY",
    )
]


def without_null(der: bytes) -> bytes:
    """Return a key without the NULL parameters of its algorithm."""
    with_null, without = "300d06092a864886f70d0101010500", "300b06092a864886f70d010101"
    body = der[4:].replace(bytes.fromhex(with_null), bytes.fromhex(without))
    return b"\x30\x82" + len(body).to_bytes(2) + body


def even(der: bytes) -> bytes:
    """Return a key whose modulus is even."""
    return der[:-6] + bytes([der[-6] & 0xFE]) + der[-5:]


#: Records that are refused, and a piece of the reason.
REFUSED: list[tuple[str, str]] = [
    (text.replace("KEY", KEY), reason)
    for text, reason in (
        ("", "empty"),
        ("   ", "name=value"),
        ("this record is reserved", "name=value"),
        ("v=DKIM1;; p=KEY", "name=value"),
        ("v=DKIM1; p=KEY; ", "name=value"),
        ("v=DKIM1; X; p=KEY", "name=value"),
        ("v=DKIM1; 1x=y; p=KEY", "name=value"),
        ("v=DKIM1; x-y=z; p=KEY", "name=value"),
        ("v=DKIM1; k:rsa; p=KEY", "name=value"),
        ("v=DKIM1; p=KEY; p=KEY", "more than once"),
        ("v=DKIM1; x=1; x=2; p=KEY", "more than once"),
        ("v=DKIM1;\r\n p=KEY", "control characters"),
        ("v=DKIM1; p=KEY\0", "control characters"),
        (r"v=DKIM1\; k=rsa\; p=KEY", "backslashes"),
        ('"v=DKIM1; k=rsa; p=KEY"', "Quotation marks"),
        ('v=DKIM1; p=A" "KEY', "Quotation marks"),
        ("v=DKIM1; p=“KEY”", "non-ASCII"),
        (r"v=DKIM1; p=\xe2\x80\x9cKEY", "non-ASCII"),
        ("v=DKIM1； p=KEY", "non-ASCII"),
        ("v=DKIM1; n=" + "x" * 618 + "; p=KEY", "longer than 1024"),
        ("k=rsa; v=DKIM1; p=KEY", "begin with v=DKIM1"),
        ("v=DKIM2; p=KEY", "begin with v=DKIM1"),
        ("v=dkim1; p=KEY", "begin with v=DKIM1"),
        ("v=DKIM1, k=rsa, p=KEY", "begin with v=DKIM1"),
        ("v=spf1 include:amazonses.com -all", "begin with v=DKIM1"),
        ("v=DKIM1; k=RSA; p=KEY", "k=rsa only"),
        ("v=DKIM1; k=; p=KEY", "k=rsa only"),
        ("v=DKIM1; k=rsa p=KEY", "k=rsa only"),
        ("v=DKIM1; k=ed25519; p=KEY", "k=rsa only"),
        ("v=DKIM1; h=sha1; p=KEY", "sha256"),
        ("v=DKIM1; h=; p=KEY", "sha256"),
        ("v=DKIM1; h=sha1 : sha256; p=KEY", "sha256"),
        ("v=DKIM1; h=SHA256; p=KEY", "sha256"),
        ("v=DKIM1; s=tlsrpt; p=KEY", "for email"),
        ("v=DKIM1; s=Email; p=KEY", "for email"),
        ("v=DKIM1; s=email:tlsrpt; p=KEY", "for email"),
        ("v=DKIM1; g=info; p=KEY", "obsolete"),
        ("v=DKIM1; g=; p=KEY", "obsolete"),
        ("v=DKIM1; k=rsa", "no tag p"),
        ("v=DKIM1; P=KEY", "no tag p"),
        ("v=DKIM1; k=rsa; p=", "revoked"),
        ("p=customerProvidedPublicKey", "placeholder"),
        ("v=DKIM1; p=customerprovidedpublickey;", "placeholder"),
        ("v=DKIM1; p=<KEY>", "contains “<”"),
        ("v=DKIM1; p='KEY'", "contains “'”"),
        ("v=DKIM1; p=KEY.", "contains “.”"),
        (f"v=DKIM1; p={KEY[:200]} {KEY[200:]}", "contains “ ”"),
        (f"v=DKIM1; p={KEY[:100]}-_{KEY[102:]}", "contains “-”"),
        ("v=DKIM1; p=-----BEGIN PUBLIC KEY-----KEY-----END PUBLIC KEY-----", "contains “-”"),
        (f"v=DKIM1; p={KEY[:261]}", "195 of 294"),
        (f"v=DKIM1; p={KEY[:176]}", "132 of 294"),
        (f"v=DKIM1; p={KEY[:175]}==", "of 294"),
        (f"v=DKIM1; p={KEY[:-1]}", "293 of 294"),
        ("v=DKIM1; p=KEYA", "damaged"),
        ("v=DKIM1; p=KEY====", "damaged"),
        ("v=DKIM1; p=p=KEY", "contains “=”"),
        (f"v=DKIM1; p={KEY[:100]}=={KEY[102:]}", "contains “=”"),
        (f"v=DKIM1; p={KEY[:5]}", "damaged"),
        (f"v=DKIM1; p={KEY.lower()}", "not an RSA public key"),
        (f"v=DKIM1; p={b64(spki(1024)) * 2}", "not an RSA public key"),
        (f"v=DKIM1; p={b64(b'no key at all')}", "not an RSA public key"),
        (f"v=DKIM1; p={b64(bytes([0x30, 0x83, 0]) + spki()[2:])}", "not an RSA public key"),
        (f"v=DKIM1; p={b64(without_null(spki()))}", "not an RSA public key"),
        (f"v=DKIM1; p={b64(pkcs1_public())}", "not an RSA public key"),
        (f"v=DKIM1; p={b64(ec_spki())}", "not an RSA public key"),
        (f"v=DKIM1; p={b64(ed25519_spki())}", "not an RSA public key"),
        (f"v=DKIM1; p={b64(even(spki()))}", ""),
        (f"v=DKIM1; p={b64(spki_of(2048, 2**32 + 15))}", "exponent"),
        (f"v=DKIM1; p={b64(small_spki())}", "512 bits"),
        (f"v=DKIM1; p={b64(spki_of(1023))}", "1023 bits"),
        (f"v=DKIM1; p={b64(spki_of(2049))}", "2049 bits"),
        (f"v=DKIM1; p={b64(private_der())}", "PRIVATE"),
        (f"v=DKIM1; p={b64(private_der(1024, PrivateFormat.TraditionalOpenSSL))}", "PRIVATE"),
        (f"v=DKIM1; p={b64(private_der())[:400]}", "PRIVATE"),
    )
]
REFUSED.append(("p=" + pem(1024).decode().replace("\n", ""), "PRIVATE"))
