"""Words of retire's checks: claims and remedies for the catalogue ``checks``, and what they expect and see."""

from __future__ import annotations

from typing import Final

CHECKS: Final[dict[str, tuple[str, str]]] = {
    "SES-UNUSED": (
        "SES signs with the selector in no Region of the profile",
        "プロファイルのどのリージョンでも、SES がこのセレクタで署名していない",
    ),
    "SES-UNUSED.todo": (
        "Switch that Region to another selector first, by rotate; or let this operator read its identity (ses:GetEmailIdentity).",
        "先にそのリージョンを rotate で別のセレクタに切り替えるか、ID の読み取り権限（ses:GetEmailIdentity）を付与してください。",
    ),
    "BACK-ACTIVE": (
        "The selector in use is verified, its key record is served everywhere, and its private key pairs with it; or Easy "
        "DKIM is verified, with its records everywhere",
        "使用中のセレクタが検証済みで、鍵レコードが全サーバーにあり、秘密鍵と対になっている（Easy DKIM の場合は検証済みで、"
        "レコードが全サーバーにある）",
    ),
    "BACK-ACTIVE.todo": (
        "Keep this selector: it is the only way back. Complete the switch to the one in use first.",
        "このセレクタは唯一の切り戻し先です。残したまま、先に使用中のセレクタへの切替を完了してください。",
    ),
    "KEY-KNOWN": (
        "The selector is known by one key, which is not the key in use",
        "セレクタの鍵が 1 つに決まり、使用中の鍵とは異なる",
    ),
    "KEY-KNOWN.todo": (
        "Find out which key the selector had: by the key object, the secret or the archive. A record that may be another's is "
        "left where it is.",
        "鍵オブジェクト、シークレット、記録から、このセレクタの鍵を特定してください。別の鍵かもしれないレコードは変更しません。",
    ),
    "DNS-OWN": (
        "At the key record's name stands the selector's own key, its revocation, or nothing",
        "鍵レコードの名前にあるのは、このセレクタの鍵か、その失効か、空である",
    ),
    "DNS-OWN.todo": (
        "Ask the DNS team what stands there; nobody else's record is touched. A server that cannot be asked may hold anything.",
        "設定内容を DNS 担当に確認してください。ほかのレコードは変更しません。応答しないサーバーの内容は不明です。",
    ),
    "STORE-OWN": (
        "The key object that is to go is the selector's alone",
        "削除する鍵オブジェクトが、このセレクタだけのものである",
    ),
    "STORE-OWN.todo": (
        'Keep the key (retire_key = "keep"), or let this operator look at its versions (s3:ListBucketVersions, '
        "s3:GetObjectVersion).",
        '鍵を残す（retire_key = "keep"）か、バージョンの読み取り権限（s3:ListBucketVersions、s3:GetObjectVersion）を付与してください。',
    ),
    "SECRET-OWN": (
        "What the secret says of the selector can go, and all that it says of others stays",
        "シークレットからこのセレクタの項目だけを削除でき、ほかの項目は残る",
    ),
    "SECRET-OWN.todo": (
        'Keep the entry (retire_secret = "keep"), or let whoever writes the secret finish first, and name the selector in '
        "use there.",
        '項目を残す（retire_secret = "keep"）か、シークレットを更新する側の作業を終え、使用中のセレクタの項目を先に登録してください。',
    ),
    "TIME-OVERLAP": (
        "The overlap and the longest TTL have passed since the switch away was verified",
        "切替の検証から、併存期間と最長の TTL が経過している",
    ),
    "TIME-OVERLAP.todo": (
        "Wait until then: mail that was signed with it is still on its way. Where the archive does not know of the switch, "
        "waive it with the reason.",
        "それまで待ってください。このセレクタで署名したメールがまだ配送中です。切替の記録がない場合は、理由を付けて免除できます。",
    ),
    "TIME-SEEN": (
        "No aggregate report shows a valid signature with it after mail in transit",
        "配送中のメールを除き、集計レポートにこのセレクタの有効な署名がない",
    ),
    "TIME-SEEN.todo": (
        "Find who still signs with it: another account, Region or system that has its key. Or mend the folder of reports.",
        "このセレクタでまだ署名している送信元（別のアカウント、リージョン、システム）を特定してください。フォルダの問題なら修正してください。",
    ),
    "DNS-WITHDRAWN": (
        "Every authoritative server serves the key record as it is to be: revoked or none",
        "すべての権威サーバーで、鍵レコードが失効または削除されている",
    ),
    "DNS-WITHDRAWN.todo": (
        "Run the same command again when every server has taken the zone up.",
        "全サーバーへの反映後、同じコマンドを再実行してください。",
    ),
    "STORE-ERASED": (
        "Nothing is left in the key store of the private key that was to go",
        "削除するはずの秘密鍵が、保管先に残っていない",
    ),
    "STORE-ERASED.todo": (
        "Run the same command again: it looks at the versions, and removes what is left.",
        "同じコマンドを再実行してください。バージョンを確認し、残りを削除します。",
    ),
    "SECRET-CLEARED": (
        "No version of the secret that has a label names the selector, where its entry was to go",
        "削除するはずの項目が、シークレットのどのステージのバージョンにも残っていない",
    ),
    "SECRET-CLEARED.todo": (
        "Run the same command again: it looks at the versions, and does what is missing.",
        "同じコマンドを再実行してください。バージョンを確認し、足りない作業だけを行います。",
    ),
}

PHRASES: Final[dict[str, tuple[str, str]]] = {
    "unused-anywhere": ("{selector} in no Region", "どのリージョンでも {selector} を使っていないこと"),
    "used-in": ("in use in {regions}", "使用中: {regions}"),
    "unused-unknown": ("not known: {regions}", "確認できません: {regions}"),
    "active-proved": (
        "SUCCESS, and one key pair in the key store and at every server",
        "SUCCESS で、保管先と全サーバーの鍵が 1 組であること",
    ),
    "active-unverified": ("{selector}: {status}", "{selector}: {status}"),
    "active-is": ("{selector}: SUCCESS, proved", "{selector}: SUCCESS、確認済み"),
    "active-easy": (
        "Easy DKIM: SUCCESS, its {count} records at every server",
        "Easy DKIM: SUCCESS、レコード {count} 件が全サーバーにあり",
    ),
    "active-easy-lacking": (
        "Easy DKIM: {name} at {server} leads to no key of SES's",
        "Easy DKIM: {server} の {name} が SES の鍵を指していません",
    ),
    "one-known-key": ("one key, not the one in use", "鍵が 1 つで、使用中の鍵とは別であること"),
    "nothing-left": ("no key is known, and none is served", "既知の鍵はなく、公開もされていません"),
    "key-not-known": (
        "nothing tells which key {selector} has",
        "{selector} の鍵を特定できる情報がありません",
    ),
    "key-in-use": ("it is the key of {selector}, which is in use", "使用中の {selector} と同じ鍵です"),
    "own-record-only": ("its own key, revoked, or nothing", "このセレクタの鍵、失効、または空"),
    "own-counted": (
        "servers: {total}; the key: {there}, revoked: {revoked}, none: {absent}, older copy of the zone: {stale}",
        "{total} 台中、鍵あり {there}、失効 {revoked}、レコードなし {absent}、古いゾーン {stale}",
    ),
    "object-its-own": ("a place of its own", "このセレクタ専用の置き場"),
    "key-is-kept": ("the key is kept", "鍵は残します"),
    "object-place-unknown": ("where the key is, is not known", "鍵の置き場が不明"),
    "object-shared": ("{place} is the place of {selectors} too", "{place} は {selectors} の置き場でもあります"),
    "object-versions": ("{place}: versions to go: {count}", "{place}: 削除対象のバージョン {count} 件"),
    "overlap-passed": ("{days} days and {seconds} s after the switch", "切替から {days} 日と {seconds} 秒の経過"),
    "overlap-until.archive": (
        "not before {until}; the switch away was verified at {since}",
        "{until} まで待つ必要があります（切替の検証: {since}）",
    ),
    "overlap-until.sandbox": (
        "not before {until}; by the scenario the switch away was verified at {since}",
        "{until} まで待つ必要があります（シナリオ上の切替の検証: {since}）",
    ),
    "overlap-until.now": (
        "not before {until}; no earlier run saw it out of use, so that the time starts now ({since})",
        "{until} まで待つ必要があります（以前の記録がないため、{since} から数えます）",
    ),
    "overlap-since": ("passed at {until} (since {since})", "{until} に経過（起点 {since}）"),
    "not-seen-since": ("no signature since {since}", "{since} 以降に署名がないこと"),
    "reports-none": ("no reports are read", "レポートは使いません"),
    "reports-unread": ("not read: {names}", "読み取れません: {names}"),
    "reports-read": ("reports read: {count}", "レポート {count} 件を確認"),
    "seen-until": ("{count} messages, last until {until} ({names})", "{count} 通、最後は {until}（{names}）"),
    "entry-goes-alone": (
        "its entry alone goes, or none is there",
        "このセレクタの項目だけを削除できるか、項目がないこと",
    ),
    "entry-is-kept": ("the entry is kept", "項目は残します"),
    "entry-named": ("named in {stages}", "項目あり: {stages}"),
    "entry-named-nowhere": ("named in no version", "どのバージョンにも項目がないこと"),
    "entry-nowhere": ("no version names it", "どのバージョンにも項目なし"),
    "entry-rotating": (
        "another version is pending: AWSPENDING {version}",
        "別のバージョンが更新中です: AWSPENDING {version}",
    ),
    "entry-unclear": ("not known what these hold: {stages}", "内容を確認できません: {stages}"),
    "entry-only-there": (
        "only AWSPREVIOUS has the entry of {selectors}, which would be lost with it",
        "{selectors} の項目が AWSPREVIOUS にしかなく、一緒に失われます",
    ),
    "entry-unfit.own": (
        "the secret itself is this entry: AWSCURRENT names it as the selector",
        "シークレット本体がこの項目です（AWSCURRENT のセレクタ）",
    ),
    "entry-unfit.last": ("it is the secret's only entry", "シークレットの唯一の項目です"),
    "entry-unfit.shape": (
        "other entries stand inside it, and would go with it",
        "この項目の中に別の項目があり、一緒に失われます",
    ),
    "entry-unfit.absent": ("the version in force has changed meanwhile", "確認中に現行バージョンが変わりました"),
    "entry-unfit.not-json": ("the secret is not JSON", "シークレットが JSON ではありません"),
    "entry-unfit.binary": ("the secret is not JSON", "シークレットが JSON ではありません"),
    "entry-unfit.no-entry": ("the secret has no entry", "シークレットに項目がありません"),
    "entry-unfit.private-key-inside": (
        "a private key stands where a public value belongs",
        "公開情報の欄に秘密鍵と思われる値が入っています",
    ),
    "withdrawn.revoke": ("revoked or none at every server", "全サーバーで失効または削除済み"),
    "withdrawn.remove": ("none at every server", "全サーバーで削除済み"),
    "erased.keep": ("the key is kept", "鍵は残します"),
    "erased.delete": ("no version holds the key", "この鍵を含むバージョンがないこと"),
    "erased.expire": ("a delete marker before the key", "鍵に削除マーカーが付いていること"),
    "versions-left": ("other versions left: {count}", "残りのバージョン {count} 件"),
}

TEXTS: Final[dict[str, tuple[str, str]]] = {}
