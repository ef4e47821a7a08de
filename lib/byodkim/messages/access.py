"""Words of permissions: the READMEs' table, and the command that prints policies."""

from __future__ import annotations

from typing import Final

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "column.action": ("action", "アクション"),
    "column.resource": ("resource", "リソース"),
    "column.by": ("called by", "呼び出し元"),
    "column.for": ("for", "用途"),
    "no-permission": ("needs no permission", "権限不要"),
    "in-mode": (" (`{mode}`)", "（`{mode}`）"),
    "only.via-s3": (", through S3", "（S3 経由のみ）"),
    "only.via-store": (", through S3 and Secrets Manager", "（S3・Secrets Manager 経由のみ）"),
    "only.via-secrets": (", through Secrets Manager", "（Secrets Manager 経由のみ）"),
    "only.if-absent": (", where nothing is", "（何もない場所への新規保存のみ）"),
    "only.key-records": (
        ", TXT at `*._domainkey.DOMAIN`, `CREATE` and `DELETE`",
        "（`*._domainkey.DOMAIN` の TXT の `CREATE` と `DELETE` のみ）",
    ),
    "only.addressed": (", from `proof_from` to `proof_to`", "（`proof_from` から `proof_to` への送信のみ）"),
    "only.in-inbox": (", below `PREFIX/`", "（`PREFIX/` 以下のみ）"),
    "only.signing": (", `ECDSA_SHA_256` over `RAW`", "（`ECDSA_SHA_256`、`RAW` のみ）"),
    "when.lock": (', with `lock = "s3"`', '（`lock = "s3"` の場合）'),
    "when.seal-key": (", with `seal_key`", "（`seal_key` を使う場合）"),
    "when.archive": (", with `archive_s3`", "（`archive_s3` を使う場合）"),
    "when.retention": (", with `archive_retention_days`", "（`archive_retention_days` を使う場合）"),
    "when.encryption-key": (", with a KMS key of your own", "（自前の KMS キーで暗号化している場合）"),
    "when.encrypted-lock": (
        ', with `lock = "s3"` and a KMS key of your own',
        '（`lock = "s3"` で、自前の KMS キーで暗号化している場合）',
    ),
    "when.object-key": (", with `key_kms`", "（`key_kms` を使う場合）"),
    "when.mailbox": (", with `inbox`", "（`inbox` を使う場合）"),
    "when.route53": (', with `publisher = "route53"`', '（`publisher = "route53"` の場合）'),
    "when.rfc2136": (', with `publisher = "rfc2136"`', '（`publisher = "rfc2136"` の場合）'),
    "when.encrypted-tsig": (
        ', with `publisher = "rfc2136"` and a KMS key of your own',
        '（`publisher = "rfc2136"` で、自前の KMS キーで暗号化している場合）',
    ),
    "when.archive-key": (
        ", with `archive_s3` and a KMS key of your own there",
        "（`archive_s3` を使い、保存先を自前の KMS キーで暗号化している場合）",
    ),
    "why.who": ("who acts", "実行者の確認"),
    "why.look": ("looking, before and after", "変更前後の確認"),
    "why.write": ("the one write", "唯一の書き込み"),
    "why.secret": (
        "selector and key record: current, previous and pending version",
        "セレクタと鍵レコード（現行・前回・更新中のバージョン）",
    ),
    "why.key": (
        "the private key, in the custodian: a plan proves the pair too",
        "秘密鍵の取得（custodian 内。plan でも鍵ペアを照合する）",
    ),
    "why.list": (
        "which keys there are, where the secret names no path or a selector is to be named; without it an absent object "
        "answers 403, which stops the run",
        "シークレットにパスがないときの探索と、セレクタ名を決めるための一覧。ないと、存在しないオブジェクトが 403 になり、実行が止まる",
    ),
    "why.decrypt": ("reading key object and secret", "鍵オブジェクトとシークレットの読み取り"),
    "why.decrypt-key": ("reading the key object", "鍵オブジェクトの読み取り"),
    "why.decrypt-tsig": ("reading the TSIG key's secret", "TSIG 鍵のシークレットの読み取り"),
    "why.store": ("the new private key", "新しい秘密鍵の保存"),
    "why.enter": ("the secret's version with the new entry", "新しい項目を加えたシークレットのバージョン"),
    "why.promote": ("putting it in force, and taking AWSPENDING off", "その有効化と AWSPENDING の解除"),
    "why.encrypt-store": ("writing key object, secret and lock", "鍵オブジェクト・シークレット・ロックの書き込み"),
    "why.encrypt-key": ("writing the key object", "鍵オブジェクトの書き込み"),
    "why.survey": ("the Region's identities", "リージョン内の ID の一覧"),
    "why.inspect": ("each of them", "各 ID の確認"),
    "why.send": ("the message that proves the switch", "切替を確認するメッセージの送信"),
    "why.arrived": ("finding it in the inbox", "受信箱での到着確認"),
    "why.received": ("reading it", "そのメッセージの読み取り"),
    "why.zone": ("which zone that is", "対象ゾーンの確認"),
    "why.stands": ("what stands at the name", "変更前後のレコードの確認"),
    "why.publish": ("the change", "鍵レコードの変更"),
    "why.settled": ("whether it has reached the zone's servers", "権威サーバーへの反映の確認"),
    "why.tsig": ("the TSIG key, in the custodian", "TSIG 鍵の取得（custodian 内）"),
    "why.lock": ("the operator lock", "同時実行を防ぐロック"),
    "why.encrypt": ("writing an encrypted object", "暗号化されたオブジェクトの書き込み"),
    "why.seal": ("the seal", "封印"),
    "why.seal-public": ("the seal's public key", "封印の公開鍵"),
    "why.copy": ("copies of the record", "記録の写しの保存"),
    "why.copied": ("the checksum of a copy that is there already", "保存済みの写しのチェックサム確認"),
    "why.hold": ("holding them by S3 Object Lock", "S3 オブジェクトロックによる保持"),
    "why.audit-list": ("finding a run's copies", "実行の写しの検索"),
    "why.audit-read": ("reading them", "写しの読み取り"),
    "why.audit-hold": ("until when they are held", "保持期限の確認"),
    "nothing": (
        "{commands} calls nothing of AWS and needs no policy.",
        "{commands} は AWS を呼び出さないため、ポリシーは不要です。",
    ),
    "none-needed": (
        "{commands} needs no policy: with this profile it calls nothing of AWS that takes a permission.",
        "{commands} にポリシーは不要です。このプロファイルでは、権限の要る AWS の呼び出しがありません。",
    ),
    "no-command": (
        "No policy is known for {command}. Known are: {known}.",
        "{command} のポリシーはありません。指定できるのは {known} です。",
    ),
    "no-command.todo": ("Name one of those.", "このいずれかを指定してください。"),
    "no-place": (
        "The profile {profile} has no places in the account {account}, or no domain.",
        "プロファイル {profile} の places にアカウント {account} の対象がないか、domain がありません。",
    ),
    "no-place.todo": (
        "Name an account of its places, or leave --account out for its own.",
        "places にあるアカウントを指定するか、自身のアカウントの場合は --account を省略してください。",
    ),
    "no-value": (
        "The profile {profile} sets no {name}, which the policy of {commands} names.",
        "プロファイル {profile} に、{commands} のポリシーに必要な {name} がありません。",
    ),
    "no-value.todo": (
        "Write it into byodkim.toml, or choose another profile with --profile.",
        "byodkim.toml に書くか、--profile で別のプロファイルを選んでください。",
    ),
    "not-arn": (
        "{option} takes the ARN of a key in KMS (arn:aws:kms:REGION:ACCOUNT:key/ID), and {given} is none.",
        "{option} には KMS キーの ARN（arn:aws:kms:REGION:ACCOUNT:key/ID）を指定します。{given} は ARN ではありません。",
    ),
    "not-arn.todo": (
        "aws kms describe-key shows it; an alias will not do in a policy.",
        "aws kms describe-key で確認できます。ポリシーではエイリアスを使えません。",
    ),
    "nothing-done": (
        "No policy was made; nothing was read or written at AWS.",
        "ポリシーは作成していません。AWS への読み書きはありません。",
    ),
}
