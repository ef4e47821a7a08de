"""What each check of DNS, of timing and of the rollback claims, and what to do where one does not pass."""

from __future__ import annotations

from typing import Final

TEXTS: Final[dict[str, tuple[str, str]]] = {
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
    "DNS-DNSSEC": (
        "No resolver rejects the record's DNSSEC signatures",
        "DNSSEC 検証に失敗するリゾルバがない",
    ),
    "DNS-DNSSEC.todo": (
        "Receivers behind a validating resolver get no key record: they cannot verify any signature, and DMARC may reject "
        "the mail. Ask the DNS team to renew the zone's signatures and to compare its DNSKEY with the parent's DS; "
        "`delv` shows where validation breaks. Then run again.",
        "DNSSEC を検証する受信側は鍵レコードを得られず、DKIM 署名を検証できません（DMARC により拒否されることがあります）。"
        "ゾーンの再署名と、DNSKEY と親ゾーンの DS の一致確認を DNS 担当へ依頼し、その後に再実行してください（原因は delv で"
        "確認できます）。",
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
    "KEY-FLAGS": ("No server serves the key record with t=y or t=s", "鍵レコードに t=y も t=s も付いていない"),
    "KEY-FLAGS.todo": (
        "Ask the DNS team to remove the t tag. With t=y (testing) receivers may ignore that a signature fails, and some "
        "treat signed mail as unsigned.",
        "t タグを削除するよう DNS 担当へ依頼してください。t=y（テスト中）があると、受信側は検証の失敗を無視することがあり、"
        "署名済みのメールを署名なしとして扱うこともあります。",
    ),
    "KEY-FLAGS.subdomains": (
        "Mail that SES signs still verifies, also from subdomains: SES sends no i=. Other signers that name a subdomain in "
        "i= fail. Ask the DNS team to remove t=s, unless it is wanted.",
        "SES が署名するメールは、サブドメインが差出人でも検証に成功します（SES は i= を付けません）。i= にサブドメインを指定する"
        "他の署名は失敗します。意図したものでなければ、t=s の削除を DNS 担当へ依頼してください。",
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
    "BACK-RECORD.silent": (
        "Find out why these servers do not answer, or run again: nobody knows whether they serve the current record.",
        "応答しないサーバーを調べるか、再実行してください。現行の鍵レコードの有無は確認できていません。",
    ),
    "BACK-CHECKS": ("A rollback would pass every check", "切り戻しの全チェックに合格する"),
    "BACK-CHECKS.todo": (
        "Settle what the named checks say before the switch, while the current selector still works.",
        "現行セレクタが有効なうちに、切替前に各チェックの指摘を解消してください。",
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
}
