"""What can be wrong with a key record, and what to do about it: one pair of sentences a defect."""

from __future__ import annotations

from typing import Final

_REWRITE = (
    "Publish the value from the DNS request unchanged, as one TXT record.",
    "DNS 設定依頼書の値を変更せず、1 つの TXT レコードとして公開してください。",
)
_RECOPY = (
    "Copy the value from the DNS request again, whole, and not by way of a word processor or a mail.",
    "DNS 設定依頼書の値を、ワープロやメール本文を経由せずに、もう一度全体をコピーしてください。",
)

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "means": (
        "Mail signed with this selector would not verify at some or all receivers.",
        "このセレクタで署名したメールは、一部またはすべての受信側で検証に失敗します。",
    ),
    # The record as a whole
    "empty-record": ("The key record is empty.", "鍵レコードが空です。"),
    "empty-record.todo": _REWRITE,
    "too-long": (
        "The key record is {real} bytes long; some receivers read no more than {most}.",
        "鍵レコードの長さは {real} バイトです。{most} バイトまでしか読まない受信側があります。",
    ),
    "too-long.todo": (
        "Publish only the v, k and p tags.",
        "v、k、p タグのみを公開してください。",
    ),
    "smart-quote": (
        "The key record holds typographic quotation marks, which a word processor puts in.",
        "鍵レコードに、ワープロが自動変換した引用符（“ ” など）が含まれています。",
    ),
    "smart-quote.todo": _RECOPY,
    "full-width": (
        "The key record holds full-width characters, which an input method puts in.",
        "鍵レコードに全角文字が含まれています。",
    ),
    "full-width.todo": _RECOPY,
    "non-ascii": (
        "The key record holds bytes that are not ASCII.",
        "鍵レコードに ASCII 以外のバイトが含まれています。",
    ),
    "non-ascii.todo": _RECOPY,
    "control-character": (
        "The key record holds the control character {code} at byte {place}.",
        "鍵レコードの {place} バイト目に制御文字 {code} が含まれています。",
    ),
    "control-character.todo": (
        "Remove line breaks and control characters from the value.",
        "値から改行と制御文字を取り除いてください。",
    ),
    "backslash": (
        "The key record holds backslashes before its semicolons.",
        "鍵レコードのセミコロンの前にバックスラッシュ（\\）が含まれています。",
    ),
    "backslash.todo": (
        "Enter the value without backslashes: this DNS console needs none, and publishes them.",
        "バックスラッシュを付けずに値を入力してください。DNS 管理画面でのエスケープは不要です。",
    ),
    "quote": (
        "The key record holds quotation marks as part of its value.",
        '鍵レコードの値そのものに引用符（"）が含まれています。',
    ),
    "quote.todo": (
        "Enter the value without quotation marks: this DNS console adds its own.",
        "引用符を付けずに値を入力してください。引用符は DNS 管理画面が自動で付けます。",
    ),
    # Tags
    "empty-tag": (
        "Two semicolons stand with nothing between them, or white space follows the last one.",
        "セミコロンの間に何もないか、最後のセミコロンの後に空白があります。",
    ),
    "empty-tag.todo": _REWRITE,
    "not-a-tag": (
        "Something in the key record is not of the form name=value: it begins with {text}.",
        "鍵レコードに「名前=値」の形になっていない部分があります（先頭: {text}）。",
    ),
    "not-a-tag.todo": _REWRITE,
    "bad-value": (
        "The value of the tag {tag} holds characters or white space that a tag may not hold.",
        "タグ {tag} の値に、使用できない文字または空白が含まれています。",
    ),
    "bad-value.todo": _REWRITE,
    "duplicate-tag": ("The tag {tag} stands more than once.", "タグ {tag} が複数回書かれています。"),
    "duplicate-tag.todo": (
        "Leave one of them; the whole record is void as long as there are two.",
        "1 つだけ残してください。重複している間はレコード全体が無効です。",
    ),
    "bad-version": ("The version is '{value}', not DKIM1.", "バージョンが DKIM1 ではなく「{value}」です。"),
    "bad-version.todo": ("Begin the value with v=DKIM1;", "値の先頭を v=DKIM1; にしてください。"),
    "version-not-first": ("v=DKIM1 is not the first tag.", "v=DKIM1 が先頭のタグではありません。"),
    "version-not-first.todo": ("Begin the value with v=DKIM1;", "値の先頭を v=DKIM1; にしてください。"),
    "ed25519": (
        "The key record is for an Ed25519 key; Amazon SES signs with RSA keys only.",
        "鍵レコードが Ed25519 用です。Amazon SES は RSA 鍵でのみ署名します。",
    ),
    "ed25519.todo": (
        "Publish the RSA key of this selector, with k=rsa.",
        "このセレクタの RSA 公開鍵を k=rsa で公開してください。",
    ),
    "wrong-key-type": (
        "The key type is '{value}', not rsa in lower case.",
        "鍵の種類が小文字の rsa ではなく「{value}」です。",
    ),
    "wrong-key-type.todo": ("Write k=rsa.", "k=rsa と書いてください。"),
    "no-sha256": (
        "The h tag allows '{value}' and not sha256, which Amazon SES signs with.",
        "h タグの値が「{value}」で、Amazon SES の署名が使う sha256 を許可していません。",
    ),
    "no-sha256.todo": ("Leave out the h tag.", "h タグを削除してください。"),
    "not-for-email": (
        "The s tag is '{value}': some receivers take this key to be for other services than email.",
        "s タグの値が「{value}」です。電子メール用の鍵ではないと判断する受信側があります。",
    ),
    "not-for-email.todo": ("Leave out the s tag.", "s タグを削除してください。"),
    "granularity": (
        "The obsolete g tag is '{value}': some receivers refuse every signature that SES makes.",
        "廃止された g タグの値が「{value}」です。SES の署名をすべて拒否する受信側があります。",
    ),
    "granularity.todo": ("Leave out the g tag.", "g タグを削除してください。"),
    # The key
    "no-key": ("The key record has no p tag, so it holds no key.", "鍵レコードに p タグがなく、公開鍵がありません。"),
    "no-key.todo": _REWRITE,
    "upper-case-tag": (
        "The key stands under P; the tag is p, in lower case.",
        "公開鍵のタグが大文字の P です。小文字の p でなければなりません。",
    ),
    "upper-case-tag.todo": _REWRITE,
    "revoked": (
        "The p tag is empty, which says that this key was revoked.",
        "p タグが空です。これは鍵が失効済みであることを意味します。",
    ),
    "revoked.todo": (
        "Never publish a key under this selector again; rotate to another selector.",
        "このセレクタは再利用せず、別のセレクタへ切り替えてください。",
    ),
    "placeholder": (
        "The key is the placeholder of the SES console, customerProvidedPublicKey, and not a key.",
        "公開鍵が SES コンソールの仮の値（customerProvidedPublicKey）のままで、実際の鍵ではありません。",
    ),
    "placeholder.todo": (
        "Publish the value from the DNS request; the console's CSV never holds the key.",
        "DNS 設定依頼書の値を公開してください。コンソールの CSV に実際の鍵は含まれません。",
    ),
    "pem-header": (
        "The key stands with its PEM header (-----BEGIN ...).",
        "公開鍵に PEM のヘッダ（-----BEGIN ...）が含まれています。",
    ),
    "pem-header.todo": (
        "Publish only the base64 between the header and the footer, in one piece.",
        "ヘッダとフッタの間の base64 だけを、改行なしで公開してください。",
    ),
    "bad-base64": ("The key is not base64.", "公開鍵が base64 として正しくありません。"),
    "bad-base64.todo": _RECOPY,
    "base64-length": (
        "The key is {length} characters of base64, which is no multiple of four: some are missing or too many.",
        "公開鍵の base64 が {length} 文字で、4 の倍数ではありません。文字の欠落または余分な文字があります。",
    ),
    "base64-length.todo": _RECOPY,
    "private-key": (
        "The p tag holds a PRIVATE key. Whoever can read it can sign mail as this domain.",
        "p タグに秘密鍵が入っています。これを読める者は誰でも、このドメインとしてメールに署名できます。",
    ),
    "private-key.todo": (
        "Remove the record at once, treat the key as compromised, and rotate to a new key pair.",
        "直ちにレコードを削除し、この鍵は漏えいしたものとして、新しい鍵ペアに切り替えてください。",
    ),
    "truncated-der": (
        "The key was cut short: {real} bytes, where its header states {stated}.",
        "公開鍵が途中で切れています。実際は {real} バイトで、ヘッダが示す長さは {stated} バイトです。",
    ),
    "truncated-der.todo": (
        "Publish the whole value from the DNS request, in character-strings of at most 255 bytes.",
        "DNS 設定依頼書の値の全体を、255 バイト以内の文字列に分けて公開してください。",
    ),
    "trailing-bytes": (
        "Something follows the key: {real} bytes, where its header states {stated}.",
        "公開鍵の後に余分なデータがあります。実際は {real} バイトで、ヘッダが示す長さは {stated} バイトです。",
    ),
    "trailing-bytes.todo": _RECOPY,
    "not-der": (
        "The key is base64, but not the DER of a public key: often letters were changed to lower case on the way.",
        "公開鍵は base64 ですが、公開鍵の DER 形式ではありません。途中で小文字に変換された可能性があります。",
    ),
    "not-der.todo": _RECOPY,
    "pkcs1-public-key": (
        "The key is a bare PKCS#1 RSAPublicKey; receivers expect a SubjectPublicKeyInfo (BEGIN PUBLIC KEY).",
        "公開鍵が PKCS#1 の RSAPublicKey 形式です。SubjectPublicKeyInfo 形式（BEGIN PUBLIC KEY）が必要です。",
    ),
    "pkcs1-public-key.todo": _REWRITE,
    "not-rsa": ("The key is not an RSA key.", "公開鍵が RSA 鍵ではありません。"),
    "not-rsa.todo": _REWRITE,
    "not-rsa-numbers": (
        "The key has the form of an RSA key, but its numbers are none that RSA works with.",
        "公開鍵は RSA 鍵の形式ですが、RSA として成り立たない数値です。",
    ),
    "not-rsa-numbers.todo": _RECOPY,
    "wide-exponent": (
        "The key's public exponent has {bits} bits; some receivers reject more than {most}.",
        "公開指数が {bits} ビットです。{most} ビットを超えると、一部の受信側が拒否します。",
    ),
    "wide-exponent.todo": (
        "Make a key pair with the public exponent 65537.",
        "公開指数 65537 の鍵ペアを作成してください。",
    ),
    "too-few-bits": (
        "The key is {bits} bits long; {fewest} is the least that receivers accept.",
        "鍵長が {bits} ビットです。受信側が受け入れるのは {fewest} ビット以上です。",
    ),
    "too-few-bits.todo": ("Make a key pair of 2048 bits.", "2048 ビットの鍵ペアを作成してください。"),
    "too-many-bits": (
        "The key is {bits} bits long; {most} is the most that Amazon SES signs with.",
        "鍵長が {bits} ビットです。Amazon SES が署名に使えるのは {most} ビットまでです。",
    ),
    "too-many-bits.todo": ("Make a key pair of 2048 bits.", "2048 ビットの鍵ペアを作成してください。"),
    # Names
    "name.means": ("Nothing was read or written.", "何も読み書きしていません。"),
    "name.selector": (
        "{selector} is no selector: SES takes 1 to 63 letters, digits and hyphens, no hyphen at either end.",
        "{selector} はセレクタとして使えません。英数字とハイフンで 1～63 文字、先頭と末尾はハイフン以外です。",
    ),
    "name.selector.todo": (
        "Give the selector alone, such as mail-20261124-1, without ._domainkey and the domain.",
        "mail-20261124-1 のように、._domainkey やドメインを付けずにセレクタだけを指定してください。",
    ),
    "name.domain": ("{domain} is no domain name.", "{domain} はドメイン名ではありません。"),
    "name.domain.todo": (
        "Give the signing domain, such as example.jp; a name in Japanese goes in its xn-- form.",
        "example.jp のような署名ドメインを指定してください。日本語ドメイン名は xn-- の形式で指定します。",
    ),
    "name.long": (
        "The name of the key record would be {length} characters long; DNS takes {most}.",
        "鍵レコードの名前が {length} 文字になります。DNS で使えるのは {most} 文字までです。",
    ),
}
