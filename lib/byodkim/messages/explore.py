"""Words of the notebook that explores: identities, key records, what rotate would see, due dates."""

from __future__ import annotations

from typing import Final

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "untouched": ("Nothing was written.", "何も書き込んでいません。"),
    # What cannot be read or found
    "unread": (
        "AWS could not be read ({operation}: {code}. {message}).",
        "AWS から読み取れませんでした（{operation}: {code}。{message}）。",
    ),
    "unread.region": (
        "Check the Region {region}: no endpoint for it was found, or it did not answer. Give it as in ap-northeast-1.",
        "リージョン {region} を確認してください。エンドポイントが見つからないか、応答がありません（ap-northeast-1 の形で指定します）。",
    ),
    "unread.permission": (
        "Have {operation} allowed for this role, as docs/en/permissions.md lists it, or sign in as one that may read it.",
        "このロールに {operation} を許可する（docs/ja/permissions.md の一覧を参照）か、権限のあるロールでサインインしてください。",
    ),
    "unread.other": (
        "Call it again; if it goes on, check aws_profile, Region and endpoint_url.",
        "もう一度実行してください。続く場合は aws_profile、リージョン、endpoint_url を確認してください。",
    ),
    "no-domain": (
        "No identity is named, and the profile names none.",
        "ID（ドメイン）の指定がなく、プロファイルにもありません。",
    ),
    "no-domain.todo": (
        'Name one, such as world.identity("example.jp"), or set domain in byodkim.toml.',
        'world.identity("example.jp") のように指定するか、byodkim.toml に domain を書いてください。',
    ),
    "no-identity": (
        "SES knows no identity {domain} in the account {account} and the Region {region}.",
        "アカウント {account}、リージョン {region} の SES に ID {domain} はありません。",
    ),
    "no-identity.todo": (
        "Each Region has identities of its own: look at world.identities(), or open another Region.",
        "ID はリージョンごとに別です。world.identities() で一覧を確認するか、別のリージョンを開いてください。",
    ),
    "no-selector": (
        "SES does not say which one selector {domain} signs with.",
        "{domain} が署名に使うセレクタを SES から 1 つに特定できません。",
    ),
    "no-selector.todo": (
        'Name the selector, such as world.record("mail-20261124-1").',
        'world.record("mail-20261124-1") のようにセレクタを指定してください。',
    ),
    "no-next": (
        "The secret {secret} names no selector ({names}).",
        "シークレット {secret} にセレクタの記載がありません（{names}）。",
    ),
    "several-selectors": (
        "The secret {secret} names several selectors that are not in use: {names}.",
        "シークレット {secret} に、使用していないセレクタが複数あります: {names}。",
    ),
    "name-selector": (
        'Name the one that is meant, such as world.rotation("mail-20261124-1").',
        'world.rotation("mail-20261124-1") のように、対象を指定してください。',
    ),
    "no-secret": (
        "The profile does not say which secret names the keys of {domain}. Open the profile of that identity, or give "
        "secret_id and key_bucket.",
        "{domain} の鍵を示すシークレットがプロファイルにありません。その ID のプロファイルを開くか、secret_id と key_bucket を指定してください。",
    ),
    "no-record": (
        "What was given is no key record: nothing in it has the form of one.",
        "指定された文字列は鍵レコードではありません。鍵レコードの形をした部分がありません。",
    ),
    "no-record.todo": (
        "Give the TXT value (v=DKIM1; k=rsa; p=...), a line of a zone file, dig's answer or a row of a request sheet.",
        "TXT の値（v=DKIM1; k=rsa; p=…）、ゾーンファイルの行、dig の出力、依頼シートの行のいずれかを指定してください。",
    ),
    "several-records": (
        "What was given holds {count} key records.",
        "指定された文字列に鍵レコードが {count} 件含まれています。",
    ),
    "several-records.todo": ("Give them one at a time.", "1 件ずつ指定してください。"),
    "private": (
        "What was given holds a PRIVATE key, of which nothing is shown. Whoever can read this notebook can sign mail as this "
        "domain.",
        "指定された文字列に秘密鍵が含まれています（表示しません）。このノートブックを読める者は、このドメインとしてメールに署名できます。",
    ),
    "private.todo": (
        "Clear the cell and this notebook's outputs, treat the key as disclosed, and rotate to a new key pair.",
        "セルと出力を消去し、この鍵は漏えいしたものとして、新しい鍵ペアに切り替えてください。",
    ),
    "closed": (
        "This session ({place}) has ended; nothing was read. Open another: world = explore.open(...).",
        "この接続（{place}）は終了しています。何も読み取っていません。world = explore.open(...) で開き直してください。",
    ),
    # Who and where
    "reads-only": (
        "This session reads and cannot write: its custodian was started without any operation that does.",
        "この接続は読み取り専用です。書き込みの操作を持たないカストディアンで動作しています。",
    ),
    "profile": ("profile", "プロファイル"),
    "target": ("target", "対象"),
    "about": ("identity of the profile", "プロファイルの ID（ドメイン）"),
    "archive": ("archive", "記録の保管先"),
    "archive.none": ("{folder} (there is none yet)", "{folder}（まだありません）"),
    "other-account": (
        "This is the account {here}; the profile is about {meant}.",
        "現在のアカウントは {here} ですが、プロファイルの対象は {meant} です。",
    ),
    "other-region": (
        "This is the Region {here}; the profile is about {meant}. Each Region has identities of its own.",
        "現在のリージョンは {here} ですが、プロファイルの対象は {meant} です。ID はリージョンごとに別です。",
    ),
    # The inventory
    "duration": (
        "Identities that are domains: {all}. Reading {read} of them takes about {span}, as SES answers {rate} calls a second.",
        "ドメインの ID は {all} 件です。{read} 件の読み取りに約 {span} かかります（SES の呼び出しは毎秒 {rate} 回）。",
    ),
    "duration.none": (
        "Identities that are domains: {all}. Reading {read} of them.",
        "ドメインの ID は {all} 件です。うち {read} 件を読み取ります。",
    ),
    "inventory.identity": ("identity", "ID（ドメイン）"),
    "inventory.signs": ("signs with", "署名中のセレクタ"),
    "inventory.status": ("DKIM status", "DKIM ステータス"),
    "inventory.signing": ("signing", "署名"),
    "inventory.origin": ("origin", "属性起源"),
    "inventory.sending": ("may send", "送信可否"),
    "inventory.bits": ("bits", "鍵長（ビット）"),
    "inventory.bits-by": ("size told by", "鍵長の根拠"),
    "inventory.made": ("key since", "鍵の作成日"),
    "inventory.age": ("age (days)", "経過日数"),
    "inventory.age-by": ("age told by", "経過日数の根拠"),
    "inventory.tokens": ("{count} tokens", "トークン {count} 個"),
    "inventory.unread": ("not read", "未読み取り"),
    "inventory.none": ("SES has no domain here.", "ここには SES のドメイン ID がありません。"),
    "inventory.more": (
        "The first {read} of {all} were read. world.identities(most={all}) reads all of them.",
        "{all} 件中、先頭の {read} 件を読み取りました。すべて読むには world.identities(most={all}) とします。",
    ),
    "inventory.addresses": (
        "Identities that are email addresses: {count}. They sign as their domain does, and are not listed.",
        "メールアドレスの ID が {count} 件あります。署名はそのドメインに従うため、一覧には含めません。",
    ),
    "bits": ("bits", "鍵長（ビット）"),
    "bits-by.ses": ("SES", "SES"),
    "bits-by.dns": ("the key record in DNS", "DNS の鍵レコード"),
    "made-by.ses": ("SES: last key generation", "SES の最終鍵生成日時"),
    "made-by.object": ("the key object's LastModified", "鍵オブジェクトの LastModified"),
    "made-by.archived-object": ("the key object, as an archived run saw it", "記録にある鍵オブジェクトの日時"),
    "made-by.archived-use": ("first use in an archived run", "記録にある最初の使用"),
    # The key store
    "store.selector": ("selector", "セレクタ"),
    "store.stage": ("stage", "ステージ"),
    "store.version": ("version of the secret", "シークレットのバージョン"),
    "store.object": ("key object", "鍵オブジェクト"),
    "store.modified": ("last modified", "最終更新"),
    "store.age": ("age (days)", "経過日数"),
    "store.defect": (
        "The secret's version {stage} cannot be understood ({defect}).",
        "シークレットのバージョン {stage} を解釈できません（{defect}）。",
    ),
    # A key record in DNS
    "record.no-servers": ("No name server could be asked.", "問い合わせできるネームサーバーがありません。"),
    "record.one-key": (
        "Each of the {count} addresses serves one and the same key for {name}.",
        "{count} 個のアドレスすべてが、{name} について同一の鍵を返しています。",
    ),
    "record.not-one": (
        "The {count} addresses do not all serve one sound key for {name}.",
        "{count} 個のアドレスのすべてが {name} について同一の正しい鍵を返してはいません。",
    ),
    "record.legend": (
        "A mark an address: a tick for the key, a cross for anything else, a question mark where it could not be asked.",
        "アドレスごとの印: ✔ は鍵を返した、✘ はそれ以外、? は問い合わせできなかったことを示します。",
    ),
    # Where a key record that is explained is from
    "origin.given": ("As it was given.", "指定された値です。"),
    "origin.secret": (
        "The value that the secret {secret} holds for {selector}.",
        "シークレット {secret} にある {selector} の値です。",
    ),
    # What rotate would see
    "rotation.refused": ("WOULD BE REFUSED", "拒否される見込み"),
    "rotation.refused.means": (
        "A run to {selector} would be refused now: checks that stop it: {count}.",
        "いま {selector} への切替を実行すると拒否されます（該当チェック {count} 件）。",
    ),
    "rotation.planned": ("WOULD BE PLANNED", "切替可能な見込み"),
    "rotation.planned.means": (
        "A run would plan to switch from {current} to {selector}: every check that blocks passes now.",
        "いま実行すると {current} から {selector} への切替が計画されます（必須チェックはすべて合格）。",
    ),
    "rotation.unchanged": ("NOTHING TO CHANGE", "変更なし"),
    "rotation.unchanged.means": (
        "SES has {selector} already: a run would write nothing.",
        "SES はすでに {selector} を使用しています。実行しても書き込みはありません。",
    ),
    "rotation.checks": ("Every check, as it stands now", "現時点の全チェック"),
    "rotation.plan": ("The plan that a run would show", "計画（実行した場合）"),
    "rotation.proof": ("One key pair", "鍵ペアの照合"),
    "rotation.state": ("What was seen", "確認した状態"),
    # History
    "history.none": (
        "The archive {folder} tells nothing of {domain} in {place}.",
        "{folder} に {place} の {domain} の記録はありません。",
    ),
    "history.left-out": (
        "Runs that are left out, as their journals do not hold together: {count}. byodkim verify says what is off.",
        "ジャーナルが整合しないため除外した実行: {count} 件。詳細は byodkim verify で確認できます。",
    ),
    # Due dates
    "span.days": ("{days} d", "{days} 日"),
    "lead.measured": (
        "DNS is reckoned to take {span}: the longest from the first request until every server was seen to serve the record. "
        "Requests measured: {requests}, in {runs} runs.",
        "DNS の反映に {span} を見込みます（最初の依頼から全サーバーでの確認までの最長。実測した依頼 {requests} 件、実行 {runs} 件）。",
    ),
    "lead.assumed": (
        "DNS is reckoned to take {span}: no run has measured it (requests: {requests}, runs: {runs}).",
        "DNS の反映に {span} を見込みます（実測なし。依頼 {requests} 件、実行 {runs} 件）。",
    ),
    "due.unknown": (
        "Nothing tells how old the key of {domain} is: neither SES, nor its key object, nor the archive.",
        "{domain} の鍵の作成時期が分かりません（SES、鍵オブジェクト、記録のいずれにもありません）。",
    ),
    "urgency.fine": ("NOT YET DUE", "期日前"),
    "urgency.fine.means": (
        "{domain}: the DNS team must be asked by {start}, and the key be out of use by {by}; {left} days are left.",
        "{domain}: DNS 担当への依頼は {start} まで、切替は {by} までです（残り {left} 日）。",
    ),
    "urgency.warned": ("DUE SOON", "期日間近"),
    "urgency.warned.means": (
        "{domain}: the DNS team must be asked by {start}, and the key be out of use by {by}; {left} days are left.",
        "{domain}: DNS 担当への依頼は {start} まで、切替は {by} までです（残り {left} 日）。",
    ),
    "urgency.late": ("BEGIN NOW", "至急開始"),
    "urgency.late.means": (
        "{domain}: the DNS team should have been asked by {start}. The key must be out of use by {by}, in {left} days.",
        "{domain}: DNS 担当への依頼期限（{start}）を過ぎました。切替の期限は {by} です（残り {left} 日）。",
    ),
    "urgency.overdue": ("OVERDUE", "期限超過"),
    "urgency.overdue.means": (
        "{domain}: the key should have been out of use by {by}, {left} days ago (the DNS team asked by {start}).",
        "{domain}: 切替の期限（{by}）を {left} 日過ぎています（DNS 担当への依頼期限は {start}）。",
    ),
    "due.date": ("date", "日付"),
    "due.days": ("days from now", "今日からの日数"),
    "due.what": ("what", "内容"),
    "due.when": ("state", "状態"),
    "due.made": ("the key was made ({by})", "鍵の作成（{by}）"),
    "due.warning": ("warning, {days} days before the end", "期限 {days} 日前の警告"),
    "due.start": (
        "the DNS team must have the request ({span} before the end)",
        "DNS 担当への依頼期限（期限の {span} 前）",
    ),
    "due.end": ("the key's term ends ({days} days)", "鍵の使用期限（{days} 日）"),
    "due.past": ("past", "経過"),
    "due.to-come": ("to come", "未到来"),
    # Calls
    "calls": (
        "AWS calls of this session: {count}. All of them are reads.{others}",
        "この接続の AWS API 呼び出し: {count} 件（すべて読み取り）。{others}",
    ),
    "calls.others": (
        "AWS calls of this session: {count}. Not all of them are reads: {others}. This must not be; say so to who keeps byodkim.",
        "この接続の AWS API 呼び出し: {count} 件。読み取り以外の呼び出しがあります: {others}。あってはならない状態です。byodkim の管理者に連絡してください。",
    ),
}
