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
    "empty": (
        "The parameter nameservers has an empty entry.",
        "パラメータ nameservers に空の項目があります。",
    ),
    "address": (
        "{entry} in the parameter nameservers is no IP address.",
        "パラメータ nameservers の {entry} は IP アドレスではありません。",
    ),
    "port": (
        "{entry} in the parameter nameservers has no port between 1 and 65535.",
        "パラメータ nameservers の {entry} のポートが 1～65535 の数値ではありません。",
    ),
    "twice": (
        "{entry} stands twice in the parameter nameservers, and would be counted as two servers.",
        "パラメータ nameservers に {entry} が重複しています。2 台のサーバとして数えられてしまいます。",
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
