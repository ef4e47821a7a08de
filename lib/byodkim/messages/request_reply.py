"""What can differ between a request and what was published, and the message to the DNS team about it."""

from __future__ import annotations

from typing import Final

_MESSAGE_EN = """\
Subject: DNS record {name} is not yet as we asked

Thank you for your work on this TXT record. We asked the authoritative servers of {domain} for it: {good} of {asked}
addresses answer as asked. Here is what differs, and how it is put right.

{differences}

What should stand there
  Name     {name}
  Type     TXT, one record
  TTL      {ttl} seconds
  Value    {value}

In a zone file:

{zone_text}

Please change nothing else under _domainkey.{domain}: mail is being signed with another record there. You can see what a
server answers with

  dig +norecurse TXT {name} @<name server>

Please tell us when it is done; we will ask every server again.
"""

_MESSAGE_JA = """\
件名: DNS レコード {name} の設定内容についてのご確認依頼

TXT レコードのご対応ありがとうございます。{domain} の権威サーバに問い合わせたところ、{asked} アドレス中 {good} アドレスが
依頼どおりの応答でした。以下の相違がありますので、修正をお願いいたします。

{differences}

設定すべき内容
  名前     {name}
  タイプ   TXT（1 件）
  TTL      {ttl} 秒
  値       {value}

ゾーンファイルでの記述:

{zone_text}

_domainkey.{domain} 配下の他のレコードは、現在のメール署名に使用中のため変更しないでください。
各サーバの応答は次のコマンドで確認できます。

  dig +norecurse TXT {name} @<ネームサーバ>

修正が完了しましたらご連絡ください。こちらで全サーバを再確認いたします。
"""

_GOOD_EN = """\
Subject: DNS record {name}: thank you

The TXT record at {name} stands as we asked at all {asked} addresses of the authoritative servers of {domain}.
The key's SHA-256 (of its SubjectPublicKeyInfo) is {sha256}

Please leave it, and every other record under _domainkey.{domain}, until we write again.
"""

_GOOD_JA = """\
件名: DNS レコード {name} の設定を確認しました

{domain} の権威サーバの全 {asked} アドレスで、{name} の TXT レコードが依頼どおりであることを確認しました。
公開鍵（SubjectPublicKeyInfo）の SHA-256: {sha256}

次のご連絡まで、このレコードと _domainkey.{domain} 配下の他のレコードはそのままにしてください。
"""

_MOVE = (
    "Make the record at {wanted}, and remove the one at {name}.",
    "{wanted} にレコードを作成し、{name} のレコードは削除してください。",
)
_ONE_RECORD = (
    "Make one TXT record with the value below, and nothing else at this name.",
    "この名前には、下記の値の TXT レコードを 1 件だけ設定してください。",
)
_SERVER = (
    "Please see whether this server still holds the zone; receivers ask it as they ask the others.",
    "このサーバがゾーンを正しく保持しているかご確認ください。受信側はこのサーバにも問い合わせます。",
)

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "message": (_MESSAGE_EN, _MESSAGE_JA),
    "message.good": (_GOOD_EN, _GOOD_JA),
    "difference": (
        "{number}. {what}\n   Seen at: {servers}\n   To do: {todo}",
        "{number}. {what}\n   該当サーバ: {servers}\n   対応: {todo}",
    ),
    "unasked": (
        "No server could be asked from here, so nothing is known about the record.",
        "こちらから問い合わせできるサーバがなく、レコードの状態を確認できていません。",
    ),
    # At the name itself
    "absent": ("There is no TXT record at the name.", "この名前に TXT レコードがありません。"),
    "absent.todo": _ONE_RECORD,
    "cut": (
        "The value was cut off: the first {real} of its {whole} characters are published.",
        "値が途中で切れています。{whole} 文字のうち先頭の {real} 文字だけが公開されています。",
    ),
    "cut.todo": (
        "Publish the whole value, in character-strings of at most 255 bytes within the one record.",
        "1 件のレコードの中で 255 バイト以内の文字列に分割し、値全体を公開してください。",
    ),
    "several": (
        "There are {count} TXT records at the name; with more than one, what receivers do is undefined.",
        "この名前に TXT レコードが {count} 件あります。複数あると受信側の動作は保証されません。",
    ),
    "several.todo": _ONE_RECORD,
    "another-key": (
        "The record holds another key (SHA-256 {found}), not the one that was asked for (SHA-256 {wanted}).",
        "依頼した鍵（SHA-256 {wanted}）とは別の鍵（SHA-256 {found}）が公開されています。",
    ),
    "another-key.todo": _ONE_RECORD,
    "other-bits": (
        "The record holds another key than the one that was asked for, of {bits} bits.",
        "依頼した鍵とは別の、{bits} ビットの鍵が公開されています。",
    ),
    "other-bits.todo": _ONE_RECORD,
    "revoked": (
        "The p tag of the record is empty, which tells receivers that the key was revoked.",
        "レコードの p タグが空です。受信側は、鍵が失効したものとして扱います。",
    ),
    "revoked.todo": _ONE_RECORD,
    "cname": (
        "A CNAME stands at the name, to {target}.",
        "この名前に {target} への CNAME が設定されています。",
    ),
    "cname.todo": (
        "Remove the CNAME, and make the TXT record in its place.",
        "CNAME を削除し、代わりに TXT レコードを設定してください。",
    ),
    "wildcard": (
        "There is no record at the name: what answers is a wildcard, which answers for any name under {domain}.",
        "この名前のレコードがありません。応答しているのは {domain} 配下のワイルドカードレコードです。",
    ),
    "wildcard.todo": _ONE_RECORD,
    "wildcard.key": (
        "The key was published as a wildcard: it answers for any selector under {domain}.",
        "鍵がワイルドカードレコードとして公開されており、{domain} のどのセレクタ名でも応答します。",
    ),
    "wildcard.key.todo": (
        "Make the record at its own name, and remove the wildcard.",
        "正しい名前でレコードを作成し、ワイルドカードレコードは削除してください。",
    ),
    "ttl": (
        "The record is right, but its TTL is {ttl} seconds where {wanted} were asked for.",
        "レコードの内容は正しいですが、TTL が {ttl} 秒です（依頼は {wanted} 秒）。",
    ),
    "ttl.todo": ("Set the TTL to {wanted} seconds.", "TTL を {wanted} 秒に変更してください。"),
    "t=y": (
        "The record holds t=y (testing), which we did not ask for: receivers may ignore that a signature fails.",
        "依頼していない t=y（テスト中）がレコードにあります。受信側が検証の失敗を無視することがあります。",
    ),
    "t=y.todo": _ONE_RECORD,
    "t=s": (
        "The record holds t=s, which we did not ask for: signatures that name a subdomain in i= fail.",
        "依頼していない t=s がレコードにあります。i= にサブドメインを指定した署名は検証に失敗します。",
    ),
    "t=s.todo": _ONE_RECORD,
    # At another name
    "at.doubled": (
        "The record stands at {name}: the domain was put after the name once more.",
        "レコードが {name} に作成されています。名前の後にドメインが重ねて付け足されています。",
    ),
    "at.doubled.todo": (
        "Enter the name with a closing dot, or without .{domain} where the console adds it; remove the one at {name}.",
        "名前の末尾にドット（.）を付けるか、ドメインを自動で補う管理画面では .{domain} を除いて入力し、{name} は削除してください。",
    ),
    "at.underscore": (
        "The record stands at {name}, without the underscore of _domainkey.",
        "レコードが {name} に作成されており、_domainkey のアンダースコア（_）がありません。",
    ),
    "at.underscore.todo": _MOVE,
    "at.no-domainkey": (
        "The record stands at {name}, without _domainkey.",
        "レコードが {name} に作成されており、_domainkey がありません。",
    ),
    "at.no-domainkey.todo": _MOVE,
    "at.no-selector": (
        "The record stands at {name}, without the selector.",
        "レコードが {name} に作成されており、セレクタがありません。",
    ),
    "at.no-selector.todo": _MOVE,
    "at.selector": (
        "The record stands at {name}, under another selector.",
        "レコードが別のセレクタ名 {name} に作成されています。",
    ),
    "at.selector.todo": _MOVE,
    "at.zone": (
        "The record stands at {name}, in the domain above.",
        "レコードが上位ドメインの {name} に作成されています。",
    ),
    "at.zone.todo": _MOVE,
    # Of the server
    "lame": (
        "The server answers, but not as one that holds the zone.",
        "サーバがこのゾーンの権威サーバとして応答していません。",
    ),
    "lame.todo": _SERVER,
    "servfail": ("The server answers SERVFAIL.", "サーバが SERVFAIL を返しています。"),
    "servfail.todo": _SERVER,
    "refused": ("The server refuses to answer (REFUSED).", "サーバが応答を拒否しています（REFUSED）。"),
    "refused.todo": _SERVER,
    "no-answer": (
        "The server did not answer us ({why}), so nothing is known about the record there.",
        "サーバから応答がなく（{why}）、レコードの状態を確認できませんでした。",
    ),
    "no-answer.todo": (
        "Please see whether it can be reached from outside over UDP and TCP port 53.",
        "外部から UDP・TCP の 53 番ポートで到達できるかご確認ください。",
    ),
}
