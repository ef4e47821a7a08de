"""Words for the people who keep the zone, and about the files that pass between them and the mail team."""

from __future__ import annotations

from typing import Final

_MESSAGE_EN = """\
Please add one DNS record.

  Name     {name}
           (just {relative} where the console adds .{domain} by itself)
  Type     TXT
  TTL      {ttl} seconds
  Value    {value}

{by}

How to enter it
1. Make one TXT record at this name. The underscore in _domainkey is part of the name.
2. The value is {length} characters long, and a character-string holds at most 255 bytes, so it takes {strings}
   character-strings in the one record. Many consoles split the value by themselves: then paste it in one piece,
   without quotation marks. In a zone file it reads:

{zone_text}

3. Leave every other record as it is, those under _domainkey above all: mail is being signed with one of them.

How it will be checked
We ask every authoritative server of {domain}, at each of its addresses, and go on only when all of them answer with
exactly this key. You can see the same with:

  dig +short TXT {name} @<name server>

The key's SHA-256 (of its SubjectPublicKeyInfo) is
{sha256}

The record holds a public key. It is no secret.
"""

_MESSAGE_JA = """\
DNS レコードを 1 件追加してください。

  名前     {name}
           （.{domain} を自動で補う管理画面では {relative} のみ）
  タイプ   TXT
  TTL      {ttl} 秒
  値       {value}

{by}

設定手順
1. 上記の名前で TXT レコードを 1 件作成します。_domainkey の先頭のアンダースコアも名前の一部です。
2. 値は {length} 文字です。1 つの文字列に入るのは 255 バイトまでのため、1 件のレコードの中で {strings} つの文字列に
   分割します。自動で分割する管理画面では、引用符を付けずに値全体を貼り付けてください。
   ゾーンファイルでは次のように記述します。

{zone_text}

3. 他のレコードは変更しないでください。特に _domainkey 配下の既存レコードは、現在のメール署名に使用中です。

確認方法
{domain} のすべての権威サーバの全アドレスに問い合わせ、全サーバがこの鍵を返すことを確認してから次の作業に進みます。
次のコマンドで同じ内容を確認できます。

  dig +short TXT {name} @<ネームサーバ>

公開鍵（SubjectPublicKeyInfo）の SHA-256
{sha256}

このレコードの内容は公開鍵であり、秘密情報ではありません。
"""

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "message": (_MESSAGE_EN, _MESSAGE_JA),
    "by": ("It is needed by {date}.", "期限: {date} までに設定をお願いします。"),
    "by.open": (
        "Please tell us when it has been published.",
        "公開が完了しましたら、ご連絡をお願いします。",
    ),
    "unwritten": ("Nothing was written.", "何も書き込んでいません。"),
    "octodns": (
        "One entry for the file {zone}.yaml of octoDNS's YamlProvider (escaped_semicolons: true): copy it in there.\n"
        "Do not apply this file by itself: octoDNS would remove every other record of {zone}.",
        "octoDNS の YamlProvider（escaped_semicolons: true）の {zone}.yaml に書き足す 1 件です。\n"
        "このファイルだけを適用しないでください。{zone} の他のレコードがすべて削除されます。",
    ),
    "octodns.zone": (
        "{name} does not lie in the zone {zone}.",
        "{name} はゾーン {zone} に含まれません。",
    ),
    "ttl": (
        "{ttl} is no time to live: it is a number of seconds from 1 to 2147483647.",
        "{ttl} は TTL として使えません。1～2147483647 秒で指定してください。",
    ),
    "csv.encoding": ("The sheet is not UTF-8.", "シートの文字コードが UTF-8 ではありません。"),
    "csv.form": (
        "The sheet is no CSV: its quotation marks do not pair.",
        "シートが CSV として正しくありません（引用符が対応していません）。",
    ),
    "csv.columns": (
        "The sheet has no columns Name, Type and Value (or 名前, タイプ, 値).",
        "シートに 名前・タイプ・値（または Name・Type・Value）の列がありません。",
    ),
    "csv.none": (
        "The sheet has no TXT row under _domainkey, so none for {name}.",
        "シートに _domainkey の TXT の行がなく、{name} の行がありません。",
    ),
    "csv.other": (
        "The sheet has no row for {name}; it is for {others}, another selector or domain.",
        "シートに {name} の行がありません。別のセレクタまたはドメイン（{others}）の行があります。",
    ),
    "csv.twice": (
        "The sheet has more than one row for {name}; a key record stands alone at its name.",
        "シートに {name} の行が複数あります。1 つの名前に置ける鍵レコードは 1 件だけです。",
    ),
    "csv.todo": (
        "Download this identity's DNS records from the SES console again, as CSV, and hand in that file unchanged.",
        "SES コンソールからこの ID の DNS レコードの CSV をダウンロードし直し、変更せずに渡してください。",
    ),
    "file.exists": ("{path} exists already.", "{path} は既に存在します。"),
    "file.unwritable": ("{path} cannot be written ({reason}).", "{path} に書き込めません（{reason}）。"),
    "file.todo": ("Name a file that does not exist yet.", "存在しないファイル名を指定してください。"),
}
