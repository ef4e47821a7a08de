"""Words about publishing a key record, in the record of it and in errors."""

from __future__ import annotations

from typing import Final

TEXTS: Final[dict[str, tuple[str, str]]] = {
    # the plan
    "plan.publish": ("What would change in DNS, and nothing else", "DNS の変更内容（これ以外は変更しません）"),
    "plan.revoke": (
        "What would change in DNS: the key is revoked (its record stays, with an empty p=)",
        "DNS の変更内容: 鍵の失効（レコードは残し、p= を空にします）",
    ),
    "plan.remove": ("What would change in DNS: the record goes", "DNS の変更内容: レコードの削除"),
    "plan.stands": (
        "{name} stands in {zone} as wanted: nothing is to be written.",
        "{zone} の {name} は既に求める状態です。書き込む内容はありません。",
    ),
    "plan.gone": (
        "No TXT record stands at {name} in {zone}: there is nothing to do.",
        "{zone} の {name} に TXT レコードはありません。作業は不要です。",
    ),
    "before": ("before", "変更前"),
    "after": ("after", "変更後"),
    "none": ("no TXT record", "TXT レコードなし"),
    "zone": ("zone", "ゾーン"),
    "name": ("name", "名前"),
    "publisher": ("publisher", "公開方法"),
    "publisher.route53": ("Route 53, hosted zone {where}", "Route 53 ホストゾーン {where}"),
    "publisher.rfc2136": ("dynamic update (RFC 2136) at {where}", "動的更新（RFC 2136） {where}"),
    "publisher.request": (
        "request: the DNS team publishes by the sheet, nothing is written from here",
        "request（設定依頼により DNS 担当が公開。ここからは書き込みません）",
    ),
    "publisher.octodns": (
        "octodns: the DNS team applies the YAML, nothing is written from here",
        "octodns（DNS 担当が YAML を適用。ここからは書き込みません）",
    ),
    "ttl": ("TTL", "TTL"),
    "strings": ("bytes of each character-string", "各文字列のバイト数"),
    "value": ("value", "値"),
    "sha256": ("SHA-256 of its public key", "公開鍵の SHA-256"),
    "digest": ("plan digest", "計画ダイジェスト"),
    "of": ("asked for by the record", "依頼元の記録"),
    "operator": ("operator", "実行者"),
    # the write
    "written": ("Written at {at}.", "{at} に書き込みました。"),
    "written.resolved": (
        "The answer to the write was unclear ({code}); read back at {at}: it was applied.",
        "書き込みの応答は不明（{code}）でしたが、{at} の再確認で反映を確認しました。",
    ),
    "written.settled": (
        "Route 53 says INSYNC, {seconds} s after the write.",
        "書き込みの {seconds} 秒後に Route 53 が INSYNC となりました。",
    ),
    "written.unsettled": (
        "Route 53 had not said INSYNC {seconds} s after the write.",
        "書き込みから {seconds} 秒経過しても Route 53 が INSYNC になりませんでした。",
    ),
    # the proof
    "proof": ("Asked at every authoritative server", "すべての権威サーバでの確認"),
    "proof.waiting": (
        "{good} of {all} addresses serve it now; asked again and again until {until}.",
        "現在 {all} アドレス中 {good} で確認。{until} まで確認を繰り返します。",
    ),
    "proof.unfound": (
        "The authoritative servers could not be found.",
        "権威サーバを特定できませんでした。",
    ),
    # in the timeline of a run
    "event.zone-read": ("read what stands at the key record's name", "鍵レコードの現在の内容を確認"),
    "event.zone-planned": ("DNS change planned", "DNS の変更計画を作成"),
    "event.zone-intent": ("about to write to DNS", "DNS への書き込み開始"),
    "event.zone-answer": ("answer to the write to DNS", "DNS への書き込みの応答"),
    "event.zone-resolved": ("the write to DNS read back", "DNS への書き込みを再確認"),
    "event.zone-settled": ("waited for Route 53", "Route 53 の反映待ち"),
    "event.zone-polled": ("asked every authoritative server", "全権威サーバに問い合わせ"),
    "event.zone-proved": ("proof at every authoritative server", "全権威サーバでの確認"),
    # outcomes
    "outcome.PLANNED": ("{name}: nothing was written", "{name}: 書き込みはしていません"),
    "outcome.STANDS": (
        "{name} stood as wanted already; every authoritative server serves it",
        "{name} は既に求める状態で、すべての権威サーバで確認済み",
    ),
    "outcome.PUBLISHED": (
        "{name} was written; every authoritative server serves it",
        "{name} を書き込み、すべての権威サーバで確認済み",
    ),
    "outcome.UNPROVED": (
        "{name} stands in the zone; not every authoritative server was seen to serve it",
        "{name} はゾーンにありますが、一部の権威サーバで未確認",
    ),
    "outcome.REFUSED": ("{name}: nothing was written", "{name}: 書き込みはしていません"),
    "outcome.FAILED": ("{name}: see below what is known", "{name}: 判明している内容は以下のとおりです"),
    "next.PLANNED": ("Write it with the same command and --apply.", "同じコマンドに --apply を付けて書き込みます。"),
    "next.request": (
        "Hand the request over: byodkim request {record}",
        "設定依頼を渡してください: byodkim request {record}",
    ),
    "next.octodns": (
        "Hand the entry over: byodkim request {record} --octodns",
        "YAML を渡してください: byodkim request {record} --octodns",
    ),
    "next.UNPROVED": (
        "The same command again: it writes nothing that stands, and asks every server anew.",
        "同じコマンドを再実行してください。済んだ書き込みは繰り返さず、全サーバを再確認します。",
    ),
    "account": ("Account of it: {path}", "実施記録: {path}"),
    # refusals
    "unwritten": (
        "DNS was not written; mail is signed and verified as before.",
        "DNS には何も書き込んでいません。メールの署名と検証は変わりません。",
    ),
    "refused.cname": (
        "At {name} stands {other}: no TXT record may stand beside it.",
        "{name} に {other} があり、TXT レコードを置けません。",
    ),
    "refused.cname.todo": (
        "Have the CNAME taken away, or the record published where it leads.",
        "CNAME を削除するか、参照先でレコードを公開してください。",
    ),
    "refused.policy": (
        "At {name} stands {other}: what such records answer depends on who asks, and they are not written from here.",
        "{name} に {other} があります。問い合わせ元により応答が変わるレコードのため、書き込みの対象外です。",
    ),
    "refused.policy.todo": (
        "Replace it by one simple TXT record set in the Route 53 console, then look again.",
        "Route 53 コンソールで通常の TXT レコード 1 件に置き換えてから、再度確認してください。",
    ),
    "refused.several": (
        "{count} TXT records stand at {name}; a key record must stand alone (RFC 6376 section 3.6.2.2).",
        "{name} に TXT レコードが {count} 件あります。鍵レコードは 1 件だけでなければなりません（RFC 6376 3.6.2.2）。",
    ),
    "refused.several.todo": (
        "Find out whose they are and have all but one removed by hand.",
        "所有者を確認し、手作業で 1 件だけにしてください。",
    ),
    "refused.another": (
        "Another TXT record stands at {name}: {value}.",
        "{name} に別の TXT レコードがあります: {value}。",
    ),
    "refused.another.todo": (
        "Find out who relies on it. Where it may go, name that very value: --replace 'VALUE'.",
        "利用者を確認してください。置き換えてよい場合は、その値を --replace '値' で指定します。",
    ),
    "refused.differ": (
        "The authoritative servers do not agree on what stands at {name}.",
        "{name} の内容が権威サーバの間で一致していません。",
    ),
    "refused.differ.todo": (
        "Wait until all of them have the same zone, then look again.",
        "すべてのサーバのゾーンが揃ってから、再度確認してください。",
    ),
    "drift": (
        "What stands at {name} has changed since the plan was shown, so it was not carried out.",
        "計画の表示後に {name} の内容が変わったため、実行しませんでした。",
    ),
    "drift.todo": ("Look at the plan anew.", "計画を確認し直してください。"),
    "hands-off": (
        "The profile's publisher is {publisher}: key records are published by other hands, so --apply has nothing to write by.",
        "プロファイルの publisher は {publisher} です。公開は DNS 担当が行うため、--apply では書き込めません。",
    ),
    "hands-off.todo": (
        "Hand over what byodkim request makes; or name route53 or rfc2136 as publisher in {file}.",
        "byodkim request で作成したものを渡すか、{file} の publisher に route53 または rfc2136 を指定してください。",
    ),
    "account-wrong": (
        "The credentials are of account {seen}, and the profile allows {expected}.",
        "認証情報のアカウントは {seen} ですが、プロファイルで許可されているのは {expected} です。",
    ),
    "account-wrong.todo": (
        "Sign in to the right account, or set account in {file}.",
        "正しいアカウントでサインインするか、{file} の account を設定してください。",
    ),
    "gone": (
        "{path} is the record of a rehearsal whose sandbox is gone with it.",
        "{path} はリハーサルの記録で、そのサンドボックスは既に終了しています。",
    ),
    "gone.todo": (
        "Rehearse with a standing one: byodkim sandbox.",
        "byodkim sandbox で起動したサンドボックスを使ってください。",
    ),
    # what could not be read or written
    "unread": (
        "What stands at {name} could not be read ({code}).{why}",
        "{name} の現在の内容を読み取れません（{code}）。{why}",
    ),
    "unread.todo": ("Mend that, then the same command again.", "原因を解消し、同じコマンドを再実行してください。"),
    "not-applied": (
        "The write was not taken ({code}).{why} Read back, {name} is as it was.",
        "書き込みは反映されませんでした（{code}）。{why}再確認の結果、{name} は変更前のままです。",
    ),
    "moved": (
        "The write was not taken ({code}): {name} was changed by somebody after the plan was made.",
        "書き込みは反映されませんでした（{code}）。計画の作成後に {name} が他者により変更されています。",
    ),
    "moved.todo": (
        "Look at the plan anew; find out who else writes there.",
        "計画を確認し直し、他に誰が書き込んでいるかを調べてください。",
    ),
    "not-known": (
        "The write had no clear answer ({code}), and {name} could not be read back, or holds what was neither there nor wanted.",
        "書き込みの結果が不明（{code}）で、{name} を再確認できないか、想定外の内容になっています。",
    ),
    "not-known.means": (
        "{name} may hold what was there or what was wanted; no other record was touched.",
        "{name} は変更前か変更後のどちらかです。他のレコードは変更していません。",
    ),
    "again": (
        "The same command again: it looks first and writes only what is missing.",
        "同じコマンドを再実行してください。現状を確認し、足りない分だけを書き込みます。",
    ),
    "why.BADKEY": (" The server does not know the TSIG key's name.", "サーバが TSIG 鍵の名前を認識していません。"),
    "why.BADSIG": (
        " The server has another secret, or another algorithm, for the TSIG key.",
        "サーバ側の TSIG 鍵の値またはアルゴリズムが異なります。",
    ),
    "why.BADTIME": (
        " This clock and the server's are too far apart (TSIG allows 300 s).",
        "この端末とサーバの時計がずれています（TSIG の許容は 300 秒）。",
    ),
    "why.BADTRUNC": (" The server asks for longer signatures.", "サーバがより長い署名を求めています。"),
    "why.REFUSED": (
        " The server's policy does not let this key do that.",
        "サーバの設定で、この鍵による操作が許可されていません。",
    ),
    "why.NOTAUTH": (
        " The server does not know the TSIG key (its name or algorithm), does not let it do that, or is not the zone's primary.",
        "サーバが TSIG 鍵（名前またはアルゴリズム）を認識していないか、操作を許可していないか、ゾーンのプライマリではありません。",
    ),
    "why.unreachable": (" No connection to the server was made.", "サーバに接続できません。"),
    "why.timeout": (" The server did not answer in time.", "サーバから時間内に応答がありません。"),
    "why.unsigned": (
        " The server's answer was not signed, so it counts for nothing.",
        "サーバの応答に署名がなく、信用できません。",
    ),
    "why.untrusted": (
        " The signature of the server's answer is not right.",
        "サーバの応答の署名が正しくありません。",
    ),
    "why.not-authoritative": (
        " The server at update_server does not hold the zone.",
        "update_server のサーバは、このゾーンを保持していません。",
    ),
    "why.private-zone": (
        " The hosted zone is a private one, which mail receivers do not see.",
        "ホストゾーンがプライベートで、メールの受信側から参照できません。",
    ),
    "why.other-zone": (
        " The hosted zone is that of {message}, which does not hold the name.",
        "ホストゾーンは {message} のもので、この名前を含みません。",
    ),
    "why.form": (
        " The TSIG secret is neither JSON with name, algorithm and secret, nor what tsig-keygen prints.",
        "TSIG のシークレットが、name・algorithm・secret を持つ JSON でも tsig-keygen の出力でもありません。",
    ),
    "why.algorithm": (
        " The TSIG key's algorithm is none of hmac-sha256, hmac-sha384 and hmac-sha512.",
        "TSIG 鍵のアルゴリズムは hmac-sha256・hmac-sha384・hmac-sha512 のいずれかにしてください。",
    ),
    "why.base64": (" The TSIG key's secret is no base64.", "TSIG 鍵の値が base64 ではありません。"),
    "why.short": (" The TSIG key's secret has less than 16 bytes.", "TSIG 鍵の値が 16 バイト未満です。"),
    "why.said": (" It says: {message}", "応答: {message}。"),
}
