"""Words that explain a key record, tag by tag."""

from __future__ import annotations

from typing import Final

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "explained.sound": ("SOUND", "正常"),
    "explained.sound.means": (
        "Receivers can verify mail by this key record.",
        "受信側はこの鍵レコードで署名を検証できます。",
    ),
    "explained.mendable": ("DEFECTIVE", "欠陥あり"),
    "explained.mendable.means": (
        "Defects: {count}. The key in it is whole; the corrected value is below.",
        "欠陥 {count} 件。鍵そのものは完全で、修正した値を下に示します。",
    ),
    "explained.unsound": ("DEFECTIVE", "欠陥あり"),
    "explained.unsound.means": (
        "Defects: {count}. No sound key can be read out of it.",
        "欠陥 {count} 件。正しい鍵を取り出せません。",
    ),
    "tag.name": ("tag", "タグ"),
    "tag.value": ("value", "値"),
    "tag.says": ("what it says", "意味"),
    "tag.wrong": ("defect", "欠陥"),
    "tag.length": ("{value} ({length} characters)", "{value}（{length} 文字）"),
    "absent": ("(not there)", "（なし）"),
    "tag.v": (
        "Version of the record. Where it stands it must be first, and DKIM1 (RFC 6376 section 3.6.1).",
        "レコードのバージョン。書く場合は先頭に置き、DKIM1 でなければなりません（RFC 6376 3.6.1 節）。",
    ),
    "tag.k": (
        "Type of the key. rsa is what SES signs with (RFC 6376 section 3.6.1; ed25519 is RFC 8463).",
        "鍵の種類。SES の署名は rsa です（RFC 6376 3.6.1 節。ed25519 は RFC 8463）。",
    ),
    "tag.p": (
        "The public key: a SubjectPublicKeyInfo in base64; empty where it was revoked (RFC 6376 section 3.6.1). Signers use at "
        "least 1024 bits and should use 2048 (RFC 8301 section 3.2).",
        "公開鍵（SubjectPublicKeyInfo の base64）。空は失効を意味します（RFC 6376 3.6.1 節）。署名には 1024 ビット以上、推奨は 2048 ビット以上です（RFC 8301 3.2 節）。",
    ),
    "tag.h": (
        "Hash algorithms that signatures may use. sha256 must be among them; sha1 must not be used (RFC 8301 section 3.1).",
        "署名に使えるハッシュ。sha256 を含める必要があり、sha1 は使用禁止です（RFC 8301 3.1 節）。",
    ),
    "tag.s": (
        "Services that the key is for: * for all, or email (RFC 6376 section 3.6.1).",
        "鍵の用途。* はすべて、email は電子メールです（RFC 6376 3.6.1 節）。",
    ),
    "tag.t": ("Flags (RFC 6376 section 3.6.1).", "フラグ（RFC 6376 3.6.1 節）。"),
    "tag.n": (
        "Notes for people, which no program reads (RFC 6376 section 3.6.1).",
        "人のための注記で、プログラムは読みません（RFC 6376 3.6.1 節）。",
    ),
    "tag.g": (
        "Granularity, of RFC 4871 section 3.6.1; obsolete since RFC 6376.",
        "粒度（RFC 4871 3.6.1 節）。RFC 6376 で廃止されました。",
    ),
    "tag.unknown": (
        "Not a tag of RFC 6376: receivers ignore it (section 3.6.1).",
        "RFC 6376 にないタグで、受信側は無視します（3.6.1 節）。",
    ),
    "absent.v": (
        "Recommended, not required: DKIM1 is assumed (RFC 6376 section 3.6.1).",
        "推奨（必須ではない）。DKIM1 とみなされます（RFC 6376 3.6.1 節）。",
    ),
    "absent.k": ("rsa is assumed (RFC 6376 section 3.6.1).", "rsa とみなされます（RFC 6376 3.6.1 節）。"),
    "absent.p": (
        "Required: without it there is no key (RFC 6376 section 3.6.1).",
        "必須です。これがなければ鍵がありません（RFC 6376 3.6.1 節）。",
    ),
    "absent.h": (
        "All hash algorithms are allowed (RFC 6376 section 3.6.1).",
        "すべてのハッシュが許可されます（RFC 6376 3.6.1 節）。",
    ),
    "absent.s": ("For all services (RFC 6376 section 3.6.1).", "すべての用途に使えます（RFC 6376 3.6.1 節）。"),
    "absent.t": ("No flags are set (RFC 6376 section 3.6.1).", "フラグなし（RFC 6376 3.6.1 節）。"),
    "flag.y": (
        "y: the domain is testing, and receivers treat its signed mail no differently from unsigned mail.",
        "y: テスト中。受信側は署名のないメールと同じに扱います。",
    ),
    "flag.s": (
        "s: i= of a signature must name the signing domain itself, no subdomain.",
        "s: 署名の i= は署名ドメインそのものでなければならず、サブドメインは使えません。",
    ),
    "defects": ("What is wrong with it", "問題点と修正方法"),
    "wrong": ("what is wrong", "問題点"),
    "correction": ("correction", "修正方法"),
    "key": ("The key", "鍵"),
    "bits": ("bits", "鍵長（ビット）"),
    "bits.good": ("{bits} (as RFC 8301 recommends)", "{bits}（RFC 8301 の推奨どおり）"),
    "bits.weak": ("{bits} (RFC 8301 recommends at least 2048)", "{bits}（RFC 8301 の推奨は 2048 以上）"),
    "sha256": ("SHA-256 of the SubjectPublicKeyInfo", "SubjectPublicKeyInfo の SHA-256"),
    "strings": ("character-strings", "文字列（character-string）"),
    "strings.lengths": (
        "{strings} bytes; at most 255 each (RFC 1035 section 3.3)",
        "{strings} バイト（1 つ 255 バイト以内、RFC 1035 3.3 節）",
    ),
    "corrected": ("The corrected value:", "修正した値:"),
}
