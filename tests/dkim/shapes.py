"""Key records as people publish them, whole and damaged. ``@@`` stands for a 2048-bit key."""

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
    text.replace("@@", KEY)
    for text in (
        "v=DKIM1; k=rsa; p=@@",
        "k=rsa; p=@@",
        "p=@@",
        "p=@@;",
        "v=DKIM1;k=rsa;p=@@",
        " v = DKIM1 ;\tk = rsa ; p = @@ ",
        "v=DKIM1; x_1=any/thing=here; k=rsa; p=@@",
        "v=DKIM1; n=for=20the=20mail=20team; p=@@",
        "v=DKIM1; n=; p=@@",
        "v=DKIM1; t=y:s; p=@@",
        "v=DKIM1; t=x; p=@@",
        "v=DKIM1; h=sha256; p=@@",
        "v=DKIM1; h=sha1:sha256; p=@@",
        "v=DKIM1; s=email; p=@@",
        "v=DKIM1; s=*; g=*; p=@@",
        "p=@@; k=rsa",
        "v=DKIM1; P=x; p=@@",
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
    (text.replace("@@", KEY), reason)
    for text, reason in (
        ("", "empty"),
        ("   ", "name=value"),
        ("this record is reserved", "name=value"),
        ("v=DKIM1;; p=@@", "name=value"),
        ("v=DKIM1; p=@@; ", "name=value"),
        ("v=DKIM1; X; p=@@", "name=value"),
        ("v=DKIM1; 1x=y; p=@@", "name=value"),
        ("v=DKIM1; x-y=z; p=@@", "name=value"),
        ("v=DKIM1; k:rsa; p=@@", "name=value"),
        ("v=DKIM1; p=@@; p=@@", "more than once"),
        ("v=DKIM1; x=1; x=2; p=@@", "more than once"),
        ("v=DKIM1;\r\n p=@@", "control characters"),
        ("v=DKIM1; p=@@\0", "control characters"),
        (r"v=DKIM1\; k=rsa\; p=@@", "backslashes"),
        ('"v=DKIM1; k=rsa; p=@@"', "Quotation marks"),
        ('v=DKIM1; p=A" "@@', "Quotation marks"),
        ("v=DKIM1; p=“@@”", "non-ASCII"),
        (r"v=DKIM1; p=\xe2\x80\x9c@@", "non-ASCII"),
        ("v=DKIM1； p=@@", "non-ASCII"),
        ("v=DKIM1; n=" + "x" * 618 + "; p=@@", "longer than 1024"),
        ("k=rsa; v=DKIM1; p=@@", "begin with v=DKIM1"),
        ("v=DKIM2; p=@@", "begin with v=DKIM1"),
        ("v=dkim1; p=@@", "begin with v=DKIM1"),
        ("v=DKIM1, k=rsa, p=@@", "begin with v=DKIM1"),
        ("v=spf1 include:amazonses.com -all", "begin with v=DKIM1"),
        ("v=DKIM1; k=RSA; p=@@", "k=rsa only"),
        ("v=DKIM1; k=; p=@@", "k=rsa only"),
        ("v=DKIM1; k=rsa p=@@", "k=rsa only"),
        ("v=DKIM1; k=ed25519; p=@@", "k=rsa only"),
        ("v=DKIM1; h=sha1; p=@@", "sha256"),
        ("v=DKIM1; h=; p=@@", "sha256"),
        ("v=DKIM1; h=sha1 : sha256; p=@@", "sha256"),
        ("v=DKIM1; h=SHA256; p=@@", "sha256"),
        ("v=DKIM1; s=tlsrpt; p=@@", "for email"),
        ("v=DKIM1; s=Email; p=@@", "for email"),
        ("v=DKIM1; s=email:tlsrpt; p=@@", "for email"),
        ("v=DKIM1; g=info; p=@@", "obsolete"),
        ("v=DKIM1; g=; p=@@", "obsolete"),
        ("v=DKIM1; k=rsa", "no tag p"),
        ("v=DKIM1; P=@@", "no tag p"),
        ("v=DKIM1; k=rsa; p=", "revoked"),
        ("p=customerProvidedPublicKey", "placeholder"),
        ("v=DKIM1; p=customerprovidedpublickey;", "placeholder"),
        ("v=DKIM1; p=<@@>", "contains “<”"),
        ("v=DKIM1; p='@@'", "contains “'”"),
        ("v=DKIM1; p=@@.", "contains “.”"),
        (f"v=DKIM1; p={KEY[:200]} {KEY[200:]}", "contains “ ”"),
        (f"v=DKIM1; p={KEY[:100]}-_{KEY[102:]}", "contains “-”"),
        ("v=DKIM1; p=-----BEGIN PUBLIC @@-----@@-----END PUBLIC @@-----", "contains “-”"),
        (f"v=DKIM1; p={KEY[:261]}", "195 of 294"),
        (f"v=DKIM1; p={KEY[:176]}", "132 of 294"),
        (f"v=DKIM1; p={KEY[:175]}==", "of 294"),
        (f"v=DKIM1; p={KEY[:-1]}", "293 of 294"),
        ("v=DKIM1; p=@@A", "damaged"),
        ("v=DKIM1; p=@@====", "damaged"),
        ("v=DKIM1; p=p=@@", "contains “=”"),
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
