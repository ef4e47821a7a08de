"""What can go wrong when name servers are named or looked for."""

from __future__ import annotations

from typing import Final

_TODO = (
    "Give addresses, each with an optional port, with commas between: 192.0.2.53,[2001:db8::53]:5354.",
    "192.0.2.53,[2001:db8::53]:5354 のように、アドレスをカンマ区切りで指定してください（ポートは省略できます）。",
)

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "means": ("Nothing was read or written.", "何も読み書きしていません。"),
    "todo": _TODO,
    "where.nameservers": ("the parameter nameservers", "パラメータ nameservers"),
    "where.update_server": ("the profile's update_server", "プロファイルの update_server"),
    "where.resolvers": ("the profile's resolvers", "プロファイルの resolvers"),
    "empty": ("There is an empty entry in {where}.", "{where} に空の項目があります。"),
    "address": ("{entry} in {where} is no IP address.", "{where} の {entry} は IP アドレスではありません。"),
    "port": (
        "{entry} in {where} has no port between 1 and 65535.",
        "{where} の {entry} のポートが 1～65535 の数値ではありません。",
    ),
    "twice": (
        "{entry} stands twice in {where}, and would be counted as two servers.",
        "{where} に {entry} が重複しています。2 台のサーバとして数えられてしまいます。",
    ),
    "encrypted": (
        "{entry} in the profile's encrypted_resolvers is no resolver that can be asked over HTTPS or TLS, or stands twice.",
        "プロファイルの encrypted_resolvers の {entry} は HTTPS または TLS のリゾルバとして使えないか、重複しています。",
    ),
    "encrypted.todo": (
        "Write it as https://192.0.2.1/dns-query or tls://192.0.2.1, with commas between.",
        "https://192.0.2.1/dns-query または tls://192.0.2.1 の形で、カンマ区切りで書いてください。",
    ),
    "no-zone": (
        "No zone was found in DNS that holds {domain} ({reason}).",
        "{domain} を含むゾーンが DNS で見つかりませんでした（{reason}）。",
    ),
    "no-servers": (
        "The name servers of {domain} could not be found ({reason}).",
        "{domain} のネームサーバを取得できませんでした（{reason}）。",
    ),
    "unasked.means": (
        "Nothing is known about the key record, and nothing was written.",
        "鍵レコードの状態は不明です。書き込みは行っていません。",
    ),
    "unasked.todo": (
        "Check the domain and this machine's DNS resolver, or name the authoritative servers in the parameter "
        "nameservers.",
        "ドメイン名とこの端末の DNS 設定を確認するか、パラメータ nameservers で権威サーバを指定してください。",
    ),
}
