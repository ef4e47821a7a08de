"""Words of retire: of its record."""

from __future__ import annotations

from typing import Final

TEXTS: Final[dict[str, tuple[str, str]]] = {
    # the verdict
    "advice.now": (
        "Retire now: {selector} of {domain} has been out of use since {since}, and no mail needs it any more",
        "廃止できます: {domain} の {selector} は {since} から使われておらず、必要とするメールもありません",
    ),
    "advice.waived": (
        "Retire now: {selector} of {domain}, with what was waived ({ids}); without that it would be safe on {at}",
        "廃止できます: {domain} の {selector}（免除したチェック: {ids}）。免除しない場合は {at} 以降です",
    ),
    "advice.later.archive": (
        "Safe on {at}: {selector} of {domain}; the switch away was verified at {since}, and {days} days and a TTL of "
        "{seconds} s must pass",
        "{at} 以降に廃止できます: {domain} の {selector}。切替の検証は {since} で、{days} 日と TTL {seconds} 秒の経過が必要です",
    ),
    "advice.later.sandbox": (
        "Safe on {at}: {selector} of {domain}; the scenario says that the switch away was verified at {since}, and {days} "
        "days and a TTL of {seconds} s must pass",
        "{at} 以降に廃止できます: {domain} の {selector}。シナリオ上の切替の検証は {since} で、{days} 日と TTL {seconds} 秒の経過が必要です",
    ),
    "advice.later.now": (
        "Safe on {at}: {selector} of {domain}; the archive does not tell when it was left, so that {days} days and a TTL of "
        "{seconds} s count from this run ({since})",
        "{at} 以降に廃止できます: {domain} の {selector}。切替の時期が記録にないため、この実行（{since}）から {days} 日と TTL {seconds} 秒を数えます",
    ),
    "advice.keep": (
        "Keep {selector} of {domain}: {id} does not hold ({claim})",
        "{domain} の {selector} は残してください: {id}（{claim}）を満たしていません",
    ),
    # what the run came to
    "came.PLANNED": (
        "Plan only: nothing was written. {selector} of {domain} would be retired",
        "計画のみ。書き込みはしていません。{domain} の {selector} を廃止する計画です",
    ),
    "came.TO-ASK": (
        "Retire now: {selector} of {domain}. The DNS team is to withdraw its key record first; nothing was written",
        "廃止できます: {domain} の {selector}。先に DNS 担当が鍵レコードを変更します。何も書き込んでいません",
    ),
    "came.ASKED": (
        "Handed over: the DNS team is asked to withdraw the key record of {selector} of {domain}; nothing was written",
        "引き渡し済み: {domain} の {selector} の鍵レコードの変更を DNS 担当に依頼します。何も書き込んでいません",
    ),
    "came.REFUSED": (
        "{selector} of {domain} was not retired; nothing was written",
        "{domain} の {selector} は廃止していません。何も書き込んでいません",
    ),
    "came.RETIRED": ("{selector} of {domain} is retired", "{domain} の {selector} を廃止しました"),
    "came.UNCHANGED": (
        "{selector} of {domain} was retired already",
        "{domain} の {selector} は既に廃止済みです",
    ),
    "came.FAILED": (
        "The retirement of {selector} of {domain} did not come to its end",
        "{domain} の {selector} の廃止は完了しませんでした",
    ),
    "meaning.planned": (
        "Every check that blocks has passed or was waived. Writes: {count}. Plan digest {digest}, read aloud: {words}.",
        "必須チェックはすべて合格（または免除）です。書き込み: {count} 件。計画ダイジェスト {digest}、読み上げ: {words}。",
    ),
    "meaning.asked": (
        "Every check that blocks has passed or was waived. When every authoritative server serves the record as asked, the "
        "same command does the rest. Plan digest {digest}, read aloud: {words}.",
        "必須チェックはすべて合格（または免除）です。すべての権威サーバーに反映された後、同じコマンドで残りの作業を行います。"
        "計画ダイジェスト {digest}、読み上げ: {words}。",
    ),
    "meaning.keep": (
        "No authoritative server serves its key any more. Its private key is kept, as the profile has it (retire_key).",
        "どの権威サーバーもこの鍵を返しません。秘密鍵はプロファイル（retire_key）のとおり残しています。",
    ),
    "meaning.delete": (
        "No authoritative server serves its key any more, and no version of the key object holds it. Copies elsewhere "
        "(replicas, backups) are not known here.",
        "どの権威サーバーもこの鍵を返さず、鍵オブジェクトのどのバージョンにもこの鍵はありません。"
        "レプリカやバックアップなど、ほかの複製は確認の対象外です。",
    ),
    "meaning.expire": (
        "No authoritative server serves its key any more. The key object is hidden by a delete marker; its versions stay, "
        "and can be read by their ids, until a lifecycle rule of the bucket removes them.",
        "どの権威サーバーもこの鍵を返しません。鍵オブジェクトには削除マーカーを付けました。以前のバージョンは、"
        "バケットのライフサイクルルールで削除されるまで残り、バージョン ID を指定すれば読み取れます。",
    ),
    "meaning.secret": (
        "The secret {secret} still names the selector, with its public key only; it was not touched.",
        "シークレット {secret} にはこのセレクタの項目（公開鍵のみ）が残っています。変更していません。",
    ),
    "meaning.cleared": (
        "No version of the secret {secret} that has a label names the selector any more: rotate does not go back to it. A "
        "version without labels can be read by its id until Secrets Manager deletes it.",
        "シークレット {secret} のどのステージのバージョンにもこのセレクタの項目はなく、rotate では戻せません。ステージのない"
        "バージョンは、Secrets Manager が削除するまでバージョン ID を指定すれば読み取れます。",
    ),
    "unfinished.untouched": (
        "The journal holds no intent to write: neither DNS nor the key store was touched, nor the secret.",
        "ジャーナルに書き込みの意図は残っていません。DNS、鍵の保管先、シークレットのいずれにも書き込んでいません。",
    ),
    "unfinished.begun": (
        "A write was begun: the key record first, private key and secret only when no server serves that any more. SES was "
        "not touched, and signs with another selector. Run the same command again: it looks, and does what is missing.",
        "書き込みを開始した後です（鍵レコードが先、秘密鍵とシークレットはどのサーバーも返さなくなってから）。SES には書き込んでおらず、"
        "別のセレクタで署名しています。同じコマンドを再実行すると、現状を確認して足りない作業だけを行います。",
    ),
    # next
    "next.again": (
        "Run it again: it looks at what stands, and does what is missing.",
        "再実行してください。現状を確認し、足りない作業だけを行います。",
    ),
    "next.asked": (
        "Give {file} to the DNS team. When it is done, run this: it looks at every server, and does the rest.",
        "{file} を DNS 担当に渡してください。設定後に次を実行すると、全サーバーを確認して残りの作業を行います。",
    ),
    "next.later": (
        "Keep the key record as it is until {at}; then look again:",
        "{at} までは鍵レコードをそのまま残し、その後に再確認してください。",
    ),
    # state
    "selector": ("selector to retire", "廃止するセレクタ"),
    "in-use": ("selector in use", "使用中のセレクタ"),
    "in-use.easy": ("Easy DKIM: {selectors}", "Easy DKIM: {selectors}"),
    "last-active": ("last seen in use", "最後に使用を確認した時刻"),
    "left-at": ("switch away verified", "切替の検証を確認した時刻"),
    "told-by": ("told by", "その根拠"),
    "told-by.archive": ("the archive, run {run}", "記録（実行 {run}）"),
    "told-by.sandbox": ("the sandbox's scenario", "サンドボックスのシナリオ"),
    "told-by.now": ("nothing yet: the time starts with this run", "なし（この実行から数えます）"),
    "safe-at": ("safe from", "廃止できる時刻"),
    "policy.by": ("key record", "鍵レコード"),
    "policy.by.revoke": ("is revoked: empty p=", "失効（p= を空にする）"),
    "policy.by.remove": ("is removed", "削除"),
    "policy.key": ("private key", "秘密鍵"),
    "policy.key.keep": ("is kept", "残す"),
    "policy.key.delete": ("every version that holds it is deleted for good", "この鍵を含む全バージョンを完全に削除"),
    "policy.key.expire": (
        "a delete marker hides it; versions stay until a lifecycle rule removes them",
        "削除マーカーを付ける（バージョンはライフサイクルルールによる削除まで残る）",
    ),
    "policy.secret": ("entry in the secret", "シークレットの項目"),
    "policy.secret.keep": ("is kept", "残す"),
    "policy.secret.remove": ("is removed, and with it the way back", "削除（このセレクタには戻せなくなる）"),
    "publisher": ("publisher", "DNS の書き込み方法"),
    "key-known": ("SHA-256 by which its key is known", "既知の鍵の SHA-256"),
    "key-place": ("its private key", "秘密鍵の置き場"),
    "regions": ("In every Region", "リージョン別の状態"),
    "no-identity": ("no such identity", "この ID はありません"),
    "versions": ("Versions of the key object", "鍵オブジェクトのバージョン"),
    "versions.id": ("version", "バージョン"),
    "versions.modified": ("written", "書き込み"),
    "versions.sha256": ("SHA-256 of its public key", "公開鍵の SHA-256"),
    "versions.latest": ("newest", "最新"),
    "versions.going": ("is to go", "削除対象"),
    "secret": ("Versions of the secret", "シークレットのバージョン"),
    "secret.label": ("label", "ステージ"),
    "secret.names": ("selectors", "セレクタ"),
    "reports": ("Aggregate reports", "DMARC 集計レポート"),
    "reports.read": (
        "{folder}: {count} reports read, {unread} files not.",
        "{folder}: {count} 件を読み取り、{unread} 件は読み取れませんでした。",
    ),
    "reports.day": ("until", "期間の終わり"),
    "reports.reporter": ("reporter", "報告者"),
    "reports.messages": ("messages signed with it", "このセレクタで署名されたメール"),
    # plan and writes
    "plan.writes": (
        "These writes would be made in this order, each once; private key and secret are touched only when no server serves "
        "the key.",
        "次の書き込みをこの順に 1 回ずつ行います。秘密鍵とシークレットへの書き込みは、どのサーバーも鍵を返さなくなってから行います。",
    ),
    "plan.no-way-back": (
        "After this there is no way back to {selector}: the secret no longer names it, and rotate takes no selector that the "
        "secret does not name.",
        "この後は {selector} に戻せません。シークレットに項目がないセレクタは rotate で使えないためです。",
    ),
    "plan.nothing": (
        "There is nothing to write: record, key and secret are as they are to be.",
        "書き込む内容はありません。鍵レコード、秘密鍵、シークレットは既に目的の状態です。",
    ),
    "plan.asked.revoke": (
        "Nothing is written from here: the DNS team is asked to revoke the key record (empty p=).",
        "ここからは何も書き込みません。鍵レコードの失効（p= を空にする）を DNS 担当に依頼します。",
    ),
    "plan.asked.remove": (
        "Nothing is written from here: the DNS team is asked to remove the key record.",
        "ここからは何も書き込みません。鍵レコードの削除を DNS 担当に依頼します。",
    ),
    "plan-only": (
        "Plan only: nothing was written. Run with mode=apply to write.",
        "計画のみのため、書き込んでいません。書き込むには mode=apply で実行してください。",
    ),
    "apply.asked": (
        "Nothing was written: the DNS team is asked first. The private key stays until no server serves its record.",
        "何も書き込んでいません。先に DNS 担当に依頼します。秘密鍵は、どのサーバーも鍵を返さなくなるまで残します。",
    ),
    "write.REVOKE": ("the key record stays, its p= is empty: revoked", "鍵レコードを残し、p= を空にして失効させる"),
    "write.REMOVE": ("the key record is removed", "鍵レコードを削除する"),
    "write.DELETE": (
        "this version is deleted for good: nobody can bring it back",
        "このバージョンを完全に削除する（元に戻せない）",
    ),
    "write.EXPIRE": (
        "a delete marker: the object is hidden, its versions stay. Without versioning it is deleted for good",
        "削除マーカーを付ける（バージョンは残る）。バージョニングなしのバケットでは完全に削除される",
    ),
    "write.CLEAR": (
        "a new version of the secret without the entry, not in force yet",
        "項目を除いたシークレットの新バージョンを作る（まだ有効にしない）",
    ),
    "write.PROMOTE": (
        "it comes into force; the version before it becomes the previous one",
        "新バージョンを有効にする（それまでのバージョンは前回のバージョンになる）",
    ),
    "write.RELEASE": ("AWSPENDING is taken off it", "新バージョンから AWSPENDING を外す"),
    "write.UNLABEL": (
        "AWSPREVIOUS is taken off this version, which names the selector: it is deprecated",
        "項目が残るこのバージョンから AWSPREVIOUS を外す（非推奨のバージョンになる）",
    ),
    "write.not-applied": (
        "{operation} at {target} was not applied ({code}); what stands there: {found}.",
        "{target} への {operation} は反映されませんでした（{code}）。現状: {found}。",
    ),
    "write.not-known": (
        "{operation} at {target} had no clear answer ({code}), and could not be read back ({found}).",
        "{target} への {operation} の結果が不明（{code}）で、再確認もできませんでした（{found}）。",
    ),
    "write.means": (
        "The key record of {selector} is withdrawn at every server; its private key, or its entry in the secret, may still be "
        "there. SES was not touched.",
        "{selector} の鍵レコードは全サーバーで失効（または削除）済みですが、秘密鍵かシークレットの項目が残っている可能性があります。"
        "SES には書き込んでいません。",
    ),
    "slow": (
        "Not every authoritative server serves {name} as it is to be yet.",
        "{name} の変更が、まだすべての権威サーバーに反映されていません。",
    ),
    "slow.means": (
        "The zone holds it; the private key of {selector} was not touched, and neither were the secret and SES.",
        "ゾーンには設定済みです。{selector} の秘密鍵、シークレット、SES には書き込んでいません。",
    ),
    "erased": ("Private key and secret", "秘密鍵とシークレット"),
    # proof and request
    "proof.none": (
        "Something is still to be done, so that there is nothing to prove.",
        "まだ作業が残っているため、確認するものはありません。",
    ),
    "proof.holds": (
        "Read back: no authoritative server serves its key, private key and secret are as the profile has it, and SES signs "
        "with a selector that is proved.",
        "再確認の結果、どの権威サーバーもこの鍵を返さず、秘密鍵とシークレットはプロファイルのとおりで、SES は確認済みの別の"
        "セレクタで署名しています。",
    ),
    "proof.breaks": ("Read back, it is not as it is to be.", "再確認の結果、目的の状態になっていません。"),
    "unproved": (
        "The selector could not be shown to be retired.",
        "セレクタが廃止済みであることを確認できませんでした。",
    ),
    "unproved.means": ("SES was not touched.", "SES には書き込んでいません。"),
    "unproved.todo": (
        "Run the same command again and look at the checks.",
        "同じコマンドを再実行し、チェックを確認してください。",
    ),
    "hand.none": ("Nothing is asked of the DNS team.", "DNS 担当への依頼はありません。"),
    "hand.revoke": (
        "The DNS team is asked to put this in the place of the key record:",
        "鍵レコードを次の内容に変更するよう、DNS 担当に依頼します。",
    ),
    "hand.remove": (
        "The DNS team is asked to remove this record:",
        "次のレコードを削除するよう、DNS 担当に依頼します。",
    ),
    # timeline
    "event.erasing": (
        "intent to write to key store or secret, on disk",
        "鍵の保管先・シークレットへの書き込みの意図をディスクに記録",
    ),
    "event.erased": ("answer of that write, on disk", "その応答をディスクに記録"),
    "event.gone": ("what stands after it, read back", "書き込み後の状態を再確認"),
    "event.requested": ("DNS team asked", "DNS 担当への依頼を作成"),
    # answers
    "changed.nothing": ("nothing was written", "書き込みなし"),
    "changed.ses": ("SES and the secret were not touched", "SES とシークレットは変更なし"),
    "changed.ses-alone": ("SES was not touched", "SES は変更なし"),
    "changed.CLEAR": ("new version of the secret: {target}", "シークレットの新バージョン: {target}"),
    "changed.PROMOTE": ("put in force: {target}", "有効化: {target}"),
    "changed.RELEASE": ("AWSPENDING taken off {target}", "AWSPENDING を解除: {target}"),
    "changed.UNLABEL": ("AWSPREVIOUS taken off {target}", "AWSPREVIOUS を解除: {target}"),
    "changed.revoke": ("key record {target} revoked", "鍵レコード {target} を失効"),
    "changed.remove": ("key record {target} removed", "鍵レコード {target} を削除"),
    "changed.DELETE": ("deleted for good: {target}", "完全に削除: {target}"),
    "changed.EXPIRE": ("delete marker put on {target}", "{target} に削除マーカーを設定"),
    "changed.perhaps": ("perhaps written: {target}", "{target} に反映された可能性あり"),
    "safe.untouched": ("yes: nothing was written", "はい。書き込みはありません"),
    "safe.proved": (
        "yes: every check that blocks passed or was waived before the write, and it was read back; SES signs with a selector "
        "that is proved",
        "はい。書き込み前に必須チェックに合格（または免除）し、書き込み後に再確認しました。SES は確認済みの別のセレクタで署名しています",
    ),
    "safe.unproved": (
        "every check that blocks passed or was waived before the write; that all is as it is to be is not proved",
        "書き込み前に必須チェックに合格（または免除）しましたが、目的の状態になったことは未確認です",
    ),
    "safe.warned": ("warned of: {ids}", "警告: {ids}"),
    "finished.PLANNED": ("no: it was only planned", "いいえ。計画のみです"),
    "finished.ASKED": (
        "no: the DNS team is to withdraw the key record, then the same command does the rest",
        "いいえ。DNS 担当が鍵レコードを変更した後、同じコマンドで残りの作業を行います",
    ),
    "finished.REFUSED": ("no: it was refused before anything was written", "いいえ。書き込む前に中止しました"),
    "finished.RETIRED": ("yes", "はい"),
    "finished.UNCHANGED": ("yes: it was already", "はい。既に廃止済みでした"),
    "finished.FAILED": ("no: run it again", "いいえ。再実行してください"),
    "finished.none": ("no: it was stopped; run it again", "いいえ。途中で停止しました。再実行してください"),
    "back.nothing": ("there is nothing to go back from", "切り戻すものはありません"),
    "back.keep": (
        "its private key is kept: publish its key record again with byodkim publish or the DNS team",
        "秘密鍵は残っています。byodkim publish または DNS 担当への依頼で鍵レコードを再公開できます",
    ),
    "back.cleared": (
        "there is no way back to this selector: the secret no longer names it; rotate goes to another one",
        "このセレクタには戻せません（シークレットに項目なし）。rotate で別のセレクタに切り替えられます",
    ),
    "back.delete": (
        "there is no way back to this selector: its private key is gone; rotate goes to another one",
        "このセレクタには戻せません（秘密鍵は削除済み）。rotate で別のセレクタに切り替えられます",
    ),
    "back.expire": (
        "remove the delete marker and publish its key record again, as long as the bucket keeps the version",
        "バケットにバージョンが残っている間は、削除マーカーを外して鍵レコードを再公開すれば戻せます",
    ),
}
