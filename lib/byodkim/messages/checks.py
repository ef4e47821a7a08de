"""Claims and remedies of the checks. ``ID`` is the claim, ``ID.todo`` the remedy, ``ID.<case>`` a remedy of its own."""

from __future__ import annotations

from typing import Final

from byodkim.messages import dns_checks, prepare, retire_checks, rewriting

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "SES-ACCOUNT": (
        "The credentials belong to the account that the profile names",
        "認証情報がプロファイルのアカウントのものである",
    ),
    "SES-ACCOUNT.todo": (
        "Sign in to the account that the profile names, or choose the profile of this account.",
        "プロファイルに書かれたアカウントにサインインし直すか、このアカウント用のプロファイルを選んでください。",
    ),
    "SES-ACCOUNT.unnamed": (
        'Write account = "<12 digits>" into this section of byodkim.toml, so that a run in another account is refused.',
        '別アカウントでの実行を防ぐため、byodkim.toml の該当セクションに account = "<12 桁>" を書いてください。',
    ),
    "SES-REGION": ("The run acts in the Region that the profile names", "プロファイルのリージョンで実行している"),
    "SES-REGION.todo": (
        "Choose the profile of this Region, or take -p region out.",
        "このリージョン用のプロファイルを選ぶか、-p region を外してください。",
    ),
    "SES-REGION.unnamed": (
        'Write region = "..." into this section of byodkim.toml, or give -p region.',
        'byodkim.toml の該当セクションに region = "..." を書くか、-p region を指定してください。',
    ),
    "TIME-CLOCK": ("This clock and AWS's are at most five minutes apart", "この端末と AWS の時刻差が 5 分以内である"),
    "TIME-CLOCK.todo": (
        "Set this machine's clock (NTP): the times in the record would be wrong and AWS refuses signatures.",
        "端末の時刻を NTP で合わせてください。記録の時刻が誤り、AWS も署名を拒否します。",
    ),
    "SES-EXISTS": (
        "The identity exists in this account and Region, as a domain",
        "ID がこのアカウント・リージョンにドメインとして存在する",
    ),
    "SES-EXISTS.todo": (
        "Check domain, account and Region; each Region has its own identities.",
        "ドメイン、アカウント、リージョンを確認してください。ID はリージョンごとに別です。",
    ),
    "SES-EXISTS.throttled": (
        "SES throttled this read: too many calls in this account and Region. Wait a minute, then run again.",
        "SES の呼び出し回数の制限に達しました。1 分ほど待って再実行してください。",
    ),
    "SES-ORIGIN": ("The identity signs with your own key (EXTERNAL)", "属性起源が EXTERNAL（BYODKIM）である"),
    "SES-ORIGIN.todo": (
        "Only identities whose signing origin is EXTERNAL are rotated here.",
        "属性起源が EXTERNAL の ID だけが対象です。",
    ),
    "SES-ORIGIN.easy": (
        "This identity is on Easy DKIM: SES rotates its keys itself. Moving it to BYODKIM is a change of its own.",
        "この ID は Easy DKIM で、鍵は SES が自動更新します。BYODKIM への移行は別の変更として行ってください。",
    ),
    "SES-ORIGIN.replica": (
        "This identity replicates the Easy DKIM of another Region: change it there.",
        "この ID は別リージョンの Easy DKIM の複製です。元のリージョンで変更してください。",
    ),
    "SES-SIGNING": ("DKIM signing is switched on", "DKIM 署名が有効である"),
    "SES-SIGNING.todo": (
        "Mail goes out unsigned now. Find out who switched signing off and why, switch it on (aws sesv2 "
        "put-email-identity-dkim-attributes --email-identity {domain} --signing-enabled), then run the same command again.",
        "現在メールは署名されていません。誰がなぜ無効にしたかを確認し、有効に戻してから（aws sesv2 "
        "put-email-identity-dkim-attributes --email-identity {domain} --signing-enabled）、同じコマンドを再実行してください。",
    ),
    "PLAN-CHANGE": ("The selector in use is known", "使用中のセレクタが分かっている"),
    "PLAN-CHANGE.todo": (
        "SES shows no single selector, so this run cannot tell whether the next one stands already. Look at the s= of a "
        "message sent just now; if it is another selector, waive PLAN-CHANGE, BACK-RECORD and BACK-KEY with that as the "
        "reason.",
        "SES がセレクタを 1 つに示さないため、設定済みかどうか判断できません。直近の送信メールの s= を確認し、"
        "別のセレクタであれば、それを理由に PLAN-CHANGE、BACK-RECORD、BACK-KEY を免除してください。",
    ),
    "PLAN-LOCK": (
        "Nobody else is applying a plan to this identity now",
        "この ID に対して他に適用中の実行がない",
    ),
    "PLAN-LOCK.todo": (
        "Wait until the run that is named has closed, or ask its operator; then run again. A lock whose holder has died "
        "is taken over.",
        "示された実行の終了を待つか、実行者に確認してから再実行してください。保持者が終了しているロックは自動で引き継がれます。",
    ),
    "PLAN-APPROVED": (
        "The plan that is applied is the one that was approved, by as many people as the profile asks for",
        "適用する計画が、プロファイルの求める人数に承認されたものである",
    ),
    "PLAN-APPROVED.todo": (
        "Have the record of a plan run approved (byodkim approve RECORD.ipynb), then apply with -r approved and that run's id.",
        "plan で実行した記録の承認（byodkim approve 記録.ipynb）を受け、その実行 ID を -r approved で指定して適用してください。",
    ),
    "PLAN-APPROVED.unsound": (
        "Name only the good approvals (-r approved FILE,FILE), or move that file away: a run's id takes every approval beside "
        "its record. Find out where it came from; approvers and their keys stand in byodkim.toml.",
        "正しい承認ファイルだけを指定するか（-r approved ファイル,ファイル）、そのファイルを移動してください。実行 ID を指定すると、"
        "記録と同じ場所の承認ファイルをすべて読みます。出所も確認してください。承認者とその鍵は byodkim.toml にあります。",
    ),
    "PLAN-APPROVED.twice": (
        "Give one approval of each person; another approver's is needed where one is missing.",
        "1 人につき 1 つだけ指定してください。足りない分は別の承認者に依頼します。",
    ),
    "PLAN-APPROVED.another": (
        "Give the approval of a plan for this identity, selector, account and Region.",
        "この ID・セレクタ・アカウント・リージョンの計画に対する承認を指定してください。",
    ),
    "PLAN-APPROVED.drift": (
        "Look at what has changed. Where it is as it should be, make a plan run again and have it approved anew.",
        "変化した内容を確認してください。問題がなければ plan を再実行し、改めて承認を受けます。",
    ),
    "PLAN-APPROVED.renew": (
        "Make a plan run and have it approved anew: an approval serves one run that writes, within approvals_valid_days "
        "of byodkim.toml.",
        "plan を再実行し、改めて承認を受けてください。承認が有効なのは書き込み 1 回分で、期間は byodkim.toml の approvals_valid_days です。",
    ),
    "PLAN-APPROVED.ahead": (
        "Find out whether the approver's clock or this machine's is wrong; then have the plan approved anew.",
        "承認者の端末とこの端末のどちらの時計が誤っているかを確認し、改めて承認を受けてください。",
    ),
    "RECORD-SEALED": (
        "The record of this run can be written and sealed",
        "この実行の記録を書き込み、封印できる",
    ),
    "RECORD-SEALED.todo": ("Mend what is named, then run again.", "示された原因を解消してから再実行してください。"),
    "RECORD-SEALED.key": (
        "Give access to the sealing key and its folder, or name a folder outside of any git repository with XDG_STATE_HOME; for "
        "a key in KMS allow kms:Sign and kms:GetPublicKey on it. Then run again.",
        "封印鍵とそのフォルダへのアクセス権を確保するか、XDG_STATE_HOME で git リポジトリ外のフォルダを指定してください。KMS の鍵では "
        "kms:Sign と kms:GetPublicKey を許可してください。その後、再実行します。",
    ),
    "RECORD-SEALED.folder": (
        "Make room in the folder of the record, or give write access to it; then run again.",
        "記録のフォルダに空き容量または書き込み権限を確保してから再実行してください。",
    ),
    "RECORD-COPIED": (
        "The timestamp authority answers, and the archive takes the record's copies",
        "タイムスタンプ局が応答し、記録の写しを保存できる",
    ),
    "RECORD-COPIED.todo": (
        "Mend what is named, then run again; or waive it with the reason: the identity's next run makes up for it.",
        "示された原因を解消して再実行するか、理由を添えて免除してください。不足分は同じ ID の次の実行が補います。",
    ),
    "RECORD-COPIED.timestamp": (
        "Check timestamp_url, timestamp_roots and the way there, then run again; or waive it with the reason: the identity's "
        "next run fetches the timestamp.",
        "timestamp_url、timestamp_roots と経路を確認して再実行するか、理由を添えて免除してください。タイムスタンプは同じ ID の次の実行が取得します。",
    ),
    "RECORD-COPIED.archive": (
        "Check archive_s3 and the permissions on it (byodkim policy), then run again; or waive it with the reason: the "
        "identity's next run makes the copies.",
        "archive_s3 とその権限（byodkim policy）を確認して再実行するか、理由を添えて免除してください。写しは同じ ID の次の実行が保存します。",
    ),
    "RECORD-COPIED.heads": (
        "Mount the disk of heads_file or give write access to it, then run again; or waive it with the reason: the run's head "
        "is published nowhere then.",
        "heads_file のあるディスクのマウントと書き込み権限を確認して再実行するか、理由を添えて免除してください。免除すると、この実行の先端は公開されません。",
    ),
    "FLEET-PLAN": (
        "What the campaign carries out is the plan that a plan run showed, unaltered, with the same pace",
        "キャンペーンが適用するのは、plan の実行で示された計画そのもので、進め方も同じである",
    ),
    "FLEET-PLAN.todo": (
        "Make a plan run (byodkim fleet without -p mode apply), then apply with -r approved and that run's id.",
        "plan（-p mode apply なしの byodkim fleet）を実行し、その実行 ID を -r approved で指定して適用してください。",
    ),
    "FLEET-APPROVED": (
        "The campaign's plan was approved by as many people as the profile asks for",
        "キャンペーンの計画が、プロファイルの求める人数に承認されている",
    ),
    "FLEET-APPROVED.todo": (
        "Have the plan run's record approved (byodkim approve RECORD.ipynb); its one approval covers every identity in it.",
        "plan の記録の承認（byodkim approve 記録.ipynb）を受けてください。1 つの承認が計画内のすべての ID に及びます。",
    ),
    "SECRET-SHAPE": (
        "The secret names selector and dns_record.value, and holds no private key",
        "シークレットに selector と dns_record.value があり、秘密鍵を含まない",
    ),
    "SECRET-SHAPE.todo": (
        "Give the role secretsmanager:GetSecretValue on the secret, and check secret_id.",
        "シークレットへの secretsmanager:GetSecretValue 権限と secret_id を確認してください。",
    ),
    "SECRET-SHAPE.not-json": (
        "Let the generator write the secret again: it must be one JSON document.",
        "シークレットは JSON でなければなりません。生成処理で書き直してください。",
    ),
    "SECRET-SHAPE.binary": (
        "Let the generator write the secret again: JSON, in SecretString or as the bytes of SecretBinary.",
        "シークレットは JSON でなければなりません（SecretString、または SecretBinary のバイト列）。"
        "生成処理で書き直してください。",
    ),
    "SECRET-SHAPE.no-entry": (
        "Let the generator write the secret again, with selector, dns_record.value and s3_key_path.",
        "selector、dns_record.value、s3_key_path を含む形で、生成処理で書き直してください。",
    ),
    "SECRET-SHAPE.private-key-inside": (
        "Treat that private key as disclosed: make a new key pair, and write only public values into the secret.",
        "その秘密鍵は漏えいしたものとして扱い、鍵ペアを作り直してください。シークレットには公開情報だけを書きます。",
    ),
    "SECRET-STAGE": ("The secret is not in the middle of a rotation", "シークレットが更新の途中でない"),
    "SECRET-STAGE.todo": (
        "Let the generator finish (AWSPENDING becomes AWSCURRENT), or take the stray label off; then run again.",
        "生成処理の完了（AWSPENDING が AWSCURRENT になること）を待つか、残ったラベルを外してから再実行してください。",
    ),
    "SECRET-SELECTOR": ("The secret names the selector asked for, once", "シークレットに指定のセレクタが 1 つある"),
    "SECRET-SELECTOR.todo": (
        "Ask for the selector that the secret names, or let the generator make this one.",
        "シークレットにあるセレクタを指定するか、このセレクタの鍵を生成してください。",
    ),
    "SECRET-SELECTOR.spelled": (
        "Ask for the selector as the secret spells it: to SES, upper and lower case are two selectors; to DNS, one name.",
        "シークレットの表記どおりにセレクタを指定してください。SES は大文字と小文字を区別し、DNS は区別しません。",
    ),
    "SECRET-SELECTOR.pair": (
        "Do not have this selector generated again: its stored key and the record that is served are one pair, and that "
        "would destroy it. For a rollback, run where the archive shows that the selector was in use (an output path beside "
        "those records), or put its entry back into the secret.",
        "このセレクタの鍵を再生成しないでください。保管中の鍵と公開中の鍵レコードは対であり、再生成すると失われます。切り戻しの場合は、"
        "使用実績の記録があるアーカイブ（同じ出力フォルダー）で実行するか、シークレットに登録を戻してください。",
    ),
    "SECRET-SELECTOR.elsewhere": (
        "Ask for a selector of this domain, or run for the domain that the entry names.",
        "このドメインのセレクタを指定するか、項目が示すドメインに対して実行してください。",
    ),
    "SECRET-RECORD": (
        "The secret's key record is valid and not a placeholder",
        "シークレットの鍵レコードが正しく、プレースホルダでない",
    ),
    "SECRET-RECORD.todo": ("Look at the secret's checks above.", "上のシークレットのチェックを確認してください。"),
    "SECRET-RECORD.defect": (
        "Let the generator write dns_record.value again; do not send this value to the DNS team.",
        "dns_record.value を生成処理で書き直してください。この値を DNS 担当へ渡してはいけません。",
    ),
    "STORE-OBJECT": ("Exactly one key object belongs to the selector", "セレクタの鍵オブジェクトが 1 つだけある"),
    "STORE-OBJECT.todo": (
        "Check s3_key_path in the secret, key_bucket, and s3:GetObject and s3:ListBucket of the role.",
        "シークレットの s3_key_path、key_bucket、ロールの s3:GetObject と s3:ListBucket を確認してください。",
    ),
    "STORE-OBJECT.ambiguous": (
        "Write the path of the right object into the secret's s3_key_path: nothing is guessed here.",
        "正しいオブジェクトのパスをシークレットの s3_key_path に書いてください。推測では選びません。",
    ),
    "STORE-OBJECT.two-buckets": (
        "Find out which bucket is right. Then correct s3_bucket or s3_key_path in the secret, or key_bucket.",
        "正しいバケットを確認し、シークレットの s3_bucket か s3_key_path、または key_bucket を直してください。",
    ),
    "STORE-VERSION": ("The bucket keeps versions", "バケットのバージョニングが有効である"),
    "STORE-VERSION.todo": (
        "Switch versioning on: without it, a record cannot name the very object that was used.",
        "バージョニングを有効にしてください。無効だと、使った鍵オブジェクトを記録から特定できません。",
    ),
    "STORE-NEWER": (
        "The key object is not newer than the secret that names it",
        "鍵オブジェクトが、それを示すシークレットより新しくない",
    ),
    "STORE-NEWER.todo": (
        "Find out who stored that object and why. If it is the right key, let the generator write the secret again, or "
        "waive STORE-NEWER with what you found.",
        "誰がなぜ保存し直したかを確認してください。正しい鍵であれば、生成処理でシークレットを書き直すか、確認した内容を理由に "
        "STORE-NEWER を免除してください。",
    ),
    "KEY-FORM": (
        "The object holds an unencrypted RSA private key",
        "オブジェクトが暗号化されていない RSA 秘密鍵である",
    ),
    "KEY-FORM.todo": (
        "Store the key again whole, as PEM (PKCS#1 or PKCS#8) or as base64 DER without headers.",
        "鍵を PEM（PKCS#1 / PKCS#8）またはヘッダーなし base64 DER で、欠けのない形で保存し直してください。",
    ),
    "KEY-SIZE": ("SES takes the key's size (1024 to 2048 bits)", "鍵長が SES の範囲（1024〜2048 ビット）である"),
    "KEY-SIZE.todo": ("Make an RSA key pair of 2048 bits.", "2048 ビットの RSA 鍵ペアを作ってください。"),
    "KEY-STRENGTH": ("The key has 2048 bits", "鍵長が 2048 ビットである"),
    "KEY-STRENGTH.todo": ("Make the next key pair with 2048 bits.", "次の鍵ペアは 2048 ビットで作ってください。"),
    "KEY-FILES": (
        "No private key file of the manual procedure is left on this machine",
        "手作業の手順で使った秘密鍵ファイルがこのマシンに残っていない",
    ),
    "KEY-FILES.todo": (
        "Delete these files, and empty the trash. If a backup or anyone else may have a copy, make a new key pair.",
        "これらのファイルを削除し、ごみ箱も空にしてください。バックアップなどに複製が残る場合は、鍵ペアを作り直してください。",
    ),
    "KEY-PAIR": (
        "S3's private key and the secret's public key are one pair",
        "S3 の秘密鍵とシークレットの公開鍵が対になっている",
    ),
    "KEY-PAIR.todo": (
        "Mail signed with this private key would not verify against the published record. Find out which of the two is "
        "stale; make the pair again if in doubt.",
        "この秘密鍵で署名すると、公開した鍵レコードでは検証に失敗します。どちらが古いかを調べ、不明なら鍵ペアを作り直してください。",
    ),
    "KEY-REUSED": ("The next key is no other selector's", "次の鍵が他のセレクタで使われていない"),
    "KEY-REUSED.todo": (
        "Make a new key pair for the next selector: another name for the same key is no rotation.",
        "次のセレクタ用に鍵ペアを作り直してください。同じ鍵の名前を変えても更新にはなりません。",
    ),
    "KEY-REUSED.spelled": (
        "Ask for the selector in that spelling, and have the secret spell it so: another spelling is no rotation.",
        "その表記でセレクタを指定し、シークレットも同じ表記にしてください。表記だけを変えても更新にはなりません。",
    ),
    "KEY-SELECTOR": ("The selector was never used with another key", "セレクタが別の鍵で使われたことがない"),
    "KEY-SELECTOR.todo": (
        "Choose a selector that was never used: receivers may still have the earlier key record in their caches, and mail "
        "signed with it is still on its way.",
        "未使用のセレクタを選んでください。受信側に以前の鍵レコードが残っている場合や、その鍵で署名したメールが配送中の場合があります。",
    ),
    **dns_checks.TEXTS,
    **prepare.CHECKS,
    **retire_checks.CHECKS,
    **rewriting.CHECKS,
}
