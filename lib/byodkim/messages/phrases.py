"""Words for what checks expect and see. Values that are the same in every language go through ``verbatim``."""

from __future__ import annotations

from typing import Final

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "verbatim": ("{text}", "{text}"),
    "not-looked-at": ("not looked at: see the checks above", "確認していません（上のチェックを参照）"),
    "unread": ("could not be read: {operation} {code}", "読み取れませんでした: {operation} {code}"),
    "absent": ("absent", "ありません"),
    # account
    "account-in-profile": ("the profile names an account", "プロファイルにアカウントの指定があること"),
    "region-in-profile": (
        "the profile or -p region names a Region",
        "プロファイルか -p region にリージョンの指定があること",
    ),
    "skew-at-most": ("at most {minutes} minutes apart", "時刻差が {minutes} 分以内"),
    "skew": ("{seconds} s apart", "時刻差 {seconds} 秒"),
    # identity
    "one-selector": ("one selector in use", "使用中のセレクタが 1 つ"),
    "selector-changes": ("{current} -> {next}", "{current} → {next}"),
    "selector-again": (
        "{selector} is set, but SES gave up on it: written again",
        "{selector} は設定済みですが SES が検証を打ち切っています（再設定）",
    ),
    "selector-stands": ("{selector} is set already: nothing to write", "{selector} は設定済みです（変更なし）"),
    "selector-not-shown": ("SES does not show the selector in use", "SES が使用中のセレクタを返していません"),
    # plan
    "approved-plan": ("approvals, where the profile asks for them", "プロファイルが求める承認"),
    "plan-only": ("plan only: not asked for yet", "計画のみのため、まだ不要"),
    "approvals": ("approvals needed: {count}", "必要な承認: {count}"),
    "nothing-to-approve": ("nothing is to be written", "書き込みなし"),
    "approved-by": ("approved by {names}", "承認: {names}"),
    "approved-by-nobody": ("no approval was given", "承認の指定なし"),
    "approved-twice": ("{name} approved more than once", "{name} の承認が重複"),
    "plan-digest": ("plan {digest}", "計画 {digest}"),
    "approved-another-plan": (
        "{name} approved plan {digest}. Changed since: {facts}",
        "{name} が承認したのは計画 {digest}。その後の変化: {facts}",
    ),
    "approval.absent": ("no file {file}", "{file} がありません"),
    "approval.unread": ("{file} could not be read", "{file} を読み取れません"),
    "approval.malformed": ("{file} is no approval", "{file} は承認ファイルではありません"),
    "approval.unknown-key": ("{file}: signed by no approver's key", "{file} の署名鍵が承認者の一覧にありません"),
    "approval.forged": ("{file}: its signature does not verify", "{file} の署名を検証できません"),
    # secret
    "secret-shape": (
        "selector, dns_record.value and s3_key_path",
        "selector、dns_record.value、s3_key_path があること",
    ),
    "secret-version": ("{stage}, version {version}", "{stage}、バージョン {version}"),
    "secret.not-json": ("the secret is not JSON", "シークレットが JSON ではありません"),
    "secret.no-entry": ("no entry with selector and dns_record.value", "selector と dns_record.value の組がありません"),
    "secret.private-key-inside": (
        "a private key stands where a public value belongs",
        "公開情報の欄に秘密鍵と思われる値が入っています",
    ),
    "no-pending-version": ("no AWSPENDING version of its own", "独立した AWSPENDING バージョンがないこと"),
    "selector-twice": ("{selector} stands in the secret more than once", "{selector} がシークレットに複数あります"),
    "valid-key-record": ("a valid key record", "正しい鍵レコード"),
    "rsa-key": ("RSA {bits} bits, SHA-256 {sha256}", "RSA {bits} ビット、SHA-256 {sha256}"),
    "key-record-defect": ("{explained} ({defect})", "{explained}（{defect}）"),
    # key
    "one-key-object": ("exactly one key object", "鍵オブジェクトが 1 つだけあること"),
    "object-absent": ("absent: {place}", "ありません: {place}"),
    "object-version": ("a version ID", "バージョン ID があること"),
    "no-version": ("the bucket keeps no versions", "バケットのバージョニングが無効です"),
    "key-form": ("an unencrypted RSA private key", "暗号化されていない RSA 秘密鍵"),
    "key.absent": ("absent", "ありません"),
    "key.ambiguous": ("more than one object fits", "該当するオブジェクトが複数あります"),
    "key.empty": ("the object is empty", "オブジェクトが空です"),
    "key.too-large": ("the object is too large for a key: {size} bytes", "鍵としては大きすぎます: {size} バイト"),
    "key.encrypted": ("the key is encrypted with a passphrase", "パスフレーズで暗号化されています"),
    "key.unreadable": ("{size} bytes that are no whole private key", "{size} バイト。秘密鍵として読み取れません"),
    "key.not-rsa": ("a private key, but not RSA", "秘密鍵ですが RSA ではありません"),
    "same-key": ("one key pair", "1 組の鍵ペアであること"),
    "sha256": ("SHA-256 {sha256}", "SHA-256 {sha256}"),
    # DNS
    "every-server": ("every authoritative server answers", "すべての権威サーバーが応答すること"),
    "servers-answer": ("{total} of {total} answer", "{total} 台中 {total} 台が応答"),
    "key-everywhere": ("the key at every authoritative server", "すべての権威サーバーに鍵があること"),
    "servers-serve-key": ("{good} of {total} serve the key", "{total} 台中 {good} 台に鍵あり"),
    "servers-differ": (
        "{count} of {total} differ; {server}: {word}{detail}",
        "{total} 台中 {count} 台が不一致。{server}: {word}{detail}",
    ),
    "at-most-one-txt": ("one TXT record at most", "TXT レコードは 1 つまで"),
    "no-placeholder": ("no placeholder", "プレースホルダでないこと"),
    "verdict.the-key": ("the key", "一致"),
    "verdict.a-key": ("a sound key", "有効な鍵"),
    "verdict.another-key": ("another key", "別の鍵"),
    "verdict.absent": ("absent", "レコードなし"),
    "verdict.several-records": ("several TXT records", "TXT が複数"),
    "verdict.placeholder": ("the console's placeholder", "コンソールのプレースホルダ"),
    "verdict.revoked": ("revoked (p= is empty)", "失効（p= が空）"),
    "verdict.invalid": ("invalid", "不正な値"),
    "verdict.cname": ("a CNAME", "CNAME あり"),
    "verdict.lame": ("answers without authority", "権威なし応答"),
    "verdict.no-answer": ("no answer", "応答なし"),
    "verdict.servfail": ("SERVFAIL", "SERVFAIL"),
    "verdict.refused": ("REFUSED", "REFUSED"),
    # the way back
    "current-record-everywhere": ("the current key record at every server", "現行の鍵レコードが全サーバーにあること"),
    "servers-serve-current": (
        "{good} of {total} serve {selector}",
        "{total} 台中 {good} 台に {selector} の鍵レコードあり",
    ),
    "current-key-stored": ("the current key, pairing with its record", "現行の秘密鍵があり、鍵レコードと対になること"),
    "no-switch": ("no switch: none is needed", "切替なしのため不要"),
    "nothing-to-go-back-to": (
        "SES says {status} of the selector in use: there is nothing to go back to",
        "使用中のセレクタは {status} のため、戻す先がありません",
    ),
}
