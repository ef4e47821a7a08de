"""Key records as they come, whole and damaged: one table for every test that compares verdicts.

``strings`` makes the character-strings of one TXT record that holds the public half of ``keys.private_key(bits)``;
``defect`` is what it must be refused for, or "" if it must be accepted. ``lax`` says which other readers accept what
is refused here: d for dkimpy, o for opendkim-testkey, p for Perl's Mail::DKIM. What all three accept is refused
where RFC 6376 forbids it (other receivers keep to it), or where a receiver of the three does not see the harm.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.second_edition.dkim.keys import (
    b64,
    ec_spki,
    ed25519_keys,
    modulus,
    pem,
    pkcs1,
    pkcs1_public,
    pkcs8,
    small_spki,
    spki,
    spki_of,
)


@dataclass(frozen=True)
class Shape:
    name: str
    build: Callable[[], bytes | tuple[bytes, ...]]
    defect: str = ""
    bits: int = 2048
    lax: str = ""

    @property
    def strings(self) -> tuple[bytes, ...]:
        built = self.build()
        if isinstance(built, tuple):
            return built
        return tuple(built[start : start + 255] for start in range(0, max(len(built), 1), 255))


def key(bits: int = 2048) -> bytes:
    return b64(spki(bits))


def record(template: bytes, bits: int = 2048) -> Callable[[], bytes]:
    return lambda: template.replace(b"KEY", key(bits))


def holding(der: Callable[[], bytes]) -> Callable[[], bytes]:
    return lambda: b"v=DKIM1; k=rsa; p=" + b64(der())


def swapped_length(der: bytes) -> bytes:
    """BER, not DER: the outer length in more octets than it takes."""
    return b"\x30\x83\x00" + der[2:]


def without_null(der: bytes) -> bytes:
    """An AlgorithmIdentifier without its NULL parameters."""
    body = der[4:].replace(bytes.fromhex("300d06092a864886f70d0101010500"), bytes.fromhex("300b06092a864886f70d010101"))
    return b"\x30\x82" + len(body).to_bytes(2) + body


SHAPES: tuple[Shape, ...] = (
    # Accepted
    Shape("plain", record(b"v=DKIM1; k=rsa; p=KEY")),
    Shape("as-generators-write-it", record(b"k=rsa; p=KEY")),
    Shape("key-only", record(b"p=KEY")),
    Shape("rsa-1024", record(b"v=DKIM1; k=rsa; p=KEY", 1024), bits=1024),
    Shape("closing-semicolon", record(b"v=DKIM1; k=rsa; p=KEY;")),
    Shape("key-only-with-closing-semicolon", record(b"p=KEY;")),
    Shape("no-spaces", record(b"v=DKIM1;k=rsa;p=KEY")),
    Shape("spaces-everywhere", record(b" v = DKIM1 ;\tk = rsa ; p = KEY ")),
    Shape("folded", record(b"v=DKIM1;\r\n k=rsa;\r\n\tp=KEY")),
    Shape("space-within-key", lambda: b"v=DKIM1; k=rsa; p=" + key()[:200] + b" " + key()[200:]),
    Shape("many-short-strings", lambda: tuple(bytes([byte]) for byte in b"v=DKIM1; k=rsa; p=" + key())),
    Shape("cut-within-a-tag-name", lambda: (b"v=DKIM1; k=rsa; ", b"p", b"=" + key()[:200], key()[200:])),
    Shape("empty-string-among-them", lambda: (b"v=DKIM1; p=" + key()[:240], b"", key()[240:])),
    Shape("unknown-tag", record(b"v=DKIM1; x_1=any/thing=here; k=rsa; p=KEY")),
    Shape("note", record(b"v=DKIM1; n=for=20the=20mail=20team; p=KEY")),
    Shape("empty-note", record(b"v=DKIM1; n=; p=KEY")),
    Shape("testing", record(b"v=DKIM1; t=y; p=KEY")),
    Shape("testing-and-strict", record(b"v=DKIM1; t=y:s; p=KEY")),
    Shape("h-sha256", record(b"v=DKIM1; h=sha256; p=KEY")),
    Shape("h-both", record(b"v=DKIM1; h=sha1:sha256; p=KEY")),
    Shape("s-email", record(b"v=DKIM1; s=email; p=KEY")),
    Shape("s-any", record(b"v=DKIM1; s=*; p=KEY")),
    Shape("g-any", record(b"v=DKIM1; g=*; p=KEY")),
    Shape("key-before-its-type", record(b"p=KEY; k=rsa")),
    Shape("flag-unknown", record(b"v=DKIM1; t=x:y; p=KEY")),
    Shape("upper-case-tag-beside-the-key", record(b"v=DKIM1; P=x; p=KEY")),
    Shape("joined-with-a-space", lambda: (b"v=DKIM1; k=rsa; p=" + key()[:200], b" " + key()[200:])),
    Shape("folded-every-64", lambda: b"v=DKIM1; p=" + b"\r\n ".join(key()[at : at + 64] for at in range(0, 392, 64))),
    Shape("as-long-as-opendkim-reads", lambda: b"v=DKIM1; n=" + b"x" * 617 + b"; p=" + key()),
    # The tag-list
    Shape("empty", lambda: b"", "empty-record"),
    Shape("white-space-only", lambda: b"   ", "empty-tag"),
    Shape("prose", lambda: b"this record is reserved", "not-a-tag"),
    Shape("double-semicolon", record(b"v=DKIM1;; k=rsa; p=KEY"), "empty-tag", lax="p"),
    # a tag needs a name (RFC 6376 section 3.2)
    Shape("space-after-closing-semicolon", record(b"v=DKIM1; p=KEY; "), "empty-tag", lax="dop"),
    Shape("comma-for-semicolon", record(b"v=DKIM1, k=rsa, p=KEY"), "bad-version"),
    Shape("a-word-alone", record(b"v=DKIM1; X; p=KEY"), "not-a-tag"),
    Shape("tag-name-with-digit-first", record(b"v=DKIM1; 1x=y; p=KEY"), "not-a-tag", lax="op"),
    # letters, digits and underscores (section 3.2)
    Shape("tag-name-with-hyphen", record(b"v=DKIM1; x-y=z; p=KEY"), "not-a-tag", lax="dop"),
    Shape("duplicate-p", record(b"v=DKIM1; p=KEY; p=KEY"), "duplicate-tag", lax="op"),
    Shape("duplicate-unknown", record(b"v=DKIM1; x=1; x=2; p=KEY"), "duplicate-tag", lax="op"),
    # folding takes CRLF (section 2.8)
    Shape("bare-line-feed", record(b"v=DKIM1; k=rsa;\n p=KEY"), "control-character", lax="dop"),
    # one CRLF a fold (section 2.8)
    Shape("folded-over-an-empty-line", record(b"v=DKIM1; n=x\r\n \r\n ; p=KEY"), "bad-value", lax="dop"),
    # Backtracking that doubles with each space would take longer than anyone waits.
    Shape(
        "ninety-spaces-and-two-folds",
        record(b"v=DKIM1; n=x" + b" " * 90 + b"\r\n \r\n ; p=KEY"),
        "bad-value",
        lax="dop",
    ),
    Shape("nul", record(b"v=DKIM1; k=rsa; p=KEY\0"), "control-character", lax="do"),
    Shape("escaped-semicolons", record(rb"v=DKIM1\; k=rsa\; p=KEY"), "backslash"),
    Shape("quoted-whole", record(b'"v=DKIM1; k=rsa; p=KEY"'), "quote", lax="p"),
    # no base64 (section 3.6.1)
    Shape("space-before-quotes", record(b' "v=DKIM1; k=rsa; p=KEY"'), "quote", lax="p"),
    Shape("quotes-within-key", lambda: b"v=DKIM1; p=" + key()[:200] + b'" "' + key()[200:], "quote", lax="dop"),
    Shape("smart-quotes", lambda: "v=DKIM1; k=rsa; p=“".encode() + key() + "”".encode(), "smart-quote", lax="d"),
    Shape("smart-quotes-windows", record(b"v=DKIM1; k=rsa; p=\x93KEY\x94"), "smart-quote", lax="d"),
    Shape("full-width-semicolon", lambda: "v=DKIM1； k=rsa； p=".encode() + key(), "full-width"),
    Shape("ideographic-space", lambda: "v=DKIM1;　p=".encode() + key(), "full-width", lax="p"),
    Shape("no-break-space", lambda: "v=DKIM1;\u00a0p=".encode() + key(), "non-ascii", lax="p"),
    Shape("byte-order-mark", lambda: b"\xef\xbb\xbfv=DKIM1; p=" + key(), "non-ascii", lax="p"),
    # no white space of DKIM's (section 2.8)
    Shape("vertical-tab", record(b"v=DKIM1;\x0bp=KEY"), "control-character", lax="dop"),
    Shape("entities", record(b"v=DKIM1&#59; k=rsa&#59; p=KEY"), "bad-version"),
    Shape("quoted-strings", lambda: b'"v=DKIM1; p=' + key()[:200] + b'" "' + key()[200:] + b'"', "quote", lax="p"),
    Shape(
        "zone-file-parentheses", lambda: b'( "v=DKIM1; p=' + key()[:200] + b'" "' + key()[200:] + b'" )', "not-a-tag"
    ),
    Shape("semicolon-lost", record(b"v=DKIM1; k=rsa p=KEY"), "wrong-key-type"),
    Shape("colon-for-equals", record(b"v=DKIM1; k:rsa; p=KEY"), "not-a-tag"),
    Shape("too-long", lambda: b"v=DKIM1; n=" + b"x" * 618 + b"; p=" + key(), "too-long", lax="dp"),
    # v, k, h, s, g
    # it must be (section 3.6.1)
    Shape("version-not-first", record(b"k=rsa; v=DKIM1; p=KEY"), "version-not-first", lax="dop"),
    Shape("version-2", record(b"v=DKIM2; p=KEY"), "bad-version"),
    Shape("version-in-lower-case", record(b"v=dkim1; p=KEY"), "bad-version"),
    Shape("version-empty", record(b"v=; p=KEY"), "bad-version", lax="p"),
    Shape("an-spf-record", lambda: b"v=spf1 include:amazonses.com -all", "bad-version"),
    Shape("k-upper-case", record(b"v=DKIM1; k=RSA; p=KEY"), "wrong-key-type", lax="o"),
    Shape("k-empty", record(b"v=DKIM1; k=; p=KEY"), "wrong-key-type"),
    Shape("k-unknown", record(b"v=DKIM1; k=dsa; p=KEY"), "wrong-key-type"),
    Shape("k-ed25519-over-rsa", record(b"v=DKIM1; k=ed25519; p=KEY"), "ed25519", lax="o"),
    Shape("ed25519", lambda: b"v=DKIM1; k=ed25519; p=" + b64(ed25519_keys()[0]), "ed25519"),
    Shape("ed25519-called-rsa", holding(lambda: ed25519_keys()[1]), "ed25519"),
    Shape("h-sha1", record(b"v=DKIM1; h=sha1; p=KEY"), "no-sha256", lax="do"),
    Shape("h-empty", record(b"v=DKIM1; h=; p=KEY"), "no-sha256", lax="dp"),
    Shape("h-spaced-list", record(b"v=DKIM1; h=sha1  :  sha256 ; p=KEY"), "no-sha256", lax="do"),
    Shape("h-upper-case", record(b"v=DKIM1; h=SHA256; p=KEY"), "no-sha256", lax="do"),
    Shape("s-upper-case", record(b"v=DKIM1; s=Email; p=KEY"), "not-for-email", lax="o"),
    Shape("s-empty", record(b"v=DKIM1; s=; p=KEY"), "not-for-email", lax="p"),
    Shape("s-other", record(b"v=DKIM1; s=tlsrpt; p=KEY"), "not-for-email"),
    Shape("s-list", record(b"v=DKIM1; s=email:tlsrpt; p=KEY"), "not-for-email", lax="op"),
    Shape("g-one-address", record(b"v=DKIM1; g=info; p=KEY"), "granularity", lax="do"),
    Shape("g-empty", record(b"v=DKIM1; g=; p=KEY"), "granularity", lax="do"),
    # The key
    Shape("no-p", lambda: b"v=DKIM1; k=rsa", "no-key"),
    Shape("p-upper-case", record(b"v=DKIM1; k=rsa; P=KEY"), "upper-case-tag"),
    Shape("revoked", lambda: b"v=DKIM1; k=rsa; p=", "revoked"),
    Shape("placeholder", lambda: b"p=customerProvidedPublicKey", "placeholder"),
    Shape("placeholder-with-version", lambda: b"v=DKIM1; k=rsa; p=customerprovidedpublickey;", "placeholder"),
    Shape("p-twice-in-one", record(b"v=DKIM1; k=rsa; p=p=KEY"), "bad-base64"),
    Shape("key-in-angle-brackets", record(b"v=DKIM1; k=rsa; p=<KEY>"), "bad-base64", lax="do"),
    Shape("key-in-apostrophes", record(b"v=DKIM1; k=rsa; p='KEY'"), "quote", lax="do"),
    Shape("key-cut-with-dots", lambda: b"v=DKIM1; k=rsa; p=" + key()[:120] + b"...", "bad-base64"),
    Shape("closing-dot", record(b"v=DKIM1; k=rsa; p=KEY."), "bad-base64", lax="do"),
    Shape("percent-encoded", lambda: b"v=DKIM1; k=rsa; p=" + key()[:100] + b"%2F" + key()[103:], "bad-base64"),
    Shape("pem", lambda: b"v=DKIM1; p=-----BEGIN PUBLIC KEY-----" + key() + b"-----END PUBLIC KEY-----", "pem-header"),
    Shape("key-in-lower-case", lambda: b"v=DKIM1; k=rsa; p=" + key().lower(), "not-der"),
    Shape("url-safe-base64", lambda: b"p=" + key()[:100] + b"-_" + key()[102:], "bad-base64"),
    Shape("base64-cut", lambda: b"v=DKIM1; k=rsa; p=" + key()[:261], "truncated-der"),
    Shape("base64-cut-at-four", lambda: b"v=DKIM1; k=rsa; p=" + key()[:176], "truncated-der"),
    Shape("base64-cut-within-its-length", lambda: b"v=DKIM1; k=rsa; p=" + key()[:5], "truncated-der"),
    Shape("base64-cut-and-padded", lambda: b"v=DKIM1; k=rsa; p=" + key()[:175] + b"==", "truncated-der"),
    Shape("cut-and-written-over", lambda: b"p=" + b64(spki_of(modulus(2048), 3))[:383] + b"XX", "truncated-der"),
    Shape("one-character-lost", lambda: b"v=DKIM1; k=rsa; p=" + key()[:-1], "base64-length"),
    Shape("one-character-more", lambda: b"v=DKIM1; k=rsa; p=" + key() + b"A", "base64-length"),
    Shape("padding-within", lambda: b"v=DKIM1; k=rsa; p=" + key()[:100] + b"==" + key()[102:], "bad-base64"),
    Shape("key-twice", lambda: b"v=DKIM1; k=rsa; p=" + key(1024) * 2, "trailing-bytes"),
    Shape("garbage", holding(lambda: b"no key at all"), "not-der"),
    Shape("ber-length", holding(lambda: swapped_length(spki())), "not-der", lax="dp"),
    Shape("long-null-parameters", holding(lambda: spki().replace(b"\5\0\3\x82", b"\5\1\3\x82")), "not-rsa"),
    Shape("no-null-parameters", holding(lambda: without_null(spki())), "not-rsa", lax="p"),
    Shape("rsa-public-key", holding(pkcs1_public), "pkcs1-public-key", lax="d"),
    Shape("private-key-pkcs8", holding(lambda: pkcs8(1024)), "private-key"),
    Shape("private-key-pkcs1", holding(lambda: pkcs1(1024)), "private-key"),
    Shape("private-key-pkcs8-2048", holding(lambda: pkcs8(2048)), "private-key"),
    Shape("private-key-pkcs1-2048", holding(lambda: pkcs1(2048)), "private-key"),
    Shape("private-key-cut", lambda: b"p=" + b64(pkcs8())[:400], "private-key"),
    Shape("private-key-pem", lambda: b"p=" + pem(1024).replace(b"\n", b""), "private-key"),
    Shape("elliptic-curve", holding(ec_spki), "not-rsa"),
    Shape("even-modulus", holding(lambda: spki().replace(_tail(spki()), _even(_tail(spki())))), "not-rsa-numbers"),
    Shape("exponent-of-33-bits", holding(lambda: spki_of(modulus(2048), 2**32 + 15)), "wide-exponent"),
    Shape("rsa-512", holding(small_spki), "too-few-bits"),
    Shape("rsa-1023", holding(lambda: spki_of(modulus(1023))), "too-few-bits"),
    Shape("rsa-2049", holding(lambda: spki_of(modulus(2049))), "too-many-bits"),
    Shape("rsa-4096", holding(lambda: spki_of(modulus(4096))), "too-many-bits"),
)


def _tail(der: bytes) -> bytes:
    """The last octet of the modulus and the exponent after it."""
    return der[-6:]


def _even(tail: bytes) -> bytes:
    return bytes([tail[0] & 0xFE]) + tail[1:]
