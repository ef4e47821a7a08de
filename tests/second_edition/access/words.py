"""Words of the documents' table of permissions: English and Japanese, by a part of the declarations."""

from __future__ import annotations

from typing import Final

from second_edition.messages import Language

WORDS: Final[dict[str, tuple[str, str]]] = {
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
    "only.of-keys": (", of key objects", "（鍵オブジェクトのみ）"),
    "only.addressed": (", from `proof_from` to `proof_to`", "（`proof_from` から `proof_to` への送信のみ）"),
    "only.in-inbox": (", below `PREFIX/`", "（`PREFIX/` 以下のみ）"),
    "only.signing": (", `ECDSA_SHA_256` over `RAW`", "（`ECDSA_SHA_256`、`RAW` のみ）"),
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
        "which keys there are, where the secret names no path or a selector is to be named; without it an absent "
        "object answers 403, which stops the run",
        "シークレットにパスがないときの探索と、セレクタ名を決めるための一覧。"
        "ないと、存在しないオブジェクトが 403 になり、実行が止まる",
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
    "why.read-together": ("identities of a campaign, a hundred a call", "キャンペーンの ID の 100 件ごとの読み取り"),
    "why.survey-dkim": ("their DKIM attributes, a hundred a call", "100 件ごとの DKIM 属性の取得"),
    "why.unclear": ("those of which that does not tell how they sign", "それで署名方法が分からない ID の確認"),
    "why.dated": ("the age of the key object: its headers alone", "鍵オブジェクトの日時（ヘッダーのみ）"),
    "why.inspect": ("each of them", "各 ID の確認"),
    "why.send": ("the message that proves the switch", "切替を確認するメッセージの送信"),
    "why.arrived": ("finding it in the inbox", "受信箱での到着確認"),
    "why.received": ("reading it", "そのメッセージの読み取り"),
    "why.look-elsewhere": ("where else the selector is in use", "ほかのリージョンでの使用の確認"),
    "why.versions": ("which versions the key object has", "鍵オブジェクトのバージョンの一覧"),
    "why.version": ("which key each of them holds", "各バージョンに入っている鍵の確認"),
    "why.delete": ("deleting a version that holds the retired key", "廃止した鍵を含むバージョンの完全な削除"),
    "why.expire": ("a delete marker before it", "削除マーカーの設定"),
    "why.zone": ("which zone that is", "対象ゾーンの確認"),
    "why.stands": ("what stands at the name", "変更前後のレコードの確認"),
    "why.publish": ("the change", "鍵レコードの変更"),
    "why.settled": ("whether it has reached the zone's servers", "権威サーバーへの反映の確認"),
    "why.tsig": ("the TSIG key, in the custodian", "TSIG 鍵の取得（custodian 内）"),
    "why.lock": ("the operator lock", "同時実行を防ぐロック"),
    "why.encrypt": ("writing an encrypted object", "暗号化されたオブジェクトの書き込み"),
    "why.seal": ("the seal", "電子署名"),
    "why.seal-public": ("the seal's public key", "電子署名の公開鍵"),
    "why.copy": ("copies of the record, and the run's head", "記録の写しと実行の先端の保存"),
    "why.try": (
        "giving up an upload that was begun to see whether the archive takes one",
        "保存できるか試したアップロードの中止",
    ),
    "why.copied": ("the checksum of a copy that is there already", "保存済みの写しのチェックサム確認"),
    "why.hold": ("holding them by S3 Object Lock", "S3 オブジェクトロックによる保持"),
    "why.audit-list": ("finding a run's copies", "実行の写しの検索"),
    "why.audit-read": ("reading them", "写しの読み取り"),
    "why.audit-heads": ("the heads of runs, in all versions", "実行の先端の全バージョンの確認"),
    "why.audit-hold": ("until when they are held", "保持期限の確認"),
}

# Under which keys of the profile a need is there.
OPTIONS: Final[dict[str, str]] = {
    "lock": '`lock = "s3"`',
    "seal-key": "`seal_key`",
    "archive": "`archive_s3`",
    "retention": "`archive_retention_days`",
    "object-key": "`key_kms`",
    "mailbox": "`inbox`",
    "route53": '`publisher = "route53"`',
    "rfc2136": '`publisher = "rfc2136"`',
    "erasing": '`retire_key = "delete"` / `"expire"`',
    "deleting": '`retire_key = "delete"`',
    "expiring": '`retire_key = "expire"`',
    "regions": "`regions` / `same_key_in`",
}

# Where what it is about is encrypted under a KMS key of the account's own: with which option, if with one.
ENCRYPTED: Final[dict[str, str]] = {
    "encryption-key": "",
    "encrypted-lock": "lock",
    "encrypted-tsig": "rfc2136",
    "archive-key": "archive",
}


def word(key: str, language: Language) -> str:
    """Return what a key stands for."""
    return WORDS[key][language == "ja"]


def condition(when: str, language: Language) -> str:
    """Return under which option a need is there, and whether only with a KMS key of one's own."""
    option = OPTIONS.get(ENCRYPTED.get(when, when), "")
    encrypted = when in ENCRYPTED
    if language == "en":
        given = [option.replace(" / ", " or "), *(["a KMS key of your own"] if encrypted else [])]
        return f", with {' and '.join(filter(None, given))}"
    option = option.replace(" / ", " または ")
    if not encrypted:
        return f"（{option} を指定した場合）"
    return f"（{f'{option} を指定し、' if option else ''}自前の KMS キーで暗号化している場合）"
