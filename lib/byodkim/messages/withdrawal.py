"""Words for the people who keep the zone, when a key record is to be revoked or removed."""

from __future__ import annotations

from typing import Final

_CHECK_EN = """\
Leave every other record as it is, those under _domainkey above all: mail is being signed with one of them.

The record that stands there now holds the key with this SHA-256 (of its SubjectPublicKeyInfo):
{sha256}

We ask every authoritative server afterwards. You can see the same with:

  dig +short TXT {name} @<name server>
"""

_CHECK_JA = """\
他のレコードは変更しないでください。特に _domainkey 配下の他のレコードは、現在のメール署名に使用中です。

現在のレコードに入っている公開鍵（SubjectPublicKeyInfo）の SHA-256
{sha256}

設定後、すべての権威サーバに問い合わせて確認します。次のコマンドで同じ内容を確認できます。

  dig +short TXT {name} @<ネームサーバ>
"""

_REVOKE_EN = """\
Please change one DNS record: the key in it is revoked. The record itself stays.

  Name     {name}
  Type     TXT
  TTL      {ttl} seconds
  Value    {value}

The value ends with an empty p=: that is meant, and says that the key is revoked (RFC 6376 section 3.6.1).
"""

_REVOKE_JA = """\
DNS レコードを 1 件変更してください。公開鍵を失効させます。レコード自体は残します。

  名前     {name}
  タイプ   TXT
  TTL      {ttl} 秒
  値       {value}

値の末尾の「p=」は空のままで正しい値です。鍵の失効を表します（RFC 6376 3.6.1 節）。
"""

_REMOVE_EN = """\
Please remove one DNS record.

  Name     {name}
  Type     TXT

No mail needs it any more.
"""

_REMOVE_JA = """\
DNS レコードを 1 件削除してください。

  名前     {name}
  タイプ   TXT

このレコードを必要とするメールはもうありません。
"""

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "action.revoke": ("change", "変更"),
    "action.remove": ("delete", "削除"),
    "message.revoke": (f"{_REVOKE_EN}\n{_CHECK_EN}", f"{_REVOKE_JA}\n{_CHECK_JA}"),
    "message.remove": (f"{_REMOVE_EN}\n{_CHECK_EN}", f"{_REMOVE_JA}\n{_CHECK_JA}"),
}
