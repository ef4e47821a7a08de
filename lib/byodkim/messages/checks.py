"""Claims and remedies of the checks. ``ID`` is the claim, ``ID.todo`` the remedy, ``ID.<case>`` a remedy of its own."""

from __future__ import annotations

from typing import Final

from byodkim.messages import prepare, retire_checks

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
        "Mail goes out unsigned now. Find out who switched signing off and why, before a key is changed.",
        "現在メールは署名されていません。鍵を変える前に、誰がなぜ無効にしたかを確認してください。",
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
        "Take that file out of -r approved, and find out where it came from; approvers and their keys stand in byodkim.toml.",
        "そのファイルを -r approved から外し、出所を確認してください。承認者とその鍵は byodkim.toml にあります。",
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
    "KEY-SELECTOR": ("The selector was never used with another key", "セレクタが別の鍵で使われたことがない"),
    "KEY-SELECTOR.todo": (
        "Choose a selector that was never used: receivers may still have the earlier key record in their caches, and mail "
        "signed with it is still on its way.",
        "未使用のセレクタを選んでください。受信側に以前の鍵レコードが残っている場合や、その鍵で署名したメールが配送中の場合があります。",
    ),
    "DNS-PATH": (
        "Authoritative servers can be asked from here, or encrypted resolvers may stand in",
        "権威サーバーに直接確認できる（または暗号化 DNS で代替できる）",
    ),
    "DNS-PATH.todo": (
        "Wait until every encrypted resolver gives the key, or run from a network with port 53 open.",
        "暗号化 DNS の全リゾルバで鍵が得られるのを待つか、53 番ポートが開いたネットワークから実行してください。",
    ),
    "DNS-PATH.none": (
        "Run from a network with port 53 open, or name resolvers in encrypted_resolvers of the profile "
        "(https://.../dns-query or tls://...).",
        "53 番ポートが開いたネットワークから実行するか、プロファイルの encrypted_resolvers に "
        "https://…/dns-query または tls://… を指定してください。",
    ),
    "DNS-PATH.no-evidence": (
        "Run from a network with port 53 open; or, where resolvers' word is enough for you, set "
        "encrypted_dns_is_evidence = true in the profile.",
        "53 番ポートが開いたネットワークから実行してください。リゾルバの応答で足りる場合は、プロファイルに "
        "encrypted_dns_is_evidence = true を設定します。",
    ),
    "DNS-DELEGATION": (
        "The zone and the zone above it name the same name servers, and all hold the zone",
        "親ゾーンと子ゾーンの NS が一致し、すべてがゾーンを持つ",
    ),
    "DNS-DELEGATION.todo": (
        "Ask the DNS team to bring the registrar's name servers and the zone's NS records together: receivers reach "
        "either set.",
        "レジストラに登録した NS とゾーンの NS を一致させるよう DNS 担当へ依頼してください。受信側はどちらにも到達します。",
    ),
    "DNS-DELEGATION.lame": (
        "Ask the DNS team to configure the zone on that server or to take it out of the delegation: receivers ask it too.",
        "そのサーバーにゾーンを設定するか、委任から外すよう DNS 担当へ依頼してください。受信側はそのサーバーにも問い合わせます。",
    ),
    "DNS-V6": ("IPv6 addresses were asked too", "IPv6 アドレスにも確認した"),
    "DNS-V6.todo": (
        "Run once from a machine with IPv6, or ask the DNS team to check those addresses.",
        "IPv6 のある端末から一度実行するか、DNS 担当に確認を依頼してください。",
    ),
    "DNS-RESOLVERS": ("Recursive resolvers give the key too", "リゾルバからも鍵が得られる"),
    "DNS-RESOLVERS.todo": (
        "A resolver may hold an earlier answer until its TTL runs out; look again then.",
        "リゾルバには以前の応答が TTL の間残ることがあります。時間をおいて確認してください。",
    ),
    "DNS-ANSWERS": ("Every authoritative server answers, with authority", "すべての権威サーバーが権威応答を返す"),
    "DNS-ANSWERS.todo": (
        "Find out why that server does not answer as it should (network, port 53, delegation); receivers may ask it too.",
        "応答しない原因（ネットワーク、53 番ポート、委任）を調べてください。受信側もそのサーバーに問い合わせます。",
    ),
    "DNS-ANSWERS.tcp": (
        "The answer does not fit into UDP and TCP port 53 does not get through: have it opened, at that server or here.",
        "応答が UDP に収まらず、TCP 53 番が通りません。サーバー側またはこちらのファイアウォールで許可してください。",
    ),
    "DNS-ANSWERS.lame": (
        "Ask the DNS team why that server does not hold the zone (configuration, expired copy, delegation): receivers ask "
        "it too.",
        "そのサーバーがゾーンを提供していない原因（設定、期限切れ、委任）を DNS 担当へ確認してください。",
    ),
    "DNS-PUBLISHED": (
        "Every authoritative server serves the next key record",
        "すべての権威サーバーに次の鍵レコードがある",
    ),
    "DNS-PUBLISHED.todo": (
        "Wait until every server serves the record of the DNS request, or ask the DNS team why one does not.",
        "全サーバーに依頼どおりのレコードが反映されるのを待つか、DNS 担当に確認してください。",
    ),
    "DNS-PUBLISHED.absent": (
        "Hand the DNS request below to the DNS team and run again when the record is published.",
        "下の DNS 設定依頼を DNS 担当へ渡し、公開後に再実行してください。",
    ),
    "KEY-SIGNS": (
        "A message signed with the next key verifies with every key record there is",
        "次の鍵で署名したメッセージを、すべての鍵レコードで検証できる",
    ),
    "KEY-SIGNS.todo": (
        "Mail signed with this key would fail wherever that record is read. Mend the record that is named, and run again.",
        "この鍵で署名したメールは、そのレコードを使う受信側で検証に失敗します。示されたレコードを直して再実行してください。",
    ),
    "DNS-PUBLISHED.stale": (
        "Ask the DNS team why that server's copy of the zone is older than the others' (zone transfer, NOTIFY).",
        "そのサーバーのゾーンが古いままの原因（ゾーン転送、NOTIFY）を DNS 担当へ確認してください。",
    ),
    "DNS-SINGLE": ("No server holds more than one TXT record at the name", "同じ名前の TXT レコードが複数ない"),
    "DNS-SINGLE.todo": (
        "Ask the DNS team to remove all but the record of the DNS request: what receivers take is undefined.",
        "依頼した 1 つだけを残すよう DNS 担当へ依頼してください。複数あると受信側の動作は不定です。",
    ),
    "DNS-PLACEHOLDER": ("No server serves the console's placeholder", "プレースホルダが公開されていない"),
    "DNS-PLACEHOLDER.todo": (
        "Hand the DNS request below to the DNS team: p=customerProvidedPublicKey is the console's stand-in, not a key.",
        "下の DNS 設定依頼を DNS 担当へ渡してください。p=customerProvidedPublicKey はコンソールの仮の値で、鍵ではありません。",
    ),
    "DNS-CNAME": ("A CNAME at the name leads to the key everywhere", "CNAME がある場合、参照先の全サーバーに鍵がある"),
    "DNS-CNAME.todo": (
        "Ask the DNS team to publish the TXT record of the DNS request at the name itself, or the key at the target.",
        "依頼した TXT レコードを名前そのものに設定するか、CNAME の参照先に鍵を設定するよう DNS 担当へ依頼してください。",
    ),
    "DNS-CNAME.loop": (
        "Ask the DNS team to take the CNAME away and to publish the TXT record of the DNS request.",
        "CNAME を削除し、依頼した TXT レコードを設定するよう DNS 担当へ依頼してください。",
    ),
    "DNS-WILDCARD": ("No wildcard answers for names that do not exist", "ワイルドカードが応答していない"),
    "DNS-WILDCARD.todo": (
        "A wildcard answers for every name, so an answer does not show that this record was made. Ask the DNS team to "
        "take it away, or waive DNS-WILDCARD with what they say.",
        "ワイルドカードはどの名前にも応答するため、レコードが作成された証拠になりません。削除を依頼するか、確認結果を理由に "
        "DNS-WILDCARD を免除してください。",
    ),
    "TIME-ACTIVATE": (
        "Caches have forgotten what stood there before the record",
        "以前の状態がキャッシュから消えている",
    ),
    "TIME-ACTIVATE.todo": (
        "Run again at that time, or with -p wait_dns_minutes. Receivers that hold the earlier answer would find no key.",
        "その時刻以降に再実行するか、-p wait_dns_minutes を指定してください。以前の応答を保持する受信側では検証に失敗します。",
    ),
    "BACK-RECORD": ("The current key record is still served everywhere", "現行の鍵レコードが全サーバーに残っている"),
    "BACK-RECORD.todo": (
        "Have the current record published again before the switch: without it there is no way back.",
        "切替前に現行の鍵レコードを復旧してください。これがないと切り戻せません。",
    ),
    "BACK-KEY": (
        "The current private key is in the key store and pairs with its record",
        "現行の秘密鍵が保管され、鍵レコードと対になっている",
    ),
    "BACK-KEY.todo": (
        "Find the current private key (the secret's AWSPREVIOUS version, or one of the known layouts in S3): SES never "
        "gives it back, and without it there is no way back.",
        "現行の秘密鍵（シークレットの AWSPREVIOUS、または S3 の既定の置き場）を確認してください。SES から鍵は取り出せず、"
        "これがないと切り戻せません。",
    ),
    **prepare.CHECKS,
    **retire_checks.CHECKS,
}
