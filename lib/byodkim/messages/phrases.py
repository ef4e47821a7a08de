"""Words for what checks expect and see. Values that are the same in every language go through ``verbatim``."""

from __future__ import annotations

from typing import Final

from byodkim.messages import prepare, retire_checks, rewriting

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
    "nobody-else": ("no other apply run", "他に適用中の実行がないこと"),
    "lock-unneeded": ("a sandbox of the run's own", "この実行専用のサンドボックス"),
    "lock-unread": ("{place}: {why}", "{place}: {why}"),
    "lock-other": (
        "{operator} since {at} (run {run}; {place})",
        "{operator} が {at} から実行中（実行 {run}、{place}）",
    ),
    "lock-held": ("held: {place}, token {token}", "取得済み: {place}、トークン {token}"),
    "lock-taken-over": (
        "held: {place}, token {token}; {operator} (run {run}, {at}) never released it",
        "取得済み: {place}、トークン {token}。{operator}（実行 {run}、{at}）は解放せずに終了",
    ),
    "approved-plan": ("approvals, where the profile asks for them", "プロファイルが求める承認"),
    "plan-only": ("plan only: not asked for yet", "計画のみのため、まだ不要"),
    "approvals": ("approvals needed: {count}", "必要な承認: {count}"),
    "approval-not-required": ("no approval is required", "承認は不要"),
    "nothing-to-approve": ("nothing is to be written", "書き込みなし"),
    "approved-by": ("approved by {names}", "承認: {names}"),
    "approved-by-nobody": ("no approval was given", "承認の指定なし"),
    "approved-twice": ("{name} approved more than once", "{name} の承認が重複"),
    "approvals-in-force": (
        "approvals of the last {days} days, each for one run that writes",
        "{days} 日以内の承認（1 件につき書き込みは 1 回）",
    ),
    "approval-expired": (
        "{name} approved it on {at}, and that approval expired on {expires}",
        "{name} の承認（{at}）は {expires} に期限切れ",
    ),
    "approval-ahead": (
        "{name}'s approval is dated {at}, which is ahead of this run ({now})",
        "{name} の承認の日時 {at} が、この実行（{now}）より先",
    ),
    "approval-used": (
        "{name} approved it on {at}, and run {run} used that approval up on {used}",
        "{name} の承認（{at}）は、実行 {run}（{used}）で使用済み",
    ),
    "approval-of-campaign": ("approvals of the campaign that run {run} planned", "実行 {run} のキャンペーンの承認"),
    "approval-campaign": (
        "{name} approved on {at} the campaign that run {other} planned, not that of run {run}",
        "{name} の承認（{at}）は実行 {other} のキャンペーンのもので、実行 {run} のものではない",
    ),
    "record-sealable": ("a record that is written and sealed", "記録の書き込みと封印が可能"),
    "record-copyable": ("a timestamp for the record, and its copies", "記録のタイムスタンプ取得と写しの保存が可能"),
    "plan-digest": ("plan {digest}", "計画 {digest}"),
    "approved-another-plan": (
        "{name} approved plan {digest}. Changed since: {facts}",
        "{name} が承認したのは計画 {digest}。その後の変化: {facts}",
    ),
    "fleet-another-plan": (
        "the campaign showed plan {digest}. Changed since: {facts}",
        "キャンペーンで示されたのは計画 {digest}。その後の変化: {facts}",
    ),
    "fleet-planned": ("the plan of a campaign, as it was shown", "示されたとおりのキャンペーンの計画"),
    "fleet-plan": ("plan {digest} of run {run}", "実行 {run} の計画 {digest}"),
    "fleet-plan.unnamed": ("no plan run was named", "plan の実行が指定されていません"),
    "fleet-plan.absent": ("no run {run} in this archive", "この保管先に実行 {run} がありません"),
    "fleet-plan.other": (
        "run {run} is no finished plan of a campaign",
        "実行 {run} は完了したキャンペーンの plan ではありません",
    ),
    "fleet-plan.altered": (
        "the files of run {run} are not those that its journal names",
        "実行 {run} のファイルがジャーナルの記録と一致しません",
    ),
    "fleet-plan.settings": (
        "run {run} was planned with other values of {names}",
        "実行 {run} の計画とは {names} の値が異なります",
    ),
    "fleet-plan.lane": ("the lanes of run {run} are {names}", "実行 {run} の計画にある組は {names} です"),
    "fleet-member": ("a plan that is among those of the campaign", "キャンペーンの計画に含まれること"),
    "fleet-no-member": (
        "no proof that it is among those whose digest was approved",
        "承認されたダイジェストに含まれることの証明がありません",
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
    "secret.binary": (
        "the secret is binary (SecretBinary), and its bytes are not JSON",
        "シークレットがバイナリー（SecretBinary）で、内容が JSON ではありません",
    ),
    "secret.no-entry": ("no entry with selector and dns_record.value", "selector と dns_record.value の組がありません"),
    "secret.private-key-inside": (
        "a private key stands where a public value belongs",
        "公開情報の欄に秘密鍵と思われる値が入っています",
    ),
    "no-pending-version": ("no AWSPENDING version of its own", "独立した AWSPENDING バージョンがないこと"),
    "selector-twice": ("{selector} stands in the secret more than once", "{selector} がシークレットに複数あります"),
    "selector-elsewhere": (
        "the secret has {selector} only for {domain}",
        "シークレットの {selector} は {domain} のものだけです",
    ),
    "valid-key-record": ("a valid key record", "正しい鍵レコード"),
    "rsa-key": ("RSA {bits} bits, SHA-256 {sha256}", "RSA {bits} ビット、SHA-256 {sha256}"),
    "key-record-defect": ("{explained} ({defect})", "{explained}（{defect}）"),
    # key
    "one-key-object": ("exactly one key object", "鍵オブジェクトが 1 つだけあること"),
    "object-absent": ("absent: {place}", "ありません: {place}"),
    "object-version": ("a version ID", "バージョン ID があること"),
    "no-version": ("the bucket keeps no versions", "バケットのバージョニングが無効です"),
    "object-not-newer": ("stored no later than the secret", "シークレットより後に保存されていないこと"),
    "object-newer": ("stored {object}, the secret {secret}", "保存 {object}、シークレット {secret}"),
    "object-dated": ("stored {object}, the secret {secret}", "保存 {object}、シークレット {secret}"),
    "fresh-key": ("a key of no other selector", "他のセレクタの鍵でないこと"),
    "key-of": ("the key of {selector} ({run})", "{selector} の鍵と同じ（{run}）"),
    "compared-with": ("differs from {count} other keys", "他の鍵 {count} 件と不一致"),
    "own-key-only": ("{selector} with this key only", "{selector} はこの鍵だけで使用"),
    "used-with": ("used with SHA-256 {sha256} (run {run})", "SHA-256 {sha256} で使用済み（実行 {run}）"),
    "same-key-before": ("{selector} was used with this key", "{selector} はこの鍵で使用済み"),
    "never-used": ("no earlier run used {selector}", "{selector} を使った実行なし"),
    "key-form": ("an unencrypted RSA private key", "暗号化されていない RSA 秘密鍵"),
    "key.absent": ("absent", "ありません"),
    "key.two-buckets": (
        "s3_bucket in the secret contradicts another bucket",
        "シークレットの s3_bucket が別のバケットの指定と矛盾します",
    ),
    "key.ambiguous": ("more than one object fits", "該当するオブジェクトが複数あります"),
    "key.empty": ("the object is empty", "オブジェクトが空です"),
    "key.too-large": ("the object is too large for a key: {size} bytes", "鍵としては大きすぎます: {size} バイト"),
    "key.encrypted": ("the key is encrypted with a passphrase", "パスフレーズで暗号化されています"),
    "key.unreadable": ("{size} bytes that are no whole private key", "{size} バイト。秘密鍵として読み取れません"),
    "key.wide-exponent": (
        "a public exponent of more than 31 bits, which some receivers reject",
        "公開指数が 31 ビットを超えており、一部の受信側が拒否します",
    ),
    "key.not-rsa": ("a private key, but not RSA", "秘密鍵ですが RSA ではありません"),
    "no-key-files": ("no key file left over", "残った鍵ファイルなし"),
    "key-files": ("{count}: {names}", "{count} 件: {names}"),
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
    "message-verifies": ("a signed message verifies everywhere", "署名済みメッセージをどこでも検証できること"),
    "message-verified": ("verifies with {total} of {total} records", "{total} 件中 {total} 件の鍵レコードで検証成功"),
    "message-fails": (
        "{count} of {total} records do not verify it; {where}: {defect}",
        "{total} 件中 {count} 件の鍵レコードで検証失敗。{where}: {defect}",
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
    "verdict.stale": ("stale copy of the zone", "古いゾーンのまま"),
    "verdict.no-answer": ("no answer", "応答なし"),
    "verdict.tcp-blocked": ("truncated, and TCP is blocked", "応答が切り詰められ、TCP も不通"),
    "verdict.no-ipv6": ("not asked: no IPv6 here", "未確認（この端末に IPv6 なし）"),
    "verdict.servfail": ("SERVFAIL", "SERVFAIL"),
    "verdict.refused": ("REFUSED", "REFUSED"),
    "no-cname": ("no CNAME, or one that leads to the key", "CNAME がないこと（または鍵に至ること）"),
    "cname-loops": ("CNAMEs that come back to themselves: {chain}", "CNAME がループしています: {chain}"),
    "cname-leads": ("{chain}: {word}", "{chain}: {word}"),
    "cname-followed": (
        "{chain}: every server of the target serves the key",
        "{chain}: 参照先の全サーバーに鍵あり",
    ),
    "no-wildcard": ("a random name beside it does not exist", "隣の任意の名前が存在しないこと"),
    "wildcard-answers": (
        "a random name beside it has a record too, at {count} addresses; {server}",
        "隣の任意の名前にもレコードがあります（{count} 件）。{server}",
    ),
    "no-flags": ("neither t=y nor t=s", "t=y も t=s もないこと"),
    "no-sound-record": ("no server serves a sound key record", "正しい鍵レコードがどのサーバーにもありません"),
    "path-open": ("port 53 is open to authoritative servers", "権威サーバーの 53 番ポートに届くこと"),
    "path-blocked": (
        "port 53 is blocked here: no authoritative server can be asked, though a resolver answers. Encrypted resolvers: "
        "{good} of {total} give the key",
        "この端末から権威サーバーの 53 番ポートに届きません（リゾルバは応答）。暗号化 DNS は {total} 台中 {good} 台に鍵あり",
    ),
    "same-name-servers": (
        "the zone and the zone above it name the same name servers",
        "親ゾーンと子ゾーンの NS が一致すること",
    ),
    "servers-given": ("name servers were given: no delegation is walked", "ネームサーバー指定のため委任は確認しません"),
    "lame": (
        "{zone} is delegated to {server}, which does not hold it ({word})",
        "{zone} の委任先 {server} がゾーンを持っていません（{word}）",
    ),
    "names-differ": ("{server} names: {names}", "{server} の NS: {names}"),
    "not-walked": (
        "no root server could be asked: the name servers are those a resolver tells",
        "ルートから確認できません（リゾルバの情報のみ）",
    ),
    "by-encrypted": ("port 53 is blocked: encrypted resolvers count", "53 番ポート不通のため暗号化 DNS で判断"),
    "delegated": ("{zone}: {count} addresses, all named by both", "{zone}: {count} アドレス、親子の NS は一致"),
    "ipv6-asked": ("IPv6 addresses are asked too", "IPv6 アドレスにも確認すること"),
    "no-ipv6-here": (
        "this machine has no IPv6: {count} addresses not asked",
        "この端末に IPv6 がないため {count} アドレスは未確認",
    ),
    "ipv6-count": ("{count} IPv6 addresses asked", "IPv6 は {count} アドレスを確認"),
    "resolvers-agree": ("recursive resolvers give the key too", "リゾルバからも鍵が得られること"),
    "no-resolver-asked": ("none was asked", "確認していません"),
    "no-resolver-answers": ("none of {total} answers", "{total} 台とも応答なし"),
    "resolvers-give-key": ("{good} of {total} give the key", "{total} 台中 {good} 台で鍵を確認"),
    "dnssec-sound": ("no resolver rejects the record's DNSSEC signatures", "DNSSEC 検証に失敗するリゾルバがないこと"),
    "dnssec-bogus": (
        "DNSSEC validation fails at {servers}: SERVFAIL, and an answer only with validation switched off",
        "{servers} で DNSSEC 検証に失敗（SERVFAIL。検証を無効にした場合だけ応答あり）",
    ),
    # time
    "caches-forgot": (
        "no cache holds what stood there before the record",
        "以前の状態がキャッシュに残っていないこと",
    ),
    "not-everywhere-yet": (
        "not served everywhere yet: the time begins when it is",
        "全サーバーへの反映前のため、まだ起算していません",
    ),
    "never-seen-otherwise": (
        "never seen absent or otherwise: nothing for a cache to hold",
        "以前と異なる状態は記録になく、キャッシュの影響なし",
    ),
    "not-before": (
        "not before {until}, because every server was first seen to serve the record at {since}, and caches may hold what "
        "stood there before for {seconds} s (plus {margin} min for clocks that differ and TTLs that resolvers round up)",
        "{until} までお待ちください。全サーバーへの反映を最初に確認したのは {since} で、以前の状態が最長 {seconds} 秒キャッシュに"
        "残るためです（時計の差と TTL の切り上げを見込み、{margin} 分を加算）",
    ),
    "forgotten-since": (
        "forgotten since {until}: served everywhere since {since}",
        "{until} 以降は影響なし（全サーバーへの反映は {since}）",
    ),
    # the way back
    "current-record-everywhere": ("the current key record at every server", "現行の鍵レコードが全サーバーにあること"),
    "servers-serve-current": (
        "{good} of {total} serve {selector}",
        "{total} 台中 {good} 台に {selector} の鍵レコードあり",
    ),
    "current-keys-differ": (
        "{good} of {total} serve {selector}, with {keys} different keys",
        "{total} 台中 {good} 台に {selector} の鍵レコードがあるが、鍵が {keys} 種類ある",
    ),
    "current-key-stored": ("the current key, pairing with its record", "現行の秘密鍵があり、鍵レコードと対になること"),
    "rollback-passes": ("every check of a rollback passes", "切り戻しの全チェックに合格すること"),
    "rollback-passed": ("{count} checks of a rollback to {selector}", "{selector} への切り戻しのチェック {count} 件"),
    "rollback-refused": (
        "a rollback to {selector} would be refused by {ids}",
        "{selector} への切り戻しは {ids} で拒否されます",
    ),
    "no-rollback": ("no selector to return to", "戻す先のセレクタがありません"),
    "never-worked": (
        "{selector} was never seen verified (SES says {status}): it is no selector to return to",
        "{selector} は検証済みになった記録がないため（SES の状態は {status}）、戻す先になりません",
    ),
    "in-use-now": (
        "SES has {selector} now: no entry in the secret is needed",
        "SES が {selector} を使用中のため、シークレットの登録は不要です",
    ),
    "was-in-use": (
        "run {run} saw SES sign with {selector} and the stored key, verified: no entry in the secret is needed",
        "実行 {run} で、保管中の鍵による {selector} の署名が検証済みのため、シークレットの登録は不要です",
    ),
    "pair-served": (
        "SHA-256 {sha256}, as DNS serves it; the secret has no entry",
        "SHA-256 {sha256}（DNS の鍵レコードと一致。シークレットに登録なし）",
    ),
    "no-switch": ("no switch: none is needed", "切替なしのため不要"),
    "nothing-to-go-back-to": (
        "SES says {status} of the selector in use: there is nothing to go back to",
        "使用中のセレクタは {status} のため、戻す先がありません",
    ),
    # message
    "message-received": ("a message that was received", "受信したメッセージ"),
    "message-is": ("SHA-256 {sha256}, {size} bytes", "SHA-256 {sha256}、{size} バイト"),
    "message-not-sent": ("SES did not take it: {operation} {code}", "SES に拒否されました: {operation} {code}"),
    "message-not-arrived": ("not in {place} within {seconds} s", "{seconds} 秒以内に {place} に届いていません"),
    "message-unsigned": ("no signature of the domain; there is: {told}", "ドメインの署名なし（あるもの: {told}）"),
    "message-verifies-everywhere": ("verifies at every authoritative server", "すべての権威サーバーで検証できること"),
    "message-verified-at": (
        "verifies at all {total} servers ({algorithm})",
        "全 {total} サーバーで検証成功（{algorithm}）",
    ),
    "message-earlier": ("of {dated}, before the write at {since}", "{dated} のもの（書き込みは {since}）"),
    "message-undated": ("neither t= nor Date says when it was signed", "t= にも Date にも署名日時がありません"),
    "message-unasked": ("{count} of {total} servers could not be asked", "{total} 台中 {count} 台に確認できません"),
    "message-one-fails": (
        "{count} of {total} signatures with this selector do not verify; {where}: {defect}",
        "このセレクタの署名 {total} 件中 {count} 件が検証失敗。{where}: {defect}",
    ),
    "message-unread": ("dkimpy cannot read the message's header", "dkimpy がメッセージのヘッダーを読み取れません"),
    "message-partial-body": (
        "l= does not cover the whole body: the rest is not signed",
        "l= が本文全体と一致せず、残りは署名されていません",
    ),
    "from-unread": ("an address that cannot be parsed", "解析できないアドレスです"),
    "from-aligned": ("aligned with {domain} (relaxed)", "{domain} と整合（relaxed）"),
    "from-unclear": ("not one From with one address", "From が 1 つのアドレスではありません"),
    "from-beside": (
        "{domain}: beside it; whether both are one organization's is not known here",
        "{domain}（隣接するドメイン。同じ組織かどうかは判断できません）",
    ),
    **prepare.PHRASES,
    **retire_checks.PHRASES,
    **rewriting.PHRASES,
}
